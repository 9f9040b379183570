"""Bulk requests: many activity reports at once, each with its outcome."""

from collections.abc import Iterator
from functools import partial
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from app.api.batches.schemas import (
    BatchOut,
    BatchPage,
    BatchRowOut,
    BatchRowPage,
    BatchRowQuery,
    BulkQuery,
    WithdrawalsQuery,
)
from app.api.bulk import BulkCaller, CanWriteInBulk
from app.api.contract.refusing import refuses, refuses_rows
from app.api.deps import CanReadActivities
from app.api.pagination import ListOf, ListQuery, NextPage
from app.api.paths import BatchInPath
from app.api.problems import language_of
from app.api.refusals import BadCursor
from app.api.spool import Spooled, SpooledRoute, file_body
from app.api.strict import StrictRoute
from app.db import unit_of_work
from app.domain.activities.candidate import UnitNotYours
from app.domain.activities.held import ReportExists, ReportWithdrawn, RevisionChanged
from app.domain.activities.service import UnitWouldChange
from app.domain.batches.columns import sheet_context
from app.domain.batches.models import Batch, BatchRow
from app.domain.batches.queries import batch_rows, batches, get_batch
from app.domain.batches.readers import JSON, JSON_LINES, read_rows
from app.domain.batches.reports import take_in_reports
from app.domain.batches.rows import ArrayTooLarge, RawRow
from app.domain.batches.service import BatchRefused, Intake, Order, TakeIn
from app.domain.batches.withdrawals import take_in_withdrawals
from app.domain.errors import NotFound
from app.domain.json_text import MalformedJson

SHOWN_AT_ONCE: Final = 100  # rejected rows in a batch's own answer
BATCHES: ListOf[Batch] = ListOf("activity-report-batches", lambda row: (str(row.id),))
ROWS: ListOf[BatchRow] = ListOf("batch-rows", lambda row: (str(row.batch_id), str(row.number)))


class WithdrawalsRoute(SpooledRoute):
    """A route whose body is a file of withdrawals."""

    accepted = (JSON, *JSON_LINES)


router = APIRouter(tags=["Bulk"], route_class=StrictRoute)
files = APIRouter(tags=["Bulk"], route_class=SpooledRoute)
withdrawals = APIRouter(tags=["Bulk"], route_class=WithdrawalsRoute)


@files.post(
    "/activity-report-batches",
    status_code=201,
    openapi_extra=file_body(
        SpooledRoute,
        "The rows (các dòng): a JSON array of ActivityRow, JSON Lines with one on each line, CSV "
        "in UTF-8, or a filled template (XLSX). JSON Lines and CSV may have any number of rows.",
        row="ActivityRow",
    ),
    responses={
        **refuses(ArrayTooLarge, BatchRefused),
        **refuses_rows(
            201,
            MalformedJson,
            UnitNotYours,
            UnitWouldChange,
            ReportExists,
            ReportWithdrawn,
            RevisionChanged,
        ),
    },
)
def create_activity_report_batch(
    caller: CanWriteInBulk,
    body: Spooled,
    query: Annotated[BulkQuery, Query()],
    request: Request,
    response: Response,
) -> BatchOut:
    """Report activities in bulk; the answer counts what became of the rows.

    Safe to send again as it is: rows that are stored come out `unchanged`. Under an
    Idempotency-Key the same request is the same batch, and goes on where it broke off. The batch
    can be read after a dropped line, with every row's outcome.
    """
    order = Order(
        kind="reports",
        mode=query.mode,
        update=query.on_existing == "update",
        dry_run=query.dry_run,
        media_type=body.media_type,
        body_sha256=body.sha256,
    )
    return _take_in(caller, order, take_in_reports, body, request, response)


@withdrawals.post(
    "/activity-report-batches/withdrawals",
    status_code=201,
    openapi_extra=file_body(
        WithdrawalsRoute,
        "The rows (các dòng): a JSON array of WithdrawalRow, or JSON Lines with one on each line.",
        row="WithdrawalRow",
    ),
    responses={
        **refuses(ArrayTooLarge, BatchRefused),
        **refuses_rows(201, MalformedJson, NotFound, RevisionChanged, UnitNotYours),
    },
)
def create_withdrawal_batch(
    caller: CanWriteInBulk,
    body: Spooled,
    query: Annotated[WithdrawalsQuery, Query()],
    request: Request,
    response: Response,
) -> BatchOut:
    """Withdraw activity reports in bulk, each by id or natural key, with a reason of its own."""
    order = Order(
        kind="withdrawals",
        mode=query.mode,
        update=True,
        dry_run=query.dry_run,
        media_type=body.media_type,
        body_sha256=body.sha256,
    )
    return _take_in(caller, order, take_in_withdrawals, body, request, response)


@router.get("/activity-report-batches")
def list_activity_report_batches(
    caller: CanReadActivities,
    query: Annotated[ListQuery, Query()],
    link: NextPage,
    request: Request,
) -> BatchPage:
    """List the unit's bulk requests, newest first, without their rows."""
    after = BATCHES.after(query, secret=caller.cursor_secret)
    found = batches(
        caller.session,
        by=caller.by,
        after=UUID(after[0]) if after else None,
        limit=query.limit + 1,
    )
    shown, cursor = BATCHES.page(found, query, secret=caller.cursor_secret)
    language = language_of(request)
    items = [BatchOut.of(row, (), at=caller.at, language=language) for row in shown]
    return BatchPage(items=items, next=link(cursor))


@router.get("/activity-report-batches/{batch_id:uuid}")
def get_activity_report_batch(
    caller: CanReadActivities, batch_id: BatchInPath, request: Request
) -> BatchOut:
    """Read a bulk request: its state, its counts and its first rejected rows."""
    batch = get_batch(caller.session, by=caller.by, batch_id=batch_id)
    rejected = batch_rows(
        caller.session, batch_id=batch.id, outcome="rejected", after=0, limit=SHOWN_AT_ONCE
    )
    return BatchOut.of(batch, rejected, at=caller.at, language=language_of(request))


@router.get("/activity-report-batches/{batch_id:uuid}/rows")
def list_batch_rows(
    caller: CanReadActivities,
    batch_id: BatchInPath,
    query: Annotated[BatchRowQuery, Query()],
    link: NextPage,
    request: Request,
) -> BatchRowPage:
    """List what became of a bulk request's rows, in the file's order."""
    batch = get_batch(caller.session, by=caller.by, batch_id=batch_id)
    after = ROWS.after(query, secret=caller.cursor_secret)
    if after is not None and after[0] != str(batch.id):
        raise BadCursor()
    found = batch_rows(
        caller.session,
        batch_id=batch.id,
        outcome=query.outcome,
        after=int(after[1]) if after else 0,
        limit=query.limit + 1,
    )
    shown, cursor = ROWS.page(found, query, secret=caller.cursor_secret)
    language = language_of(request)
    return BatchRowPage(items=[BatchRowOut.of(row, language) for row in shown], next=link(cursor))


def _take_in(
    caller: BulkCaller,
    order: Order,
    take_in: TakeIn,
    body: Spooled,
    request: Request,
    response: Response,
) -> BatchOut:
    front = caller.front
    with unit_of_work(front.engine, write=False) as session:
        context = sheet_context(session)
    intake = Intake(
        work=partial(unit_of_work, front.engine),
        memory=front.memory,
        now=front.clock.now,
        take_in=take_in,
        order=order,
        by=caller.by,
        at=caller.at,
        asked=caller.asked,
    )

    def read() -> Iterator[RawRow]:
        body.file.seek(0)
        return read_rows(body.file, body.media_type, context=context)

    batch_id = intake.run(read)
    place = f"/v1/activity-report-batches/{batch_id}"
    with unit_of_work(front.engine, write=False) as session:
        batch = get_batch(session, by=caller.by, batch_id=batch_id)
        rejected = batch_rows(
            session, batch_id=batch_id, outcome="rejected", after=0, limit=SHOWN_AT_ONCE
        )
    if batch.state == "refused":
        raise BatchRefused(rejected=batch.rejected, place=place)
    response.headers["Location"] = place
    if batch.finished_at is not None and batch.finished_at < caller.at:
        response.headers["Idempotency-Replayed"] = "true"
    return BatchOut.of(batch, rejected, at=caller.at, language=language_of(request))
