"""Reading plans, their content themes and their items."""

from collections.abc import Collection, Sequence

from sqlmodel import Session, col, select

from app.domain.errors import NotFound
from app.domain.plans.models import ContentTheme, Plan, PlanItem


def plans(session: Session) -> Sequence[Plan]:
    """Return all plans, by slug."""
    return session.exec(select(Plan).order_by(col(Plan.slug))).all()


def get_plan(session: Session, slug: str) -> Plan:
    """Return a plan. Raises NotFound."""
    plan = session.get(Plan, slug)
    if plan is None:
        raise NotFound()
    return plan


def themes(
    session: Session,
    *,
    plan: str,
    phase: str | None = None,
    only: Collection[str] | None = None,
) -> Sequence[ContentTheme]:
    """Return a plan's content themes in the plan's order; `only` keeps those with its codes."""
    statement = select(ContentTheme).where(ContentTheme.plan_slug == plan)
    if phase is not None:
        statement = statement.where(ContentTheme.phase == phase)
    if only is not None:
        statement = statement.where(col(ContentTheme.code).in_(only))
    return session.exec(statement.order_by(col(ContentTheme.ordinal))).all()


def items(session: Session, *, plan: str, kind: str | None = None) -> Sequence[PlanItem]:
    """Return a plan's items in the plan's order."""
    statement = select(PlanItem).where(PlanItem.plan_slug == plan)
    if kind is not None:
        statement = statement.where(PlanItem.kind == kind)
    return session.exec(statement.order_by(col(PlanItem.ordinal))).all()
