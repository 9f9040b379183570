"""Which submissions and roster rows are otherwise in two versions of a report, and why: pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from app.domain.consolidation.comparing import Side, changed_inputs
from app.domain.consolidation.figures import Row
from app.domain.consolidation.report_heads import RosterLine

Why = Literal[
    "newly_accepted",  # it counts now: it was missing, in review or returned
    "in_review",  # a preview counts it before it is accepted
    "correction",  # what was accepted is corrected, for a reason
    "supplement",  # what was accepted is supplemented
    "sent_again",  # another revision of the report itself
    "row_added",  # its roster row was added, and it was accepted
    "no_longer_accepted",  # of the earlier version in review or returned, or seen earlier
    "row_removed",  # its roster row is gone
]


@dataclass(frozen=True)
class InputChange:
    """A unit whose counted submission differs: the revisions and their hashes, None for none."""

    unit: str
    name: str
    why: Why
    before: int | None
    after: int | None
    sha256_before: str | None
    sha256_after: str | None


@dataclass(frozen=True)
class RosterChange:
    """A roster row that stands otherwise in what coverage is made of; None where it is not.

    `reason` is that of the row as the later version knows it: of an exemption, why.
    """

    unit: str
    name: str
    before: RosterLine | None
    after: RosterLine | None
    reason: str


def input_changes(before: Side, after: Side) -> Iterator[InputChange]:
    """Yield the changed inputs, by unit."""
    one, other = _inputs(before), _inputs(after)
    for unit in changed_inputs(before, after):
        line = after.roster.get(unit) or before.roster[unit]
        had, has = one.get(unit), other.get(unit)
        yield InputChange(
            unit=unit,
            name=line.name,
            why=_why(had, has, before.roster.get(unit), after.roster.get(unit)),
            before=None if had is None else had["revision"],
            after=None if has is None else has["revision"],
            sha256_before=None if had is None else had["sha256"],
            sha256_after=None if has is None else has["sha256"],
        )


def roster_changes(before: Side, after: Side) -> Iterator[RosterChange]:
    """Yield the changed roster rows, by unit."""
    for unit in sorted({*before.roster, *after.roster}):
        one, other = before.roster.get(unit), after.roster.get(unit)
        if _standing(one) != _standing(other):
            line = other or before.roster[unit]
            yield RosterChange(unit, line.name, one, other, line.reason)


def _standing(line: RosterLine | None) -> tuple[object, ...]:
    if line is None:
        return ()
    return line.basis, line.review, line.timeliness, line.content, line.received_at is None


def _inputs(side: Side) -> dict[str, Row]:
    return {row["unit"]: row for row in side.report["manifest"]["inputs"]}


def _why(
    had: Row | None, has: Row | None, before: RosterLine | None, after: RosterLine | None
) -> Why:
    if has is None:
        return "row_removed" if after is None else "no_longer_accepted"
    if after is not None and after.review == "in_review":
        return "in_review"
    if had is None:
        return "row_added" if before is None else "newly_accepted"
    kind = after.kind if after else None
    return "sent_again" if kind is None or kind == "report" else kind
