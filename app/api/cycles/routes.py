"""Reporting cycles: what is open, extra ones, and the province's changes."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.api.contract.refusing import refuses
from app.api.cycles.schemas import (
    CycleKey,
    CycleOut,
    CyclePage,
    CycleQuery,
    DecidedCycleOut,
    KnownAtQuery,
)
from app.api.deps import Caller, CanManageCycles, CanReadReference
from app.api.pagination import ListOf, NextPage
from app.api.preconditions import IfMatch, etag
from app.api.strict import StrictRoute
from app.domain.cycles.bodies import CycleBody, ExtraCycleBody
from app.domain.cycles.changing import change_cycle
from app.domain.cycles.extra import CycleExists, open_extra_cycle
from app.domain.cycles.province import NotProvince
from app.domain.cycles.queries import Cycle, cycles
from app.domain.cycles.queries import get_cycle as cycle_of

router = APIRouter(tags=["Reporting cycles"], route_class=StrictRoute)

CYCLES: ListOf[Cycle] = ListOf("reporting-cycles", lambda row: (row.plan, row.code))


def parts_of(key: str) -> tuple[str, str]:
    """Return the plan and the code of a cycle's key."""
    plan, _, code = key.rpartition(".")
    return plan, code


def cycle_in(caller: Caller, key: str) -> Cycle:
    """Return the cycle with a key. Raises NotFound."""
    plan, code = parts_of(key)
    return cycle_of(caller.session, plan=plan, code=code)


@router.get("/reporting-cycles")
def list_reporting_cycles(
    caller: CanReadReference, query: Annotated[CycleQuery, Query()], link: NextPage
) -> CyclePage:
    """List the cycles that are open, by plan and code."""
    found = cycles(caller.session, plan=query.plan, year=query.year, kind=query.kind)
    rows, cursor = CYCLES.page_of_all(found, query, secret=caller.cursor_secret)
    return CyclePage(items=[CycleOut.of(row) for row in rows], next=link(cursor))


@router.post(
    "/reporting-cycles",
    status_code=201,
    responses={
        200: {
            "model": DecidedCycleOut,
            "description": "It was opened with this before (không đổi).",
        },
        **refuses(CycleExists, NotProvince),
    },
)
def open_reporting_cycle(
    caller: CanManageCycles, body: ExtraCycleBody, response: Response
) -> DecidedCycleOut:
    """Open an extra cycle, periodic or on request (V.2.1), for the units that are named.

    By the focal unit, the People's Committee's office or the province. Each unit gets a row of
    the basis `requested`. Extra cycles never feed yearly ones. Safe to send again: the same body
    is 200 and `unchanged`, another one under the code is 409 `cycle_exists`.
    """
    decided = open_extra_cycle(caller.session, body=body, by=caller.by, at=caller.at)
    response.status_code = 201 if decided.outcome == "created" else 200
    response.headers["Location"] = f"/v1/reporting-cycles/{decided.thing.key}"
    response.headers["ETag"] = etag(decided.thing.version)
    return DecidedCycleOut.after(decided)


@router.get("/reporting-cycles/{cycle}")
def get_reporting_cycle(
    caller: CanReadReference,
    cycle: CycleKey,
    query: Annotated[KnownAtQuery, Query()],
    response: Response,
) -> CycleOut:
    """Read a cycle: its window, its due instants, what it asks about; its ETag is for If-Match."""
    plan, code = parts_of(cycle)
    found = cycle_of(caller.session, plan=plan, code=code, known_at=query.known_at)
    response.headers["ETag"] = etag(found.version)
    return CycleOut.of(found)


@router.put("/reporting-cycles/{cycle}", responses=refuses(NotProvince))
def change_reporting_cycle(
    caller: CanManageCycles,
    cycle: CycleKey,
    body: CycleBody,
    if_match: IfMatch,
    response: Response,
) -> DecidedCycleOut:
    """Change a cycle, with a reason: everything that it says, anew, as the province's decision.

    `If-Match` names the version that is changed. The roster follows: a row whose due instant was
    the cycle's gets the new one, and days that came of the window come of the new window; a row's
    own stay. Every version stays readable by `known_at`.
    """
    plan, code = parts_of(cycle)
    decided = change_cycle(
        caller.session,
        plan=plan,
        code=code,
        body=body,
        expected=if_match,
        by=caller.by,
        at=caller.at,
    )
    response.headers["ETag"] = etag(decided.thing.version)
    return DecidedCycleOut.after(decided)
