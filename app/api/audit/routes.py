"""The audit: who did what, when, and what was refused."""

from typing import Annotated

from fastapi import APIRouter, Query, Request

from app.api.audit.schemas import AuditEntryOut, AuditPage, AuditQuery
from app.api.deps import CanReadAudit, front_of
from app.api.pagination import ListOf, NextPage
from app.api.strict import StrictRoute
from app.domain.audit.queries import SealedEntry, entries
from app.domain.audit.seal import seal_outstanding

router = APIRouter(tags=["Audit"], route_class=StrictRoute)

ENTRIES: ListOf[SealedEntry] = ListOf("audit", lambda row: (str(row.seal.seq),))


@router.get("/audit")
def list_audit_entries(
    caller: CanReadAudit, query: Annotated[AuditQuery, Query()], request: Request, link: NextPage
) -> AuditPage:
    """List what this unit's keys did and were refused, oldest first; the province sees all.

    An entry is listed once it has its place in the chain: at once, or as soon as the requests
    that began before its own have ended. So nothing ever appears before a page that was read.
    """
    seal_outstanding(front_of(request).engine)
    caller.session.rollback()  # what SQLite shows it is from before the sealing
    after = ENTRIES.after(query, secret=caller.cursor_secret)
    rows = entries(
        caller.session,
        by=caller.by,
        narrowed=query.narrowed(),
        after=int(after[0]) if after else None,
        limit=query.limit + 1,
    )
    shown, cursor = ENTRIES.page(rows, query, secret=caller.cursor_secret)
    return AuditPage(items=[AuditEntryOut.of(row) for row in shown], next=link(cursor))
