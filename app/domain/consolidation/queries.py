"""Reading consolidation requests and consolidated reports."""

from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import Select

from app.domain.consolidation.models import ConsolidatedReport, ConsolidationRequest
from app.domain.cycles.models import ReportingCycle
from app.domain.errors import NotFound


@dataclass(frozen=True)
class StoredRequest:
    """A request with the cycle that it is for."""

    request: ConsolidationRequest
    cycle: ReportingCycle


@dataclass(frozen=True)
class StoredReport:
    """A published version with the cycle that it is for."""

    report: ConsolidatedReport
    cycle: ReportingCycle


def get_request(session: Session, *, request_id: UUID) -> StoredRequest:
    """Return a request. Raises NotFound."""
    row = session.get(ConsolidationRequest, request_id)
    if row is None:
        raise NotFound()
    return StoredRequest(row, session.get_one(ReportingCycle, row.cycle_id))


def reports(
    session: Session,
    *,
    plan: str | None = None,
    year: int | None = None,
    after: UUID | None = None,
    limit: int,
) -> list[StoredReport]:
    """Return published versions in the order in which they were asked for."""
    statement = _reports()
    if plan is not None:
        statement = statement.where(col(ReportingCycle.plan_slug) == plan)
    if year is not None:
        statement = statement.where(col(ReportingCycle.year) == year)
    if after is not None:
        statement = statement.where(col(ConsolidatedReport.id) > after)
    rows = session.exec(statement.order_by(col(ConsolidatedReport.id)).limit(limit))
    return [StoredReport(*row) for row in rows]


def get_report(session: Session, *, report_id: UUID) -> StoredReport:
    """Return a published version. Raises NotFound."""
    row = session.exec(_reports().where(col(ConsolidatedReport.id) == report_id)).first()
    if row is None:
        raise NotFound()
    return StoredReport(*row)


def latest_report(session: Session, *, plan: str, year: int) -> StoredReport:
    """Return the published version with the highest number of a cycle. Raises NotFound."""
    row = session.exec(
        _reports()
        .where(col(ReportingCycle.plan_slug) == plan, col(ReportingCycle.year) == year)
        .order_by(col(ConsolidatedReport.version).desc())
    ).first()
    if row is None:
        raise NotFound()
    return StoredReport(*row)


def _reports() -> Select[ConsolidatedReport, ReportingCycle]:
    return select(ConsolidatedReport, ReportingCycle).join(
        ReportingCycle, col(ReportingCycle.id) == ConsolidatedReport.cycle_id
    )
