"""Stating an estimate's figures: each stage for its own, kept with its history."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from app.domain.activities.service import Precondition
from app.domain.audit.service import audit
from app.domain.base import insert_once, new_id
from app.domain.budgets.bodies import EstimateBody, FigureBody
from app.domain.budgets.checks import faults_of_estimate
from app.domain.budgets.estimates import StoredEstimate, get_estimate, with_figures
from app.domain.budgets.models import BudgetEstimate, BudgetFigure
from app.domain.budgets.rights import budget_unit, must_be_own, unit_by_key
from app.domain.budgets.stages import (
    ESTIMATED,
    BudgetYear,
    Stage,
    closed,
    missing,
    open_stages,
)
from app.domain.budgets.years import plan_of_year, year_now
from app.domain.cycles.province import Decided, must_be_current
from app.domain.errors import DAY_IN_FUTURE, DomainError, Fault, Invalid, Text
from app.domain.period import local_day
from app.domain.plans.models import Plan
from app.domain.principal import Principal
from app.domain.reference import Reference
from app.domain.units.models import UnitVersion


class NoEstimatesThisYear(DomainError):
    """Section IV.2: money of the plan's first year came out of the estimates already given."""

    text = Text(
        "no_estimates_this_year",
        "Kinh phí năm {year} do các cơ quan, đơn vị, địa phương cân đối trong dự toán được giao "
        "(mục IV.2 của Kế hoạch): không lập dự toán, chỉ ghi số thực hiện, quyết toán.",
        "In {year} units spent out of the estimates already given to them (section IV.2 of the "
        "plan): nothing is proposed, allocated or adjusted; executed and settled are taken.",
    )


class StageNotAllowed(DomainError):
    """The stage can't be stated now; the fault says why, and lists those that can."""

    text = Text(
        "budget_stage_not_allowed",
        "Chưa ghi được số «{stage}»; lúc này ghi được: {allowed}.",
        "`{stage}` can't be stated now, but: {allowed}.",
    )


class EstimateExists(DomainError):
    """There is an estimate for this unit, item, year, source and classification."""

    text = Text(
        "budget_estimate_exists",
        "Dự toán này đã có: {estimate}; hãy ghi số của từng giai đoạn vào đó.",
        "This estimate exists already: {estimate}; state its stages there.",
    )


def begin(
    session: Session, reference: Reference, *, body: EstimateBody, by: Principal, at: datetime
) -> tuple[StoredEstimate, bool]:
    """Begin an estimate with its first figure; return it, and whether it is new.

    The same again changes nothing. Raises Invalid, BudgetYearOutsidePlan, BudgetNotYours,
    StewardFiles, NoEstimatesThisYear, StageNotAllowed, EstimateExists.
    """
    today = local_day(at)
    plan = plan_of_year(session, plan=body.plan, year=body.budget_year)
    unit = budget_unit(session, body.unit, by=by, on=body.on or today)
    must_be_own(session, unit.unit_key, by=by, on=today)
    existing = _alike(session, unit, body)
    if existing is None:
        faults = [
            *faults_of_estimate(session, reference, plan=plan, unit=unit, body=body, today=today)
        ]
        if faults:
            raise Invalid(*faults)
        year = year_now(session, plan, year=body.budget_year, unit=unit, at=at)
        _check(body.stage, body, year=year, stated={})
        row = BudgetEstimate(id=new_id(at), **_what(unit, body), number=1, created_at=at)
        if insert_once(session, row):
            figure = _figure(row, 1, body.stage, body, by, at)
            session.add(figure)
            session.flush()
            found = StoredEstimate(row, {body.stage: figure})
            _audit(session, found, "budget_estimate.begun", figure, None, by, at)
            return found, True
        existing = _alike(session, unit, body)  # begun at the same time
    if existing is None:
        raise RuntimeError("an estimate that is in the way cannot be read")
    if _says(existing.figures.get(body.stage)) == _said(body):
        return existing, False
    raise EstimateExists(estimate=str(existing.estimate.id))


def state(
    session: Session,
    *,
    estimate_id: UUID,
    stage: Stage,
    body: FigureBody,
    expected: Precondition | None,
    by: Principal,
    at: datetime,
) -> Decided[StoredEstimate]:
    """State a stage of an estimate, for the first time or anew; what was stated is kept.

    `expected` are the numbers of the estimate that If-Match names. What it says already changes
    nothing. Raises NotFound, BudgetNotYours, StewardFiles, PreconditionRequired, RevisionChanged,
    NoEstimatesThisYear, StageNotAllowed, Invalid.
    """
    found = get_estimate(session, estimate_id=estimate_id, by=by, at=at, lock=True)
    row, before = found.estimate, found.figures.get(stage)
    must_be_own(session, row.unit_key, by=by, on=local_day(at))
    if _says(before) == _said(body):
        return Decided(found, "unchanged")
    must_be_current(expected, version=row.number)
    plan, unit = session.get_one(Plan, row.plan_slug), unit_by_key(session, row.unit_key)
    year = year_now(session, plan, year=row.budget_year, unit=unit, at=at)
    _check(stage, body, year=year, stated=found.stated)
    row.number += 1
    figure = _figure(row, row.number, stage, body, by, at)
    session.add_all((row, figure))
    session.flush()
    changed = StoredEstimate(row, {**found.figures, stage: figure})
    _audit(session, changed, "budget_estimate.stated", figure, before, by, at)
    return Decided(changed, "changed")


def _check(stage: Stage, body: FigureBody, *, year: BudgetYear, stated: dict[str, int]) -> None:
    fault = closed(stage, year=year, stated=stated)
    allowed = open_stages(year=year, stated=stated)
    if fault is not None:
        told = Fault(fault.pointer, fault.text, fault.params, permitted=[*allowed])
        if year.executed_only and stage in ESTIMATED:
            raise NoEstimatesThisYear(told, year=year.year)
        raise StageNotAllowed(told, stage=stage, allowed=", ".join(allowed) or "—")
    said = body.model_dump(include={"reason", "document_number", "document_on"})
    faults = [*missing(stage, stated=stated, **said)]
    if body.document_on is not None and body.document_on > year.today:
        faults.append(Fault("/document_on", DAY_IN_FUTURE, {"today": str(year.today)}))
    if faults:
        raise Invalid(*faults)


def _alike(session: Session, unit: UnitVersion, body: EstimateBody) -> StoredEstimate | None:
    same = (col(getattr(BudgetEstimate, name)) == said for name, said in _what(unit, body).items())
    row = session.exec(select(BudgetEstimate).where(*same)).first()
    return None if row is None else with_figures(session, [row])[0]


def _what(unit: UnitVersion, body: EstimateBody) -> dict[str, Any]:
    """Return what an estimate is of: there is one of it."""
    return {
        "unit_key": unit.unit_key,
        "plan_slug": body.plan,
        "budget_year": body.budget_year,
        "item_code": body.plan_item,
        "source": body.source,
        "chapter": body.chapter or "",
        "category": body.category or "",
        "subcategory": body.subcategory or "",
    }


def _figure(
    row: BudgetEstimate, number: int, stage: str, body: FigureBody, by: Principal, at: datetime
) -> BudgetFigure:
    return BudgetFigure(
        id=new_id(at),
        estimate_id=row.id,
        number=number,
        stage=stage,
        **_said(body),
        stated_at=at,
        stated_by=by.key_id,
        stated_by_unit=by.unit,
    )


def _said(body: FigureBody) -> dict[str, Any]:
    said = body.model_dump(include={"reason", "document_number", "document_on"})
    return {"amount": int(body.amount), **said}


def _says(figure: BudgetFigure | None) -> dict[str, Any] | None:
    names = {"amount", "reason", "document_number", "document_on"}
    return None if figure is None else figure.model_dump(include=names)


def _audit(
    session: Session,
    found: StoredEstimate,
    action: str,
    figure: BudgetFigure,
    before: BudgetFigure | None,
    by: Principal,
    at: datetime,
) -> None:
    row = found.estimate
    was = None if before is None else {"number": before.number, "amount": str(before.amount)}
    now = {
        "unit": row.unit_key,
        "item": row.item_code,
        "budget_year": row.budget_year,
        "source": row.source,
        "stage": figure.stage,
        "number": figure.number,
        "amount": str(figure.amount),
    }
    target = ("budget_estimate", str(row.id))
    audit(session, by=by, at=at, action=action, target=target, before=was, after=now)
