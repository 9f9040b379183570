"""Reading indicators and code lists."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from app.domain.catalogue.models import CodeEntry, IndicatorVersion
from app.domain.recorded import known


def indicators(
    session: Session,
    *,
    plan: str,
    only: Collection[str] | None = None,
    known_at: datetime | None = None,
) -> Sequence[IndicatorVersion]:
    """Return a plan's indicators in the catalogue's order; `only` keeps those with its codes."""
    statement = select(IndicatorVersion).where(
        IndicatorVersion.plan_slug == plan, *known(IndicatorVersion, at=known_at)
    )
    if only is not None:
        statement = statement.where(col(IndicatorVersion.indicator_code).in_(only))
    order = (col(IndicatorVersion.ordinal), col(IndicatorVersion.indicator_code))
    return session.exec(statement.order_by(*order)).all()


def codes(
    session: Session,
    *,
    list_: str | None = None,
    only: Collection[str] | None = None,
    known_at: datetime | None = None,
) -> Sequence[CodeEntry]:
    """Return the codes of one list, or of all, in the lists' order; `only` keeps its own."""
    statement = select(CodeEntry).where(*known(CodeEntry, at=known_at))
    if list_ is not None:
        statement = statement.where(CodeEntry.list == list_)
    if only is not None:
        statement = statement.where(col(CodeEntry.code).in_(only))
    order = (col(CodeEntry.list), col(CodeEntry.ordinal), col(CodeEntry.code))
    return session.exec(statement.order_by(*order)).all()
