"""Who is told of what: a verb for each event, called where it happens."""

from datetime import date, datetime, timedelta
from typing import Final

from sqlmodel import Session, func, select

from app.domain.assignments.queries import sees_the_province
from app.domain.base import insert_once
from app.domain.consolidation.models import ConsolidatedReport
from app.domain.consolidation.recipients import recipients
from app.domain.cycles.models import ReportingCycleVersion
from app.domain.cycles.queries import Cycle, cycle_by_id, cycles, roster
from app.domain.cycles.stewardships import stewards
from app.domain.period import instant_text, local_day
from app.domain.submissions.models import SubmissionRevision
from app.domain.units.models import UnitVersion
from app.domain.webhooks.events import CycleOpened, Event, ReportTold, SubmissionTold
from app.domain.webhooks.models import CycleTold
from app.domain.webhooks.outbox import tell

# A cycle that opened longer ago is not told any more: it is no news.
TOLD_WITHIN: Final = timedelta(days=7)


def tell_reviewed(
    session: Session,
    event: Event,
    *,
    revision: SubmissionRevision,
    cycle: Cycle,
    unit: UnitVersion,
    at: datetime,
) -> None:
    """Tell a unit that its submission was returned or accepted, and its steward if it has ended."""
    told = _answering(session, {unit.unit_key: unit}, on=local_day(at)) | {unit.unit_key}

    def data() -> SubmissionTold:
        return SubmissionTold(
            submission=str(revision.submission_id),
            revision=revision.number,
            cycle=cycle.key,
            plan=cycle.plan,
            year=cycle.year,
            unit=unit.unit_key,
            path=f"/v1/submissions/{revision.submission_id}",
        )

    tell(session, event, data=data, to=told.__contains__, at=at)


def tell_published(session: Session, report: ConsolidatedReport, *, at: datetime) -> None:
    """Tell those who see the province that a version of its report was built."""
    on = local_day(at)
    tell(
        session,
        "consolidated_report.published",
        data=lambda: _report(session, report),
        to=lambda unit: sees_the_province(session, unit=unit, on=on),
        at=at,
    )


def tell_issued(session: Session, report: ConsolidatedReport, *, plan: str, at: datetime) -> None:
    """Tell those who see the province, and the plan's recipients, that a version was issued."""
    on = local_day(at)
    receiving = {row.unit_key for row in recipients(session, plan=plan)}
    tell(
        session,
        "consolidated_report.issued",
        data=lambda: _report(session, report),
        to=lambda unit: unit in receiving or sees_the_province(session, unit=unit, on=on),
        at=at,
    )


def tell_opened(session: Session, *, at: datetime) -> int:
    """Tell of the cycles that have opened since this was last asked; return how many.

    A cycle opens at its `opens_at`, or when it was recorded where that is later or none is said.
    Told are the units of its roster, the stewards of those that have ended, and those who see the
    province. Each cycle is told once: two who find it at the same time wait for each other.
    """
    found = 0
    for cycle in cycles(session):
        opened = _opened_at(session, cycle)
        if not opened <= at < opened + TOLD_WITHIN:
            continue
        if session.get(CycleTold, cycle.id) is None and insert_once(
            session, CycleTold(cycle_id=cycle.id, told_at=at)
        ):
            _tell_opened(session, cycle, opened, at=at)
            found += 1
    return found


def _opened_at(session: Session, cycle: Cycle) -> datetime:
    recorded = session.exec(
        select(func.min(ReportingCycleVersion.recorded_at)).where(
            ReportingCycleVersion.cycle_id == cycle.id
        )
    ).one()
    return recorded if cycle.opens_at is None else max(recorded, cycle.opens_at)


def _tell_opened(session: Session, cycle: Cycle, opened: datetime, *, at: datetime) -> None:
    on = local_day(at)
    units = {row.unit.unit_key: row.unit for row in roster(session, cycle_id=cycle.id)}
    told = set(units) | _answering(session, units, on=on)
    tell(
        session,
        "reporting_cycle.opened",
        data=lambda: CycleOpened(
            cycle=cycle.key,
            plan=cycle.plan,
            year=cycle.year,
            kind=cycle.kind,
            due_at=instant_text(cycle.due_at),
            path=f"/v1/reporting-cycles/{cycle.key}",
        ),
        to=lambda unit: unit in told or sees_the_province(session, unit=unit, on=on),
        at=opened,
    )


def _answering(session: Session, units: dict[str, UnitVersion], *, on: date) -> set[str]:
    """Return the stewards of those of the units that have ended by a day."""
    ended = [key for key, unit in units.items() if unit.valid_to and unit.valid_to <= on]
    answering = stewards(session, on=on) if ended else {}
    return {answering[key] for key in ended if key in answering}


def _report(session: Session, report: ConsolidatedReport) -> ReportTold:
    cycle = cycle_by_id(session, report.cycle_id)
    return ReportTold(
        report=str(report.id),
        version=report.version,
        sha256=report.sha256,
        cycle=cycle.key,
        plan=cycle.plan,
        year=cycle.year,
        path=f"/v1/consolidated-reports/{report.id}",
    )
