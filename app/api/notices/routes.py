"""Notices: who is reminded of what."""

from typing import Annotated, Final

from fastapi import APIRouter, Query

from app.api.contract.refusing import refuses
from app.api.deps import CanReadSubmissions
from app.api.notices.schemas import NoticeOut, NoticesOut, NoticesQuery
from app.api.pagination import read_cursor, write_cursor
from app.api.refusals import BadCursor
from app.api.strict import StrictRoute
from app.domain.notices.queries import NoticeFilter, last_place, notices
from app.domain.units.queries import bearing

router = APIRouter(tags=["Notices"], route_class=StrictRoute)

FEED: Final = "notices"


@router.get("/notices", responses=refuses(BadCursor))
def list_notices(caller: CanReadSubmissions, query: Annotated[NoticesQuery, Query()]) -> NoticesOut:
    """Follow this unit's reminders, in the order in which they were put out; the province sees all.

    Keep `next` and give it as `since` the next time: nothing is left out and nothing comes twice.
    The state of an e-mail changes afterwards: read again from an earlier place to see it. Where a
    cursor is refused (`bad_cursor`), the database was restored: begin without `since`.
    """
    session, secret = caller.session, caller.cursor_secret
    after = int((read_cursor(secret, FEED, query.since) or ["0"])[0])
    # Read first: all up to it is there to be seen, since places follow the commits.
    last = last_place(session)
    if after > last:
        raise BadCursor()
    units = None
    if query.unit is not None:
        units = [unit.unit_key for unit in bearing(session, query.unit)]
    narrowed = NoticeFilter(query.plan, query.year, query.occasion, query.email, units)
    rows = notices(session, by=caller.by, narrowed=narrowed, after=after, limit=query.limit + 1)
    shown, more = rows[: query.limit], len(rows) > query.limit
    upto = max([row.notice.seq for row in shown] + ([] if more else [last]), default=after)
    return NoticesOut(
        items=[NoticeOut.of(row) for row in shown],
        next=write_cursor(secret, FEED, [str(upto)]),
        more=more,
    )
