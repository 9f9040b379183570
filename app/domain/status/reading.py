"""Reading all that is known of a cycle's rows at once: in a bounded number of statements."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session

from app.domain.cycles.queries import Cycle, Duty, outages
from app.domain.cycles.timeliness import Outage
from app.domain.period import Period, local_day
from app.domain.status.counts import (
    Done,
    changed_since,
    children_of,
    covered_now,
    last_submitted,
    parents,
)
from app.domain.status.coverage import Stretch, stretches
from app.domain.submissions.models import SubmissionRevision
from app.domain.submissions.queries import frozen_counts, standing_revisions
from app.domain.submissions.receipts import Receipt, receipts_of_cycle
from app.domain.units.models import UnitParentage


@dataclass(frozen=True)
class Seen:
    """What is read of a cycle, for the rows that are shown.

    `covered` holds by row the units that it covers, with what they did, None where that is
    nothing; `changed` how many reports the last submitted revision holds in an older form;
    `parents` under which unit the row's unit stood on the last day that it covers.
    """

    cycle: Cycle
    at: datetime
    standing: Mapping[int, SubmissionRevision]
    last: Mapping[int, SubmissionRevision]
    receipts: Mapping[int, Sequence[Receipt]]
    outages: Sequence[Outage]
    parents: Mapping[int, str]
    covered: Mapping[int, Mapping[str, Done | None]]
    frozen: Mapping[UUID, int]
    changed: Mapping[int, int]


def read(
    session: Session,
    *,
    cycle: Cycle,
    roster: Sequence[Duty],
    rows: Sequence[Duty],
    at: datetime,
) -> Seen:
    """Read what is known of some rows of a roster, in a number of statements that is bounded."""
    wanted, today = {row.row_id for row in rows}, local_day(at)
    standing = {
        row_id: one.revision
        for row_id, one in standing_revisions(session, cycle_id=cycle.id).items()
    }
    last = last_submitted(session, cycle_id=cycle.id)
    submitted = {row_id: one.id for row_id, one in last.items() if row_id in wanted}
    shown = {one.id for row_id, one in standing.items() if row_id in wanted}
    frozen = frozen_counts(session, revision_ids=sorted({*shown, *submitted.values()}))
    places = parents(session)
    covered = [one for one in stretches(roster, children_of(places)) if one.row_id in wanted]
    done = covered_now(session, cycle=cycle, covered=covered, submitted=submitted, today=today)
    by_row = _by_row(covered, done)
    unlike = {
        row_id: revision
        for row_id, revision in submitted.items()
        if frozen.get(revision, 0) > unchanged(by_row.get(row_id, {}))
    }
    theirs = [one for one in covered if one.row_id in unlike]
    return Seen(
        cycle=cycle,
        at=at,
        standing=standing,
        last=last,
        receipts=receipts_of_cycle(session, cycle_id=cycle.id),
        outages=outages(session, cycle_id=cycle.id),
        parents=_parents(rows, places),
        covered=by_row,
        frozen=frozen,
        changed=changed_since(session, cycle=cycle, covered=theirs, submitted=unlike, today=today),
    )


def _by_row(
    covered: Iterable[Stretch], done: Mapping[tuple[int, str], Done]
) -> dict[int, dict[str, Done | None]]:
    """Return what each row covers by unit; None of units that did nothing."""
    by_row: dict[int, dict[str, Done | None]] = {}
    for one in covered:
        by_row.setdefault(one.row_id, {})[one.unit] = done.get((one.row_id, one.unit))
    return by_row


def unchanged(units: Mapping[str, Done | None]) -> int:
    """Return how many of a row's reports its last submitted revision holds as they are now."""
    return sum(done.held for done in units.values() if done is not None)


def _parents(rows: Sequence[Duty], places: Sequence[UnitParentage]) -> dict[int, str]:
    above: dict[str, list[UnitParentage]] = {}
    for place in places:
        above.setdefault(place.unit_key, []).append(place)
    return {
        row.row_id: place.parent_key
        for row in rows
        for place in above.get(row.unit.unit_key, ())
        if row.covers.bounds[1] - timedelta(days=1) in Period(place.valid_from, place.valid_to)
    }
