"""Consolidating the provincial budget's estimates (V.4): numbered versions that never change."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from app.domain.audit.service import audit
from app.domain.base import new_id
from app.domain.budgets.adding import consolidated
from app.domain.budgets.bodies import BudgetConsolidationBody
from app.domain.budgets.inputs import facts_of
from app.domain.budgets.models import BudgetConsolidation
from app.domain.budgets.rights import not_provincial, provincial_authorities
from app.domain.budgets.years import calendar_of, plan_of_year
from app.domain.errors import DomainError, Fault, Invalid, NotFound, Text
from app.domain.period import instant_text, local_day
from app.domain.plans.models import Plan
from app.domain.principal import Principal

FROZEN_IN_FUTURE = Text(
    "freeze_in_future",
    "Thời điểm chốt số chưa đến: {frozen_at}.",
    "The freeze is still to come: {frozen_at}.",
)
FROZEN_EARLIER = Text(
    "freeze_goes_back",
    "Thời điểm chốt số không được trước {earliest}, là lịch của năm ngân sách hoặc bản trước.",
    "The freeze may not be before {earliest}, that of the calendar or of the version before.",
)


class BudgetNotFrozen(DomainError):
    """The budget year is still being drafted: it can be consolidated from its freeze on."""

    text = Text(
        "budget_not_frozen",
        "Dự toán năm {year} chốt số lúc {freeze_at}; tổng hợp được từ lúc đó.",
        "Estimates for {year} freeze at {freeze_at}, and are consolidated from then on.",
    )


@dataclass(frozen=True)
class Head:
    """A version without its bytes."""

    id: UUID
    plan: str
    budget_year: int
    version: int
    authority: str
    frozen_at: datetime
    sha256: str
    built_at: datetime


def build(
    session: Session, *, body: BudgetConsolidationBody, by: Principal, at: datetime
) -> tuple[Head, bool]:
    """Build the next version from what was received before its freeze; tell whether it is new.

    Where nothing differs from the last version of the same freeze, it is that one. Raises Invalid,
    BudgetYearOutsidePlan, NotFinanceAuthority, BudgetNotFrozen.
    """
    plan = plan_of_year(session, plan=body.plan, year=body.budget_year)
    authority = _authority(session, by=by, at=at)
    session.exec(select(Plan.slug).where(Plan.slug == plan.slug).with_for_update()).one()
    last = session.exec(_versions(plan.slug, body.budget_year)).first()
    frozen_at = _freeze(session, body, last, at=at)

    def of(version: int) -> bytes:
        facts = facts_of(
            session,
            plan=plan,
            budget_year=body.budget_year,
            version=version,
            authority=authority,
            frozen_at=frozen_at,
        )
        return consolidated(facts)

    if last is not None and of(last.version) == last.content:
        return _head(last), False
    content = of(last.version + 1 if last else 1)
    made = BudgetConsolidation(
        id=new_id(at),
        plan_slug=plan.slug,
        budget_year=body.budget_year,
        version=last.version + 1 if last else 1,
        authority_key=authority,
        frozen_at=frozen_at,
        content=content,
        sha256=hashlib.sha256(content).hexdigest(),
        built_at=at,
        built_by=by.key_id,
    )
    session.add(made)
    session.flush()
    _audit(session, made, by, at)
    return _head(made), True


def versions(
    session: Session,
    *,
    by: Principal,
    at: datetime,
    plan: str | None = None,
    budget_year: int | None = None,
    after: UUID | None = None,
    limit: int,
) -> list[Head]:
    """Return the versions that a caller may see, in the order in which they were built."""
    statement = _visible(session, by=by, at=at)
    if plan is not None:
        statement = statement.where(BudgetConsolidation.plan_slug == plan)
    if budget_year is not None:
        statement = statement.where(BudgetConsolidation.budget_year == budget_year)
    if after is not None:
        statement = statement.where(col(BudgetConsolidation.id) > after)
    ordered = statement.order_by(col(BudgetConsolidation.id)).limit(limit)
    return [_head(row) for row in session.exec(ordered)]


def get_version(
    session: Session, *, version_id: UUID, by: Principal, at: datetime
) -> BudgetConsolidation:
    """Return a version with its bytes. Raises NotFound, also for who may not see it."""
    statement = _visible(session, by=by, at=at).where(BudgetConsolidation.id == version_id)
    found = session.exec(statement).first()
    if found is None:
        raise NotFound()
    return found


def _visible(
    session: Session, *, by: Principal, at: datetime
) -> SelectOfScalar[BudgetConsolidation]:
    """Return the select of the versions of an authority's own, or of all for the province.

    The focal unit consolidates the plan's reports, and the People's Committee decides on the
    money: they see what Sở Tài chính consolidated.
    """
    statement = select(BudgetConsolidation)
    if by.province_wide:
        return statement
    own = provincial_authorities(session, by=by, on=local_day(at))
    return statement.where(col(BudgetConsolidation.authority_key).in_(own))


def _authority(session: Session, *, by: Principal, at: datetime) -> str:
    found = provincial_authorities(session, by=by, on=local_day(at))
    if by.unit in found:
        return by.unit
    if len(found) != 1:
        raise not_provincial(session, on=local_day(at))
    return found.pop()


def _versions(plan: str, year: int) -> SelectOfScalar[BudgetConsolidation]:
    return (
        select(BudgetConsolidation)
        .where(BudgetConsolidation.plan_slug == plan, BudgetConsolidation.budget_year == year)
        .order_by(col(BudgetConsolidation.version).desc())
    )


def _freeze(
    session: Session,
    body: BudgetConsolidationBody,
    last: BudgetConsolidation | None,
    *,
    at: datetime,
) -> datetime:
    """Return the instant before which what was received is taken in."""
    calendar = calendar_of(session, plan=body.plan, year=body.budget_year)
    planned = None if calendar is None else calendar.freeze_at
    if planned is not None and at < planned:
        raise BudgetNotFrozen(year=body.budget_year, freeze_at=instant_text(planned))
    first = at if planned is None else planned
    frozen_at = body.frozen_at or (first if last is None else at)
    earliest = [one for one in (planned, last.frozen_at if last else None) if one is not None]
    if frozen_at > at:
        said = {"frozen_at": instant_text(frozen_at)}
        raise Invalid(Fault("/frozen_at", FROZEN_IN_FUTURE, said))
    if earliest and frozen_at < max(earliest):
        raise Invalid(
            Fault("/frozen_at", FROZEN_EARLIER, {"earliest": instant_text(max(earliest))})
        )
    return frozen_at


def _head(row: BudgetConsolidation) -> Head:
    return Head(
        row.id,
        row.plan_slug,
        row.budget_year,
        row.version,
        row.authority_key,
        row.frozen_at,
        row.sha256,
        row.built_at,
    )


def _audit(session: Session, made: BudgetConsolidation, by: Principal, at: datetime) -> None:
    after = {
        "plan": made.plan_slug,
        "budget_year": made.budget_year,
        "version": made.version,
        "frozen_at": instant_text(made.frozen_at),
        "sha256": made.sha256,
    }
    target, action = ("budget_consolidation", str(made.id)), "budget_consolidation.built"
    audit(session, by=by, at=at, action=action, target=target, after=after)
