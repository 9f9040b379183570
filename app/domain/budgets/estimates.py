"""Reading estimates: which a caller may see, with what holds of each stage."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from app.domain.base import where_given
from app.domain.budgets.models import BudgetEstimate, BudgetFigure
from app.domain.budgets.rights import is_own, sees, unit_by_key
from app.domain.budgets.stages import BudgetYear, Stage, Warning_, open_stages, warnings
from app.domain.budgets.years import is_executed_only, year_now
from app.domain.errors import NotFound
from app.domain.period import local_day
from app.domain.plans.models import Plan
from app.domain.principal import Principal, Scope


@dataclass(frozen=True)
class StoredEstimate:
    """An estimate with the figure that holds of each stage that was stated."""

    estimate: BudgetEstimate
    figures: Mapping[str, BudgetFigure]

    @property
    def stated(self) -> dict[str, int]:
        """The amounts by stage."""
        return {stage: figure.amount for stage, figure in self.figures.items()}


def estimates(
    session: Session,
    *,
    by: Principal,
    at: datetime,
    plan: str | None = None,
    budget_year: int | None = None,
    unit: str | None = None,
    item: str | None = None,
    source: str | None = None,
    after: UUID | None = None,
    limit: int,
) -> list[StoredEstimate]:
    """Return visible estimates in the order in which they were begun, `limit` at most."""
    statement = select(BudgetEstimate).where(sees(BudgetEstimate.unit_key, by=by, on=local_day(at)))
    narrowed = {
        BudgetEstimate.plan_slug: plan,
        BudgetEstimate.budget_year: budget_year,
        BudgetEstimate.unit_key: unit,
        BudgetEstimate.item_code: item,
        BudgetEstimate.source: source,
    }
    statement = statement.where(*where_given(narrowed))
    if after is not None:
        statement = statement.where(col(BudgetEstimate.id) > after)
    rows = session.exec(statement.order_by(col(BudgetEstimate.id)).limit(limit)).all()
    return with_figures(session, rows)


def get_estimate(
    session: Session, *, estimate_id: UUID, by: Principal, at: datetime, lock: bool = False
) -> StoredEstimate:
    """Return an estimate; with `lock` of two that state at once the second sees the first's.

    Raises NotFound, also for one that the caller may not see.
    """
    statement = select(BudgetEstimate).where(
        BudgetEstimate.id == estimate_id, sees(BudgetEstimate.unit_key, by=by, on=local_day(at))
    )
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    row = session.exec(statement).first()
    if row is None:
        raise NotFound()
    return with_figures(session, [row])[0]


def estimates_of_year(
    session: Session, *, unit: str, plan: str, budget_year: int
) -> list[StoredEstimate]:
    """Return all estimates of a unit for a budget year, in an order that no id decides."""
    statement = (
        select(BudgetEstimate)
        .where(
            BudgetEstimate.unit_key == unit,
            BudgetEstimate.plan_slug == plan,
            BudgetEstimate.budget_year == budget_year,
        )
        .order_by(
            col(BudgetEstimate.item_code),
            col(BudgetEstimate.source),
            col(BudgetEstimate.chapter),
        )
        .order_by(col(BudgetEstimate.category), col(BudgetEstimate.subcategory))
    )
    return with_figures(session, session.exec(statement).all())


def with_figures(session: Session, rows: Sequence[BudgetEstimate]) -> list[StoredEstimate]:
    """Return estimates with what holds of each stage: the last that was stated of it."""
    held: dict[UUID, dict[str, BudgetFigure]] = {row.id: {} for row in rows}
    if rows:
        statement = select(BudgetFigure).where(col(BudgetFigure.estimate_id).in_(held))
        for figure in session.exec(statement.order_by(col(BudgetFigure.number))):
            held[figure.estimate_id][figure.stage] = figure
    return [StoredEstimate(row, held[row.id]) for row in rows]


def history(session: Session, found: StoredEstimate) -> Sequence[BudgetFigure]:
    """Return everything that was ever stated of an estimate, in order."""
    statement = select(BudgetFigure).where(BudgetFigure.estimate_id == found.estimate.id)
    return session.exec(statement.order_by(col(BudgetFigure.number))).all()


def actions(
    session: Session, rows: Sequence[StoredEstimate], *, by: Principal, at: datetime
) -> list[list[Stage]]:
    """Return, of each estimate, the stages that the caller may state now."""
    years: dict[tuple[str, str, int], BudgetYear] = {}

    def year_of(row: BudgetEstimate) -> BudgetYear:
        key = (row.plan_slug, row.unit_key, row.budget_year)
        if key not in years:
            plan, unit = session.get_one(Plan, row.plan_slug), unit_by_key(session, row.unit_key)
            years[key] = year_now(session, plan, year=row.budget_year, unit=unit, at=at)
        return years[key]

    drafts = Scope.DRAFT_BUDGETS in by.scopes
    return [
        open_stages(year=year_of(one.estimate), stated=one.stated)
        if drafts and is_own(one.estimate.unit_key, by=by)
        else []
        for one in rows
    ]


def doubts(session: Session, found: StoredEstimate) -> list[Warning_]:
    """Return what is doubtful about an estimate."""
    plan = session.get_one(Plan, found.estimate.plan_slug)
    only = is_executed_only(plan, found.estimate.budget_year)
    return warnings(found.stated, executed_only=only)
