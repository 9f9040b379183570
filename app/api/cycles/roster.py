"""Who must report in a cycle, and the province's amendments."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.api.contract.refusing import refuses
from app.api.cycles.roster_schemas import (
    DecidedRosterRowOut,
    RosterPage,
    RosterQuery,
    RosterRowHistoryOut,
    RosterRowOut,
)
from app.api.cycles.routes import cycle_in, parts_of
from app.api.cycles.schemas import CycleKey
from app.api.deps import Caller, CanManageCycles, CanReadReference
from app.api.pagination import ListOf, NextPage
from app.api.paths import UnitInPath
from app.api.preconditions import IfMatch, etag
from app.api.strict import StrictRoute
from app.domain.cycles.bodies import AmendmentBody, ExemptionBody, ExtensionBody, RosterRowBody
from app.domain.cycles.province import Decided, NotProvince
from app.domain.cycles.queries import Duty, roster
from app.domain.cycles.roster import (
    RowExists,
    add_row,
    amend_row,
    exempt,
    extend,
    find_row,
    row_versions,
)
from app.domain.cycles.stewardships import stewards

router = APIRouter(tags=["Reporting cycles"], route_class=StrictRoute)

ROSTER: ListOf[Duty] = ListOf("roster", lambda row: (row.unit.unit_key,))


@router.get("/reporting-cycles/{cycle}/roster")
def list_roster(
    caller: CanReadReference,
    cycle: CycleKey,
    query: Annotated[RosterQuery, Query()],
    link: NextPage,
) -> RosterPage:
    """List who is to report in a cycle, and why; with `known_at`, as it was known then."""
    found = cycle_in(caller, cycle)
    rows = roster(caller.session, cycle_id=found.id, known_at=query.known_at)
    narrowed = [row for row in rows if query.basis in (None, row.basis)]
    shown, cursor = ROSTER.page_of_all(narrowed, query, secret=caller.cursor_secret)
    answering = stewards(caller.session, on=caller.today)
    return RosterPage(items=[RosterRowOut.of(row, answering) for row in shown], next=link(cursor))


@router.post(
    "/reporting-cycles/{cycle}/roster", status_code=201, responses=refuses(NotProvince, RowExists)
)
def add_roster_row(
    caller: CanManageCycles, cycle: CycleKey, body: RosterRowBody, response: Response
) -> RosterRowOut:
    """Put a unit on a roster, as the province's decision; 409 `row_exists` where it is on it."""
    plan, code = parts_of(cycle)
    row = add_row(caller.session, plan=plan, code=code, body=body, by=caller.by, at=caller.at)
    response.headers["Location"] = f"/v1/reporting-cycles/{cycle}/roster/{row.unit.unit_key}"
    response.headers["ETag"] = etag(row.version)
    return RosterRowOut.of(row, stewards(caller.session, on=caller.today))


@router.get("/reporting-cycles/{cycle}/roster/{unit}")
def get_roster_row(
    caller: CanReadReference, cycle: CycleKey, unit: UnitInPath, response: Response
) -> RosterRowOut:
    """Read a unit's row, by its key, or by a code that only one unit on the roster bore."""
    found = cycle_in(caller, cycle)
    row = find_row(caller.session, cycle=found, unit=unit)
    response.headers["ETag"] = etag(row.version)
    return RosterRowOut.of(row, stewards(caller.session, on=caller.today))


@router.put("/reporting-cycles/{cycle}/roster/{unit}", responses=refuses(NotProvince))
def amend_roster_row(
    caller: CanManageCycles,
    cycle: CycleKey,
    unit: UnitInPath,
    body: AmendmentBody,
    if_match: IfMatch,
    response: Response,
) -> DecidedRosterRowOut:
    """Amend a unit's row, with a reason; what was an assumption becomes a decision.

    `If-Match` names the version that is amended. What the row says already, by a decision, is
    `unchanged`. An extension stays, unless the due instant reaches it.
    """
    plan, code = parts_of(cycle)
    decided = amend_row(
        caller.session,
        plan=plan,
        code=code,
        unit=unit,
        body=body,
        expected=if_match,
        by=caller.by,
        at=caller.at,
    )
    return _answer(caller, decided, response)


@router.post("/reporting-cycles/{cycle}/roster/{unit}/exempt", responses=refuses(NotProvince))
def exempt_roster_row(
    caller: CanManageCycles,
    cycle: CycleKey,
    unit: UnitInPath,
    body: ExemptionBody,
    response: Response,
) -> DecidedRosterRowOut:
    """Decide that a unit need not report (`not_required`); the same again is `unchanged`."""
    plan, code = parts_of(cycle)
    decided = exempt(
        caller.session, plan=plan, code=code, unit=unit, body=body, by=caller.by, at=caller.at
    )
    return _answer(caller, decided, response)


@router.post("/reporting-cycles/{cycle}/roster/{unit}/extend", responses=refuses(NotProvince))
def extend_roster_row(
    caller: CanManageCycles,
    cycle: CycleKey,
    unit: UnitInPath,
    body: ExtensionBody,
    response: Response,
) -> DecidedRosterRowOut:
    """Give a unit longer to report; what comes then is shown as late with an extension.

    It may be given afterwards. The same again is `unchanged`, another one takes its place.
    """
    plan, code = parts_of(cycle)
    decided = extend(
        caller.session, plan=plan, code=code, unit=unit, body=body, by=caller.by, at=caller.at
    )
    return _answer(caller, decided, response)


@router.get("/reporting-cycles/{cycle}/roster/{unit}/versions")
def list_roster_row_versions(
    caller: CanReadReference, cycle: CycleKey, unit: UnitInPath
) -> RosterRowHistoryOut:
    """Read all that was ever known of a unit's row: when, by whom, why."""
    found = cycle_in(caller, cycle)
    row = find_row(caller.session, cycle=found, unit=unit)
    return RosterRowHistoryOut.of(row, row_versions(caller.session, row_id=row.row_id))


def _answer(caller: Caller, decided: Decided[Duty], response: Response) -> DecidedRosterRowOut:
    response.headers["ETag"] = etag(decided.thing.version)
    return DecidedRosterRowOut.after(decided, stewards(caller.session, on=caller.today))
