"""Checking what an estimate is begun for: item, source, and that the unit leads the item."""

from collections.abc import Iterator
from datetime import date
from typing import Final

from sqlmodel import Session

from app.domain.activities.checks import UNKNOWN_ITEM
from app.domain.assignments.queries import assignments_on
from app.domain.budgets.bodies import EstimateBody
from app.domain.budgets.rights import authority_of
from app.domain.budgets.stages import days_of
from app.domain.catalogue.queries import codes
from app.domain.errors import Fault, Text
from app.domain.plans.models import Plan
from app.domain.reference import Reference
from app.domain.units.models import UnitVersion
from app.domain.units.queries import UNIT_NOT_IN_BEING

NOT_LEAD = Text(
    "not_lead_of_item",
    "Đơn vị {unit} không chủ trì mục {item} nên không lập dự toán cho mục này (mục IV.3).",
    "The unit {unit} does not lead the item {item}: only lead units draft estimates (IV.3).",
)
UNKNOWN_SOURCE = Text(
    "funding_source_not_open",
    "Đơn vị không dùng nguồn kinh phí «{source}» trong năm ngân sách {year}: chỉ ngân sách nhà "
    "nước cấp mình và nguồn hợp pháp khác (mục IV.1).",
    "The unit has no funding source `{source}` in the budget year {year}: only the state budget of "
    "its level and other lawful sources (IV.1).",
)
_STATE_BUDGET: Final = "state_budget_"


def leads(session: Session, *, plan: str, unit: UnitVersion, above: set[str], on: date) -> set[str]:
    """Return the items that a unit leads on a day, itself or by a unit above it (IV.3)."""
    keys = above | {unit.unit_key}
    found = assignments_on(session, on=on, plan=plan, role="lead")
    return {one.assignment.item_code for one in found if one.units & keys}


def first_day(plan: Plan, year: int, unit: UnitVersion) -> date | None:
    """Return the first day of a budget year, within the plan, on which a unit is in being."""
    days = days_of(year).intersect(plan.period)
    both = None if days is None else days.intersect(unit.period)
    return None if both is None else both.bounds[0]


def faults_of_estimate(
    session: Session,
    reference: Reference,
    *,
    plan: Plan,
    unit: UnitVersion,
    body: EstimateBody,
    today: date,
) -> Iterator[Fault]:
    """Yield what is wrong with the unit, the item or the source of an estimate to begin."""
    on = first_day(plan, body.budget_year, unit)
    if on is None:
        days = days_of(body.budget_year)
        apart = {"unit": unit.unit_key, "on": str(days), "periods": str(unit.period)}
        yield Fault("/unit", UNIT_NOT_IN_BEING, apart)
        return
    items = reference.items(plan.slug)
    if body.plan_item not in items:
        yield Fault("/plan_item", UNKNOWN_ITEM, {"item": body.plan_item}, permitted=[*items])
    else:
        above = {one.unit_key for one in reference.above(unit, on)}
        led = leads(session, plan=plan.slug, unit=unit, above=above, on=on)
        if body.plan_item not in led:
            said = {"unit": unit.unit_key, "item": body.plan_item}
            permitted = [code for code in items if code in led]
            yield Fault("/plan_item", NOT_LEAD, said, permitted=permitted)
    sources = _sources(session, unit, year=body.budget_year, on=today)
    if body.source not in sources:
        told: dict[str, str | int] = {"source": body.source, "year": body.budget_year}
        yield Fault("/source", UNKNOWN_SOURCE, told, permitted=sources)


def _sources(session: Session, unit: UnitVersion, *, year: int, on: date) -> list[str]:
    """Return the sources of a unit's level that are in use on some day of a budget year."""
    authority = authority_of(session, unit, on=on)
    own = f"{_STATE_BUDGET}{authority.level if authority else unit.level}"
    return [
        entry.code
        for entry in codes(session, list_="funding_source")
        if entry.period.overlaps(days_of(year))
        and (entry.code == own or not entry.code.startswith(_STATE_BUDGET))
    ]
