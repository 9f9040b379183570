"""Submissions: a unit's yearly report, from draft to acceptance."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from app.api.deps import (
    Caller,
    CanDraftSubmissions,
    CanReadSubmissions,
    CanReviewSubmissions,
    CanSubmitSubmissions,
)
from app.api.pagination import ListOf, NextPage
from app.api.spool import SheetRoute, Spooled, file_body
from app.api.strict import StrictRoute
from app.api.submissions.schemas import DraftIn, SubmissionOut, SubmissionPage, SubmissionQuery
from app.domain.submissions import service
from app.domain.submissions.narrative import Narrative
from app.domain.submissions.narrative_sheet import read_narrative
from app.domain.submissions.queries import (
    StoredSubmission,
    frozen_count,
    get_submission,
    submissions,
)
from app.domain.units.queries import find

router = APIRouter(tags=["Submissions"], route_class=StrictRoute)
sheets = APIRouter(route_class=SheetRoute)

SUBMISSIONS: ListOf[StoredSubmission] = ListOf("submissions", lambda row: (str(row.submission.id),))


@router.post(
    "/submissions",
    status_code=201,
    responses={200: {"model": SubmissionOut, "description": "The same draft was there before."}},
)
def draft_submission(
    caller: CanDraftSubmissions, body: DraftIn, response: Response
) -> SubmissionOut:
    """Begin the unit's report for a cycle, as a draft that only the unit sees."""
    stored, new = service.draft(
        caller.session,
        plan=body.plan,
        year=body.year,
        narrative=body.narrative,
        by=caller.by,
        at=caller.at,
    )
    response.status_code = 201 if new else 200
    response.headers["Location"] = f"/v1/submissions/{stored.submission.id}"
    return _out(caller, stored)


@router.get("/submissions")
def list_submissions(
    caller: CanReadSubmissions, query: Annotated[SubmissionQuery, Query()], link: NextPage
) -> SubmissionPage:
    """List the submissions that this key may see; other units' drafts are not among them."""
    unit = None
    if query.unit is not None:
        unit = find(caller.session, query.unit, on=query.on or caller.today).unit_key
    after = SUBMISSIONS.after(query, secret=caller.cursor_secret)
    rows = submissions(
        caller.session,
        by=caller.by,
        plan=query.plan,
        year=query.year,
        unit=unit,
        state=query.review,
        after=UUID(after[0]) if after else None,
        limit=query.limit + 1,
    )
    shown, cursor = SUBMISSIONS.page(rows, query, secret=caller.cursor_secret)
    return SubmissionPage(items=[_out(caller, row) for row in shown], next=link(cursor))


@router.get("/submissions/{submission_id}")
def read_submission(caller: CanReadSubmissions, submission_id: UUID) -> SubmissionOut:
    """Read a submission."""
    found = get_submission(caller.session, by=caller.by, submission_id=submission_id)
    return _out(caller, found)


@router.put("/submissions/{submission_id}/narrative")
def rewrite_draft(
    caller: CanDraftSubmissions, submission_id: UUID, narrative: Narrative
) -> SubmissionOut:
    """Replace the narrative of a draft."""
    stored = service.rewrite_draft(
        caller.session,
        submission_id=submission_id,
        narrative=narrative,
        by=caller.by,
        at=caller.at,
    )
    return _out(caller, stored)


@sheets.put(
    "/submissions/{submission_id}/narrative-sheet",
    openapi_extra=file_body(SheetRoute, "The filled workbook of `/v1/templates/narrative.xlsx`."),
)
def rewrite_draft_from_sheet(
    caller: CanDraftSubmissions, submission_id: UUID, sheet: Spooled
) -> SubmissionOut:
    """Replace the narrative of a draft by what a filled spreadsheet says."""
    stored = service.rewrite_draft(
        caller.session,
        submission_id=submission_id,
        narrative=read_narrative(sheet.file),
        by=caller.by,
        at=caller.at,
    )
    return _out(caller, stored)


@router.post("/submissions/{submission_id}/submit")
def submit_submission(
    caller: CanSubmitSubmissions, submission_id: UUID, document: service.SubmissionDocument
) -> SubmissionOut:
    """Submit a draft under its document number.

    The answer is the receipt: `received_at` is the server's instant, by which timeliness is
    decided, and `sha256` the hash of what was frozen.
    """
    stored = service.submit(
        caller.session,
        submission_id=submission_id,
        document=document,
        by=caller.by,
        at=caller.at,
    )
    return _out(caller, stored)


@router.post("/submissions/{submission_id}/accept")
def accept_submission(caller: CanReviewSubmissions, submission_id: UUID) -> SubmissionOut:
    """Accept a submission: for the focal unit; its own is for the People's Committee's office."""
    stored = service.accept(caller.session, submission_id=submission_id, by=caller.by, at=caller.at)
    return _out(caller, stored)


def _out(caller: Caller, stored: StoredSubmission) -> SubmissionOut:
    activities = frozen_count(caller.session, revision_id=stored.revision.id)
    return SubmissionOut.of(stored, activities=activities, at=caller.at)


router.include_router(sheets)
