"""Budget estimates: figures by stage, each stated for its own and kept with its history."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from app.api.budgets.schemas import (
    BudgetFigureOut,
    EstimateOut,
    EstimatePage,
    EstimateQuery,
    FigurePage,
    estimate_out,
)
from app.api.contract.refusing import refuses
from app.api.deps import Caller, CanDraftBudgets, CanReadBudgets
from app.api.pagination import ListOf, ListQuery, NextPage
from app.api.paths import EstimateInPath, StageInPath
from app.api.preconditions import IfMatch, etag
from app.api.strict import StrictRoute
from app.domain.budgets import stating
from app.domain.budgets.bodies import EstimateBody, FigureBody
from app.domain.budgets.estimates import (
    StoredEstimate,
    actions,
    doubts,
    estimates,
    get_estimate,
    history,
)
from app.domain.budgets.models import BudgetFigure
from app.domain.budgets.rights import BudgetNotYours
from app.domain.budgets.stating import EstimateExists, NoEstimatesThisYear, StageNotAllowed
from app.domain.budgets.years import BudgetYearOutsidePlan
from app.domain.errors import NotFound
from app.domain.submissions.rights import StewardFiles
from app.domain.units.queries import find

router = APIRouter(tags=["Budgets"], route_class=StrictRoute)

ESTIMATES: ListOf[StoredEstimate] = ListOf("budget-estimates", lambda row: (str(row.estimate.id),))
FIGURES: ListOf[BudgetFigure] = ListOf("budget-figures", lambda row: (str(row.number),))


def _many(caller: Caller, rows: Sequence[StoredEstimate]) -> list[EstimateOut]:
    allowed = actions(caller.session, rows, by=caller.by, at=caller.at)
    return [
        estimate_out(row, actions=stages, warnings=doubts(caller.session, row))
        for row, stages in zip(rows, allowed, strict=True)
    ]


def _one(caller: Caller, stored: StoredEstimate) -> EstimateOut:
    return _many(caller, [stored])[0]


@router.post(
    "/budget-estimates",
    status_code=201,
    responses={
        200: {"model": EstimateOut, "description": "It says so already (không đổi)."},
        **refuses(
            BudgetNotYours,
            BudgetYearOutsidePlan,
            EstimateExists,
            NoEstimatesThisYear,
            StageNotAllowed,
            StewardFiles,
        ),
    },
)
def begin_budget_estimate(
    caller: CanDraftBudgets, body: EstimateBody, response: Response
) -> EstimateOut:
    """Begin an estimate (dự toán) of an item that the unit leads, with its first figure.

    Of the plan's first year nothing is proposed, allocated or adjusted (IV.2): 422
    `no_estimates_this_year`. What is allocated without a proposal has a reason; what is allocated
    or adjusted names its decision. More executed than allocated is taken, with a warning.
    """
    stored, new = stating.begin(
        caller.session, caller.reference, body=body, by=caller.by, at=caller.at
    )
    response.status_code = 201 if new else 200
    response.headers["Location"] = f"/v1/budget-estimates/{stored.estimate.id}"
    response.headers["ETag"] = etag(stored.estimate.number)
    return _one(caller, stored)


@router.get("/budget-estimates", responses=refuses(NotFound))
def list_budget_estimates(
    caller: CanReadBudgets, query: Annotated[EstimateQuery, Query()], link: NextPage
) -> EstimatePage:
    """List estimates: a unit's own, and a finance authority's of the units it is that of."""
    unit = None
    if query.unit is not None:
        unit = find(caller.session, query.unit, on=query.on or caller.today).unit_key
    after = ESTIMATES.after(query, secret=caller.cursor_secret)
    rows = estimates(
        caller.session,
        by=caller.by,
        at=caller.at,
        plan=query.plan,
        budget_year=query.budget_year,
        unit=unit,
        item=query.plan_item,
        source=query.source,
        after=UUID(after[0]) if after else None,
        limit=query.limit + 1,
    )
    shown, cursor = ESTIMATES.page(rows, query, secret=caller.cursor_secret)
    return EstimatePage(items=_many(caller, shown), next=link(cursor))


@router.get("/budget-estimates/{estimate_id}")
def read_budget_estimate(
    caller: CanReadBudgets, estimate_id: EstimateInPath, response: Response
) -> EstimateOut:
    """Read an estimate: what holds of each stage, what is doubtful, what may be stated."""
    found = get_estimate(caller.session, estimate_id=estimate_id, by=caller.by, at=caller.at)
    response.headers["ETag"] = etag(found.estimate.number)
    return _one(caller, found)


@router.get("/budget-estimates/{estimate_id}/figures")
def list_budget_figures(
    caller: CanReadBudgets,
    estimate_id: EstimateInPath,
    query: Annotated[ListQuery, Query()],
    link: NextPage,
) -> FigurePage:
    """List all that was ever stated of an estimate, in order; nothing is overwritten."""
    found = get_estimate(caller.session, estimate_id=estimate_id, by=caller.by, at=caller.at)
    rows, cursor = FIGURES.page_of_all(
        history(caller.session, found), query, secret=caller.cursor_secret
    )
    return FigurePage(items=[BudgetFigureOut.of(row) for row in rows], next=link(cursor))


@router.put(
    "/budget-estimates/{estimate_id}/figures/{stage}",
    responses=refuses(BudgetNotYours, NoEstimatesThisYear, StageNotAllowed, StewardFiles),
)
def state_budget_figure(
    caller: CanDraftBudgets,
    estimate_id: EstimateInPath,
    stage: StageInPath,
    body: FigureBody,
    if_match: IfMatch,
    response: Response,
) -> EstimateOut:
    """State a stage's amount, for the first time, or anew with a reason.

    409 `budget_stage_not_allowed` lists the stages that can be stated now: what is adjusted was
    allocated, what is settled was executed and its year is over. The same again changes nothing.
    """
    decided = stating.state(
        caller.session,
        estimate_id=estimate_id,
        stage=stage,
        body=body,
        expected=if_match,
        by=caller.by,
        at=caller.at,
    )
    response.headers["ETag"] = etag(decided.thing.estimate.number)
    return _one(caller, decided.thing)
