"""The consolidation of provincial-level budget units (V.4): built, listed, pulled."""

import hashlib
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from app.api.budgets.dossier_schemas import (
    BudgetConsolidationPage,
    BudgetConsolidationQuery,
    ConsolidationHeadOut,
    FormQuery,
)
from app.api.consolidation.answer import REQUEST_HEADERS, RESPONSES
from app.api.contract.refusing import refuses
from app.api.deps import CanReadBudgets, CanReviewBudgets
from app.api.forms import CSV, form_of
from app.api.pagination import ListOf, NextPage
from app.api.paths import VersionInPath
from app.api.refusals import NotAcceptable
from app.api.representations import StoredBytes, answer
from app.api.strict import JSON, StrictRoute
from app.domain.budgets.bodies import BudgetConsolidationBody
from app.domain.budgets.consolidating import BudgetNotFrozen, Head, build, get_version, versions
from app.domain.budgets.document import ConsolidationDocument
from app.domain.budgets.models import BudgetConsolidation
from app.domain.budgets.rights import NotFinanceAuthority
from app.domain.budgets.tables import consolidation_csv, read, workbook
from app.domain.budgets.years import BudgetYearOutsidePlan

router = APIRouter(tags=["Budgets"], route_class=StrictRoute)

VERSIONS: ListOf[Head] = ListOf("budget-consolidations", lambda row: (str(row.id),))


@router.post(
    "/budget-consolidations",
    status_code=201,
    responses={
        200: {
            "model": ConsolidationHeadOut,
            "description": "Nothing differs from the newest version (không đổi).",
        },
        **refuses(BudgetNotFrozen, BudgetYearOutsidePlan, NotFinanceAuthority),
    },
)
def build_budget_consolidation(
    caller: CanReviewBudgets, body: BudgetConsolidationBody, response: Response
) -> ConsolidationHeadOut:
    """Build the next version for a budget year, for the provincial budget's finance authority.

    It takes in what was received before its freeze and consolidated since; what comes later goes
    into the next version. A version never changes. 409 `budget_not_frozen` before the calendar's
    freeze.
    """
    head, new = build(caller.session, body=body, by=caller.by, at=caller.at)
    response.status_code = 201 if new else 200
    response.headers["Location"] = f"/v1/budget-consolidations/{head.id}"
    return ConsolidationHeadOut.of(head)


@router.get("/budget-consolidations")
def list_budget_consolidations(
    caller: CanReadBudgets, query: Annotated[BudgetConsolidationQuery, Query()], link: NextPage
) -> BudgetConsolidationPage:
    """List the versions: for the authority that built them, and for who sees the province."""
    after = VERSIONS.after(query, secret=caller.cursor_secret)
    rows = versions(
        caller.session,
        by=caller.by,
        at=caller.at,
        plan=query.plan,
        budget_year=query.budget_year,
        after=UUID(after[0]) if after else None,
        limit=query.limit + 1,
    )
    shown, cursor = VERSIONS.page(rows, query, secret=caller.cursor_secret)
    items = [ConsolidationHeadOut.of(row) for row in shown]
    return BudgetConsolidationPage(items=items, next=link(cursor))


@router.get(
    "/budget-consolidations/{version_id}",
    response_model=ConsolidationDocument,
    responses={**RESPONSES, **refuses(NotAcceptable)},
    openapi_extra=REQUEST_HEADERS,
)
def get_budget_consolidation(
    caller: CanReadBudgets,
    version_id: VersionInPath,
    query: Annotated[FormQuery, Query()],
    request: Request,
) -> Response:
    """Pull a version: its stored bytes, canonical JSON (RFC 8785), with a strong ETag.

    `Repr-Digest` (RFC 9530) is the hash of what is sent; `X-Report-SHA256` that of the document.
    304 where `If-None-Match` names the bytes. The same figures as CSV (a row for each, UTF-8 with
    its mark) or as a workbook by `Accept` or `format`, which wins.
    """
    found = get_version(caller.session, version_id=version_id, by=caller.by, at=caller.at)
    if hashlib.sha256(found.content).hexdigest() != found.sha256:
        raise RuntimeError(f"the bytes of consolidation {found.id} do not have their hash")
    form = form_of(request.headers.getlist("accept"), query.format)
    return answer(request, _representation(found, form))


def _representation(found: BudgetConsolidation, form: str) -> StoredBytes:
    place = f"/v1/budget-consolidations/{found.id}"
    told = {"X-Report-Version": str(found.version), "X-Report-SHA256": found.sha256}
    if form == JSON:
        told["Content-Location"] = place
        return StoredBytes(found.content, media_type=JSON, told=told, vary="Accept")
    document, ending = read(found.content), "csv" if form == CSV else "xlsx"
    name = f"tong-hop-du-toan-{found.budget_year}-ban-{found.version}.{ending}"
    told["Content-Location"] = f"{place}?format={ending}"
    told["Content-Disposition"] = f'attachment; filename="{name}"'
    content = consolidation_csv(document) if form == CSV else workbook(document)
    media_type = f"{CSV}; charset=utf-8" if form == CSV else form
    return StoredBytes(content, media_type=media_type, told=told, vary="Accept")
