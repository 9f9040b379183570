"""On time or late: pure, and decided by the server's receipt alone, with two shown exceptions."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

Timeliness = Literal["not_due", "on_time", "late", "late_with_extension", "by_document"]


@dataclass(frozen=True)
class Outage:
    """A declared failure of the service, [began_at, ended_at)."""

    id: int
    began_at: datetime
    ended_at: datetime
    accepts_until: datetime


@dataclass(frozen=True)
class Deadline:
    """Until when a report is on time, and until when an extension excuses it.

    Both are exclusive: "trước ngày 30/11" means that 29/11 23:59:59.999999 local is on time and
    30/11 00:00 is late. `outage` is the declared outage that met the last moments before the due
    instant and so moved it; `later_outage` the one that did so with the extension's.
    """

    due_at: datetime
    extended_to: datetime | None = None
    outage: Outage | None = None
    later_outage: Outage | None = None

    @property
    def on_time_until(self) -> datetime:
        """The first instant that is no longer on time."""
        return self.due_at if self.outage is None else self.outage.accepts_until

    @property
    def last(self) -> datetime:
        """The first instant at which a report that was not received is late."""
        until = self.extended_to or self.on_time_until
        if self.later_outage is not None:
            until = self.later_outage.accepts_until
        return max(self.on_time_until, until)


def deadline(
    due_at: datetime, *, extended_to: datetime | None = None, outages: Iterable[Outage] = ()
) -> Deadline:
    """Return the deadline at a due instant, which an outage of its last moments moves.

    One that ends just at the due instant took these moments too; one that begins with it took none.
    """
    known = list(outages)
    later = None if extended_to is None else _met(extended_to, known)
    return Deadline(due_at, extended_to, _met(due_at, known), later)


def _met(due_at: datetime, outages: Iterable[Outage]) -> Outage | None:
    meeting = [one for one in outages if one.began_at < due_at <= one.ended_at]
    return max(meeting, key=lambda one: (one.accepts_until, one.id), default=None)


def timeliness(
    limit: Deadline, *, received_at: datetime | None, at: datetime, by_document: bool = False
) -> Timeliness:
    """Tell how a report stands to its deadline.

    A report not received is `not_due` until then and `late` from then on. One that the focal unit
    entered from an incoming document is `by_document`, whenever it was entered: the document's
    register number and day are shown beside it.
    """
    if received_at is None:
        return "not_due" if at < limit.last else "late"
    if by_document:
        return "by_document"
    if received_at < limit.on_time_until:
        return "on_time"
    return "late_with_extension" if received_at < limit.last else "late"


def late_by(limit: Deadline, *, received_at: datetime | None, at: datetime) -> timedelta:
    """Return how long after its deadline a report came, or is outstanding; zero if it is not."""
    return max((received_at or at) - limit.on_time_until, timedelta(0))
