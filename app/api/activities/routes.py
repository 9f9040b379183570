"""Activity reports: what units did."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from app.api.activities.schemas import (
    AcceptedActivityOut,
    ActivityOut,
    ActivityPage,
    ActivityQuery,
    NaturalKeyQuery,
)
from app.api.deps import Caller, CanReadActivities, CanWriteActivities
from app.api.pagination import ListOf, NextPage
from app.api.strict import StrictRoute
from app.domain.activities.body import ActivityBody, ActivityContent
from app.domain.activities.queries import (
    ActivityFilter,
    StoredActivity,
    activities,
    find_activity,
    get_activity,
)
from app.domain.activities.service import accept
from app.domain.fields import ExternalId, SystemName, UnitReference
from app.domain.units.queries import find

router = APIRouter(tags=["Activity reports"], route_class=StrictRoute)

ACTIVITIES: ListOf[StoredActivity] = ListOf("activity-reports", lambda row: (str(row.report.id),))


@router.post(
    "/activity-reports",
    status_code=201,
    responses={200: {"model": AcceptedActivityOut, "description": "It was stored before."}},
)
def create_activity_report(
    caller: CanWriteActivities, body: ActivityBody, response: Response
) -> AcceptedActivityOut:
    """Report an activity.

    Safe to send again: with the same natural key (unit, source system, external id) and the same
    content the answer is 200 and `unchanged`; with another content 409 `report_exists`.
    """
    return _accept(caller, body, response)


@router.put(
    "/units/{unit}/activity-reports/{source_system}/{external_id}",
    status_code=201,
    responses={200: {"model": AcceptedActivityOut, "description": "It was stored before."}},
)
def put_activity_report(
    caller: CanWriteActivities,
    unit: UnitReference,
    source_system: SystemName,
    external_id: ExternalId,
    content: ActivityContent,
    response: Response,
) -> AcceptedActivityOut:
    """Report an activity under its natural key; the unit's code is meant on `occurred_on`."""
    body = ActivityBody(
        **content.model_dump(), unit=unit, source_system=source_system, external_id=external_id
    )
    return _accept(caller, body, response)


@router.get("/units/{unit}/activity-reports/{source_system}/{external_id}")
def find_activity_report(
    caller: CanReadActivities,
    unit: UnitReference,
    source_system: SystemName,
    external_id: ExternalId,
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
    return ActivityOut.of(found)


@router.get("/activity-reports")
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
        ),
        after=UUID(after[0]) if after else None,
        limit=query.limit + 1,
    )
    shown, cursor = ACTIVITIES.page(rows, query, secret=caller.cursor_secret)
    return ActivityPage(items=[ActivityOut.of(row) for row in shown], next=link(cursor))


@router.get("/activity-reports/{report_id}")
def get_activity_report(caller: CanReadActivities, report_id: UUID) -> ActivityOut:
    """Read an activity report by its id."""
    return ActivityOut.of(get_activity(caller.session, by=caller.by, report_id=report_id))


def _accept(caller: Caller, body: ActivityBody, response: Response) -> AcceptedActivityOut:
    accepted = accept(caller.session, body=body, by=caller.by, at=caller.at)
    response.status_code = 201 if accepted.outcome == "created" else 200
    response.headers["Location"] = f"/v1/activity-reports/{accepted.activity.report.id}"
    return AcceptedActivityOut.model_validate(
        {**ActivityOut.fields_of(accepted.activity), "outcome": accepted.outcome}
    )
