"""Reporting cycles and who must report in them."""

from typing import Annotated

from fastapi import APIRouter, Query

from app.api.cycles.schemas import (
    CycleKey,
    CycleOut,
    CyclePage,
    CycleQuery,
    RosterPage,
    RosterQuery,
    RosterRowOut,
)
from app.api.deps import CanReadReference
from app.api.pagination import ListOf, NextPage
from app.api.strict import StrictRoute
from app.domain.cycles.queries import Cycle, Duty, cycles, roster
from app.domain.cycles.queries import get_cycle as cycle_of

router = APIRouter(tags=["Reporting cycles"], route_class=StrictRoute)

CYCLES: ListOf[Cycle] = ListOf("reporting-cycles", lambda row: (row.plan, row.code))
ROSTER: ListOf[Duty] = ListOf("roster", lambda row: (row.unit.unit_key,))


@router.get("/reporting-cycles")
def list_reporting_cycles(
    caller: CanReadReference, query: Annotated[CycleQuery, Query()], link: NextPage
) -> CyclePage:
    """List the cycles that are open, by plan and year."""
    found = cycles(caller.session, plan=query.plan, year=query.year)
    rows, cursor = CYCLES.page_of_all(found, query, secret=caller.cursor_secret)
    return CyclePage(items=[CycleOut.of(row) for row in rows], next=link(cursor))


@router.get("/reporting-cycles/{cycle}")
def get_reporting_cycle(caller: CanReadReference, cycle: CycleKey) -> CycleOut:
    """Read a cycle: its window, its due instant."""
    return CycleOut.of(_cycle(caller, cycle))


@router.get("/reporting-cycles/{cycle}/roster")
def list_roster(
    caller: CanReadReference,
    cycle: CycleKey,
    query: Annotated[RosterQuery, Query()],
    link: NextPage,
) -> RosterPage:
    """List who is to report in a cycle, and why."""
    found = roster(caller.session, cycle_id=_cycle(caller, cycle).id)
    narrowed = [row for row in found if query.basis in (None, row.basis)]
    rows, cursor = ROSTER.page_of_all(narrowed, query, secret=caller.cursor_secret)
    return RosterPage(items=[RosterRowOut.of(row) for row in rows], next=link(cursor))


def _cycle(caller: CanReadReference, key: str) -> Cycle:
    plan, _, code = key.rpartition(".")
    return cycle_of(caller.session, plan=plan, code=code)
