"""When a budget year is drafted, and which body is whose finance authority: data, with history."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.api.budgets.schemas import (
    AuthorityOut,
    AuthorityPage,
    AuthorityQuery,
    CalendarOut,
    CalendarPage,
    CalendarQuery,
)
from app.api.contract.refusing import refuses
from app.api.deps import CanReadBudgets, CanReviewBudgets
from app.api.pagination import ListOf, NextPage
from app.api.paths import BudgetYearInPath, PlanInPath
from app.api.preconditions import IfMatch, etag
from app.api.strict import StrictRoute
from app.domain.budgets.authorities import authorities, decide_authority
from app.domain.budgets.bodies import AuthorityBody, CalendarBody
from app.domain.budgets.models import BudgetAuthority, BudgetCalendar
from app.domain.budgets.rights import NotFinanceAuthority
from app.domain.budgets.years import BudgetYearOutsidePlan, calendars, change_calendar, version_of
from app.domain.units.queries import bearing

router = APIRouter(tags=["Budgets"], route_class=StrictRoute)

CALENDARS: ListOf[BudgetCalendar] = ListOf("budget-calendars", lambda row: (str(row.id),))
AUTHORITIES: ListOf[BudgetAuthority] = ListOf("budget-authorities", lambda row: (str(row.id),))


@router.get("/budget-calendars")
def list_budget_calendars(
    caller: CanReadBudgets, query: Annotated[CalendarQuery, Query()], link: NextPage
) -> CalendarPage:
    """List the budget years' calendars: year N is drafted in N-1, whatever the reporting cycle."""
    found = calendars(caller.session, plan=query.plan)
    rows, cursor = CALENDARS.page_of_all(found, query, secret=caller.cursor_secret)
    items = [CalendarOut.of(row, version=version_of(caller.session, row)) for row in rows]
    return CalendarPage(items=items, next=link(cursor))


@router.put(
    "/budget-calendars/{plan}/{year}", responses=refuses(BudgetYearOutsidePlan, NotFinanceAuthority)
)
def change_budget_calendar(
    caller: CanReviewBudgets,
    plan: PlanInPath,
    year: BudgetYearInPath,
    body: CalendarBody,
    if_match: IfMatch,
    response: Response,
) -> CalendarOut:
    """Change a budget year's calendar, which is kept with its history.

    For the provincial budget's finance authority, the focal unit, the People's Committee's office
    and the province. The same again changes nothing.
    """
    decided = change_calendar(
        caller.session,
        plan=plan,
        year=year,
        body=body,
        expected=if_match,
        by=caller.by,
        at=caller.at,
    )
    version = version_of(caller.session, decided.thing)
    response.headers["ETag"] = etag(version)
    return CalendarOut.of(decided.thing, version=version)


@router.get("/budget-authorities")
def list_budget_authorities(
    caller: CanReadBudgets, query: Annotated[AuthorityQuery, Query()], link: NextPage
) -> AuthorityPage:
    """List which body is whose finance authority; it is no part of the reporting tree.

    A territorial unit that has none here is presumed to be that of its own level: its finance body
    belongs to its People's Committee (our assumption).
    """
    units = None
    if query.unit is not None:
        units = [unit.unit_key for unit in bearing(caller.session, query.unit)]
    found = authorities(caller.session, units=units, on=query.on)
    rows, cursor = AUTHORITIES.page_of_all(found, query, secret=caller.cursor_secret)
    return AuthorityPage(items=[AuthorityOut.of(row) for row in rows], next=link(cursor))


@router.post(
    "/budget-authorities",
    status_code=201,
    responses={
        200: {
            "model": AuthorityOut,
            "description": "It was so already; nothing was recorded (không đổi).",
        },
        **refuses(NotFinanceAuthority),
    },
)
def decide_budget_authority(
    caller: CanReviewBudgets, body: AuthorityBody, response: Response
) -> AuthorityOut:
    """Decide which body is a unit's finance authority from a day on, until another decision.

    By those who may change a calendar. The authority of the day sees and reviews all of the unit's
    dossiers, those of earlier years too.
    """
    decided = decide_authority(caller.session, body=body, by=caller.by, at=caller.at)
    response.status_code = 200 if decided.outcome == "unchanged" else 201
    return AuthorityOut.of(decided.thing)
