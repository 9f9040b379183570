"""Decisions about a unit that hold from a day on: a new one takes the days of those before it."""

from collections.abc import Sequence
from typing import Any, Final

from sqlmodel import Session, col, select

from app.domain.recorded import RecordedRow, known, record
from app.domain.units.models import Unit

_NOT_SAID: Final = {"id", "recorded_at", "superseded_at", "actor"}


def decide_from(session: Session, new: RecordedRow) -> tuple[bool, Sequence[RecordedRow]]:
    """Record a row that holds for its `unit_key` from `valid_from` on, until another decision.

    The rows before it are closed at that day; what was decided of later days no longer holds.
    Returns whether it was recorded, and the rows that held on any day from then on: where these
    say just the same, nothing is. Of two who decide at once the second waits for the first.
    """
    table: Any = type(new)
    row: Any = new
    session.exec(
        select(Unit.key).where(Unit.key == row.unit_key).with_for_update(key_share=True)
    ).one()
    end = col(table.valid_to)
    overlapping: Sequence[RecordedRow] = session.exec(
        select(table)
        .where(table.unit_key == row.unit_key, end.is_(None) | (end > row.valid_from))
        .where(*known(table))
        .order_by(col(table.valid_from))
    ).all()
    if [_says(one) for one in overlapping] == [_says(new)]:
        return False, overlapping
    for one in overlapping:
        _give_way(session, one, new)
    session.add(new)
    session.flush()
    return True, overlapping


def _give_way(session: Session, one: RecordedRow, new: RecordedRow) -> None:
    """Close a row that a new one takes days from, and keep its days before."""
    begins: Any = new.valid_from  # type: ignore[attr-defined]
    if one.valid_from < begins:  # type: ignore[attr-defined]
        said = one.model_dump(exclude={"id", "superseded_at"})
        record(
            session, one, type(one)(**said | {"valid_to": begins, "recorded_at": new.recorded_at})
        )
    else:
        one.superseded_at = new.recorded_at
        session.add(one)
    session.flush()


def _says(one: RecordedRow) -> dict[str, Any]:
    return one.model_dump(exclude=_NOT_SAID)
