"""Reading the outbox: who may see which notices, in the order in which they were put out."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, func, select

from app.domain.base import where_given
from app.domain.cycles.models import ReportingCycle
from app.domain.notices.models import Notice, NoticeDelivery
from app.domain.principal import Principal


@dataclass(frozen=True)
class NoticeFilter:
    """Which notices; None leaves that open. `units` are recipients' keys."""

    plan: str | None = None
    year: int | None = None
    occasion: str | None = None
    delivery: str | None = None
    units: Sequence[str] | None = None


@dataclass(frozen=True)
class Told:
    """A notice with its cycle and, where there is one, its e-mail."""

    notice: Notice
    cycle: ReportingCycle
    delivery: NoticeDelivery | None


def visible_notices(by: Principal) -> list[ColumnElement[bool]]:
    """Return the conditions that keep what a caller may see: its unit's; the province sees all."""
    return [] if by.province_wide else [col(Notice.unit_key) == by.unit]


def notices(
    session: Session, *, by: Principal, narrowed: NoticeFilter, after: int, limit: int
) -> list[Told]:
    """Return notices behind the place `after`, in the order in which they were put out."""
    statement = (
        select(Notice, ReportingCycle, NoticeDelivery)
        .join(ReportingCycle, col(ReportingCycle.id) == Notice.cycle_id)
        .outerjoin(NoticeDelivery, col(NoticeDelivery.notice_id) == Notice.id)
        .where(col(Notice.seq) > after, *visible_notices(by), *_conditions(narrowed))
    )
    found = session.exec(statement.order_by(col(Notice.seq)).limit(limit))
    return [Told(*row) for row in found]


def last_place(session: Session) -> int:
    """Return the place of the last notice in the outbox, 0 where there is none."""
    return session.exec(select(func.max(Notice.seq))).one() or 0


def _conditions(narrowed: NoticeFilter) -> list[ColumnElement[bool]]:
    equal = {
        ReportingCycle.plan_slug: narrowed.plan,
        ReportingCycle.year: narrowed.year,
        Notice.occasion: narrowed.occasion,
        NoticeDelivery.state: narrowed.delivery,
    }
    conditions = where_given(equal)
    if narrowed.units is not None:
        conditions.append(col(Notice.unit_key).in_(narrowed.units))
    return conditions
