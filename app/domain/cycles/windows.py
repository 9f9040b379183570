"""What a cycle's window and instants can be."""

from collections.abc import Iterator
from datetime import date, datetime

from sqlmodel import Session

from app.domain.cycles.bodies import CycleBody, ExtraCycleBody
from app.domain.cycles.queries import cycles
from app.domain.errors import Fault, Text
from app.domain.period import Period, instant_text
from app.domain.plans.models import Plan

WINDOW_EMPTY = Text(
    "window_empty",
    "Kỳ báo cáo phải kết thúc sau ngày bắt đầu.",
    "The window must end after it begins.",
)
WINDOW_OUTSIDE_PLAN = Text(
    "window_outside_plan",
    "Kỳ báo cáo phải nằm trong thời gian của kế hoạch, {period}.",
    "The window must lie in the plan's period, {period}.",
)
WINDOW_OVERLAPS = Text(
    "window_overlaps",
    "Trùng với kỳ báo cáo năm {cycle}, {window}: mỗi ngày thuộc một kỳ báo cáo năm.",
    "It overlaps the yearly cycle {cycle}, {window}: a day belongs to one yearly cycle.",
)
DUE_BEFORE_OPENING = Text(
    "due_before_opening",
    "Thời hạn phải sau thời điểm mở, {opens_at}.",
    "The due instant must be later than the opening, {opens_at}.",
)
SUPPLEMENT_BEFORE_DUE = Text(
    "supplement_before_due",
    "Hạn bổ sung cuối năm phải sau thời hạn báo cáo, {due_at}.",
    "The supplement's due instant must be later than the report's, {due_at}.",
)


def faults_of_dates(
    session: Session, body: CycleBody | ExtraCycleBody, *, plan: Plan, yearly: str | None
) -> Iterator[Fault]:
    """Yield what is wrong with a window and its instants.

    `yearly` is the code of the yearly cycle that they are meant for, None for an extra one, which
    may overlap any.
    """
    if body.window_from >= body.window_to:
        yield Fault("/window_to", WINDOW_EMPTY)
    else:
        window = Period(body.window_from, body.window_to)
        yield from _outside(window, plan)
        if yearly is not None:
            yield from overlapping(session, window, plan=plan.slug, but=yearly)
    if body.opens_at is not None and body.due_at <= body.opens_at:
        yield due_before_opening(body.opens_at)


def overlapping(session: Session, window: Period, *, plan: str, but: str) -> Iterator[Fault]:
    """Yield a fault for the first other yearly cycle with which a yearly window shares a day."""
    for other in cycles(session, plan=plan, kind="yearly"):
        if other.code != but and other.window.overlaps(window):
            params = {"cycle": other.code, "window": str(other.window)}
            yield Fault("/window_from", WINDOW_OVERLAPS, params)
            return


def due_before_opening(opens_at: datetime) -> Fault:
    """Return the fault of a due instant that is not later than the opening."""
    return Fault("/due_at", DUE_BEFORE_OPENING, {"opens_at": instant_text(opens_at)})


def _outside(window: Period, plan: Plan) -> Iterator[Fault]:
    days: dict[str, date] = dict(zip(("/window_from", "/window_to"), window.bounds, strict=True))
    for pointer, day in days.items():
        if not plan.valid_from <= day <= plan.valid_to:
            yield Fault(pointer, WINDOW_OUTSIDE_PLAN, {"period": str(plan.period)})
