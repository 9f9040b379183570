"""Whose records a unit sees and for which it acts, where an activity was done jointly."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import or_
from sqlmodel import Session, col, select

from app.domain.activities.models import ActivityReport, ActivityRevision
from app.domain.joint.models import JointLink
from app.domain.principal import Principal
from app.domain.recorded import known
from app.domain.units.queries import subtree


def acted_for(
    session: Session, *, by: Principal, units: Collection[str], on: date
) -> frozenset[str]:
    """Return those of these units that the caller acts for on a day of activity.

    Its own unit, the ended units that it answers for, and what stood under one of them that day.
    """
    if not units:
        return frozenset()
    tree = subtree(*by.acts_for)
    within = tree.c.unit_key.in_(units) & (tree.c.day_from <= on) & (tree.c.day_to > on)
    return frozenset(session.exec(select(tree.c.unit_key).where(within)))


def shown_jointly(session: Session, *, by: Principal, report: ActivityReport) -> bool:
    """Tell whether a joint activity shows a report to a caller that does not see it otherwise.

    It is shown to the units that its current revision names, and to those of the reports that
    it is joined to: of a claim the other side sees the claimant's report, of a confirmed link
    each side sees the other's.
    """
    named = session.exec(
        select(ActivityRevision.participants).where(
            ActivityRevision.report_id == report.id, ActivityRevision.number == report.number
        )
    ).one()
    if acted_for(session, by=by, units=named, on=report.occurred_on):
        return True
    return any(
        acted_for(session, by=by, units={other.unit_key}, on=other.occurred_on)
        for other in session.exec(
            select(ActivityReport)
            .join(
                JointLink,
                or_(
                    (col(JointLink.first_report_id) == report.id)
                    & (col(JointLink.second_report_id) == ActivityReport.id),
                    (col(JointLink.second_report_id) == report.id)
                    & (col(JointLink.first_report_id) == ActivityReport.id),
                ),
            )
            .where(
                *known(JointLink),
                or_(
                    col(JointLink.state) == "confirmed",
                    (col(JointLink.state) == "claimed")
                    & (col(JointLink.claimed_by) == report.unit_key),
                ),
            )
        )
    )
