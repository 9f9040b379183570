"""Who is in a group on a day, who is assigned to an item, and who holds a role."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Final

from pydantic import Field, TypeAdapter
from sqlmodel import Session, col, select

from app.domain.assignments.models import Assignment, UnitGroup, UnitGroupRule, UnitRole
from app.domain.errors import NotFound
from app.domain.plans.document import BodiesByKind, PlacesByLevel
from app.domain.plans.models import Plan, PlanItem
from app.domain.recorded import known
from app.domain.units.models import UnitSuccession, UnitVersion
from app.domain.units.queries import bearing, holds_on, in_being, subtree, units_on

_PART: Final[TypeAdapter[BodiesByKind | PlacesByLevel]] = TypeAdapter(
    Annotated[BodiesByKind | PlacesByLevel, Field(discriminator="by")]
)


def groups(session: Session, *, plan: str) -> Sequence[tuple[UnitGroup, UnitGroupRule]]:
    """Return a plan's unit groups with their rules, by key."""
    statement = (
        select(UnitGroup, UnitGroupRule)
        .join(
            UnitGroupRule,
            (col(UnitGroupRule.plan_slug) == UnitGroup.plan_slug)
            & (col(UnitGroupRule.group_key) == UnitGroup.key),
        )
        .where(UnitGroup.plan_slug == plan, *known(UnitGroupRule))
    )
    return session.exec(statement.order_by(col(UnitGroup.key))).all()


def get_group(session: Session, plan: str, key: str) -> tuple[UnitGroup, UnitGroupRule]:
    """Return one unit group with its rule. Raises NotFound."""
    for group, rule in groups(session, plan=plan):
        if group.key == key:
            return group, rule
    raise NotFound()


def members(session: Session, rule: UnitGroupRule, *, on: date) -> set[str]:
    """Return the keys of the units that a group selects on a day; none for an open group."""
    found: set[str] = set()
    for stored in rule.members:
        part = _PART.validate_python(stored, strict=False)
        if isinstance(part, PlacesByLevel):
            found |= _places(session, part, on)
        else:
            of_kind = col(UnitVersion.kind).in_(part.kinds)
            found |= set(session.exec(select(UnitVersion.unit_key).where(of_kind, *in_being(on))))
    return found


def _places(session: Session, part: PlacesByLevel, on: date) -> set[str]:
    if on not in part.days:
        return set()
    roots = [unit for unit in bearing(session, part.within) if on in unit.period]
    found = {
        unit.unit_key
        for root in roots
        for unit in session.exec(units_on(on, root=root.unit_key, level=part.level))
    }
    if part.formerly_within is None:
        return found
    ground = _ground_of(session, bearing(session, part.formerly_within)[0].unit_key)
    return found & ground


def _ground_of(session: Session, root: str) -> set[str]:
    """Return the units that ever stood under `root` and all that came of them."""
    ground = set(session.exec(select(subtree(root).c.unit_key)))
    successions = session.exec(
        select(UnitSuccession.predecessor_key, UnitSuccession.successor_key)
        .where(*known(UnitSuccession))
        .order_by(col(UnitSuccession.effective_on))
    )
    for predecessor, successor in successions:  # in the order of days: one pass is transitive
        if predecessor in ground:
            ground.add(successor)
    return ground


@dataclass(frozen=True)
class Assigned:
    """An assignment with the units that it selects on the day asked."""

    assignment: Assignment
    units: frozenset[str]


def assignments_on(
    session: Session,
    *,
    on: date,
    plan: str | None = None,
    item: str | None = None,
    role: str | None = None,
    unit: str | None = None,
) -> list[Assigned]:
    """Return the assignments that hold on a day, in the plan's order.

    `unit` keeps those that name the unit, or a group that selects it on that day.
    """
    statement = (
        select(Assignment)
        .join(
            PlanItem,
            (col(PlanItem.plan_slug) == Assignment.plan_slug)
            & (col(PlanItem.code) == Assignment.item_code),
        )
        .where(*holds_on(Assignment, on), *known(Assignment))
        .order_by(Assignment.plan_slug, col(PlanItem.ordinal), col(Assignment.id))
    )
    if plan is not None:
        statement = statement.where(Assignment.plan_slug == plan)
    if item is not None:
        statement = statement.where(Assignment.item_code == item)
    if role is not None:
        statement = statement.where(Assignment.role == role)
    selected = _Selections(session, on)
    found = [Assigned(row, selected.by(row)) for row in session.exec(statement)]
    return [one for one in found if unit is None or unit in one.units]


def assigned(
    session: Session, *, plan: str, item: str, above: Sequence[UnitVersion], on: date
) -> bool:
    """Tell whether an item is assigned to a unit, or to one above it, on a day.

    `above` is the unit and those above it, nearest first: an assignment covers the subtree.
    The same as looking for one of them in `assignments_on`, without resolving whole groups.
    """
    statement = (
        select(Assignment.unit_key, UnitGroupRule)
        .join(
            UnitGroupRule,
            (col(UnitGroupRule.plan_slug) == Assignment.plan_slug)
            & (col(UnitGroupRule.group_key) == Assignment.group_key)
            & col(UnitGroupRule.superseded_at).is_(None),
            isouter=True,
        )
        .where(Assignment.plan_slug == plan, Assignment.item_code == item)
        .where(*holds_on(Assignment, on), *known(Assignment))
    )
    keys = {unit.unit_key for unit in above}
    return any(
        unit_key in keys if rule is None else _selects(session, rule, above, on)
        for unit_key, rule in session.exec(statement)
    )


def _selects(session: Session, rule: UnitGroupRule, above: Sequence[UnitVersion], on: date) -> bool:
    """Tell whether a group selects any of a unit and those above it."""
    for stored in rule.members:
        part = _PART.validate_python(stored, strict=False)
        for place, unit in enumerate(above):
            if isinstance(part, BodiesByKind):
                if unit.kind in part.kinds:
                    return True
            elif (
                unit.level == part.level
                and on in part.days
                and part.within in {higher.code for higher in above[place:]}
            ):
                if part.formerly_within is None:
                    return True
                former = bearing(session, part.formerly_within)[0].unit_key
                if unit.unit_key in _ground_of(session, former):
                    return True
    return False


class _Selections:
    """The units behind assignments on one day, each group resolved once."""

    def __init__(self, session: Session, on: date) -> None:
        self._session, self._on = session, on
        self._groups: dict[tuple[str, str], frozenset[str]] = {}

    def by(self, row: Assignment) -> frozenset[str]:
        if row.group_key is None:
            return frozenset({row.unit_key} if row.unit_key else ())
        place = (row.plan_slug, row.group_key)
        if place not in self._groups:
            _, rule = get_group(self._session, *place)
            self._groups[place] = frozenset(members(self._session, rule, on=self._on))
        return self._groups[place]


def holders(session: Session, *, role: str, on: date, plan: str | None = None) -> set[str]:
    """Return the keys of the units that hold a role (focal unit …) on a day."""
    statement = select(UnitRole.unit_key).where(
        UnitRole.role == role, *holds_on(UnitRole, on), *known(UnitRole)
    )
    if plan is not None:
        statement = statement.where(UnitRole.plan_slug == plan)
    return set(session.exec(statement))


def sees_the_province(session: Session, *, unit: str, on: date) -> bool:
    """Tell whether the unit holds a role that sees the province, or is a plan's province."""
    role = select(UnitRole.id).where(
        UnitRole.unit_key == unit, *holds_on(UnitRole, on), *known(UnitRole)
    )
    province = (
        select(UnitVersion.id)
        .join(Plan, col(Plan.province_code) == UnitVersion.code)
        .where(UnitVersion.unit_key == unit, UnitVersion.level == "province", *in_being(on))
    )
    return bool(session.exec(select(role.exists() | province.exists())).one())
