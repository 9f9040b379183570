"""Checking an activity report against the plan, the register and the catalogue."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import defer
from sqlmodel import Session

from app.domain.activities.amounts import scaled
from app.domain.activities.body import ActivityBody
from app.domain.assignments.queries import assigned
from app.domain.catalogue.models import IndicatorVersion
from app.domain.catalogue.queries import codes, indicators
from app.domain.errors import DAY_IN_FUTURE, Fault, Invalid, Text
from app.domain.plans.models import ContentTheme, Plan, PlanItem
from app.domain.plans.queries import items, themes
from app.domain.units.models import UnitVersion
from app.domain.units.queries import resolve

UNKNOWN_PLAN = Text("unknown_plan", "Không có kế hoạch này.", "There is no such plan.")
UNKNOWN_ITEM = Text(
    "unknown_plan_item",
    "Kế hoạch không có hình thức, nhiệm vụ «{item}» để báo cáo hoạt động.",
    "The plan has no form or task `{item}` that activity can be reported for.",
)
UNKNOWN_THEME = Text(
    "unknown_content_theme",
    "Kế hoạch không có nội dung tuyên truyền «{theme}».",
    "The plan has no content theme `{theme}`.",
)
UNKNOWN_CODE = Text(
    "unknown_code",
    "Ngày {on} danh mục «{list}» không có mã «{code}».",
    "The list `{list}` has no code `{code}` on {on}.",
)
OUTSIDE_PLAN = Text(
    "day_outside_plan",
    "Ngày này nằm ngoài thời gian của kế hoạch, {period}.",
    "The day is outside the plan's period, {period}.",
)
DAYS_REVERSED = Text(
    "days_reversed",
    "Ngày kết thúc trước ngày bắt đầu.",
    "The last day is before the first.",
)
CROSSES_YEAR = Text(
    "summary_crosses_year",
    "Hoạt động gộp không được vượt qua năm báo cáo; hãy tách theo năm.",
    "A summary may not cross a reporting year: send one per year.",
)
CROSSES_HANDOVER = Text(
    "summary_crosses_handover",
    "Đơn vị chỉ tồn tại trong thời gian {period}; hãy tách hoạt động gộp tại ngày bàn giao.",
    "The unit is in being {period} only: split the summary at the handover.",
)
UNKNOWN_INDICATOR = Text(
    "unknown_indicator",
    "Hình thức, nhiệm vụ «{item}» không có chỉ tiêu «{indicator}».",
    "The item `{item}` has no indicator `{indicator}`.",
)
TOO_MANY_DECIMALS = Text(
    "too_many_decimals",
    "Chỉ tiêu «{indicator}» nhận nhiều nhất {decimals} chữ số thập phân.",
    "The indicator `{indicator}` takes at most {decimals} decimals.",
)
NO_REPOSTS = Text(
    "no_reposts",
    "Chỉ tiêu «{indicator}» không tách tin gốc và đăng lại.",
    "The indicator `{indicator}` does not tell originals and reposts apart.",
)
GIVEN_TWICE = Text(
    "given_twice", "Giá trị này đã có ở phần tử trước.", "An element before says this already."
)


@dataclass(frozen=True)
class Checked:
    """A body that passed: its participants' keys, scaled amounts, and two marks."""

    participants: tuple[str, ...]
    amounts: tuple[int, ...]
    outside_assignment: bool
    theme_outside_phase: bool


def check(
    session: Session, *, body: ActivityBody, above: Sequence[UnitVersion], today: date
) -> Checked:
    """Check a body against everything the service knows. Raises Invalid with every fault.

    `above` is the body's unit and the units above it on the day, nearest first.
    """
    unit = above[0]
    # Without its document: reading that would cost more than all the other checks.
    plan = session.get(Plan, body.plan, options=[defer(Plan.document)])  # type: ignore[arg-type]
    if plan is None:
        raise Invalid(Fault("/plan", UNKNOWN_PLAN))
    # Only what the body names is read; the whole lists are, where a fault has to show them.
    measured = {measure.indicator for measure in body.measures}
    catalogue = {
        row.indicator_code: row for row in indicators(session, plan=plan.slug, only=measured)
    }
    plan_themes = {
        row.code: row for row in themes(session, plan=plan.slug, only=body.content_themes)
    }
    participants: list[str] = []
    faults = [
        *_days(body, plan, unit, today),
        *_item(session, body),
        *_themes(session, body, plan_themes),
        *_codes(session, body),
        *_measures(session, body, catalogue),
        *_participants(session, body, participants),
    ]
    if faults:
        raise Invalid(*faults)
    return Checked(
        participants=tuple(sorted(set(participants))),
        amounts=tuple(
            scaled(measure.value, catalogue[measure.indicator].decimals) or 0
            for measure in body.measures
        ),
        outside_assignment=not assigned(
            session, plan=body.plan, item=body.plan_item, above=above, on=body.occurred_on
        ),
        theme_outside_phase=any(
            body.occurred_on not in plan_themes[code].period for code in body.content_themes
        ),
    )


def _days(body: ActivityBody, plan: Plan, unit: UnitVersion, today: date) -> Iterator[Fault]:
    days = {"/occurred_on": body.occurred_on}
    if body.ended_on is not None:
        days["/ended_on"] = body.ended_on
    for pointer, day in days.items():
        if day not in plan.period:
            yield Fault(pointer, OUTSIDE_PLAN, {"period": str(plan.period)})
        if day > today:
            yield Fault(pointer, DAY_IN_FUTURE, {"today": str(today)})
    if body.ended_on is None:
        return
    if body.ended_on < body.occurred_on:
        yield Fault("/ended_on", DAYS_REVERSED)
    if body.ended_on.year != body.occurred_on.year:
        yield Fault("/ended_on", CROSSES_YEAR)
    if body.ended_on not in unit.period:
        yield Fault("/ended_on", CROSSES_HANDOVER, {"period": str(unit.period)})


def _item(session: Session, body: ActivityBody) -> Iterator[Fault]:
    item = session.get(PlanItem, (body.plan, body.plan_item))
    if item is None or item.kind == "funding_rule":
        known = [i.code for i in items(session, plan=body.plan) if i.kind != "funding_rule"]
        yield Fault("/plan_item", UNKNOWN_ITEM, {"item": body.plan_item}, permitted=known)


def _themes(
    session: Session, body: ActivityBody, known: dict[str, ContentTheme]
) -> Iterator[Fault]:
    for index, code in enumerate(body.content_themes):
        if code not in known:
            permitted = [theme.code for theme in themes(session, plan=body.plan)]
            pointer = f"/content_themes/{index}"
            yield Fault(pointer, UNKNOWN_THEME, {"theme": code}, permitted=permitted)


def _codes(session: Session, body: ActivityBody) -> Iterator[Fault]:
    used = [("/channel", "channel", body.channel)]
    if body.format is not None:
        used.append(("/format", "format", body.format))
    used += [(f"/languages/{i}", "language", code) for i, code in enumerate(body.languages)]
    used += [
        (f"/expenditure/{i}/source", "funding_source", row.source)
        for i, row in enumerate(body.expenditure)
    ]
    found = codes(session, only={code for _, _, code in used})
    known = {(entry.list, entry.code) for entry in found if body.occurred_on in entry.period}
    for pointer, list_, code in used:
        if (list_, code) not in known:
            params = {"list": list_, "code": code, "on": str(body.occurred_on)}
            whole = codes(session, list_=list_)
            permitted = [entry.code for entry in whole if body.occurred_on in entry.period]
            yield Fault(pointer, UNKNOWN_CODE, params, permitted=permitted)
    sources = [row.source for row in body.expenditure]
    for index, source in enumerate(sources):
        if source in sources[:index]:
            yield Fault(f"/expenditure/{index}/source", GIVEN_TWICE)


def _measures(
    session: Session, body: ActivityBody, catalogue: dict[str, IndicatorVersion]
) -> Iterator[Fault]:
    seen: set[tuple[str, str]] = set()
    for index, measure in enumerate(body.measures):
        pointer, params = f"/measures/{index}", {"indicator": measure.indicator}
        row = catalogue.get(measure.indicator)
        if row is None or body.plan_item not in row.items:
            yield Fault(
                f"{pointer}/indicator",
                UNKNOWN_INDICATOR,
                {**params, "item": body.plan_item},
                permitted=[
                    fitting.indicator_code
                    for fitting in indicators(session, plan=body.plan)
                    if body.plan_item in fitting.items
                ],
            )
            continue
        if scaled(measure.value, row.decimals) is None:
            yield Fault(f"{pointer}/value", TOO_MANY_DECIMALS, {**params, "decimals": row.decimals})
        if measure.origin == "repost" and not row.reposts:
            yield Fault(f"{pointer}/origin", NO_REPOSTS, params, permitted=["original"])
        if (measure.indicator, measure.origin) in seen:
            yield Fault(f"{pointer}/indicator", GIVEN_TWICE)
        seen.add((measure.indicator, measure.origin))


def _participants(session: Session, body: ActivityBody, found: list[str]) -> Iterator[Fault]:
    for index, reference in enumerate(body.participants):
        try:
            pointer = f"/participants/{index}"
            unit = resolve(session, reference, on=body.occurred_on, pointer=pointer)
        except Invalid as refusal:
            yield from refusal.faults
        else:
            found.append(unit.unit_key)
