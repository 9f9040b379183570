"""The history of activity reports: the revisions of each, and the changes of all."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request

from app.api.activities.history_schemas import (
    ActivityRevisionOut,
    ChangesOut,
    ChangesQuery,
    RevisionOut,
    RevisionPage,
)
from app.api.contract.refusing import refuses
from app.api.deps import CanReadActivities, front_of
from app.api.pagination import ListOf, ListQuery, NextPage, read_cursor, write_cursor
from app.api.paths import ActivityInPath, NumberInPath
from app.api.refusals import BadCursor
from app.api.strict import StrictRoute
from app.domain.activities.changes import changes, seal_outstanding_changes, unsealed
from app.domain.activities.revisions import Step, get_revision, revisions

router = APIRouter(tags=["Activity reports"], route_class=StrictRoute)

REVISIONS: ListOf[Step] = ListOf("revisions", lambda step: (str(step.to.revision.number),))
FEED: Final = "activity-changes"


@router.get("/activity-reports/changes", responses=refuses(BadCursor))
def list_changes(
    caller: CanReadActivities, query: Annotated[ChangesQuery, Query()], request: Request
) -> ChangesOut:
    """Follow the changes: every revision of the reports that this key may see, in commit order.

    Keep `next` and give it as `since` the next time: nothing is left out and nothing comes twice.
    The same `since` gives the same revisions again, and those that came after them. What was
    acknowledged is here at once, unless an older write is still under way. Where a cursor is
    refused (`bad_cursor`), the database was restored: begin without `since`. So does a unit that
    becomes an ended unit's steward: what was passed over before is not given by a later `since`.
    """
    if unsealed(caller.session):
        seal_outstanding_changes(front_of(request).engine)
    secret = caller.cursor_secret
    place = read_cursor(secret, FEED, query.since) or ["0"]
    feed = changes(caller.session, by=caller.by, after=int(place[0]), limit=query.limit)
    if feed is None:
        raise BadCursor()
    return ChangesOut(
        items=[ActivityRevisionOut.as_of(row) for row in feed.rows],
        next=write_cursor(secret, FEED, [str(feed.upto)]),
        more=feed.more,
    )


@router.get("/activity-reports/{report_id:uuid}/revisions")
def list_revisions(
    caller: CanReadActivities,
    report_id: ActivityInPath,
    query: Annotated[ListQuery, Query()],
    link: NextPage,
) -> RevisionPage:
    """List a report's revisions, oldest first: who, when, why, and what each changed.

    A withdrawn report has them as well.
    """
    after = REVISIONS.after(query, secret=caller.cursor_secret)
    steps = revisions(
        caller.session,
        by=caller.by,
        report_id=report_id,
        after=int(after[0]) if after else 0,
        limit=query.limit + 1,
    )
    shown, cursor = REVISIONS.page(steps, query, secret=caller.cursor_secret)
    return RevisionPage(items=[RevisionOut.of(step) for step in shown], next=link(cursor))


@router.get("/activity-reports/{report_id:uuid}/revisions/{number}")
def read_revision(
    caller: CanReadActivities, report_id: ActivityInPath, number: NumberInPath
) -> ActivityRevisionOut:
    """Read the whole content of a report as of one of its revisions."""
    return ActivityRevisionOut.as_of(
        get_revision(caller.session, by=caller.by, report_id=report_id, number=number)
    )
