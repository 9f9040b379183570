"""The only place where a refusal meets a status code (RFC 9457, problem details)."""

import re
from typing import Annotated, Final

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from app.api import refusals
from app.api.audit.refused import record_refusal
from app.api.deps import Replayed
from app.api.routing import allowed_methods
from app.api.strict import RefusedRequest
from app.domain.access.ended import UnitEnded
from app.domain.access.service import ScopeMissing, Unauthenticated
from app.domain.activities.candidate import UnitNotYours
from app.domain.activities.held import ReportExists, ReportWithdrawn, RevisionChanged
from app.domain.activities.service import PreconditionRequired, UnitWouldChange
from app.domain.batches.rows import ArrayTooLarge
from app.domain.batches.service import BatchRefused
from app.domain.budgets.consolidating import BudgetNotFrozen
from app.domain.budgets.dossiers import DossierActionNotAllowed
from app.domain.budgets.rights import BudgetNotYours, NoFinanceAuthority, NotFinanceAuthority
from app.domain.budgets.stating import EstimateExists, NoEstimatesThisYear, StageNotAllowed
from app.domain.budgets.years import BudgetYearOutsidePlan
from app.domain.consolidation.comparisons import NoVersionBefore
from app.domain.consolidation.course import StepNotAllowed, StepNotYours
from app.domain.consolidation.explained import ReportsNotShown
from app.domain.consolidation.overlap import CountedTwice
from app.domain.consolidation.proposal_deciding import NotYourProposals
from app.domain.consolidation.reading import ReportSchemaTooOld
from app.domain.consolidation.service import NotConsolidator
from app.domain.consolidation.steps import AssessmentMissing, NewerIssued
from app.domain.cycles.extra import CycleExists
from app.domain.cycles.province import NotProvince
from app.domain.cycles.roster import RowExists
from app.domain.cycles.service import YearOutsidePlan
from app.domain.described import Many, OneLine, Prose, RequestId, Some, Word, said, text, whole
from app.domain.errors import DomainError, Invalid, Language, NotFound, ReferenceDataRefused
from app.domain.fields import ONE_LINE, tell_once
from app.domain.handover.service import UnitNotEnded
from app.domain.idempotency.service import KeyInProgress, KeyMissing, KeyReused
from app.domain.joint.participation import NotAParticipant
from app.domain.joint.rules import (
    JointActivityRefused,
    JointLinkActionNotAllowed,
    JointLinkNotYours,
)
from app.domain.json_text import MalformedJson
from app.domain.shown import safe
from app.domain.submissions.drafting import CycleNotOpen, NotOnRoster, SubmissionExists
from app.domain.submissions.reviewing import AnotherRevision
from app.domain.submissions.rights import (
    ActionNotAllowed,
    NotReviewer,
    StewardFiles,
    SubmissionNotYours,
)
from app.domain.webhooks.service import TooManyWebhooks, WebhookDisabled, WebhookRemoved
from app.domain.wire_faults import faults_of

# RFC 9457, 3.1.1: a full path, for which whoever has the problem can ask the service itself. No
# host: there is none that every network with this service could reach.
PROBLEM_TYPE: Final = "/docs/problems/"
OCCURRENCE: Final = "urn:baocao:request:"
MEDIA_TYPE: Final = "application/problem+json"

STATUS: Final[dict[type[DomainError], int]] = {
    MalformedJson: 400,
    refusals.BadCursor: 400,
    refusals.HttpError: 400,
    KeyMissing: 400,
    Unauthenticated: 401,
    ScopeMissing: 403,
    UnitNotYours: 403,
    UnitEnded: 403,
    SubmissionNotYours: 403,
    StewardFiles: 403,
    NotReviewer: 403,
    NotConsolidator: 403,
    ReportsNotShown: 403,
    StepNotYours: 403,
    NotYourProposals: 403,
    NotProvince: 403,
    JointLinkNotYours: 403,
    BudgetNotYours: 403,
    NotFinanceAuthority: 403,
    NotAParticipant: 403,
    NotFound: 404,
    NoVersionBefore: 404,
    refusals.MethodNotAllowed: 405,
    refusals.NotAcceptable: 406,
    KeyInProgress: 409,
    ReportExists: 409,
    CycleExists: 409,
    RowExists: 409,
    ReportWithdrawn: 409,
    UnitWouldChange: 409,
    SubmissionExists: 409,
    NotOnRoster: 409,
    ActionNotAllowed: 409,
    CountedTwice: 409,
    ReportSchemaTooOld: 409,
    StepNotAllowed: 409,
    NewerIssued: 409,
    AssessmentMissing: 409,
    AnotherRevision: 409,
    CycleNotOpen: 409,
    UnitNotEnded: 409,
    RevisionChanged: 412,
    JointActivityRefused: 409,
    JointLinkActionNotAllowed: 409,
    BudgetNotFrozen: 409,
    DossierActionNotAllowed: 409,
    EstimateExists: 409,
    NoFinanceAuthority: 409,
    StageNotAllowed: 409,
    TooManyWebhooks: 409,
    WebhookDisabled: 409,
    WebhookRemoved: 409,
    refusals.BodyTooLarge: 413,
    ArrayTooLarge: 413,
    refusals.UnsupportedMediaType: 415,
    Invalid: 422,
    BatchRefused: 422,
    KeyReused: 422,
    YearOutsidePlan: 422,
    BudgetYearOutsidePlan: 422,
    NoEstimatesThisYear: 422,
    ReferenceDataRefused: 422,
    PreconditionRequired: 428,
    refusals.RateLimited: 429,
    refusals.InternalError: 500,
    refusals.Unavailable: 503,
}

_WEIGHT: Final = re.compile(r"q=[01](\.[0-9]{0,3})?", re.ASCII)

log = structlog.get_logger()


LONGEST_PLACE: Final = 1000  # characters
FaultPlace = Annotated[
    str,
    text(
        "Where (vị trí): JSON Pointer (RFC 6901) into the body, `?name` of a query parameter, "
        "`header:name` of a header.",
        *(LONGEST_PLACE, ONE_LINE),
    ),
]
ProblemType = Annotated[
    str,
    said(
        "URI reference of the kind of problem (loại lỗi): a page of this service with its cause "
        "and remedy; ends with `code`.",
        format="uri-reference",
        maxLength=200,
        pattern="^/docs/problems/[a-z_]+$",
    ),
]


Occurrence = Annotated[
    str,
    text(
        "This very refusal (lần từ chối), as a URN that ends with the request's id.",
        *(86, f"{OCCURRENCE}[A-Za-z0-9._-]{{8,64}}"),
    ),
]


class ProblemFault(BaseModel):
    """One fault of a request (lỗi)."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=tell_once)

    pointer: FaultPlace
    code: Word = Field(description="Stable code of the fault (mã lỗi).")
    detail: Prose = Field(description="What is wrong and what would be right (mô tả lỗi).")
    permitted: Some[OneLine] | None = Field(
        default=None,
        description="The values that would have been accepted, if they are few (giá trị được chấp "
        "nhận).",
    )


class Problem(BaseModel):
    """Why a request was refused (lý do từ chối; RFC 9457)."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=tell_once)

    type: ProblemType
    title: Word = Field(description="The same as `code` (mã lỗi).")
    status: Annotated[int, whole("The HTTP status (mã trạng thái).", 400, 599)]
    code: Word = Field(description="Stable code (mã lỗi): it never changes with the language.")
    detail: Prose = Field(
        description="What was wrong (mô tả), in Vietnamese, or in English by Accept-Language."
    )
    instance: Occurrence
    request_id: RequestId = Field(
        description="The request's id (mã yêu cầu), also in the header X-Request-Id."
    )
    errors: Many[ProblemFault] | None = Field(
        default=None, description="Every fault, with its place (các lỗi)."
    )


def preferred_language(header: str | None) -> Language:
    """Return English where Accept-Language (RFC 9110, 12.5.4) prefers it, else Vietnamese."""
    weights = {"vi": 0.0, "en": 0.0}
    for part in (header or "").lower().split(","):
        tag, *parameters = (piece.strip() for piece in part.split(";"))
        language = tag.partition("-")[0]
        weight = "".join(parameters) or "q=1"
        if language in weights and _WEIGHT.fullmatch(weight):
            weights[language] = max(weights[language], float(weight.removeprefix("q=")))
    return "en" if weights["en"] > weights["vi"] else "vi"


def language_of(request: Request) -> Language:
    """Return the language in which the request is to be answered.

    Who asks makes the answer depend on it, and `app.api.middleware` says so in its headers.
    """
    language = preferred_language(",".join(request.headers.getlist("accept-language")))
    request.state.language = language
    return language


def problem_response(request: Request, error: DomainError, **headers: str) -> Response:
    """Return a refusal as application/problem+json."""
    language = language_of(request)
    status = STATUS[type(error)]
    faults = [
        ProblemFault(
            pointer=safe(fault.pointer, LONGEST_PLACE),  # fields have the names that were sent
            code=fault.text.code,
            detail=fault.text.say(language, fault.params),
            permitted=list(fault.permitted) if fault.permitted is not None else None,
        )
        for fault in error.faults
    ]
    problem = Problem(
        type=f"{PROBLEM_TYPE}{error.text.code}",
        title=error.text.code,
        status=status,
        code=error.text.code,
        detail=error.text.say(language, error.params),
        instance=f"{OCCURRENCE}{request.state.request_id}",
        request_id=str(request.state.request_id),
        errors=faults or None,
    )
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(
        problem.model_dump_json(exclude_none=True),
        status_code=status,
        media_type=MEDIA_TYPE,
        headers=named,
    )


def install(app: FastAPI) -> None:
    """Give every refusal its problem document; `app.api.middleware` does so for faults of ours."""
    app.add_exception_handler(DomainError, _domain)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(OperationalError, _unavailable)
    app.add_exception_handler(PoolTimeout, _unavailable)


async def _refuse(request: Request, error: DomainError, **headers: str) -> Response:
    if not isinstance(error, BatchRefused):  # the batch is stored, and audited with it
        await record_refusal(request, code=error.text.code, status=STATUS[type(error)])
    return problem_response(request, error, **headers)


async def _domain(request: Request, error: Exception) -> Response:
    assert isinstance(error, DomainError)  # noqa: S101 - installed for this class only
    headers: dict[str, str] = {}
    if isinstance(error, Unauthenticated):
        headers["WWW_Authenticate"] = 'Bearer realm="baocao"'
    if isinstance(error, refusals.RateLimited):
        headers["Retry_After"] = str(error.params["seconds"])
    if isinstance(error, KeyInProgress):
        headers["Retry_After"] = "1"
    if isinstance(error, refusals.NotAcceptable):
        headers["Vary"] = str(error.params["header"])
    if isinstance(error, BatchRefused):
        headers["Location"] = str(error.params["place"])
    return await _refuse(request, error, **headers)


async def _validation(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - installed for this class only
    faults = error.errors()
    if any(fault["loc"][:1] == ("path",) for fault in faults):
        return await _refuse(request, NotFound())  # no such path can name anything
    return await _refuse(request, Invalid(*faults_of(faults)))


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - installed for this class only
    if isinstance(error, Replayed):
        return error.response
    if isinstance(error, RefusedRequest):
        return await _refuse(request, error.refusal)
    if error.status_code == 404:  # noqa: PLR2004 - HTTP's own number
        return await _refuse(request, NotFound())
    if error.status_code == 405:  # noqa: PLR2004 - HTTP's own number
        allowed = ", ".join(allowed_methods(request.app.routes, request.url.path))
        refusal = refusals.MethodNotAllowed(method=request.method, allowed=allowed)
        return await _refuse(request, refusal, Allow=allowed)
    return await _refuse(request, refusals.HttpError())


def _unavailable(request: Request, error: Exception) -> Response:
    log.error("database unavailable", exc_info=error, request_id=request.state.request_id)
    return problem_response(request, refusals.Unavailable(), Retry_After="5")


def unexpected(request: Request, error: Exception) -> Response:
    """Log an error that is a fault of ours and return its problem document."""
    log.error("unexpected", exc_info=error, request_id=request.state.request_id)
    return problem_response(request, refusals.InternalError())
