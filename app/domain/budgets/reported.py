"""The expenditure that units stated in their activity reports: shown beside, never added."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.domain.activities.models import ActivityExpenditure, ActivityRevision
from app.domain.budgets.document import ActivityInput
from app.domain.cycles.models import RosterRow
from app.domain.cycles.queries import find_cycle
from app.domain.submissions.models import FrozenActivity, Submission, SubmissionRevision


def activity_reports(
    session: Session, plan: str, year: int, units: set[str], *, before: datetime
) -> dict[str, tuple[str, SubmissionRevision]]:
    """Return the accepted reports of the calendar year by unit, of those received in time."""
    cycle = find_cycle(session, plan=plan, code=str(year))
    if cycle is None:
        return {}
    statement = (
        select(RosterRow.unit_key, SubmissionRevision)
        .join(Submission, col(Submission.roster_row_id) == RosterRow.id)
        .join(SubmissionRevision, col(SubmissionRevision.submission_id) == Submission.id)
        .where(
            RosterRow.cycle_id == cycle.id,
            col(RosterRow.unit_key).in_(units),
            col(SubmissionRevision.state).in_(("accepted", "superseded")),
            col(SubmissionRevision.received_at) < before,
        )
        .order_by(col(SubmissionRevision.number))
    )
    name = f"{plan}.{cycle.code}"
    return {unit: (name, revision) for unit, revision in session.exec(statement)}


def reported_in(
    session: Session, reports: dict[str, tuple[str, SubmissionRevision]], *, year: int
) -> tuple[dict[tuple[str, str, str], int], list[ActivityInput]]:
    """Return the expenditure of the year in reports by unit, item and source, and the reports."""
    unit_of = {revision.id: unit for unit, (_, revision) in reports.items()}
    group = (
        col(FrozenActivity.submission_revision_id),
        col(ActivityRevision.item_code),
        col(ActivityExpenditure.source),
    )
    statement = (
        sa.select(*group, sa.func.sum(ActivityExpenditure.amount))
        .join(ActivityRevision, col(ActivityRevision.id) == FrozenActivity.activity_revision_id)
        .join(ActivityExpenditure, col(ActivityExpenditure.revision_id) == ActivityRevision.id)
        .where(
            group[0].in_(unit_of),
            col(ActivityRevision.occurred_on) >= date(year, 1, 1),
            col(ActivityRevision.occurred_on) < date(year + 1, 1, 1),
        )
        .group_by(*group)
    )
    rows = session.connection().execute(statement) if unit_of else ()
    found = {(unit_of[number], item, source): int(amount) for number, item, source, amount in rows}
    showing = {unit for unit, _, _ in found}
    inputs = [
        ActivityInput(
            unit=unit, cycle=reports[unit][0], revision=one.number, sha256=one.sha256 or ""
        )
        for unit, one in ((unit, reports[unit][1]) for unit in sorted(showing))
    ]
    return found, inputs
