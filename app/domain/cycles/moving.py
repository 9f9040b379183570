"""How a roster follows its cycle: what the cycle set moves with it, a row's own stays."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from app.domain.cycles.queries import Duty
from app.domain.cycles.rows import RowSaid
from app.domain.period import Period


@dataclass(frozen=True)
class Dates:
    """What of a cycle its rows follow."""

    window: Period
    due_at: datetime


@dataclass(frozen=True)
class Moved:
    """What rows say after their cycle moved, by unit key; and those that would be left no day."""

    rows: dict[str, RowSaid]
    stuck: list[str]


def moved(rows: Iterable[Duty], *, before: Dates, after: Dates) -> Moved:
    """Return what the rows of a cycle say once it has moved; unmoved ones are left out.

    A due instant that was the cycle's is the new one; an extension that is not later than that is
    over. A bound of covered days that came of the window and the unit's period comes of the new
    window. Other due instants and days are the row's own and stay: a row whose days do not lie in
    the new window then is stuck, unless its report is not required.
    """
    found: dict[str, RowSaid] = {}
    stuck = []
    for row in rows:
        said = said_of_duty(row)
        covers = _covers(row, before.window, after.window)
        if covers is None and row.basis != "not_required":
            stuck.append(row.unit.unit_key)
            continue
        due_at = after.due_at if row.due_at == before.due_at else row.due_at
        new = said.but(
            covers=covers or row.covers,
            due_at=due_at,
            extended_to=later_only(row.extended_to, due_at),
        )
        if new != said:
            found[row.unit.unit_key] = new
    return Moved(found, stuck)


def said_of_duty(row: Duty) -> RowSaid:
    """Return what a row says."""
    return RowSaid(
        basis=row.basis,
        reason=row.reason,
        covers=row.covers,
        due_at=row.due_at,
        extended_to=row.extended_to,
        closing=row.closing,
        provenance=row.provenance,
        document=row.document,
    )


def later_only(extended_to: datetime | None, due_at: datetime) -> datetime | None:
    """Return an extension, or None where the due instant has reached it."""
    return extended_to if extended_to is not None and extended_to > due_at else None


def _covers(row: Duty, before: Period, after: Period) -> Period | None:
    """Return the covered days in the moved window, or None where there are none."""
    (start, end), (first, last) = row.covers.bounds, after.bounds
    if start == _later(before.bounds[0], row.unit.valid_from):
        start = _later(first, row.unit.valid_from)
    if end == _earlier(before.bounds[1], row.unit.valid_to):
        end = _earlier(last, row.unit.valid_to)
    return Period(start, end) if first <= start < end <= last else None


def _later(day: date, other: date | None) -> date:
    return day if other is None else max(day, other)


def _earlier(day: date, other: date | None) -> date:
    return day if other is None else min(day, other)
