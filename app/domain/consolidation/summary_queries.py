"""Reading the yearly reports of a plan that go into its summary."""

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from uuid import UUID

from sqlmodel import Session, col, select

from app.domain.consolidation.hierarchy_view import UnitHead
from app.domain.consolidation.inputs import plan_head, purpose_of
from app.domain.consolidation.models import (
    ConsolidatedReport,
    ConsolidationRequest,
    ReportStep,
)
from app.domain.consolidation.plan_summary import SummaryInputs, summarize
from app.domain.consolidation.queries import get_report, proposable, visible_reports
from app.domain.consolidation.reading import report_json
from app.domain.consolidation.summary_ground import AS_REPORTED, Ground, place_years
from app.domain.consolidation.summary_shape import PlanSummary
from app.domain.consolidation.summary_terms import YearlyReport
from app.domain.cycles.models import ReportingCycle
from app.domain.errors import Fault, Invalid, NotFound, Text
from app.domain.plans.models import Plan
from app.domain.plans.queries import get_plan, items
from app.domain.principal import Principal
from app.domain.units.hierarchy_queries import load_register
from app.domain.units.queries import versions_of

NO_YEAR_OF_PLAN = Text(
    "no_year_of_plan",
    "Năm {year} không thuộc giai đoạn của kế hoạch.",
    "{year} is no year of the plan.",
)


def plan_summary(
    session: Session,
    *,
    by: Principal,
    plan: str,
    years: Collection[int] = (),
    units_on: date | None = None,
) -> PlanSummary:
    """Return the summary of a plan over some of its years, or over all of them.

    Of each year the newest issued version goes in, or else the newest that is no preview and no
    view. Without `units_on` the units are those that reported. Raises NotFound, also for a caller
    that may see none of the yearly reports; Invalid, ReportSchemaTooOld.
    """
    found = get_plan(session, plan)
    asked = _years(found, years)
    records = _of_record(session, by, plan)
    if not records and not by.province_wide:
        raise NotFound()
    reports = [
        _read(session, by, report_id, issued=issued)
        for year, (report_id, issued) in sorted(records.items())
        if year in asked
    ]
    of_plan = items(session, plan=plan)
    return summarize(
        SummaryInputs(
            plan=plan_head(found),
            plan_sha256=found.document_sha256,
            items=[item.code for item in of_plan],
            funding_rules={item.code for item in of_plan if item.kind == "funding_rule"},
            purpose=purpose_of(session),
            years=asked,
            reports=reports,
            ground=AS_REPORTED if units_on is None else _ground(session, reports, units_on),
        )
    )


def _years(plan: Plan, years: Collection[int]) -> list[int]:
    first, end = plan.period.bounds
    of_plan = range(first.year, (end - timedelta(days=1)).year + 1)
    wrong = [
        Fault("?years", NO_YEAR_OF_PLAN, {"year": year}, permitted=[str(one) for one in of_plan])
        for year in sorted({*years})
        if year not in of_plan
    ]
    if wrong:
        raise Invalid(*wrong)
    return sorted({*years}) or list(of_plan)


def _of_record(session: Session, by: Principal, plan: str) -> dict[int, tuple[UUID, bool]]:
    """Return by year the report of record that the caller may see, and whether it is issued."""
    issued = (
        select(ReportStep.id)
        .where(ReportStep.report_id == ConsolidatedReport.id, ReportStep.step == "issued")
        .exists()
    )
    statement = (
        visible_reports(by)
        .join(ConsolidationRequest, col(ConsolidationRequest.id) == ConsolidatedReport.id)
        .where(
            ReportingCycle.plan_slug == plan,
            ReportingCycle.kind == "yearly",
            *proposable(),
        )
        .with_only_columns(
            col(ReportingCycle.year),
            col(ConsolidatedReport.id),
            issued.label("issued"),
            maintain_column_froms=True,
        )
        .order_by(issued, col(ConsolidatedReport.version))  # the last one of a year stays
    )
    rows = session.connection().execute(statement)
    return {row.year: (row.id, bool(row.issued)) for row in rows}


def _read(session: Session, by: Principal, report_id: UUID, *, issued: bool) -> YearlyReport:
    stored = get_report(session, by=by, report_id=report_id)
    return YearlyReport(
        year=stored.cycle.year,
        cycle=f"{stored.cycle.plan_slug}.{stored.cycle.code}",
        version=stored.report.version,
        sha256=stored.report.sha256,
        issued=issued,
        report=report_json(stored),
    )


def _ground(session: Session, reports: Sequence[YearlyReport], units_on: date) -> Ground:
    register = load_register(session)
    hierarchy = register.hierarchy()
    placed = place_years(reports, hierarchy, units_on)
    homes = {found.unit for found in placed.values() if found.unit is not None}
    parents = {unit: hierarchy.parent(unit, on=units_on) for unit in homes}
    return Ground(
        units_on=units_on,
        register_sha256=register.sha256(),
        placed=placed,
        heads={
            key: UnitHead(unit.body_name, unit.level)
            for key, unit in versions_of(session, homes).items()
        },
        parents={unit: parent for unit, parent in parents.items() if parent is not None},
    )
