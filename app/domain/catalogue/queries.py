"""Reading indicators and code lists."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from app.domain.catalogue.models import CodeEntry, IndicatorVersion
from app.domain.recorded import known


def indicators(session: Session, *, plan: str) -> Sequence[IndicatorVersion]:
    """Return a plan's indicators in the catalogue's order."""
    return session.exec(
        select(IndicatorVersion)
        .where(IndicatorVersion.plan_slug == plan, *known(IndicatorVersion))
        .order_by(col(IndicatorVersion.ordinal), col(IndicatorVersion.indicator_code))
    ).all()


def codes(session: Session, *, list_: str | None = None) -> Sequence[CodeEntry]:
    """Return the codes of one list, or of all, in the lists' order."""
    statement = select(CodeEntry).where(*known(CodeEntry))
    if list_ is not None:
        statement = statement.where(CodeEntry.list == list_)
    return session.exec(
        statement.order_by(col(CodeEntry.list), col(CodeEntry.ordinal), col(CodeEntry.code))
    ).all()
