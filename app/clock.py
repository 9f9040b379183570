"""The clock. Only front doors ask it; they pass instants (`at`) and days (`on`) inwards."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass(frozen=True)
class Clock:
    """The real time, moved by `offset` where a demo or sandbox lives at another time."""

    offset: timedelta = timedelta(0)

    @property
    def simulated(self) -> bool:
        """Whether this clock shows anything but the real time."""
        return self.offset != timedelta(0)

    def now(self) -> datetime:
        """Return this instant, in UTC with microseconds."""
        return datetime.now(UTC) + self.offset
