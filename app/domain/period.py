"""Half-open periods of days, and the province's local time (UTC+7, no daylight saving)."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone

LOCAL_TIME = timezone(timedelta(hours=7), "Asia/Ho_Chi_Minh")


@dataclass(frozen=True, order=True)
class Period:
    """The days from `start` up to, and not including, `end`; None is unbounded."""

    start: date | None = None
    end: date | None = None

    def __post_init__(self) -> None:
        if self.start is not None and self.end is not None and self.start >= self.end:
            raise ValueError(f"a period must end after it starts: {self}")

    def __contains__(self, day: object) -> bool:
        if not isinstance(day, date):
            return False
        after_start = self.start is None or self.start <= day
        return after_start and (self.end is None or day < self.end)

    def __str__(self) -> str:
        return f"[{self.start or '…'}, {self.end or '…'})"

    @property
    def bounds(self) -> tuple[date, date]:
        """The first day and the day after the last. Raises ValueError where one is unbounded."""
        if self.start is None or self.end is None:
            raise ValueError(f"an unbounded period where a bounded one is needed: {self}")
        return self.start, self.end

    def intersect(self, other: "Period") -> "Period | None":
        """Return the days that lie in both periods, or None where there are none."""
        starts = [day for day in (self.start, other.start) if day is not None]
        ends = [day for day in (self.end, other.end) if day is not None]
        start, end = max(starts, default=None), min(ends, default=None)
        if start is not None and end is not None and start >= end:
            return None
        return Period(start, end)

    def overlaps(self, other: "Period") -> bool:
        """Return whether any day lies in both periods."""
        return self.intersect(other) is not None


def local_day(at: datetime) -> date:
    """Return the calendar day of an instant in the province's local time."""
    return at.astimezone(LOCAL_TIME).date()


def instant_text(at: datetime) -> str:
    """Return an instant as RFC 3339 in UTC with microseconds, always of one length."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def start_of_day(day: date) -> datetime:
    """Return the instant, in UTC, at which a local day begins."""
    return datetime.combine(day, time(), LOCAL_TIME).astimezone(UTC)
