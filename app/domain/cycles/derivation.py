"""Who is on a roster: derived from the reporting clause and the assignments, on a day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlmodel import Session

from app.domain.assignments.queries import assignments_on, get_group, members
from app.domain.period import Period
from app.domain.plans.models import Plan
from app.domain.units.models import UnitVersion
from app.domain.units.queries import bearing, versions_of

_RANK: Final = {"ordered": 0, "requested": 1, "assigned_only": 2}


@dataclass(frozen=True)
class Derived:
    """Why a unit is on the roster, and over which days."""

    unit: UnitVersion
    basis: str
    reason: str
    covers: Period


def derive(session: Session, *, plan: Plan, window: Period, on: date) -> list[Derived]:
    """Return each unit's strongest duty on a day: ordered, else requested, else assigned.

    Coordination alone makes no row. A row covers the days of the window on which its unit is in
    being. What changes after that day changes the roster by amendments only. In the order of
    units' keys.
    """
    found: dict[str, dict[str, list[str]]] = {}
    for unit, basis, reason in _duties_on(session, plan, on):
        reasons = found.setdefault(unit, {}).setdefault(basis, [])
        if reason not in reasons:
            reasons.append(reason)
    units = versions_of(session, set(found))
    derived = []
    for key, by_basis in sorted(found.items()):
        basis = min(by_basis, key=_RANK.__getitem__)
        covers = units[key].period.intersect(window)
        if covers is not None:
            derived.append(Derived(units[key], basis, ", ".join(by_basis[basis]), covers))
    return derived


def _duties_on(session: Session, plan: Plan, on: date) -> Iterator[tuple[str, str, str]]:
    for party in plan.document["reporting"]["ordered"]:
        kind, _, key = party.partition(":")
        if kind == "group":
            group, rule = get_group(session, plan.slug, key)
            yield from ((unit, "ordered", group.name) for unit in members(session, rule, on=on))
        else:
            named = [unit for unit in bearing(session, key) if on in unit.period]
            yield from ((unit.unit_key, "ordered", unit.name) for unit in named)
    for assigned in assignments_on(session, on=on, plan=plan.slug):
        if assigned.assignment.role == "coordinating":
            continue
        basis = "requested" if assigned.assignment.role == "requested" else "assigned_only"
        for unit in assigned.units:
            yield unit, basis, assigned.assignment.item_code
