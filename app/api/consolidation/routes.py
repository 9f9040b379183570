"""The consolidated report: asked for, watched, pulled."""

import base64
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query, Response

from app.api.consolidation import course
from app.api.consolidation.schemas import (
    ConsolidationIn,
    ConsolidationRequestOut,
    ReportHeadOut,
    ReportPage,
    ReportQuery,
)
from app.api.cycles.named import cycle_named
from app.api.cycles.schemas import Year
from app.api.deps import CanReadConsolidated, CanRequestConsolidated
from app.api.pagination import ListOf, NextPage
from app.api.strict import StrictRoute
from app.domain.consolidation import service
from app.domain.consolidation.queries import (
    StoredReport,
    get_report,
    get_request,
    latest_report,
    reports,
)
from app.domain.consolidation.report import Report
from app.domain.fields import PlanSlug

router = APIRouter(tags=["Consolidated reports"], route_class=StrictRoute)

REPORTS: ListOf[StoredReport] = ListOf("consolidated-reports", lambda row: (str(row.report.id),))
POLL_AFTER: Final = "1"  # seconds


@router.post("/consolidated-reports", status_code=202)
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
    caller: CanReadConsolidated, request_id: UUID, response: Response
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


@router.get("/consolidated-reports/{report_id}", response_model=Report)
def get_consolidated_report(caller: CanReadConsolidated, report_id: UUID) -> Response:
    """Pull a version: its stored bytes, canonical JSON (RFC 8785), with their SHA-256."""
    return _bytes(get_report(caller.session, by=caller.by, report_id=report_id))


@router.get("/plans/{plan}/cycles/{year}/consolidated-report", response_model=Report)
def get_latest_consolidated_report(
    caller: CanReadConsolidated, plan: PlanSlug, year: Year
) -> Response:
    """Pull the latest version of a plan's year."""
    return _bytes(latest_report(caller.session, by=caller.by, plan=plan, year=year))


def _bytes(stored: StoredReport) -> Response:
    report = stored.report
    digest = base64.b64encode(bytes.fromhex(report.sha256)).decode()
    return Response(
        report.content,
        media_type="application/json",
        headers={
            "ETag": f'"{report.sha256}"',
            "Content-Location": f"/v1/consolidated-reports/{report.id}",
            "Repr-Digest": f"sha-256=:{digest}:",
            "X-Report-Version": str(report.version),
        },
    )


router.include_router(course.router)
