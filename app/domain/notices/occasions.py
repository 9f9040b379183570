"""Who is to be reminded of what at an instant: pure, no database and no clock."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal

from app.domain.cycles.queries import Cycle, Duty
from app.domain.cycles.timeliness import Deadline, Outage
from app.domain.period import local_day

Part = Literal["report", "supplement"]
Occasion = Literal["due_in_14", "due_in_7", "due_in_1", "late"]
THRESHOLDS: Final[tuple[tuple[int, Occasion], ...]] = (
    (1, "due_in_1"),
    (7, "due_in_7"),
    (14, "due_in_14"),
)
REMINDED_BASES: Final = frozenset({"ordered", "requested", "assigned_only"})
# Longer ago it is no reminder any more: past years, entered late, remind nobody.
LATE_WITHIN: Final = timedelta(days=30)


@dataclass(frozen=True)
class Handed:
    """What has been received for a roster row.

    `stands` tells that what was submitted last is under review or accepted, and not returned;
    `reported_to` is the day to which it runs.
    """

    report: bool = False
    stands: bool = False
    supplement: bool = False
    reported_to: date | None = None


@dataclass(frozen=True)
class Due:
    """One thing that a roster row owes, and what its unit is to be told of it."""

    row: Duty
    part: Part
    occasion: Occasion
    limit: Deadline


_NOTHING: Final = Handed()


def days_left(due_at: datetime, *, at: datetime) -> int:
    """Return how many local days lie between: 1 on the eve of the day of the due instant.

    What is due before 30/11 00:00 has one day left all through 29/11, its last day.
    """
    return (local_day(due_at) - local_day(at)).days


def occasion_at(limit: Deadline, *, at: datetime) -> Occasion | None:
    """Return the tightest occasion that applies at an instant, or None.

    A row that is added five days before its due day is told `due_in_7` alone.
    """
    if at >= limit.last:
        return "late" if at - limit.last < LATE_WITHIN else None
    left = days_left(limit.last, at=at)
    return next((occasion for most, occasion in THRESHOLDS if left <= most), None)


def reminders(
    cycle: Cycle,
    rows: Iterable[Duty],
    *,
    outages: Sequence[Outage],
    handed: Mapping[int, Handed],
    at: datetime,
) -> Iterator[Due]:
    """Return what the rows of a cycle are to be reminded of at an instant.

    `handed` holds what was received, by the row's id. Nobody is reminded before the cycle opens.
    A row whose report was submitted is reminded of the supplement alone, unless its report was
    returned: the comments say more than a reminder.
    """
    if cycle.opens_at is not None and at < cycle.opens_at:
        return
    for row in rows:
        if row.basis not in REMINDED_BASES:
            continue
        received = handed.get(row.row_id, _NOTHING)
        if not received.report:
            yield from _told(row, "report", row.deadline(outages), at=at)
        elif received.stands and not received.supplement:
            limit = row.supplement_deadline(cycle, outages, reported_to=received.reported_to)
            yield from _told(row, "supplement", limit, at=at)


def _told(row: Duty, part: Part, limit: Deadline | None, *, at: datetime) -> Iterator[Due]:
    occasion = None if limit is None else occasion_at(limit, at=at)
    if limit is not None and occasion is not None:
        yield Due(row, part, occasion, limit)
