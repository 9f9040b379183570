"""Dossiers of estimates: drafted and submitted by units, reviewed by their finance authority."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from app.api.budgets.dossier_schemas import (
    DossierDetailOut,
    DossierOut,
    DossierPage,
    DossierQuery,
    DossierRevisionDetailOut,
    DossierRevisionOut,
    DossierRevisionPage,
    dossier_fields,
    lines_out,
    revision_fields,
)
from app.api.contract.refusing import refuses
from app.api.deps import (
    Caller,
    CanDraftBudgets,
    CanReadBudgets,
    CanReviewBudgets,
    CanSubmitBudgets,
)
from app.api.pagination import ListOf, ListQuery, NextPage
from app.api.paths import DossierInPath, NumberInPath
from app.api.strict import StrictRoute
from app.domain.budgets import filing
from app.domain.budgets.bodies import (
    DossierBody,
    DossierCorrection,
    DossierDocument,
    DossierReturn,
)
from app.domain.budgets.dossiers import (
    DossierActionNotAllowed,
    StoredDossier,
    actions,
    dossiers,
    get_dossier,
    get_revision,
    lines,
    revisions,
)
from app.domain.budgets.models import BudgetSubmissionRevision
from app.domain.budgets.rights import BudgetNotYours, NoFinanceAuthority, NotFinanceAuthority
from app.domain.budgets.years import BudgetYearOutsidePlan
from app.domain.errors import NotFound
from app.domain.submissions.rights import StewardFiles
from app.domain.units.queries import find

router = APIRouter(tags=["Budgets"], route_class=StrictRoute)

DOSSIERS: ListOf[StoredDossier] = ListOf(
    "budget-submissions", lambda row: (str(row.submission.id),)
)
REVISIONS: ListOf[BudgetSubmissionRevision] = ListOf(
    "budget-submission-revisions", lambda row: (str(row.number),)
)


def _detail(caller: Caller, stored: StoredDossier) -> DossierDetailOut:
    held = lines(caller.session, stored.submission, stored.revision)
    return DossierDetailOut.model_validate({**_fields(caller, stored), "lines": lines_out(held)})


def _fields(caller: Caller, stored: StoredDossier) -> dict[str, object]:
    allowed = actions(caller.session, stored, by=caller.by, at=caller.at)
    return dossier_fields(stored, actions=allowed)


@router.post(
    "/budget-submissions",
    status_code=201,
    responses={
        200: {"model": DossierDetailOut, "description": "It was there before (đã có hồ sơ)."},
        **refuses(BudgetNotYours, BudgetYearOutsidePlan, StewardFiles),
    },
)
def draft_budget_submission(
    caller: CanDraftBudgets, body: DossierBody, response: Response
) -> DossierDetailOut:
    """Begin a unit's dossier for a budget year; there is one, with numbered revisions.

    Its lines are the unit's estimates for that year, which go on changing until it is submitted.
    """
    stored, new = filing.draft(caller.session, body=body, by=caller.by, at=caller.at)
    response.status_code = 201 if new else 200
    response.headers["Location"] = f"/v1/budget-submissions/{stored.submission.id}"
    return _detail(caller, stored)


@router.get("/budget-submissions", responses=refuses(NotFound))
def list_budget_submissions(
    caller: CanReadBudgets, query: Annotated[DossierQuery, Query()], link: NextPage
) -> DossierPage:
    """List dossiers: a unit's own, and a finance authority's of the units it is that of."""
    unit = None
    if query.unit is not None:
        unit = find(caller.session, query.unit, on=query.on or caller.today).unit_key
    after = DOSSIERS.after(query, secret=caller.cursor_secret)
    rows = dossiers(
        caller.session,
        by=caller.by,
        at=caller.at,
        plan=query.plan,
        budget_year=query.budget_year,
        unit=unit,
        state=query.state,
        after=UUID(after[0]) if after else None,
        limit=query.limit + 1,
    )
    shown, cursor = DOSSIERS.page(rows, query, secret=caller.cursor_secret)
    items = [DossierOut.model_validate(_fields(caller, row)) for row in shown]
    return DossierPage(items=items, next=link(cursor))


@router.get("/budget-submissions/{dossier_id}")
def read_budget_submission(caller: CanReadBudgets, dossier_id: DossierInPath) -> DossierDetailOut:
    """Read a dossier: its current revision with its lines, and what this key may do now."""
    found = get_dossier(caller.session, submission_id=dossier_id, by=caller.by, at=caller.at)
    return _detail(caller, found)


@router.get("/budget-submissions/{dossier_id}/revisions")
def list_budget_submission_revisions(
    caller: CanReadBudgets,
    dossier_id: DossierInPath,
    query: Annotated[ListQuery, Query()],
    link: NextPage,
) -> DossierRevisionPage:
    """List a dossier's revisions, in order."""
    found = get_dossier(caller.session, submission_id=dossier_id, by=caller.by, at=caller.at)
    said = revisions(caller.session, submission_id=found.submission.id)
    rows, cursor = REVISIONS.page_of_all(said, query, secret=caller.cursor_secret)
    items = [DossierRevisionOut.model_validate(revision_fields(row)) for row in rows]
    return DossierRevisionPage(items=items, next=link(cursor))


@router.get("/budget-submissions/{dossier_id}/revisions/{number}")
def read_budget_submission_revision(
    caller: CanReadBudgets, dossier_id: DossierInPath, number: NumberInPath
) -> DossierRevisionDetailOut:
    """Read one revision with the lines that it holds."""
    found = get_dossier(caller.session, submission_id=dossier_id, by=caller.by, at=caller.at)
    revision = get_revision(caller.session, found, number=number)
    held = lines(caller.session, found.submission, revision)
    return DossierRevisionDetailOut.model_validate(
        {**revision_fields(revision), "lines": lines_out(held)}
    )


@router.post(
    "/budget-submissions/{dossier_id}/submit",
    responses=refuses(BudgetNotYours, DossierActionNotAllowed, NoFinanceAuthority, StewardFiles),
)
def submit_budget_submission(
    caller: CanSubmitBudgets, dossier_id: DossierInPath, body: DossierDocument
) -> DossierDetailOut:
    """Submit a draft to the finance authority of the same level, under its document (IV.3).

    Its lines are frozen and hashed. What comes after the due instant is late; after the freeze it
    enters the next version of the consolidation.
    """
    stored = filing.submit(
        caller.session, submission_id=dossier_id, document=body, by=caller.by, at=caller.at
    )
    return _detail(caller, stored)


@router.post(
    "/budget-submissions/{dossier_id}/revise",
    responses=refuses(BudgetNotYours, DossierActionNotAllowed, StewardFiles),
)
def revise_budget_submission(
    caller: CanDraftBudgets, dossier_id: DossierInPath
) -> DossierDetailOut:
    """Begin the next revision of a returned dossier."""
    stored = filing.revise(caller.session, submission_id=dossier_id, by=caller.by, at=caller.at)
    return _detail(caller, stored)


@router.post(
    "/budget-submissions/{dossier_id}/correct",
    responses=refuses(BudgetNotYours, DossierActionNotAllowed, StewardFiles),
)
def correct_budget_submission(
    caller: CanDraftBudgets, dossier_id: DossierInPath, body: DossierCorrection
) -> DossierDetailOut:
    """Begin the next revision of a consolidated dossier, with its reason.

    So a correction is taken in, and what was allocated, executed or settled since. The
    consolidated revision counts until the next one is consolidated.
    """
    stored = filing.correct(
        caller.session, submission_id=dossier_id, reason=body.reason, by=caller.by, at=caller.at
    )
    return _detail(caller, stored)


@router.post(
    "/budget-submissions/{dossier_id}/return",
    responses=refuses(DossierActionNotAllowed, NotFinanceAuthority),
)
def return_budget_submission(
    caller: CanReviewBudgets, dossier_id: DossierInPath, body: DossierReturn
) -> DossierDetailOut:
    """Return a submitted dossier with comments, for the unit's finance authority."""
    stored = filing.return_(
        caller.session,
        submission_id=dossier_id,
        comments=body.comments,
        by=caller.by,
        at=caller.at,
    )
    return _detail(caller, stored)


@router.post(
    "/budget-submissions/{dossier_id}/consolidate",
    responses=refuses(DossierActionNotAllowed, NotFinanceAuthority),
)
def consolidate_budget_submission(
    caller: CanReviewBudgets, dossier_id: DossierInPath
) -> DossierDetailOut:
    """Take a submitted dossier into the consolidation, for the unit's finance authority."""
    stored = filing.consolidate(
        caller.session, submission_id=dossier_id, by=caller.by, at=caller.at
    )
    return _detail(caller, stored)
