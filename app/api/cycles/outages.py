"""Outages of the service that the province declares for a cycle."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from app.api.contract.refusing import refuses
from app.api.cycles.roster_schemas import OutageOut, OutagePage
from app.api.cycles.routes import cycle_in, parts_of
from app.api.cycles.schemas import CycleKey
from app.api.deps import CanManageCycles, CanReadReference
from app.api.pagination import ListOf, ListQuery, NextPage
from app.api.strict import StrictRoute
from app.domain.cycles.bodies import OutageBody, OutageWithdrawalBody
from app.domain.cycles.models import DeclaredOutage
from app.domain.cycles.outages import declare_outage as declare
from app.domain.cycles.outages import declared_outages
from app.domain.cycles.outages import withdraw_outage as withdraw
from app.domain.cycles.province import NotProvince
from app.domain.fields import SMALL

router = APIRouter(tags=["Reporting cycles"], route_class=StrictRoute)

OUTAGES: ListOf[DeclaredOutage] = ListOf("outages", lambda row: (str(row.id),))
OutageId = Annotated[
    int,
    Path(
        ge=1,
        le=2**31 - 1,
        json_schema_extra=SMALL,
        description="Number of a declared outage (số thứ tự sự cố).",
    ),
]


@router.get("/reporting-cycles/{cycle}/outages")
def list_outages(
    caller: CanReadReference,
    cycle: CycleKey,
    query: Annotated[ListQuery, Query()],
    link: NextPage,
) -> OutagePage:
    """List the outages that were declared for a cycle, also those withdrawn, oldest first."""
    found = cycle_in(caller, cycle)
    every = declared_outages(caller.session, cycle_id=found.id)
    rows, cursor = OUTAGES.page_of_all(every, query, secret=caller.cursor_secret)
    return OutagePage(items=[OutageOut.of(row) for row in rows], next=link(cursor))


@router.post(
    "/reporting-cycles/{cycle}/outages",
    status_code=201,
    responses={
        200: {"model": OutageOut, "description": "It was declared before (không đổi)."},
        **refuses(NotProvince),
    },
)
def declare_outage(
    caller: CanManageCycles, cycle: CycleKey, body: OutageBody, response: Response
) -> OutageOut:
    """Declare a failure of the service, with its evidence.

    Where it took the last moments before a due instant, what comes before `accepts_until` is on
    time; it is shown with the outage. The same again is 200.
    """
    plan, code = parts_of(cycle)
    decided = declare(caller.session, plan=plan, code=code, body=body, by=caller.by, at=caller.at)
    response.status_code = 201 if decided.outcome == "created" else 200
    return OutageOut.of(decided.thing)


@router.post(
    "/reporting-cycles/{cycle}/outages/{outage_id}/withdraw", responses=refuses(NotProvince)
)
def withdraw_outage(
    caller: CanManageCycles, cycle: CycleKey, outage_id: OutageId, body: OutageWithdrawalBody
) -> OutageOut:
    """Withdraw a declared outage: it stays readable and moves nothing any more."""
    plan, code = parts_of(cycle)
    decided = withdraw(
        caller.session,
        plan=plan,
        code=code,
        outage_id=outage_id,
        reason=body.reason,
        by=caller.by,
        at=caller.at,
    )
    return OutageOut.of(decided.thing)
