"""Finding units: by code on a day, by key, and everything that stands under a unit."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import CTE, ColumnElement, Date, case, func, literal, type_coerce
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from app.domain.errors import Fault, Invalid, NotFound, Text
from app.domain.recorded import known
from app.domain.text import search_key
from app.domain.units.models import Unit, UnitParentage, UnitSuccession, UnitVersion

_FIRST_DAY, _LAST_DAY = date.min, date.max

UNKNOWN_UNIT = Text(
    "unknown_unit",
    "Không có đơn vị nào mang mã hoặc khóa «{unit}».",
    "No unit bears the code or key `{unit}`.",
)
UNIT_NOT_IN_BEING = Text(
    "unit_not_in_being",
    "Ngày {on} không có đơn vị «{unit}»; đơn vị này tồn tại trong thời gian {periods}.",
    "There is no unit `{unit}` on {on}; it is in being {periods}.",
)


def in_being(on: date) -> list[ColumnElement[bool]]:
    """Return the conditions that keep the unit versions in being on a day."""
    return [*holds_on(UnitVersion, on), *known(UnitVersion)]


def holds_on(table: Any, on: date) -> list[ColumnElement[bool]]:
    """Return the conditions that keep the rows whose valid_from/valid_to hold the day."""
    start, end = col(table.valid_from), col(table.valid_to)
    return [start.is_(None) | (start <= on), end.is_(None) | (end > on)]


def subtree(*roots: str, name: str = "subtree", nearest: bool = True) -> CTE:
    """Return a CTE of the roots and all that ever stood under them: unit_key, day_from, day_to.

    The days are half-open and never NULL. A unit may have several rows, for separate periods:
    join on the key and a day, and each unit is met at most once. `root` is the nearest root, the
    unit itself included: another root is in the tree for all days, so none is entered from above.
    Without `nearest` each root has its whole tree, those of others included, and a unit is met
    once for each root that it stands under.
    """

    def day(value: Any) -> ColumnElement[date]:
        return type_coerce(value, Date)

    top = (
        select(
            col(Unit.key).label("unit_key"),
            literal(_FIRST_DAY, Date).label("day_from"),
            literal(_LAST_DAY, Date).label("day_to"),
            col(Unit.key).label("root"),
        )
        .where(col(Unit.key).in_(roots))
        .cte(name, recursive=True)
    )
    start = func.coalesce(UnitParentage.valid_from, literal(_FIRST_DAY, Date))
    end = func.coalesce(UnitParentage.valid_to, literal(_LAST_DAY, Date))
    later = case((start > top.c.day_from, start), else_=top.c.day_from)
    earlier = case((end < top.c.day_to, end), else_=top.c.day_to)
    below = (
        select(col(UnitParentage.unit_key), day(later), day(earlier), top.c.root)
        .join(top, col(UnitParentage.parent_key) == top.c.unit_key)
        .where(later < earlier, *known(UnitParentage))
    )
    if nearest:
        below = below.where(col(UnitParentage.unit_key).not_in(roots))
    return top.union_all(below)


def keys_within(root: str, on: date) -> SelectOfScalar[str]:
    """Return the select of the keys of all units in the subtree of `root` on a day."""
    tree = subtree(root)
    return select(tree.c.unit_key).where(tree.c.day_from <= on, tree.c.day_to > on)


def units_on(
    on: date,
    *,
    root: str | None = None,
    level: str | None = None,
    kind: str | None = None,
    code: str | None = None,
    search: str | None = None,
) -> SelectOfScalar[UnitVersion]:
    """Return the select of the unit versions in being on a day, narrowed by what is given."""
    statement = select(UnitVersion).where(*in_being(on))
    if root is not None:
        statement = statement.where(col(UnitVersion.unit_key).in_(keys_within(root, on)))
    if level is not None:
        statement = statement.where(UnitVersion.level == level)
    if kind is not None:
        statement = statement.where(UnitVersion.kind == kind)
    if code is not None:
        statement = statement.where(UnitVersion.code == code)
    if search is not None:
        plain = search_key(search)
        statement = statement.where(col(UnitVersion.name_search).contains(plain, autoescape=True))
    return statement


def page_of_units(
    session: Session,
    statement: SelectOfScalar[UnitVersion],
    *,
    after: Sequence[str] | None,
    limit: int,
) -> Sequence[UnitVersion]:
    """Return units in the Vietnamese order of their names, from behind (name_sort, key)."""
    order = (col(UnitVersion.name_sort), col(UnitVersion.unit_key))
    if after is not None:
        name, key = after
        statement = statement.where((order[0] > name) | ((order[0] == name) & (order[1] > key)))
    return session.exec(statement.order_by(*order).limit(limit)).all()


def bearing(session: Session, reference: str) -> Sequence[UnitVersion]:
    """Return the units that bear a code, or the one with that key, oldest first."""
    bears = (UnitVersion.code == reference) | (UnitVersion.unit_key == reference)
    statement = select(UnitVersion).where(bears, *known(UnitVersion))
    return session.exec(statement.order_by(col(UnitVersion.valid_from).nulls_first())).all()


def resolve(session: Session, reference: str, *, on: date, pointer: str) -> UnitVersion:
    """Return the unit that bears the code (or has the key) on that day.

    A code is unique only within a period: 21238 is one body in 2024 and another in 2026.
    Raises Invalid with the fault `unknown_unit` or `unit_not_in_being` at `pointer`.
    """
    found = bearing(session, reference)
    for unit in found:
        if on in unit.period:
            return unit
    if not found:
        raise Invalid(Fault(pointer, UNKNOWN_UNIT, {"unit": reference}))
    periods = ", ".join(str(unit.period) for unit in found)
    raise Invalid(
        Fault(
            pointer,
            UNIT_NOT_IN_BEING,
            {"unit": reference, "on": str(on), "periods": periods},
            permitted=[unit.unit_key for unit in found],
        )
    )


def find(session: Session, reference: str, *, on: date) -> UnitVersion:
    """Return the unit of a path: by key, or by the code that it bears on that day.

    Raises NotFound.
    """
    for unit in bearing(session, reference):
        if unit.unit_key == reference or on in unit.period:
            return unit
    raise NotFound()


def versions_of(
    session: Session, keys: set[str], *, known_at: datetime | None = None
) -> dict[str, UnitVersion]:
    """Return what is known of these units today, or was at an instant, by key."""
    if not keys:
        return {}
    statement = select(UnitVersion).where(
        col(UnitVersion.unit_key).in_(keys), *known(UnitVersion, at=known_at)
    )
    return {unit.unit_key: unit for unit in session.exec(statement)}


def parents_on(
    session: Session, keys: set[str], on: date, *, known_at: datetime | None = None
) -> dict[str, str]:
    """Return the parent of each of these units on a day, where it has one."""
    statement = select(UnitParentage.unit_key, UnitParentage.parent_key).where(
        col(UnitParentage.unit_key).in_(keys),
        *holds_on(UnitParentage, on),
        *known(UnitParentage, at=known_at),
    )
    return dict(session.exec(statement).all())


def parentages(session: Session, key: str) -> Sequence[UnitParentage]:
    """Return a unit's places in the tree, oldest first."""
    statement = select(UnitParentage).where(UnitParentage.unit_key == key, *known(UnitParentage))
    return session.exec(statement.order_by(col(UnitParentage.valid_from).nulls_first())).all()


def predecessors(session: Session, key: str) -> Sequence[UnitSuccession]:
    """Return what passed to this unit, oldest first."""
    return _successions(session, col(UnitSuccession.successor_key) == key)


def successors(session: Session, key: str) -> Sequence[UnitSuccession]:
    """Return what passed from this unit, oldest first."""
    return _successions(session, col(UnitSuccession.predecessor_key) == key)


def _successions(session: Session, condition: ColumnElement[bool]) -> Sequence[UnitSuccession]:
    return session.exec(
        select(UnitSuccession)
        .where(condition, *known(UnitSuccession))
        .order_by(
            col(UnitSuccession.effective_on),
            col(UnitSuccession.predecessor_key),
            col(UnitSuccession.successor_key),
        )
    ).all()


def lineage(session: Session, unit: UnitVersion, on: date) -> list[UnitVersion]:
    """Return the unit and the units above it on a day, nearest first."""
    above = (
        select(col(UnitParentage.parent_key).label("key"), literal(1).label("distance"))
        .where(UnitParentage.unit_key == unit.unit_key)
        .where(*holds_on(UnitParentage, on), *known(UnitParentage))
        .cte("above", recursive=True)
    )
    above = above.union_all(
        select(col(UnitParentage.parent_key), above.c.distance + 1)
        .join(above, col(UnitParentage.unit_key) == above.c.key)
        .where(*holds_on(UnitParentage, on), *known(UnitParentage))
    )
    statement = (
        select(UnitVersion)
        .join(above, col(UnitVersion.unit_key) == above.c.key)
        .where(*known(UnitVersion))
        .order_by(above.c.distance)
    )
    return [unit, *session.exec(statement)]
