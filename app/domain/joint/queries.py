"""Reading joint activity: the records that name a unit, and the links between reports."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, exists, literal, or_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import Select, SelectOfScalar

from app.domain.activities.models import ActivityReport, ActivityRevision
from app.domain.activities.queries import StoredActivity, stored
from app.domain.errors import NotFound
from app.domain.joint.models import JointLink, JointNaming, Participation
from app.domain.principal import Principal
from app.domain.recorded import known
from app.domain.units.queries import subtree

ParticipationState = Literal["named", "confirmed", "disputed"]
LinkState = Literal["claimed", "confirmed", "separated"]


@dataclass(frozen=True)
class StoredLink:
    """A link as it stands, the units of its two reports, and every decision, oldest first."""

    current: JointLink
    units: tuple[str, str]
    decisions: tuple[JointLink, ...]


@dataclass(frozen=True)
class JointActivity:
    """A report, a unit that it names, what that unit says to it, and the links that stand."""

    activity: StoredActivity
    unit: str
    participation: Participation | None
    links: tuple[StoredLink, ...]


def visible_namings(by: Principal) -> Select[ActivityReport, str, Participation]:
    """Return the select of what names a unit: the report, the unit, and its decision or None.

    Only the current revision names; a withdrawn report names nobody. A caller sees those that
    name its unit or one under it on the activity's day, but in its own reports; a steward those
    that the ended unit saw so. The focal unit and the People's Committee's office see all.
    """
    unit = col(JointNaming.unit_key)
    statement: Any = (
        select(ActivityReport, unit, Participation)
        .join(JointNaming, col(JointNaming.report_id) == ActivityReport.id)
        .join(
            ActivityRevision,
            (col(ActivityRevision.report_id) == ActivityReport.id)
            & (col(ActivityRevision.number) == ActivityReport.number),
        )
        .join(
            Participation,
            (col(Participation.report_id) == ActivityReport.id)
            & (col(Participation.unit_key) == unit)
            & known(Participation)[0],
            isouter=True,
        )
        .where(
            col(ActivityReport.withdrawn_at).is_(None),
            unit != ActivityReport.unit_key,
            col(ActivityRevision.participants).like(literal("% ") + unit + " %"),
        )
    )
    if not by.province_wide:
        tree = subtree(*by.acts_for)
        statement = statement.join(
            tree,
            (tree.c.unit_key == unit)
            & (tree.c.day_from <= ActivityReport.occurred_on)
            & (tree.c.day_to > ActivityReport.occurred_on),
        ).where(col(ActivityReport.unit_key) != tree.c.root)
    found: Select[ActivityReport, str, Participation] = statement
    return found


def joint_activities(
    session: Session,
    *,
    by: Principal,
    plan: str | None = None,
    unit: str | None = None,
    state: ParticipationState | None = None,
    after: tuple[UUID, str] | None = None,
    limit: int,
) -> list[JointActivity]:
    """Return what names units that the caller sees, by the report's receipt, then by unit."""
    place = (col(JointNaming.report_id), col(JointNaming.unit_key))
    statement = visible_namings(by)
    if plan is not None:
        statement = statement.where(col(ActivityReport.plan_slug) == plan)
    if unit is not None:
        statement = statement.where(place[1] == unit)
    if state == "named":
        statement = statement.where(col(Participation.id).is_(None))
    elif state is not None:
        statement = statement.where(col(Participation.decision) == state)
    if after is not None:
        report, key = after
        statement = statement.where((place[0] > report) | ((place[0] == report) & (place[1] > key)))
    rows = session.exec(statement.order_by(*place).limit(limit)).all()
    reports = list({report.id: report for report, _, _ in rows}.values())
    told = {activity.report.id: activity for activity in stored(session, reports)}
    links = _standing_links(session, by, told)
    return [
        JointActivity(told[report.id], key, decision, links.get(report.id, ()))
        for report, key, decision in rows
    ]


def visible_links(by: Principal) -> SelectOfScalar[JointLink]:
    """Return the select of the links, as they stand, that a caller may see.

    Those of which one report is its own unit's or that of a unit under it on the activity's
    day, or such a one of an ended unit that it answers for; the focal unit and the People's
    Committee's office see all.
    """
    first, second = aliased(ActivityReport), aliased(ActivityReport)
    statement = (
        select(JointLink)
        .join(first, first.id == JointLink.first_report_id)  # type: ignore[arg-type]
        .join(second, second.id == JointLink.second_report_id)  # type: ignore[arg-type]
        .where(*known(JointLink))
    )
    if by.province_wide:
        return statement
    tree = subtree(*by.acts_for)

    def within(report: Any) -> ColumnElement[bool]:
        return exists().where(
            tree.c.unit_key == report.unit_key,
            tree.c.day_from <= report.occurred_on,
            tree.c.day_to > report.occurred_on,
        )

    return statement.where(or_(within(first), within(second)))


def links(
    session: Session,
    *,
    by: Principal,
    report: UUID | None = None,
    state: LinkState | None = None,
    after: UUID | None = None,
    limit: int,
) -> list[StoredLink]:
    """Return visible links in the order in which they were first made, `limit` at most."""
    statement = visible_links(by)
    if report is not None:
        statement = statement.where(_touches([report]))
    if state is not None:
        statement = statement.where(JointLink.state == state)
    if after is not None:
        statement = statement.where(col(JointLink.link_id) > after)
    statement = statement.order_by(col(JointLink.link_id)).limit(limit)
    return with_decisions(session, session.exec(statement).all())


def get_link(session: Session, *, by: Principal, link_id: UUID) -> StoredLink:
    """Return a link. Raises NotFound, also for one that the caller may not see."""
    found = session.exec(visible_links(by).where(JointLink.link_id == link_id)).first()
    if found is None:
        raise NotFound()
    return with_decisions(session, [found])[0]


def with_decisions(session: Session, current: Sequence[JointLink]) -> list[StoredLink]:
    """Return links with the units of their reports and all decisions about them."""
    if not current:
        return []
    rows: dict[UUID, list[JointLink]] = {}
    wanted = [link.link_id for link in current]
    history = select(JointLink).where(col(JointLink.link_id).in_(wanted))
    for row in session.exec(history.order_by(col(JointLink.id))):
        rows.setdefault(row.link_id, []).append(row)
    ids = {report for link in current for report in link.reports}
    units = dict(
        session.exec(
            select(ActivityReport.id, ActivityReport.unit_key).where(
                col(ActivityReport.id).in_(ids)
            )
        ).all()
    )
    return [
        StoredLink(
            current=link,
            units=(units[link.first_report_id], units[link.second_report_id]),
            decisions=tuple(rows[link.link_id]),
        )
        for link in current
    ]


def _standing_links(
    session: Session, by: Principal, reports: Collection[UUID]
) -> dict[UUID, tuple[StoredLink, ...]]:
    """Return by report the links that the caller sees and that are not separated."""
    if not reports:
        return {}
    statement = visible_links(by).where(_touches(reports), JointLink.state != "separated")
    found = with_decisions(session, session.exec(statement.order_by(col(JointLink.link_id))).all())
    by_report: dict[UUID, tuple[StoredLink, ...]] = {}
    for link in found:
        for report in link.current.reports:
            by_report[report] = (*by_report.get(report, ()), link)
    return by_report


def _touches(reports: Iterable[UUID]) -> ColumnElement[bool]:
    wanted = list(reports)
    return or_(
        col(JointLink.first_report_id).in_(wanted), col(JointLink.second_report_id).in_(wanted)
    )
