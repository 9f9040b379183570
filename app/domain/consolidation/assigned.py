"""Which items of the plan each roster row answers for: read in a few statements, whatever rows."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final

from pydantic import Field, TypeAdapter
from sqlmodel import Session, col, select

from app.domain.assignments.models import Assignment, UnitGroupRule
from app.domain.cycles.queries import Cycle, Duty
from app.domain.period import Period
from app.domain.plans.document import BodiesByKind, PlacesByLevel
from app.domain.plans.models import PlanItem
from app.domain.recorded import known
from app.domain.units.hierarchy_queries import Register, load_register
from app.domain.units.models import UnitVersion

_PARTS: Final[TypeAdapter[list[BodiesByKind | PlacesByLevel]]] = TypeAdapter(
    list[Annotated[BodiesByKind | PlacesByLevel, Field(discriminator="by")]]
)
_ALWAYS: Final = Period()


def assigned_items(
    session: Session, *, cycle: Cycle, duties: Sequence[Duty], known_at: datetime
) -> dict[str, tuple[str, ...]]:
    """Return, by unit key, the items for which each roster row answers, in the plan's order.

    A row answers for an item that its unit leads (thực hiện, chủ trì) on a day that the row
    covers, by itself or in a group; one with the basis `requested` also for those on which it is
    requested. Coordination alone is no duty, an open group selects nobody, and funding rules
    (section IV) are not reported on. Of an extra cycle that names its items the request itself
    is the assignment: who is asked answers for all that is asked.
    """
    items = _items(session, cycle)
    rows = _assignments(session, cycle.plan, known_at)
    groups = _Groups(session, cycle.plan, known_at)
    found = {}
    for duty in duties:
        if cycle.items is not None and cycle.kind != "yearly" and duty.basis == "requested":
            found[duty.unit.unit_key] = tuple(items)
            continue
        roles = ("lead", "requested") if duty.basis == "requested" else ("lead",)
        answers = {
            row.item_code
            for row in rows
            if row.role in roles and _holds(row, duty.unit, duty.covers, groups)
        }
        found[duty.unit.unit_key] = tuple(item for item in items if item in answers)
    return found


def _holds(row: Assignment, unit: UnitVersion, covers: Period, groups: "_Groups") -> bool:
    days = _common(row.period, covers, unit.period)
    if days is None:
        return False
    if row.group_key is None:
        return row.unit_key == unit.unit_key
    return groups.select(row.group_key, unit, days)


def _items(session: Session, cycle: Cycle) -> list[str]:
    statement = (
        select(PlanItem.code)
        .where(PlanItem.plan_slug == cycle.plan, PlanItem.kind != "funding_rule")
        .order_by(col(PlanItem.ordinal))
    )
    return [code for code in session.exec(statement) if cycle.items is None or code in cycle.items]


def _assignments(session: Session, plan: str, known_at: datetime) -> Sequence[Assignment]:
    statement = select(Assignment).where(
        Assignment.plan_slug == plan,
        Assignment.role != "coordinating",
        *known(Assignment, at=known_at),
    )
    return session.exec(statement).all()


@dataclass(frozen=True)
class _Place:
    """A part of a group that selects territories: the roots, and the ground that they had."""

    rule: PlacesByLevel
    roots: frozenset[str]
    ground: frozenset[str] | None


class _Groups:
    """A plan's groups as they were known, each asked of single units and spans of days."""

    def __init__(self, session: Session, plan: str, known_at: datetime) -> None:
        parts = {
            rule.group_key: _PARTS.validate_python(rule.members, strict=False)
            for rule in session.exec(
                select(UnitGroupRule).where(
                    UnitGroupRule.plan_slug == plan,
                    col(UnitGroupRule.open).is_(False),
                    *known(UnitGroupRule, at=known_at),
                )
            )
        }
        register = load_register(session, known_at=known_at)
        self._hierarchy = register.hierarchy()
        self._parts: dict[str, list[BodiesByKind | _Place]] = defaultdict(list)
        bearers = _bearers(session, parts, known_at)
        for group, rules in parts.items():
            for rule in rules:
                self._parts[group].append(
                    rule if isinstance(rule, BodiesByKind) else _place(rule, bearers, register)
                )
        self._answers: dict[tuple[str, str, Period], bool] = {}

    def select(self, group: str, unit: UnitVersion, days: Period) -> bool:
        """Tell whether a group selects a unit on any of the days, on all of which it is there."""
        asked = (group, unit.unit_key, days)
        if asked not in self._answers:
            self._answers[asked] = any(
                unit.kind in part.kinds
                if isinstance(part, BodiesByKind)
                else self._within(part, unit, days)
                for part in self._parts[group]
            )
        return self._answers[asked]

    def _within(self, part: _Place, unit: UnitVersion, days: Period) -> bool:
        span = _common(days, part.rule.days)
        if unit.level != part.rule.level or span is None:
            return False
        if part.ground is not None and unit.unit_key not in part.ground:
            return False
        return any(
            above in part.roots
            for day in self._hierarchy.steps(unit.unit_key, span)
            for above in self._hierarchy.line(unit.unit_key, on=day)
        )


def _bearers(
    session: Session, parts: Mapping[str, Sequence[Any]], known_at: datetime
) -> dict[str, list[str]]:
    """Return the units that bear the territory codes of group rules, or have them as their key.

    Oldest first: a code passes from one unit to the next (51 is the province before and after).
    """
    named = {
        reference
        for rules in parts.values()
        for rule in rules
        if isinstance(rule, PlacesByLevel)
        for reference in (rule.within, rule.formerly_within)
        if reference is not None
    }
    found: dict[str, list[str]] = defaultdict(list)
    statement = (
        select(UnitVersion.unit_key, UnitVersion.code)
        .where(col(UnitVersion.code).in_(named) | col(UnitVersion.unit_key).in_(named))
        .where(*known(UnitVersion, at=known_at))
        .order_by(col(UnitVersion.valid_from).nulls_first())
    )
    for key, code in session.exec(statement):
        for reference in {key, code} & named:
            found[reference].append(key)
    return found


def _place(rule: PlacesByLevel, bearers: Mapping[str, list[str]], register: Register) -> _Place:
    former = rule.formerly_within
    return _Place(
        rule,
        roots=frozenset(bearers[rule.within]),
        ground=None if former is None else _ground(bearers[former][0], register),
    )


def _ground(root: str, register: Register) -> frozenset[str]:
    """Return the units that ever stood under `root`, and all that came of them."""
    below: dict[str, list[tuple[str, Period]]] = defaultdict(list)
    for unit, parent, start, end in register.parentages:
        below[parent].append((unit, Period(start, end)))
    ground, waiting = set(), [(root, _ALWAYS)]
    while waiting:
        above, days = waiting.pop()
        ground.add(above)
        for unit, period in below[above]:
            both = _common(days, period)
            if both is not None:
                waiting.append((unit, both))
    for predecessor, successor, _, _ in sorted(register.successions, key=lambda row: row[2]):
        if predecessor in ground:  # in the order of days: one pass is transitive
            ground.add(successor)
    return frozenset(ground)


def _common(first: Period, *others: Period) -> Period | None:
    """Return the days that lie in all periods, or None where there are none."""
    days: Period | None = first
    for other in others:
        days = None if days is None else days.intersect(other)
    return days
