"""Reading consolidation requests and consolidated reports."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlalchemy.orm import defer
from sqlmodel import Session, col, func, select
from sqlmodel.sql.expression import Select

from app.domain.consolidation.models import (
    ConsolidatedReport,
    ConsolidationRequest,
    ReportRecipient,
    ReportStep,
)
from app.domain.cycles.models import ReportingCycle
from app.domain.errors import NotFound
from app.domain.principal import Principal
from app.domain.recorded import known


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


@dataclass(frozen=True)
class ListedReport:
    """A published version without its bytes, their number (`size`), and its cycle."""

    report: ConsolidatedReport
    cycle: ReportingCycle
    size: int


@dataclass(frozen=True)
class ReportHead:
    """A published version without its bytes."""

    id: UUID
    version: int
    sha256: str


def visible_reports(by: Principal) -> Select[ConsolidatedReport, ReportingCycle]:
    """Return the select of the reports that a caller may see.

    They hold every unit's figures and words: those who see the province see them. What is issued
    is also seen by those who receive the plan's reports, which is a setting.
    """
    statement = select(ConsolidatedReport, ReportingCycle).join(
        ReportingCycle, col(ReportingCycle.id) == ConsolidatedReport.cycle_id
    )
    if by.province_wide:
        return statement
    issued = (
        select(ReportStep.id)
        .where(ReportStep.report_id == ConsolidatedReport.id, ReportStep.step == "issued")
        .exists()
    )
    received = (
        select(ReportRecipient.id)
        .where(
            ReportRecipient.plan_slug == ReportingCycle.plan_slug,
            ReportRecipient.unit_key == by.unit,
            *known(ReportRecipient),
        )
        .exists()
    )
    return statement.where(issued, received)


def proposable() -> list[ColumnElement[bool]]:
    """Return the conditions that keep what may be proposed: no preview, no view.

    In SQL what `ConsolidationRequest.proposable` says of one.
    """
    return [
        col(ConsolidationRequest.basis) == "accepted",
        col(ConsolidationRequest.known_at).is_(None),
        col(ConsolidationRequest.units_on).is_(None),
    ]


def get_request(session: Session, *, by: Principal, request_id: UUID) -> StoredRequest:
    """Return a request. Raises NotFound, also for a caller that may not see the province."""
    row = session.get(ConsolidationRequest, request_id)
    if row is None or not by.province_wide:
        raise NotFound()
    return StoredRequest(row, session.get_one(ReportingCycle, row.cycle_id))


def reports(
    session: Session,
    *,
    by: Principal,
    plan: str | None = None,
    year: int | None = None,
    cycle: str | None = None,
    after: UUID | None = None,
    limit: int,
) -> list[ListedReport]:
    """Return published versions in the order in which they were asked for."""
    statement = visible_reports(by)
    if plan is not None:
        statement = statement.where(col(ReportingCycle.plan_slug) == plan)
    if year is not None:
        statement = statement.where(col(ReportingCycle.year) == year)
    if cycle is not None:
        of_plan, _, code = cycle.rpartition(".")
        statement = statement.where(
            col(ReportingCycle.plan_slug) == of_plan, col(ReportingCycle.code) == code
        )
    if after is not None:
        statement = statement.where(col(ConsolidatedReport.id) > after)
    listed: Any = statement.options(
        defer(ConsolidatedReport.content, raiseload=True)  # type: ignore[arg-type]
    ).add_columns(func.length(ConsolidatedReport.content))
    rows = session.exec(listed.order_by(col(ConsolidatedReport.id)).limit(limit))
    return [ListedReport(*row) for row in rows]


def get_report(session: Session, *, by: Principal, report_id: UUID) -> StoredReport:
    """Return a published version. Raises NotFound, also for one that the caller may not see."""
    row = session.exec(visible_reports(by).where(col(ConsolidatedReport.id) == report_id)).first()
    if row is None:
        raise NotFound()
    return StoredReport(*row)


def report_head(
    session: Session, *, by: Principal, report_id: UUID, met: ReportHead | None = None
) -> ReportHead:
    """Return a published version's head. Raises NotFound as `get_report` does.

    `met` is that head where it was read before. A version never changes and never goes, so a
    caller who sees the province sees it still; for anybody else it is looked up again.
    """
    if met is not None and by.province_wide:
        return met
    return _head(session, visible_reports(by).where(col(ConsolidatedReport.id) == report_id))


def latest_head(session: Session, *, by: Principal, plan: str, year: int) -> ReportHead:
    """Return the head of a year's version with the highest number: no preview, no view.

    Raises NotFound.
    """
    return _head(
        session,
        visible_reports(by)
        .join(ConsolidationRequest, col(ConsolidationRequest.id) == ConsolidatedReport.id)
        .where(*proposable())
        .where(col(ReportingCycle.plan_slug) == plan, col(ReportingCycle.code) == str(year))
        .order_by(col(ConsolidatedReport.version).desc()),
    )


def content_of(session: Session, report_id: UUID) -> bytes:
    """Return the bytes of a version that the caller was found to see."""
    statement = select(ConsolidatedReport.content).where(ConsolidatedReport.id == report_id)
    return session.exec(statement).one()


def _head(session: Session, statement: Select[ConsolidatedReport, ReportingCycle]) -> ReportHead:
    only = statement.with_only_columns(
        col(ConsolidatedReport.id),
        col(ConsolidatedReport.version),
        col(ConsolidatedReport.sha256),
        maintain_column_froms=True,
    )
    row = session.connection().execute(only.limit(1)).first()
    if row is None:
        raise NotFound()
    return ReportHead(*row)
