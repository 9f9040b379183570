"""Activity reports: what units did."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body, Query, Response

from app.api.activities.schemas import (
    AcceptedActivityOut,
    ActivityOut,
    ActivityPage,
    ActivityPut,
    ActivityQuery,
    DryRunQuery,
    MergePatch,
    NaturalKeyQuery,
    ReasonIn,
)
from app.api.contract.refusing import refuses
from app.api.deps import Caller, CanReadActivities, CanWriteActivities
from app.api.pagination import ListOf, NextPage
from app.api.paths import ActivityInPath, ExternalIdInPath, SystemInPath, UnitInPath
from app.api.preconditions import IfMatch, etag
from app.api.strict import MERGE_PATCH, StrictRoute
from app.domain.activities.body import ActivityBody, ActivityCorrection
from app.domain.activities.candidate import UnitNotYours
from app.domain.activities.held import ReportExists, ReportWithdrawn
from app.domain.activities.patch import body_of, patched
from app.domain.activities.queries import (
    ActivityFilter,
    StoredActivity,
    activities,
    find_activity,
    get_activity,
)
from app.domain.activities.service import (
    Accepted,
    Precondition,
    UnitWouldChange,
    accept,
    correct,
    put,
    reinstate,
    withdraw,
)
from app.domain.errors import NotFound
from app.domain.units.queries import find

router = APIRouter(tags=["Activity reports"], route_class=StrictRoute)

ACTIVITIES: ListOf[StoredActivity] = ListOf("activity-reports", lambda row: (str(row.report.id),))


@router.post(
    "/activity-reports",
    status_code=201,
    responses={
        200: {
            "model": AcceptedActivityOut,
            "description": "It was stored before, word for word (không đổi).",
        },
        **refuses(ReportExists, UnitNotYours),
    },
)
def create_activity_report(
    caller: CanWriteActivities,
    body: ActivityBody,
    query: Annotated[DryRunQuery, Query()],
    response: Response,
) -> AcceptedActivityOut:
    """Report an activity.

    Safe to send again: with the same natural key (unit, source system, external id) and what any
    of the report's revisions says the answer is 200 and `unchanged`; with another content 409
    `report_exists`: correct it with PUT or PATCH. `dry_run=true` does everything but store it.
    """
    accepted = accept(caller.session, caller.reference, body=body, by=caller.by, at=caller.at)
    return _answer(caller, accepted, response, dry_run=query.dry_run)


@router.put(
    "/units/{unit}/activity-reports/{source_system}/{external_id}",
    status_code=201,
    responses={
        200: {
            "model": AcceptedActivityOut,
            "description": "Corrected (sửa), or unchanged (không đổi).",
        },
        **refuses(ReportExists, ReportWithdrawn, UnitNotYours, UnitWouldChange),
    },
)
def put_activity_report(
    caller: CanWriteActivities,
    unit: UnitInPath,
    source_system: SystemInPath,
    external_id: ExternalIdInPath,
    content: ActivityPut,
    if_match: IfMatch,
    query: Annotated[DryRunQuery, Query()],
    response: Response,
) -> AcceptedActivityOut:
    """Report an activity under its natural key, or correct it; the unit is meant on `occurred_on`.

    Where there is no such report it is stored (201). Where there is one with another content,
    `If-Match` names the revision that is corrected and `reason` says why.
    """
    body = ActivityBody(
        **content.model_dump(exclude={"reason"}),
        unit=unit,
        source_system=source_system,
        external_id=external_id,
    )
    accepted = put(
        caller.session,
        caller.reference,
        body=body,
        reason=content.reason,
        expected=if_match,
        by=caller.by,
        at=caller.at,
    )
    return _answer(caller, accepted, response, dry_run=query.dry_run)


@router.put(
    "/activity-reports/{report_id:uuid}",
    responses=refuses(ReportWithdrawn, UnitNotYours, UnitWouldChange),
)
def correct_activity_report(
    caller: CanWriteActivities,
    report_id: ActivityInPath,
    correction: ActivityCorrection,
    if_match: IfMatch,
    query: Annotated[DryRunQuery, Query()],
    response: Response,
) -> AcceptedActivityOut:
    """Correct an activity report: its whole content anew, as a new revision.

    `If-Match` names the revision that is corrected. The answer names the submissions and the
    consolidated reports that hold an earlier revision, and are out of date. A correction that
    would make it another body's report is refused (`unit_would_change`).
    """
    activity = get_activity(caller.session, by=caller.by, report_id=report_id)
    return _correct(caller, activity, correction, if_match, query, response)


@router.patch(
    "/activity-reports/{report_id:uuid}",
    responses=refuses(ReportWithdrawn, UnitNotYours, UnitWouldChange),
)
def patch_activity_report(
    caller: CanWriteActivities,
    report_id: ActivityInPath,
    patch: Annotated[MergePatch, Body(media_type=MERGE_PATCH)],
    if_match: IfMatch,
    query: Annotated[DryRunQuery, Query()],
    response: Response,
) -> AcceptedActivityOut:
    """Correct an activity report by a JSON Merge Patch (RFC 7396): only what changes is sent.

    A list is replaced as a whole; null takes a field out. `reason` is needed. Otherwise as PUT.
    """
    # Locked as it is read: the patch is made of what is corrected, also where If-Match is `*`.
    activity = get_activity(caller.session, by=caller.by, report_id=report_id, lock=True)
    return _correct(caller, activity, patched(activity, patch), if_match, query, response)


@router.post("/activity-reports/{report_id:uuid}/withdraw", responses=refuses(UnitNotYours))
def withdraw_activity_report(
    caller: CanWriteActivities,
    report_id: ActivityInPath,
    why: ReasonIn,
    if_match: IfMatch,
    query: Annotated[DryRunQuery, Query()],
    response: Response,
) -> AcceptedActivityOut:
    """Withdraw an activity report: it stays readable, and counts in nothing frozen afterwards.

    `If-Match` names the current revision. One withdrawn before stays so (`unchanged`).
    """
    accepted = withdraw(
        caller.session,
        caller.reference,
        activity=get_activity(caller.session, by=caller.by, report_id=report_id),
        reason=why.reason,
        expected=if_match,
        by=caller.by,
        at=caller.at,
    )
    return _answer(caller, accepted, response, dry_run=query.dry_run)


@router.post("/activity-reports/{report_id:uuid}/reinstate", responses=refuses(UnitNotYours))
def reinstate_activity_report(
    caller: CanWriteActivities,
    report_id: ActivityInPath,
    why: ReasonIn,
    if_match: IfMatch,
    query: Annotated[DryRunQuery, Query()],
    response: Response,
) -> AcceptedActivityOut:
    """Take the withdrawal of an activity report back."""
    accepted = reinstate(
        caller.session,
        caller.reference,
        activity=get_activity(caller.session, by=caller.by, report_id=report_id),
        reason=why.reason,
        expected=if_match,
        by=caller.by,
        at=caller.at,
    )
    return _answer(caller, accepted, response, dry_run=query.dry_run)


@router.get("/units/{unit}/activity-reports/{source_system}/{external_id}")
def find_activity_report(
    caller: CanReadActivities,
    response: Response,
    unit: UnitInPath,
    source_system: SystemInPath,
    external_id: ExternalIdInPath,
    query: Annotated[NaturalKeyQuery, Query()],
) -> ActivityOut:
    """Read the activity report with a natural key."""
    found = find_activity(
        caller.session,
        by=caller.by,
        unit=find(caller.session, unit, on=query.on or caller.today).unit_key,
        source_system=source_system,
        external_id=external_id,
    )
    response.headers["ETag"] = etag(found.revision.number)
    return ActivityOut.of(found)


@router.get("/activity-reports", responses=refuses(NotFound))
def list_activity_reports(
    caller: CanReadActivities, query: Annotated[ActivityQuery, Query()], link: NextPage
) -> ActivityPage:
    """List the activity reports that this key may see, in the order of their receipt."""
    unit = None
    if query.unit is not None:
        unit = find(caller.session, query.unit, on=query.on or caller.today).unit_key
    after = ACTIVITIES.after(query, secret=caller.cursor_secret)
    rows = activities(
        caller.session,
        by=caller.by,
        narrowed=ActivityFilter(
            plan=query.plan,
            plan_item=query.plan_item,
            unit=unit,
            occurred_from=query.occurred_from,
            occurred_to=query.occurred_to,
            channel=query.channel,
            content_theme=query.content_theme,
            source_system=query.source_system,
            external_id=query.external_id,
            reported=query.reported,
        ),
        after=UUID(after[0]) if after else None,
        limit=query.limit + 1,
    )
    shown, cursor = ACTIVITIES.page(rows, query, secret=caller.cursor_secret)
    return ActivityPage(items=[ActivityOut.of(row) for row in shown], next=link(cursor))


@router.get("/activity-reports/{report_id:uuid}")
def get_activity_report(
    caller: CanReadActivities, report_id: ActivityInPath, response: Response
) -> ActivityOut:
    """Read an activity report by its id. Its ETag is what If-Match takes."""
    found = get_activity(caller.session, by=caller.by, report_id=report_id)
    response.headers["ETag"] = etag(found.revision.number)
    return ActivityOut.of(found)


def _correct(
    caller: Caller,
    activity: StoredActivity,
    correction: ActivityCorrection,
    expected: Precondition | None,
    query: DryRunQuery,
    response: Response,
) -> AcceptedActivityOut:
    accepted = correct(
        caller.session,
        caller.reference,
        activity=activity,
        body=body_of(activity, correction),
        reason=correction.reason,
        expected=expected,
        by=caller.by,
        at=caller.at,
    )
    return _answer(caller, accepted, response, dry_run=query.dry_run)


def _answer(
    caller: Caller, accepted: Accepted, response: Response, *, dry_run: bool
) -> AcceptedActivityOut:
    created = accepted.outcome == "created"
    response.status_code = 201 if created and not dry_run else 200
    answer = AcceptedActivityOut.told(accepted, dry_run=dry_run)
    if dry_run:
        caller.abandon()
        return answer
    response.headers["Location"] = f"/v1/activity-reports/{accepted.activity.report.id}"
    response.headers["ETag"] = etag(accepted.activity.revision.number)
    return answer
