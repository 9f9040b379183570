"""How a reporting cycle stands: every roster row, and the rates, for those who chase units."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlmodel import Session

from app.domain.cycles.queries import Cycle, Duty, roster
from app.domain.period import local_day
from app.domain.principal import Principal
from app.domain.reference import Reference
from app.domain.status.rates import Rates, Review, Stand, rates
from app.domain.status.reading import Seen, read, unchanged
from app.domain.submissions.models import SubmissionRevision
from app.domain.submissions.receipts import first_receipt, reported_to
from app.domain.submissions.standing import Standing, standing_of
from app.domain.text import sort_key
from app.domain.units.models import UnitVersion
from app.domain.units.queries import versions_of

BASES_IN_ORDER: Final = ("ordered", "assigned_only", "requested", "not_required")
REVIEW: Final[Mapping[str, Review]] = {
    "submitted": "in_review",
    "returned": "returned",
    "accepted": "accepted",
}
_LATE: Final = ("late", "late_with_extension")


@dataclass(frozen=True)
class Activity:
    """A row's activity reports: held by the revision that stands, and covered by the row now.

    `added`, `changed` and `removed` are not yet reported: what a new revision would hold beside
    the last submitted one, hold in another form, or hold no more.
    """

    held: int
    covered: int
    added: int
    changed: int
    removed: int


@dataclass(frozen=True)
class CommuneActivity:
    """What a commune within a district did, as the district's row covers it."""

    unit: UnitVersion
    activities: int
    occurrences: int
    last_on: date | None


@dataclass(frozen=True)
class RowStatus:
    """How a roster row stands.

    `revision` is the one that stands, None where nothing was submitted; `later` is one that was
    submitted after the accepted one. `standing` is how the report stands to its deadline, by its
    first receipt, `supplement` how the year-end supplement does: None where none is owed and
    none was received.
    """

    row: Duty
    parent: UnitVersion | None
    steward: UnitVersion | None
    filer: UnitVersion | None
    revision: SubmissionRevision | None
    later: SubmissionRevision | None
    standing: Standing | None
    supplement: Standing | None
    activity: Activity
    communes: tuple[CommuneActivity, ...]

    @property
    def review(self) -> Review:
        """Where the review of the revision that stands is; a draft is nobody else's."""
        return "missing" if self.revision is None else REVIEW[self.revision.state]

    @property
    def late_by(self) -> timedelta:
        """How long after its due instant the report came, or is outstanding."""
        return late_by(self.standing)


@dataclass(frozen=True)
class CycleStatus:
    """The whole picture of a cycle at an instant; rates only for those who see all rows."""

    cycle: Cycle
    at: datetime
    rows: tuple[RowStatus, ...]
    ordered: Rates | None
    others: Rates | None


def late_by(standing: Standing | None) -> timedelta:
    """Return by how much something is late; one that may still come in time is not."""
    if standing is None or standing.timeliness not in _LATE:
        return timedelta(0)
    return standing.late_by


def cycle_status(
    session: Session, reference: Reference, *, cycle: Cycle, by: Principal, at: datetime
) -> CycleStatus:
    """Return how a cycle stands at an instant, as far as the caller may see it.

    Those who see the province see every row; any other unit its own and those of the ended units
    that it answers for, without rates. The number of statements does not grow with the rows.
    """
    all_rows = roster(session, cycle_id=cycle.id)
    rows = [row for row in all_rows if by.province_wide or row.unit.unit_key in by.acts_for]
    seen = read(session, cycle=cycle, roster=all_rows, rows=rows, at=at)
    stewards = reference.stewards(local_day(at))
    named = versions_of(session, _keys(seen, rows, stewards))
    found = sorted((_status(row, seen, named, stewards) for row in rows), key=_in_order)
    counted = by.province_wide
    return CycleStatus(
        cycle=cycle,
        at=at,
        rows=tuple(found),
        ordered=_rates(found, "ordered") if counted else None,
        others=_rates(found, "assigned_only", "requested") if counted else None,
    )


def _keys(seen: Seen, rows: Sequence[Duty], stewards: Mapping[str, str]) -> set[str]:
    """Return the keys of all units that are named beside those of the rows."""
    keys: set[str | None] = set()
    for row in rows:
        found = seen.standing.get(row.row_id)
        keys |= {stewards.get(row.unit.unit_key), seen.parents.get(row.row_id)}
        keys.add(found.filed_by if found else None)
        if row.unit.level == "district":
            keys |= set(seen.covered.get(row.row_id, {}))
    return {key for key in keys if key is not None}


def _status(
    row: Duty, seen: Seen, named: Mapping[str, UnitVersion], stewards: Mapping[str, str]
) -> RowStatus:
    found, last = seen.standing.get(row.row_id), seen.last.get(row.row_id)
    receipts = seen.receipts.get(row.row_id, ())
    limit = row.deadline(seen.outages)
    report = first_receipt(receipts, "report")
    owed = row.basis != "not_required"
    until = reported_to(receipts)
    further = row.supplement_deadline(seen.cycle, seen.outages, reported_to=until)
    supplement = first_receipt(receipts, "supplement")
    later = last if found and last and last.number > found.number else None
    return RowStatus(
        row=row,
        parent=named.get(seen.parents.get(row.row_id) or ""),
        steward=named.get(stewards.get(row.unit.unit_key, "")),
        filer=named.get((found.filed_by if found else None) or ""),
        revision=found,
        later=later,
        standing=standing_of(limit, report, at=seen.at) if owed or report else None,
        supplement=standing_of(further, supplement, at=seen.at)
        if further is not None and (owed or supplement)
        else None,
        activity=_activity(row, seen),
        communes=_communes(row, seen, named),
    )


def _activity(row: Duty, seen: Seen) -> Activity:
    units = seen.covered.get(row.row_id, {})
    covered = sum(done.activities for done in units.values() if done is not None)
    same, changed = unchanged(units), seen.changed.get(row.row_id, 0)
    found, last = seen.standing.get(row.row_id), seen.last.get(row.row_id)
    return Activity(
        held=seen.frozen.get(found.id, 0) if found else 0,
        covered=covered,
        added=covered - same - changed,
        changed=changed,
        removed=(seen.frozen.get(last.id, 0) if last else 0) - same - changed,
    )


def _communes(
    row: Duty, seen: Seen, named: Mapping[str, UnitVersion]
) -> tuple[CommuneActivity, ...]:
    if row.unit.level != "district":
        return ()
    found = [
        CommuneActivity(named[key], done.activities, done.occurrences, done.last_on)
        if done is not None
        else CommuneActivity(named[key], 0, 0, None)
        for key, done in seen.covered.get(row.row_id, {}).items()
        if named[key].level == "commune"
    ]
    return tuple(sorted(found, key=lambda one: (one.unit.name_sort, one.unit.unit_key)))


def _in_order(found: RowStatus) -> tuple[int, str, str]:
    """Return the place of a row: ordered ones first, then in the Vietnamese order of names."""
    unit = found.row.unit
    return BASES_IN_ORDER.index(found.row.basis), sort_key(unit.body_name), unit.unit_key


def _rates(found: Sequence[RowStatus], *bases: str) -> Rates:
    return rates(
        Stand(
            one.review,
            one.revision is not None and one.revision.content == "nil",
            one.standing.timeliness,
        )
        for one in found
        if one.row.basis in bases and one.standing is not None
    )
