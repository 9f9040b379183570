"""In what a submitted revision differs from one before it: its words, and the records it holds."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Select
from sqlmodel import Session, col, select

from app.domain.activities.models import ActivityReport, ActivityRevision
from app.domain.submissions.freeze import Covered
from app.domain.submissions.models import FrozenActivity

Change = Literal["added", "changed", "removed"]
_ABSENT: Final = object()
_CHUNK: Final = 5000  # ids in one statement


@dataclass(frozen=True)
class FieldDifference:
    """A field (JSON Pointer) that says something else; None stands for nothing said."""

    pointer: str
    before: str | int | bool | None
    after: str | int | bool | None


@dataclass(frozen=True)
class HeldRecord:
    """An activity report as a revision holds it."""

    report_id: UUID
    unit: str
    source_system: str
    external_id: str
    revision: int


@dataclass(frozen=True)
class RecordDifference:
    """A record that another revision holds otherwise: by its revisions, None where not held."""

    record: HeldRecord
    change: Change
    before: int | None
    after: int | None


def field_differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[FieldDifference]:
    """Return in what two contents differ, leaf by leaf, in the order of the later one."""
    old, new = dict(_leaves(before, "")), dict(_leaves(after, ""))
    return [
        FieldDifference(pointer, old.get(pointer), new.get(pointer))
        for pointer in {**new, **old}
        if old.get(pointer, _ABSENT) != new.get(pointer, _ABSENT)
        and not (old.get(pointer) is None and new.get(pointer) is None)
    ]


def _leaves(value: Any, pointer: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for name, part in value.items():
            yield from _leaves(part, f"{pointer}/{name}")
    elif isinstance(value, list):
        for place, part in enumerate(value):
            yield from _leaves(part, f"{pointer}/{place}")
    else:
        yield pointer, value


def held_records(session: Session, *, revision_id: UUID) -> dict[UUID, HeldRecord]:
    """Return the records that a submitted revision holds, by the report's id, in a fixed order."""
    statement = (
        _records()
        .join(FrozenActivity, col(FrozenActivity.activity_revision_id) == ActivityRevision.id)
        .where(col(FrozenActivity.submission_revision_id) == revision_id)
        .order_by(
            col(ActivityReport.unit_key),
            col(ActivityReport.source_system),
            col(ActivityReport.external_id),
        )
    )
    return {row[0]: HeldRecord(*row) for row in session.execute(statement)}


def record_differences(
    before: Mapping[UUID, HeldRecord], after: Mapping[UUID, HeldRecord]
) -> list[RecordDifference]:
    """Return which records were added, changed (another revision is held) or removed."""
    found = []
    for report_id in {**after, **before}:
        old, new = before.get(report_id), after.get(report_id)
        if old is None and new is not None:
            found.append(RecordDifference(new, "added", None, new.revision))
        elif new is None and old is not None:
            found.append(RecordDifference(old, "removed", old.revision, None))
        elif old is not None and new is not None and old.revision != new.revision:
            found.append(RecordDifference(new, "changed", old.revision, new.revision))
    return found


def unreported(
    session: Session, *, held_by: UUID | None, now: Sequence[Covered]
) -> list[RecordDifference]:
    """Return what a new revision would take in or leave out beside what a submitted one holds.

    `now` is what would be covered: activity that was entered, corrected or withdrawn since. Only
    what differs is read: most of what a unit did in a year does not.
    """
    frozen = select(FrozenActivity.activity_revision_id).where(
        FrozenActivity.submission_revision_id == held_by
    )
    held = set(session.exec(frozen)) if held_by is not None else set()
    current = {revision for _, revision, _, _ in now}
    changed = record_differences(
        _read(session, sorted(held - current)), _read(session, sorted(current - held))
    )
    return sorted(
        changed,
        key=lambda one: (one.record.unit, one.record.source_system, one.record.external_id),
    )


def _read(session: Session, ids: Sequence[UUID]) -> dict[UUID, HeldRecord]:
    """Return the records of some activity revisions, by the report's id."""
    found: dict[UUID, HeldRecord] = {}
    for start in range(0, len(ids), _CHUNK):
        statement = _records().where(col(ActivityRevision.id).in_(ids[start : start + _CHUNK]))
        found |= {row[0]: HeldRecord(*row) for row in session.execute(statement)}
    return found


def _records() -> Select[UUID, str, str, str, int]:
    columns = (
        col(ActivityReport.id),
        col(ActivityReport.unit_key),
        col(ActivityReport.source_system),
        col(ActivityReport.external_id),
        col(ActivityRevision.number),
    )
    return sa.select(*columns).join(
        ActivityRevision, col(ActivityRevision.report_id) == ActivityReport.id
    )
