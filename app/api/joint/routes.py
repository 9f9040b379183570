"""Joint activity: what several units did together, each reporting it."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from app.api.contract.refusing import refuses
from app.api.deps import CanReadActivities, CanWriteActivities
from app.api.joint.schemas import (
    DecidedJointLinkOut,
    DecidedParticipationOut,
    JointActivityOut,
    JointActivityPage,
    JointActivityQuery,
    JointLinkIn,
    JointLinkOut,
    JointLinkPage,
    JointLinkQuery,
    ParticipationIn,
    SeparationIn,
)
from app.api.pagination import ListOf, NextPage
from app.api.paths import ActivityInPath, LinkInPath
from app.api.strict import StrictRoute
from app.domain.errors import NotFound
from app.domain.joint.links import confirm, join, separate
from app.domain.joint.participation import NotAParticipant, decide
from app.domain.joint.queries import JointActivity, StoredLink, get_link, joint_activities, links
from app.domain.joint.rules import (
    JointActivityRefused,
    JointLinkActionNotAllowed,
    JointLinkNotYours,
)
from app.domain.units.queries import find

router = APIRouter(tags=["Joint activity"], route_class=StrictRoute)

NAMINGS: ListOf[JointActivity] = ListOf(
    "joint-activities", lambda row: (str(row.activity.report.id), row.unit)
)
LINKS: ListOf[StoredLink] = ListOf("joint-links", lambda row: (str(row.current.link_id),))


@router.get("/joint-activities", responses=refuses(NotFound))
def list_joint_activities(
    caller: CanReadActivities, query: Annotated[JointActivityQuery, Query()], link: NextPage
) -> JointActivityPage:
    """List the other units' activity reports that name this key's unit, or a unit under it.

    The focal unit and the People's Committee's office see every one that names a unit.
    """
    unit = None
    if query.unit is not None:
        unit = find(caller.session, query.unit, on=query.on or caller.today).unit_key
    after = NAMINGS.after(query, secret=caller.cursor_secret)
    rows = joint_activities(
        caller.session,
        by=caller.by,
        plan=query.plan,
        unit=unit,
        state=query.state,
        after=(UUID(after[0]), after[1]) if after else None,
        limit=query.limit + 1,
    )
    shown, cursor = NAMINGS.page(rows, query, secret=caller.cursor_secret)
    return JointActivityPage(items=[JointActivityOut.of(row) for row in shown], next=link(cursor))


@router.post(
    "/activity-reports/{report_id:uuid}/participation",
    responses=refuses(JointActivityRefused, JointLinkNotYours, NotAParticipant),
)
def decide_participation(
    caller: CanWriteActivities, report_id: ActivityInPath, body: ParticipationIn
) -> DecidedParticipationOut:
    """Confirm or dispute that a unit took part in what another unit reports.

    For a unit that the current revision names. The answer says about which revision it was
    decided; another decision takes the place of this one, and the same again changes nothing.
    Disputing leaves links as they are: separate them.
    """
    answered = decide(
        caller.session,
        report_id=report_id,
        unit=body.unit,
        decision=body.decision,
        reason=body.reason,
        own_report=body.own_report,
        by=caller.by,
        at=caller.at,
    )
    return DecidedParticipationOut.after(answered)


@router.get("/joint-links")
def list_joint_links(
    caller: CanReadActivities, query: Annotated[JointLinkQuery, Query()], link: NextPage
) -> JointLinkPage:
    """List the links of this key's reports: with `state=claimed`, what waits for a word."""
    after = LINKS.after(query, secret=caller.cursor_secret)
    rows = links(
        caller.session,
        by=caller.by,
        report=query.report,
        state=query.state,
        after=UUID(after[0]) if after else None,
        limit=query.limit + 1,
    )
    shown, cursor = LINKS.page(rows, query, secret=caller.cursor_secret)
    return JointLinkPage(items=[JointLinkOut.of(row) for row in shown], next=link(cursor))


@router.post(
    "/joint-links",
    status_code=201,
    responses={
        200: {
            "model": DecidedJointLinkOut,
            "description": "The pair stood so already (không đổi).",
        },
        **refuses(JointActivityRefused, JointLinkNotYours, NotFound),
    },
)
def join_reports(
    caller: CanWriteActivities, body: JointLinkIn, response: Response
) -> DecidedJointLinkOut:
    """Join two reports of one activity, so that it counts once in the province.

    By a unit, for its own report and one that it may see: a claim, which the other unit or the
    focal unit confirms; joining what the other has claimed confirms it. By the focal unit:
    confirmed at once, for any two. From then on each of the two units may read the other's
    report; of a claim only the other side reads the claimant's.
    """
    first, second = body.reports
    decided = join(
        caller.session,
        reports=(first, second),
        reason=body.reason,
        by=caller.by,
        at=caller.at,
    )
    response.status_code = 201 if decided.changed else 200
    response.headers["Location"] = f"/v1/joint-links/{decided.link.current.link_id}"
    return DecidedJointLinkOut.after(decided)


@router.get("/joint-links/{link_id}")
def get_joint_link(caller: CanReadActivities, link_id: LinkInPath) -> JointLinkOut:
    """Read a link with every decision about it."""
    return JointLinkOut.of(get_link(caller.session, by=caller.by, link_id=link_id))


@router.post(
    "/joint-links/{link_id}/confirm",
    responses=refuses(JointActivityRefused, JointLinkActionNotAllowed, JointLinkNotYours),
)
def confirm_joint_link(caller: CanWriteActivities, link_id: LinkInPath) -> DecidedJointLinkOut:
    """Confirm a link that the other unit claimed: for that unit's other side, or the focal unit."""
    return DecidedJointLinkOut.after(
        confirm(caller.session, link_id=link_id, by=caller.by, at=caller.at)
    )


@router.post(
    "/joint-links/{link_id}/separate",
    responses=refuses(JointLinkActionNotAllowed, JointLinkNotYours),
)
def separate_joint_link(
    caller: CanWriteActivities, link_id: LinkInPath, body: SeparationIn
) -> DecidedJointLinkOut:
    """Separate two reports: a claim by either unit, a confirmed link by the focal unit.

    The decisions stay readable, and the two may be joined anew.
    """
    return DecidedJointLinkOut.after(
        separate(caller.session, link_id=link_id, reason=body.reason, by=caller.by, at=caller.at)
    )
