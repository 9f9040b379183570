"""Submissions: a unit's yearly report, drafted and submitted, corrected and supplemented."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from app.api.contract.refusing import refuses
from app.api.cycles.named import cycle_named
from app.api.deps import (
    CanDraftSubmissions,
    CanReadSubmissions,
    CanSubmitSubmissions,
)
from app.api.pagination import ListOf, NextPage
from app.api.paths import SubmissionInPath
from app.api.spool import SheetRoute, Spooled, file_body
from app.api.strict import StrictRoute
from app.api.submissions import history, review
from app.api.submissions.answer import many, one
from app.api.submissions.schemas import DraftIn, SubmissionOut, SubmissionPage, SubmissionQuery
from app.domain.cycles.queries import duty_of
from app.domain.errors import NotFound
from app.domain.submissions import drafting, filing, revising, submitting
from app.domain.submissions.contents import (
    CorrectionIn,
    RevisionIn,
    SubmissionContent,
    SubmissionDocument,
)
from app.domain.submissions.drafting import CycleNotOpen, NotOnRoster, SubmissionExists
from app.domain.submissions.narrative import Narrative
from app.domain.submissions.narrative_sheet import read_narrative
from app.domain.submissions.queries import StoredSubmission, get_submission, submissions
from app.domain.submissions.rights import Action, ActionNotAllowed, StewardFiles, SubmissionNotYours
from app.domain.submissions.said import content_of
from app.domain.units.queries import bearing, find

router = APIRouter(tags=["Submissions"], route_class=StrictRoute)
sheets = APIRouter(route_class=SheetRoute)

SUBMISSIONS: ListOf[StoredSubmission] = ListOf("submissions", lambda row: (str(row.submission.id),))


@router.post(
    "/submissions",
    status_code=201,
    responses={
        200: {
            "model": SubmissionOut,
            "description": "The same draft was there before (đã có dự thảo).",
        },
        **refuses(
            CycleNotOpen, NotFound, NotOnRoster, StewardFiles, SubmissionExists, SubmissionNotYours
        ),
    },
)
def draft_submission(
    caller: CanDraftSubmissions, body: DraftIn, response: Response
) -> SubmissionOut:
    """Begin the unit's report for a cycle, as a draft that only the unit sees.

    Without a narrative the draft is filled from the activity posted so far and from the headings
    of last year's report. After a unit has ended its steward drafts; the focal unit enters what
    came on paper with `unit` and `on_behalf`.
    """
    cycle = cycle_named(caller.session, key=body.cycle, plan=body.plan, year=body.year)
    said = body.model_dump(exclude={"plan", "year", "cycle", "unit", "on_behalf", "narrative"})
    stored, new = drafting.draft(
        caller.session,
        caller.reference,
        cycle=cycle,
        unit=_unit_on_roster(caller, cycle.id, body.unit),
        content=SubmissionContent.model_validate(
            {**said, "narrative": body.narrative or Narrative()}
        ),
        prefill=body.narrative is None,
        on_behalf=body.on_behalf,
        by=caller.by,
        at=caller.at,
    )
    response.status_code = 201 if new else 200
    response.headers["Location"] = f"/v1/submissions/{stored.submission.id}"
    return one(caller, stored)


@router.get("/submissions", responses=refuses(NotFound))
def list_submissions(
    caller: CanReadSubmissions, query: Annotated[SubmissionQuery, Query()], link: NextPage
) -> SubmissionPage:
    """List the submissions that this key may see; other units' drafts are not among them."""
    unit = None
    if query.unit is not None:
        unit = find(caller.session, query.unit, on=query.on or caller.today).unit_key
    after = SUBMISSIONS.after(query, secret=caller.cursor_secret)
    plan, _, code = (query.cycle or "").rpartition(".")
    rows = submissions(
        caller.session,
        by=caller.by,
        plan=plan or query.plan,
        year=query.year,
        cycle=code or None,
        unit=unit,
        state=query.review,
        after=UUID(after[0]) if after else None,
        limit=query.limit + 1,
    )
    shown, cursor = SUBMISSIONS.page(rows, query, secret=caller.cursor_secret)
    return SubmissionPage(items=many(caller, list(shown)), next=link(cursor))


@router.get("/submissions/{submission_id:uuid}")
def read_submission(caller: CanReadSubmissions, submission_id: SubmissionInPath) -> SubmissionOut:
    """Read a submission: its current revision, how it stands, and what this key may do now."""
    found = get_submission(caller.session, by=caller.by, submission_id=submission_id)
    return one(caller, found)


@router.put(
    "/submissions/{submission_id}/draft",
    responses=refuses(ActionNotAllowed, StewardFiles, SubmissionNotYours),
)
def rewrite_draft(
    caller: CanDraftSubmissions, submission_id: SubmissionInPath, content: SubmissionContent
) -> SubmissionOut:
    """Replace the whole content of a draft: narrative, deliverables, expectations, nil items.

    Of a draft that follows a return, `answers` says to each comment what was done about it.
    """
    return _rewritten(caller, _own(caller, submission_id, "rewrite"), content)


@router.delete(
    "/submissions/{submission_id}/draft",
    status_code=204,
    response_description="Nothing: the draft is gone (đã bỏ dự thảo).",
    responses=refuses(ActionNotAllowed, StewardFiles, SubmissionNotYours),
)
def discard_draft(caller: CanDraftSubmissions, submission_id: SubmissionInPath) -> Response:
    """Discard a draft. What was submitted before it stands as it did.

    Of a first draft nothing is left: the unit's report for the cycle can be begun anew, in another
    way too.
    """
    found = _own(caller, submission_id, "discard")
    drafting.discard(caller.session, found=found, by=caller.by, at=caller.at)
    return Response(status_code=204)


@router.put(
    "/submissions/{submission_id}/narrative",
    responses=refuses(ActionNotAllowed, StewardFiles, SubmissionNotYours),
)
def rewrite_narrative(
    caller: CanDraftSubmissions, submission_id: SubmissionInPath, narrative: Narrative
) -> SubmissionOut:
    """Replace the narrative of a draft; all else that it says stays."""
    return _with_narrative(caller, submission_id, narrative)


@sheets.put(
    "/submissions/{submission_id}/narrative-sheet",
    openapi_extra=file_body(
        SheetRoute, "The filled workbook of `/v1/templates/narrative.xlsx` (biểu mẫu phần lời)."
    ),
    responses=refuses(ActionNotAllowed, StewardFiles, SubmissionNotYours),
)
def rewrite_draft_from_sheet(
    caller: CanDraftSubmissions, submission_id: SubmissionInPath, sheet: Spooled
) -> SubmissionOut:
    """Replace the narrative of a draft by what a filled spreadsheet says."""
    return _with_narrative(caller, submission_id, read_narrative(sheet.file))


@router.post(
    "/submissions/{submission_id}/submit",
    responses=refuses(ActionNotAllowed, NotOnRoster, StewardFiles, SubmissionNotYours),
)
def submit_submission(
    caller: CanSubmitSubmissions, submission_id: SubmissionInPath, document: SubmissionDocument
) -> SubmissionOut:
    """Submit a draft under its document number.

    The answer is the receipt: `received_at` is the server's instant, by which timeliness is
    decided, and `sha256` the hash of what was frozen.
    """
    stored = submitting.submit(
        caller.session,
        caller.reference,
        submission_id=submission_id,
        document=document,
        by=caller.by,
        at=caller.at,
    )
    return one(caller, stored)


@router.post(
    "/submissions/{submission_id}/revise",
    responses=refuses(ActionNotAllowed, StewardFiles, SubmissionNotYours),
)
def revise_submission(
    caller: CanDraftSubmissions, submission_id: SubmissionInPath, body: RevisionIn
) -> SubmissionOut:
    """Begin the next revision of a returned report; it answers the comments of the return."""
    stored = revising.revise(
        caller.session,
        caller.reference,
        submission_id=submission_id,
        on_behalf=body.on_behalf,
        by=caller.by,
        at=caller.at,
    )
    return one(caller, stored)


@router.post(
    "/submissions/{submission_id}/correct",
    responses=refuses(ActionNotAllowed, StewardFiles, SubmissionNotYours),
)
def correct_submission(
    caller: CanDraftSubmissions, submission_id: SubmissionInPath, body: CorrectionIn
) -> SubmissionOut:
    """Begin a correction of an accepted report, with its reason.

    The accepted revision counts until the correction is accepted. `affected_reports` names the
    consolidated reports that it puts out of date.
    """
    stored = revising.correct(
        caller.session,
        caller.reference,
        submission_id=submission_id,
        reason=body.reason,
        on_behalf=body.on_behalf,
        by=caller.by,
        at=caller.at,
    )
    return one(caller, stored)


@router.post(
    "/submissions/{submission_id}/supplement",
    responses=refuses(ActionNotAllowed, StewardFiles, SubmissionNotYours),
)
def supplement_submission(
    caller: CanDraftSubmissions, submission_id: SubmissionInPath, body: RevisionIn
) -> SubmissionOut:
    """Begin the year-end supplement of an accepted report, which has its own due instant."""
    stored = revising.supplement(
        caller.session,
        caller.reference,
        submission_id=submission_id,
        on_behalf=body.on_behalf,
        by=caller.by,
        at=caller.at,
    )
    return one(caller, stored)


def _own(caller: CanDraftSubmissions, submission_id: UUID, action: Action) -> StoredSubmission:
    return filing.own(
        caller.session,
        caller.reference,
        submission_id=submission_id,
        action=action,
        by=caller.by,
        at=caller.at,
    )


def _with_narrative(
    caller: CanDraftSubmissions, submission_id: UUID, narrative: Narrative
) -> SubmissionOut:
    found = _own(caller, submission_id, "rewrite")
    content = content_of(found.revision).model_copy(update={"narrative": narrative})
    return _rewritten(caller, found, content)


def _rewritten(
    caller: CanDraftSubmissions, found: StoredSubmission, content: SubmissionContent
) -> SubmissionOut:
    stored = drafting.rewrite(
        caller.session,
        caller.reference,
        found=found,
        content=content,
        by=caller.by,
        at=caller.at,
    )
    return one(caller, stored)


def _unit_on_roster(caller: CanDraftSubmissions, cycle_id: int, reference: str | None) -> str:
    """Return the key of the unit that is meant: of those that bear a code the one on the roster."""
    if reference is None:
        return caller.by.unit
    for unit in bearing(caller.session, reference):
        if duty_of(caller.session, cycle_id=cycle_id, unit=unit.unit_key) is not None:
            return unit.unit_key
    return reference


router.include_router(sheets)
router.include_router(review.router)
router.include_router(history.router)
