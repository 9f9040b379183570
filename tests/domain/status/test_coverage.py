"""What is counted for all rows at once is what each row would freeze by itself."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

import pytest
from sqlmodel import Session, col, select

from app.domain.activities.models import ActivityReport, ActivityRevision
from app.domain.base import added_id
from app.domain.cycles.models import ReportingCycle, ReportingCycleVersion
from app.domain.cycles.queries import Cycle, Duty, get_cycle, roster
from app.domain.cycles.rows import RowSaid, record_row
from app.domain.period import Period
from app.domain.status.counts import changed_since, children_of, covered_now, parents
from app.domain.status.coverage import LAST_DAY, Below, Stretch, stretches
from app.domain.submissions.freeze import covered_activity, freeze
from app.domain.submissions.models import Submission, SubmissionRevision
from app.domain.submissions.queries import frozen_counts
from tests.support.makers import PLAN
from tests.support.revisions import a_key

AT: Final = datetime(2025, 11, 1, 2, tzinfo=UTC)
TODAY: Final = date(2025, 11, 1)
WINDOW: Final = Period(date(2025, 1, 1), date(2026, 1, 1))
# Nested: the province, districts, communes; the tree itself changes on 1/7/2025.
UNITS: Final = (
    "gso-51",
    "gso-51-2025-07-01",
    "gso-524",
    "gso-528",
    "gso-21040",
    "gso-21043",
    "gso-21040-2025-07-01",
    "gso-21235-2025-07-01",
    "body-so-y-te",
)
BASES: Final = ("ordered", "requested", "assigned_only", "not_required")


def a_cycle(session: Session, pick: random.Random, *, items: Sequence[str] | None) -> Cycle:
    """Open an extra cycle with rows of some of the units, nested ones too."""
    code = f"thu-{pick.randrange(10**9)}"
    identity = ReportingCycle(plan_slug=PLAN, kind="on_request", year=2025, code=code)
    cycle_id = added_id(session, identity)
    first, end = WINDOW.bounds
    version = ReportingCycleVersion(
        cycle_id=cycle_id,
        window_from=first,
        window_to=end,
        due_at=AT,
        provenance="decision",
        reason="Thử",
        items=None if items is None else list(items),
        recorded_at=AT,
    )
    session.add(version)
    session.flush()
    for unit in pick.sample(UNITS, pick.randint(1, len(UNITS))):
        start = first + timedelta(days=pick.randrange(250))
        covers = Period(start, min(end, start + timedelta(days=pick.randrange(1, 365))))
        said = RowSaid(pick.choice(BASES), "Thử", covers, AT)
        record_row(session, cycle_id=cycle_id, unit=unit, said=said, at=AT, actor="operator")
    return get_cycle(session, plan=PLAN, code=code)


def some_reports(session: Session, pick: random.Random, key: UUID, number: int) -> list[UUID]:
    """Store activity reports of all kinds of units and days; some are withdrawn, some summaries."""
    ids = []
    for _ in range(number):
        day = date(2025, 1, 1) + timedelta(days=pick.randrange(300))
        report = ActivityReport(
            id=uuid4(),
            unit_key=pick.choice(UNITS),
            source_system="portal",
            external_id=uuid4().hex,
            plan_slug=PLAN,
            number=1,
            occurred_on=day,
            withdrawn_at=AT if pick.random() < 0.1 else None,
        )
        session.add(report)
        session.flush()
        ids.append(report.id)
        a_revision(session, pick, key, report)
    return ids


def a_revision(session: Session, pick: random.Random, key: UUID, report: ActivityReport) -> None:
    corrected = report.number > 1
    session.add(
        ActivityRevision(
            id=uuid4(),
            report_id=report.id,
            number=report.number,
            plan_slug=PLAN,
            item_code=pick.choice(["III.1.b", "V.5.1"]),
            themes=(),
            occurred_on=report.occurred_on,
            ended_on=report.occurred_on + timedelta(days=pick.choice([0, 0, 0, 9, 60])),
            occurrences=pick.randint(1, 5),
            channel="facebook",
            title="Thử",
            languages=("vi",),
            integrated=False,
            participants=(),
            evidence=[],
            outside_assignment=False,
            theme_outside_phase=False,
            body_sha256=uuid4().hex * 2,
            received_at=AT,
            received_by=key,
            kind="corrected" if corrected else "created",
            reason="Sai" if corrected else None,
        )
    )
    session.flush()


def by_itself(session: Session, cycle: Cycle, row: Duty) -> dict[UUID, UUID]:
    """Return the revisions that a row covers, by their reports, as it would freeze them today."""
    last = min(row.covers.bounds[1] - timedelta(days=1), TODAY)
    found = covered_activity(session, cycle=cycle, row=row, data_to=last)
    return {report: revision for report, revision, _, _ in found}


def submitted_with(session: Session, key: UUID, row: Duty, held: dict[UUID, UUID]) -> UUID:
    """Store a submitted revision of a row that holds these."""
    submission = Submission(
        id=uuid4(), roster_row_id=row.row_id, number=1, submitted_number=1, created_at=AT
    )
    session.add(submission)
    session.flush()
    revision = SubmissionRevision(
        id=uuid4(),
        submission_id=submission.id,
        number=1,
        state="submitted",
        narrative={},
        drafted_at=AT,
        drafted_by=key,
        received_at=AT,
        submitted_by=key,
    )
    session.add(revision)
    session.flush()
    made: list[Any] = [(report, one, "", "") for report, one in held.items()]
    freeze(session, revision_id=revision.id, activity=made)
    return revision.id


@pytest.mark.parametrize("seed", range(12))
def test_all_rows_at_once_are_as_each_by_itself(session: Session, seed: int) -> None:
    pick, key = random.Random(seed), a_key(session)
    cycle = a_cycle(session, pick, items=["III.1.b"] if seed % 3 == 0 else None)
    reports = some_reports(session, pick, key, 150)
    rows = roster(session, cycle_id=cycle.id)
    before = {row.row_id: by_itself(session, cycle, row) for row in rows}
    sent = {
        row.row_id: submitted_with(session, key, row, before[row.row_id])
        for row in rows
        if pick.random() < 0.8
    }
    _meanwhile(session, pick, key, reports)
    now = {row.row_id: by_itself(session, cycle, row) for row in rows}
    covered = stretches(rows, children_of(parents(session)))
    done = covered_now(session, cycle=cycle, covered=covered, submitted=sent, today=TODAY)
    changed = changed_since(session, cycle=cycle, covered=covered, submitted=sent, today=TODAY)
    frozen = frozen_counts(session, revision_ids=list(sent.values()))
    for row_id, there in now.items():
        mine = [one for (row, _), one in done.items() if row == row_id]
        held = before[row_id] if row_id in sent else {}
        assert sum(one.activities for one in mine) == len(there)
        same = sum(there.get(report) == revision for report, revision in held.items())
        assert sum(one.held for one in mine) == same
        both = set(held) & set(there)
        assert changed.get(row_id, 0) == len(both) - same
        assert (frozen.get(sent[row_id], 0) if row_id in sent else 0) == len(held)


def _meanwhile(session: Session, pick: random.Random, key: UUID, reports: Sequence[UUID]) -> None:
    """Let some reports be corrected, moved to another day, or withdrawn, and some be added."""
    for report_id in pick.sample(list(reports), 40):
        report = session.exec(select(ActivityReport).where(col(ActivityReport.id) == report_id))
        row = report.one()
        row.number += 1
        fate = pick.choice(["corrected", "moved", "withdrawn"])
        if fate == "moved":
            row.occurred_on = date(2025, 1, 1) + timedelta(days=pick.randrange(300))
        if fate == "withdrawn":
            row.withdrawn_at = AT
        session.add(row)
        a_revision(session, pick, key, row)
    some_reports(session, pick, key, 20)


def test_a_row_below_covers_what_is_its_and_one_not_required_leaves_it_above(
    session: Session,
) -> None:
    pick = random.Random(0)
    cycle = a_cycle(session, pick, items=None)
    template = roster(session, cycle_id=cycle.id)[0]
    cut = date(2025, 5, 1)

    def row(number: int, unit: str, basis: str, covers: Period = WINDOW) -> Duty:
        there = template.unit.model_copy(update={"unit_key": unit})
        return replace(template, row_id=number, unit=there, basis=basis, covers=covers)

    children = {"d": [Below("a", date.min, LAST_DAY), Below("b", date.min, LAST_DAY)]}
    first, end = WINDOW.bounds
    rows = [
        row(1, "d", "ordered"),
        row(2, "a", "requested", Period(first, cut)),
        row(3, "b", "not_required"),
    ]
    assert set(stretches(rows, children)) == {
        Stretch(1, "d", first, end, end),
        Stretch(2, "a", first, cut, cut),
        Stretch(1, "a", cut, end, end),
        Stretch(1, "b", first, end, end),
        Stretch(3, "b", first, end, end),
    }
