"""Units over time."""

from typing import Annotated

from fastapi import APIRouter, Query

from app.api.deps import CanReadReference
from app.api.pagination import ListOf, NextPage
from app.api.paths import UnitInPath
from app.api.strict import StrictRoute
from app.api.units.schemas import (
    OnQuery,
    ParentageOut,
    PlacedUnitOut,
    SuccessionOut,
    UnitHistoryOut,
    UnitOut,
    UnitPage,
    UnitQuery,
)
from app.domain.units.models import UnitVersion
from app.domain.units.queries import (
    bearing,
    find,
    page_of_units,
    parentages,
    parents_on,
    predecessors,
    resolve,
    successors,
    units_on,
)

router = APIRouter(tags=["Units"], route_class=StrictRoute)
UNITS: ListOf[UnitVersion] = ListOf("units", lambda unit: (unit.name_sort, unit.unit_key))


@router.get("/units")
def list_units(
    caller: CanReadReference, query: Annotated[UnitQuery, Query()], link: NextPage
) -> UnitPage:
    """List the units in being on a day, in Vietnamese order of their names."""
    on = query.on or caller.today
    root = None
    if query.within is not None:
        root = resolve(caller.session, query.within, on=on, pointer="?within").unit_key
    statement = units_on(
        on, root=root, level=query.level, kind=query.kind, code=query.code, search=query.search
    )
    rows = page_of_units(
        caller.session,
        statement,
        after=UNITS.after(query, secret=caller.cursor_secret),
        limit=query.limit + 1,
    )
    shown, cursor = UNITS.page(rows, query, secret=caller.cursor_secret)
    parents = parents_on(caller.session, {unit.unit_key for unit in shown}, on)
    return UnitPage(
        on=on,
        items=[
            PlacedUnitOut(**UnitOut.of(unit).model_dump(), parent=parents.get(unit.unit_key))
            for unit in shown
        ],
        next=link(cursor),
    )


@router.get("/units/{unit}")
def get_unit(
    caller: CanReadReference, unit: UnitInPath, query: Annotated[OnQuery, Query()]
) -> PlacedUnitOut:
    """Read a unit by its key, or by the code that it bears on a day."""
    on = query.on or caller.today
    found = find(caller.session, unit, on=on)
    parent = parents_on(caller.session, {found.unit_key}, on).get(found.unit_key)
    return PlacedUnitOut(**UnitOut.of(found).model_dump(), parent=parent)


@router.get("/units/{unit}/history")
def get_unit_history(
    caller: CanReadReference, unit: UnitInPath, query: Annotated[OnQuery, Query()]
) -> UnitHistoryOut:
    """Read a unit over time: its places in the tree, what passed to it and from it."""
    found = find(caller.session, unit, on=query.on or caller.today)
    return UnitHistoryOut(
        unit=UnitOut.of(found),
        parentages=[
            ParentageOut(parent=row.parent_key, valid_from=row.valid_from, valid_to=row.valid_to)
            for row in parentages(caller.session, found.unit_key)
        ],
        predecessors=[
            SuccessionOut.of(row) for row in predecessors(caller.session, found.unit_key)
        ],
        successors=[SuccessionOut.of(row) for row in successors(caller.session, found.unit_key)],
        same_code=[UnitOut.of(row) for row in bearing(caller.session, found.code)],
    )
