"""Budget years of a plan, their calendars, and who may change them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from sqlmodel import Session, col, select

from app.domain.activities.checks import UNKNOWN_PLAN
from app.domain.activities.service import Precondition
from app.domain.audit.service import audit
from app.domain.budgets.bodies import CalendarBody
from app.domain.budgets.models import BudgetCalendar
from app.domain.budgets.rights import not_provincial, provincial_authorities
from app.domain.budgets.stages import BudgetYear, days_of
from app.domain.cycles.province import Decided, must_be_current
from app.domain.errors import DomainError, Fault, Invalid, NotFound, Text
from app.domain.period import instant_text, local_day
from app.domain.plans.models import Plan
from app.domain.principal import Principal
from app.domain.recorded import known, record
from app.domain.units.models import UnitVersion

Timeliness = Literal["on_time", "late", "after_freeze"]

CALENDAR_ORDER = Text(
    "budget_calendar_order",
    "Lịch phải theo thứ tự: mở, hạn của đơn vị, chốt số.",
    "A calendar opens before it is due, and freezes no earlier than that.",
)
CALENDAR_YEAR = Text(
    "budget_calendar_year",
    "Dự toán phải được chốt trước khi năm ngân sách {year} bắt đầu.",
    "Estimates freeze before the budget year {year} begins.",
)
CALENDAR_NOT_ASKED = Text(
    "budget_calendar_not_asked",
    "Năm {year} không lập dự toán (mục IV.2) nên không có lịch.",
    "There are no estimates for {year} (section IV.2), and so no calendar.",
)


class BudgetYearOutsidePlan(DomainError):
    """The budget year is none of the plan's years."""

    text = Text(
        "budget_year_outside_plan",
        "Kế hoạch {plan} thực hiện trong thời gian {period}, không có năm ngân sách {year}.",
        "The plan {plan} runs {period}; it has no budget year {year}.",
    )


def plan_of_year(session: Session, *, plan: str, year: int) -> Plan:
    """Return the plan that a budget year is one of. Raises Invalid, BudgetYearOutsidePlan."""
    found = session.get(Plan, plan)
    if found is None:
        raise Invalid(Fault("/plan", UNKNOWN_PLAN))
    if not days_of(year).overlaps(found.period):
        raise BudgetYearOutsidePlan(plan=plan, year=year, period=str(found.period))
    return found


def is_executed_only(plan: Plan, year: int) -> bool:
    """Tell whether a year is the plan's first: no estimates, only what was executed (IV.2)."""
    return year == plan.valid_from.year


def year_now(
    session: Session, plan: Plan, *, year: int, unit: UnitVersion, at: datetime
) -> BudgetYear:
    """Return a budget year as a unit meets it on an instant."""
    calendar, today = calendar_of(session, plan=plan.slug, year=year), local_day(at)
    return BudgetYear(
        year=year,
        executed_only=is_executed_only(plan, year),
        today=today,
        at=at,
        opens_at=None if calendar is None else calendar.opens_at,
        unit_ended=unit.valid_to is not None and unit.valid_to <= today,
    )


def calendar_of(session: Session, *, plan: str, year: int) -> BudgetCalendar | None:
    """Return the calendar of a budget year as it is known now, or None."""
    statement = select(BudgetCalendar).where(
        BudgetCalendar.plan_slug == plan, BudgetCalendar.budget_year == year, *known(BudgetCalendar)
    )
    return session.exec(statement).first()


def calendars(session: Session, *, plan: str | None = None) -> Sequence[BudgetCalendar]:
    """Return the calendars as they are known now, by plan and year."""
    statement = select(BudgetCalendar).where(*known(BudgetCalendar))
    if plan is not None:
        statement = statement.where(BudgetCalendar.plan_slug == plan)
    order = col(BudgetCalendar.plan_slug), col(BudgetCalendar.budget_year)
    return session.exec(statement.order_by(*order)).all()


def version_of(session: Session, calendar: BudgetCalendar) -> int:
    """Return the number of a calendar's version: how many were recorded until this one."""
    statement = select(BudgetCalendar.id).where(
        BudgetCalendar.plan_slug == calendar.plan_slug,
        BudgetCalendar.budget_year == calendar.budget_year,
        col(BudgetCalendar.id) <= calendar.id,
    )
    return len(session.exec(statement).all())


def timeliness(received_at: datetime | None, calendar: BudgetCalendar | None) -> Timeliness | None:
    """Return how a receipt stands to a calendar; None where either is missing."""
    if received_at is None or calendar is None:
        return None
    if received_at < calendar.due_at:
        return "on_time"
    return "late" if received_at < calendar.freeze_at else "after_freeze"


def change_calendar(
    session: Session,
    *,
    plan: str,
    year: int,
    body: CalendarBody,
    expected: Precondition | None,
    by: Principal,
    at: datetime,
) -> Decided[BudgetCalendar]:
    """Record another calendar of a budget year; timeliness is judged by it from now on.

    By the finance authority of the provincial budget, or who sees the province. The same again
    changes nothing. Raises NotFinanceAuthority, NotFound, BudgetYearOutsidePlan, Invalid,
    PreconditionRequired, RevisionChanged.
    """
    must_set_up(session, by=by, at=at)
    locked = select(Plan.slug).where(Plan.slug == plan).with_for_update(key_share=True)
    if session.exec(locked).first() is None:
        raise NotFound()
    _refuse(plan_of_year(session, plan=plan, year=year), year, body)
    new = BudgetCalendar(
        plan_slug=plan,
        budget_year=year,
        **body.model_dump(),
        provenance="decision",
        actor=by.unit,
        recorded_at=at,
    )
    current = calendar_of(session, plan=plan, year=year)
    ignored = {"id", "recorded_at", "superseded_at", "actor"}
    if current is not None:
        if current.model_dump(exclude=ignored) == new.model_dump(exclude=ignored):
            return Decided(current, "unchanged")
        must_be_current(expected, version=version_of(session, current))
    before = _noted(current) if current else None
    record(session, current, new)
    session.flush()
    target = ("budget_calendar", f"{plan}.{year}")
    action = "budget_calendar.changed"
    audit(session, by=by, at=at, action=action, target=target, before=before, after=_noted(new))
    return Decided(new, "changed" if current else "created")


def must_set_up(session: Session, *, by: Principal, at: datetime) -> None:
    """Let through who sees the province, or acts for the provincial budget's finance authority.

    Raises NotFinanceAuthority.
    """
    if not by.province_wide and not provincial_authorities(session, by=by, on=local_day(at)):
        raise not_provincial(session, on=local_day(at))


def _refuse(plan: Plan, year: int, body: CalendarBody) -> None:
    faults = []
    if is_executed_only(plan, year):
        faults.append(Fault("", CALENDAR_NOT_ASKED, {"year": year}))
    if not body.opens_at < body.due_at <= body.freeze_at:
        faults.append(Fault("/due_at", CALENDAR_ORDER))
    if local_day(body.freeze_at) >= days_of(year).bounds[0]:
        faults.append(Fault("/freeze_at", CALENDAR_YEAR, {"year": year}))
    if faults:
        raise Invalid(*faults)


def _noted(calendar: BudgetCalendar) -> dict[str, object]:
    names = ("opens_at", "due_at", "freeze_at")
    instants = {name: instant_text(getattr(calendar, name)) for name in names}
    return {**instants, "reason": calendar.reason}
