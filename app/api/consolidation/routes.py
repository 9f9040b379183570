"""The consolidated report: asked for, watched, pulled."""

from enum import Enum
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from app.api.consolidation import course
from app.api.consolidation.answer import REQUEST_HEADERS, RESPONSES, pull, pull_latest
from app.api.consolidation.pulling import PullRoute
from app.api.consolidation.schemas import (
    ConsolidationIn,
    ConsolidationRequestOut,
    FormQuery,
    ReportHeadOut,
    ReportPage,
    ReportQuery,
)
from app.api.contract.refusing import refuses
from app.api.cycles.named import cycle_named
from app.api.cycles.schemas import Year
from app.api.deps import CanReadConsolidated, CanRequestConsolidated
from app.api.pagination import ListOf, NextPage
from app.api.paths import PlanInPath, ReportInPath, RequestInPath
from app.api.refusals import NotAcceptable
from app.api.strict import StrictRoute
from app.domain.consolidation import service
from app.domain.consolidation.overlap import CountedTwice
from app.domain.consolidation.queries import ListedReport, get_request, reports
from app.domain.consolidation.reading import ReportSchemaTooOld
from app.domain.consolidation.report import Report
from app.domain.consolidation.service import NotConsolidator
from app.domain.errors import NotFound

_TAGS: Final[list[str | Enum]] = ["Consolidated reports"]
pulling = APIRouter(tags=_TAGS, route_class=PullRoute)
router = APIRouter(tags=_TAGS, route_class=StrictRoute)

REPORTS: ListOf[ListedReport] = ListOf("consolidated-reports", lambda row: (str(row.report.id),))
POLL_AFTER: Final = "1"  # seconds


@pulling.get(
    "/consolidated-reports/{report_id}",
    response_model=Report,
    responses={**RESPONSES, **refuses(NotAcceptable, ReportSchemaTooOld)},
    openapi_extra=REQUEST_HEADERS,
)
def get_consolidated_report(
    caller: CanReadConsolidated,
    report_id: ReportInPath,
    query: Annotated[FormQuery, Query()],
    request: Request,
) -> Response:
    """Pull a version: its stored bytes, canonical JSON (RFC 8785), with their SHA-256.

    They never change: a client that has them sends their ETag in `If-None-Match` and gets 304.
    HEAD answers the same without the bytes.

    JSON is the truth. By `format`, or by `Accept`, the same figures come as CSV (one a line, with
    its JSON Pointer; UTF-8 with its mark) or as a workbook (XLSX: totals, figures, the annex of
    units by indicators, the roster, narratives, expenditure), with Vietnamese headings. The
    workbook says where its version stands, so its bytes change when the version is issued.
    """
    return pull(caller, request, report_id=report_id, wanted=query.format)


@router.get(
    "/plans/{plan}/cycles/{year}/consolidated-report",
    response_model=Report,
    responses={**RESPONSES, **refuses(NotAcceptable, ReportSchemaTooOld)},
    openapi_extra=REQUEST_HEADERS,
)
def get_latest_consolidated_report(
    caller: CanReadConsolidated,
    plan: PlanInPath,
    year: Year,
    query: Annotated[FormQuery, Query()],
    request: Request,
) -> Response:
    """Pull the latest version of a plan's year; `Content-Location` says which one it is.

    As the version itself it is answered with its ETag, or with 304, and in the form that is asked
    for; HEAD leaves the bytes out.
    """
    return pull_latest(caller, request, plan=plan, year=year, wanted=query.format)


@router.post(
    "/consolidated-reports",
    status_code=202,
    responses=refuses(CountedTwice, NotConsolidator, NotFound),
)
def request_consolidated_report(
    caller: CanRequestConsolidated, body: ConsolidationIn, response: Response
) -> ConsolidationRequestOut:
    """Ask for the next version of a cycle's consolidated report.

    The worker builds it; `Location` names the resource that shows its state and progress. While
    one is under way, asking again answers that one.
    """
    cycle = cycle_named(caller.session, key=body.cycle, plan=body.plan, year=body.year)
    wanted = service.Wanted(body.basis, body.known_at, body.units_on)
    row = service.request(caller.session, cycle=cycle, wanted=wanted, by=caller.by, at=caller.at)
    response.headers["Location"] = f"/v1/consolidation-requests/{row.id}"
    response.headers["Retry-After"] = POLL_AFTER
    return ConsolidationRequestOut.of(get_request(caller.session, by=caller.by, request_id=row.id))


@router.get("/consolidation-requests/{request_id}")
def get_consolidation_request(
    caller: CanReadConsolidated, request_id: RequestInPath, response: Response
) -> ConsolidationRequestOut:
    """Read the state and progress of a request."""
    found = ConsolidationRequestOut.of(
        get_request(caller.session, by=caller.by, request_id=request_id)
    )
    if found.state in ("queued", "running"):
        response.headers["Retry-After"] = POLL_AFTER
    return found


@router.get("/consolidated-reports")
def list_consolidated_reports(
    caller: CanReadConsolidated, query: Annotated[ReportQuery, Query()], link: NextPage
) -> ReportPage:
    """List the versions that were published."""
    after = REPORTS.after(query, secret=caller.cursor_secret)
    rows = reports(
        caller.session,
        by=caller.by,
        plan=query.plan,
        year=query.year,
        cycle=query.cycle,
        after=UUID(after[0]) if after else None,
        limit=query.limit + 1,
    )
    shown, cursor = REPORTS.page(rows, query, secret=caller.cursor_secret)
    return ReportPage(items=[ReportHeadOut.of(row) for row in shown], next=link(cursor))


router.include_router(course.router)
