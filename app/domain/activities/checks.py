"""Checking an activity report against the plan, the register and the catalogue.

All of it is asked of `Reference`, which remembers: a check costs no statement.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from app.domain.activities.amounts import scaled
from app.domain.activities.body import ActivityBody
from app.domain.catalogue.models import IndicatorVersion
from app.domain.errors import DAY_IN_FUTURE, Fault, Invalid, Text
from app.domain.plans.models import ContentTheme, Plan
from app.domain.reference import Reference
from app.domain.units.models import UnitVersion

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
CROSSES_WINDOW = Text(
    "summary_crosses_window",
    "Hoạt động gộp không được vượt qua kỳ báo cáo {window}; hãy tách theo kỳ.",
    "A summary may not cross the reporting cycle's window, {window}: send one for each.",
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
NOT_ON_BEHALF = Text(
    "on_behalf_not_possible",
    "Chỉ cơ quan đầu mối {focal} được nhập thay, và chỉ cho đơn vị khác.",
    "Only the focal unit {focal} enters on behalf, and only for another unit.",
)
INCOMING_TOO_EARLY = Text(
    "incoming_too_early",
    "Ngày đến của văn bản không thể trước ngày {day} mà văn bản báo cáo.",
    "The document cannot have come in before {day}, which it reports on.",
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
    reference: Reference, *, body: ActivityBody, above: list[UnitVersion], today: date
) -> Checked:
    """Check a body against everything the service knows. Raises Invalid with every fault.

    `above` is the body's unit and the units above it on the day, nearest first.
    """
    plan = reference.plan(body.plan)
    if plan is None:
        raise Invalid(Fault("/plan", UNKNOWN_PLAN))
    catalogue = reference.indicators(plan.slug)
    themes = reference.themes(plan.slug)
    participants: list[str] = []
    faults = [
        *_days(reference, body, plan, above[0], today),
        *_incoming(body, today),
        *_item(reference, body),
        *_themes(body, themes),
        *_codes(reference, body),
        *_measures(body, catalogue),
        *_participants(reference, body, participants),
    ]
    if faults:
        raise Invalid(*faults)
    return Checked(
        participants=tuple(sorted(set(participants))),
        amounts=tuple(
            scaled(measure.value, catalogue[measure.indicator].decimals) or 0
            for measure in body.measures
        ),
        outside_assignment=not reference.assigned(
            plan=body.plan, item=body.plan_item, above=above, on=body.occurred_on
        ),
        theme_outside_phase=any(
            body.occurred_on not in themes[code].period for code in body.content_themes
        ),
    )


def _days(
    reference: Reference, body: ActivityBody, plan: Plan, unit: UnitVersion, today: date
) -> Iterator[Fault]:
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
        return
    window = reference.window(plan.slug, body.occurred_on)
    if body.ended_on not in window:
        yield Fault("/ended_on", CROSSES_WINDOW, {"window": str(window)})
    if body.ended_on not in unit.period:
        yield Fault("/ended_on", CROSSES_HANDOVER, {"period": str(unit.period)})


def _incoming(body: ActivityBody, today: date) -> Iterator[Fault]:
    if body.on_behalf is None:
        return
    incoming, last = body.on_behalf.incoming_on, body.ended_on or body.occurred_on
    if incoming > today:
        yield Fault("/on_behalf/incoming_on", DAY_IN_FUTURE, {"today": str(today)})
    if incoming < last:
        yield Fault("/on_behalf/incoming_on", INCOMING_TOO_EARLY, {"day": str(last)})


def _item(reference: Reference, body: ActivityBody) -> Iterator[Fault]:
    known = reference.items(body.plan)
    if body.plan_item not in known:
        yield Fault("/plan_item", UNKNOWN_ITEM, {"item": body.plan_item}, permitted=list(known))


def _themes(body: ActivityBody, known: dict[str, ContentTheme]) -> Iterator[Fault]:
    for index, code in enumerate(body.content_themes):
        if code not in known:
            pointer = f"/content_themes/{index}"
            yield Fault(pointer, UNKNOWN_THEME, {"theme": code}, permitted=list(known))


def _codes(reference: Reference, body: ActivityBody) -> Iterator[Fault]:
    used = [("/channel", "channel", body.channel)]
    if body.format is not None:
        used.append(("/format", "format", body.format))
    used += [(f"/languages/{i}", "language", code) for i, code in enumerate(body.languages)]
    used += [
        (f"/expenditure/{i}/source", "funding_source", row.source)
        for i, row in enumerate(body.expenditure)
    ]
    for pointer, list_, code in used:
        known = reference.codes(list_, body.occurred_on)
        if code not in known:
            params = {"list": list_, "code": code, "on": str(body.occurred_on)}
            yield Fault(pointer, UNKNOWN_CODE, params, permitted=list(known))
    sources = [row.source for row in body.expenditure]
    for index, source in enumerate(sources):
        if source in sources[:index]:
            yield Fault(f"/expenditure/{index}/source", GIVEN_TWICE)


def _measures(body: ActivityBody, catalogue: dict[str, IndicatorVersion]) -> Iterator[Fault]:
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
                    code for code, other in catalogue.items() if body.plan_item in other.items
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


def _participants(reference: Reference, body: ActivityBody, found: list[str]) -> Iterator[Fault]:
    for index, code in enumerate(body.participants):
        try:
            unit = reference.unit(code, body.occurred_on, f"/participants/{index}")
        except Invalid as refusal:
            yield from refusal.faults
        else:
            found.append(unit.unit_key)
