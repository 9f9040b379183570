"""Reviewing submissions: accepting, returning, accepting many at once."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import Field

from app.api.contract.refusing import refuses, refuses_rows
from app.api.deps import CanReviewSubmissions
from app.api.out import OutModel
from app.api.paths import SubmissionInPath
from app.api.problems import language_of
from app.api.strict import StrictRoute
from app.api.submissions.answer import one
from app.api.submissions.schemas import SubmissionOut
from app.domain.described import Count, Id, Number, Prose, Word
from app.domain.errors import NotFound
from app.domain.fields import SMALL, WireModel
from app.domain.submissions import reviewing
from app.domain.submissions.contents import IdIn, ReturnIn
from app.domain.submissions.reviewing import AnotherRevision
from app.domain.submissions.rights import ActionNotAllowed, NotReviewer

router = APIRouter(route_class=StrictRoute)


class ToAcceptIn(WireModel):
    """A submission whose named revision is to be accepted (báo cáo được duyệt)."""

    submission: IdIn = Field(description="Id of the submission (báo cáo của đơn vị).")
    revision: Annotated[int, Field(ge=1, le=1_000_000, json_schema_extra=SMALL)] = Field(
        description="The revision that was looked at (lần gửi đã xem): another one is not accepted."
    )


class AcceptancesIn(WireModel):
    """Which submissions are to be accepted (các báo cáo được duyệt)."""

    submissions: Annotated[list[ToAcceptIn], Field(min_length=1, max_length=500)] = Field(
        description="Submissions (báo cáo của đơn vị)."
    )


class AcceptanceOut(OutModel):
    """What became of one of the submissions to be accepted (kết quả duyệt một báo cáo)."""

    submission: Id = Field(description="Id of the submission (báo cáo của đơn vị).")
    revision: Number = Field(
        description="Number of the revision that was named, from 1 (lần gửi thứ)."
    )
    outcome: Word = Field(
        description="accepted (đã duyệt), unchanged (it was before: không đổi) or refused (bị từ "
        "chối)."
    )
    code: Word | None = Field(description="Stable code of the refusal (mã từ chối).")
    detail: Prose | None = Field(description="Why it was refused (lý do từ chối).")


class AcceptancesOut(OutModel):
    """What became of each submission, in the order of the request (kết quả duyệt từng báo cáo)."""

    accepted: Count = Field(
        description="Submissions that were accepted now (số báo cáo được duyệt)."
    )
    unchanged: Count = Field(
        description="Submissions that were accepted before (số báo cáo đã duyệt từ trước)."
    )
    refused: Count = Field(
        description="Submissions that were not accepted (số báo cáo bị từ chối)."
    )
    outcomes: Annotated[Sequence[AcceptanceOut], Field(max_length=500)] = Field(
        description="What became of each, in the order asked (kết quả)."
    )


@router.post(
    "/submissions/acceptances",
    responses=refuses_rows(200, ActionNotAllowed, AnotherRevision, NotFound, NotReviewer),
)
def accept_submissions(
    caller: CanReviewSubmissions, body: AcceptancesIn, request: Request
) -> AcceptancesOut:
    """Accept many submissions at once, each with its own outcome; what is refused stays."""
    done = reviewing.accept_many(
        caller.session,
        caller.reference,
        asked=[reviewing.ToAccept(row.submission, row.revision) for row in body.submissions],
        by=caller.by,
        at=caller.at,
    )
    language = language_of(request)
    outcomes = [
        AcceptanceOut(
            submission=one_.asked.submission_id,
            revision=one_.asked.revision,
            outcome=one_.outcome,
            code=one_.refusal.text.code if one_.refusal else None,
            detail=one_.refusal.text.say(language, one_.refusal.params) if one_.refusal else None,
        )
        for one_ in done
    ]
    counts = {
        name: sum(1 for row in outcomes if row.outcome == name)
        for name in ("accepted", "unchanged", "refused")
    }
    return AcceptancesOut(**counts, outcomes=outcomes)


@router.post(
    "/submissions/{submission_id}/accept", responses=refuses(ActionNotAllowed, NotReviewer)
)
def accept_submission(
    caller: CanReviewSubmissions, submission_id: SubmissionInPath
) -> SubmissionOut:
    """Accept a submission: for the focal unit; its own is for the People's Committee's office.

    What was accepted before is superseded.
    """
    stored = reviewing.accept(
        caller.session, caller.reference, submission_id=submission_id, by=caller.by, at=caller.at
    )
    return one(caller, stored)


@router.post(
    "/submissions/{submission_id}/return", responses=refuses(ActionNotAllowed, NotReviewer)
)
def return_submission(
    caller: CanReviewSubmissions, submission_id: SubmissionInPath, body: ReturnIn
) -> SubmissionOut:
    """Return a submission with comments on activity reports, fields, or the whole (trả lại).

    The unit revises it, answers each comment, and submits again. What was accepted before goes on
    counting.
    """
    stored = reviewing.return_(
        caller.session,
        caller.reference,
        submission_id=submission_id,
        returned=body,
        by=caller.by,
        at=caller.at,
    )
    return one(caller, stored)
