"""Who answers for units that ended, and who holds the dated roles of a plan's reporting."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.api.contract.refusing import refuses
from app.api.deps import CanManageCycles, CanReadReference
from app.api.pagination import ListOf, NextPage
from app.api.stewardships.schemas import (
    DecidedStewardshipOut,
    StewardshipOut,
    StewardshipPage,
    StewardshipQuery,
    UnitRoleOut,
    UnitRolePage,
    UnitRoleQuery,
)
from app.api.strict import StrictRoute
from app.domain.assignments.models import UnitRole
from app.domain.assignments.roles import unit_roles
from app.domain.cycles.bodies import StewardshipBody
from app.domain.cycles.handing_over import hand_over
from app.domain.cycles.models import Stewardship
from app.domain.cycles.province import NotProvince
from app.domain.cycles.stewardships import stewardships
from app.domain.units.queries import bearing

router = APIRouter(tags=["Units"], route_class=StrictRoute)

STEWARDSHIPS: ListOf[Stewardship] = ListOf("stewardships", lambda row: (str(row.id),))
ROLES: ListOf[UnitRole] = ListOf("unit-roles", lambda row: (str(row.id),))


@router.get("/stewardships")
def list_stewardships(
    caller: CanReadReference, query: Annotated[StewardshipQuery, Query()], link: NextPage
) -> StewardshipPage:
    """List who answers for which ended unit, by the ended unit's key."""
    units = None
    if query.unit is not None:
        units = [unit.unit_key for unit in bearing(caller.session, query.unit)]
    found = stewardships(caller.session, units=units, on=query.on)
    rows, cursor = STEWARDSHIPS.page_of_all(found, query, secret=caller.cursor_secret)
    return StewardshipPage(items=[StewardshipOut.of(row) for row in rows], next=link(cursor))


@router.post(
    "/stewardships",
    status_code=201,
    responses={
        200: {
            "model": DecidedStewardshipOut,
            "description": "It was so already; nothing was recorded (không đổi).",
        },
        **refuses(NotProvince),
    },
)
def decide_stewardship(
    caller: CanManageCycles, body: StewardshipBody, response: Response
) -> DecidedStewardshipOut:
    """Decide who answers for an ended unit from a day on, until another decision.

    By the focal unit, the People's Committee's office or the province. The steward reads and
    corrects the ended unit's records, and files what it still owes. Whoever answered for it before
    does so until that day. The same again is 200 and `unchanged`.
    """
    decided = hand_over(caller.session, body=body, by=caller.by, at=caller.at)
    response.status_code = 200 if decided.outcome == "unchanged" else 201
    return DecidedStewardshipOut.after(decided)


@router.get("/unit-roles")
def list_unit_roles(
    caller: CanReadReference, query: Annotated[UnitRoleQuery, Query()], link: NextPage
) -> UnitRolePage:
    """List who holds the dated roles: the focal unit, the People's Committee's office."""
    found = unit_roles(caller.session, plan=query.plan, role=query.role, on=query.on)
    rows, cursor = ROLES.page_of_all(found, query, secret=caller.cursor_secret)
    return UnitRolePage(items=[UnitRoleOut.of(row) for row in rows], next=link(cursor))
