"""Reference data is append-only: a change closes a row and adds one.

So what was known at any instant can be rebuilt. This is the one place that does it.
"""

from datetime import datetime
from typing import Literal, TypeVar

from sqlalchemy import ColumnElement
from sqlmodel import Field, Session, SQLModel, col

from app.domain.base import Instant

Change = Literal["added", "changed", "unchanged"]


class Recorded(SQLModel):
    """The two columns of a versioned row: known from `recorded_at`, until `superseded_at`."""

    recorded_at: datetime = Field(sa_type=Instant)
    superseded_at: datetime | None = Field(default=None, sa_type=Instant)


RecordedRow = TypeVar("RecordedRow", bound=Recorded)


def known(*tables: type[Recorded], at: datetime | None = None) -> list[ColumnElement[bool]]:
    """Return the conditions that keep the rows known at `at`, or those of now where it is None."""
    conditions: list[ColumnElement[bool]] = []
    for table in tables:
        closed = col(table.superseded_at)
        if at is None:
            conditions.append(closed.is_(None))
        else:
            conditions += [
                col(table.recorded_at) <= at,
                closed.is_(None) | (closed > at),
            ]
    return conditions


def record(session: Session, current: RecordedRow | None, new: RecordedRow) -> Change:
    """Put `new` in the place of `current`: nothing if they say the same, else close and add."""
    ignored = {"id", "recorded_at", "superseded_at"}
    if current is not None:
        if current.model_dump(exclude=ignored) == new.model_dump(exclude=ignored):
            return "unchanged"
        current.superseded_at = new.recorded_at
        session.flush()  # the closed row must be out of the way of the new one's unique index
    session.add(new)
    return "added" if current is None else "changed"
