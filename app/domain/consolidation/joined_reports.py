"""Reading the joined reports that counted submissions hold: what is to be counted once."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from app.domain.activities.models import ActivityMeasure, ActivityReport, ActivityRevision
from app.domain.consolidation.facts import by_revision, fact_of
from app.domain.consolidation.joint import Joined, groups_of
from app.domain.consolidation.report_figures import JointReport
from app.domain.joint.models import JointLink
from app.domain.recorded import known
from app.domain.submissions.models import FrozenActivity

_CHUNK = 500


class _Held(NamedTuple):
    """An activity revision, and the submission revision that holds it."""

    activity: UUID
    submission: UUID


def joined_reports(
    session: Session, *, submissions: Mapping[UUID, str], known_at: datetime
) -> list[list[Joined]]:
    """Return the groups of joined reports that the submissions hold, as known at an instant.

    `submissions` are the revisions that count, each with its unit's key. Only confirmed links
    join; a report that none of the submissions holds is in no group.
    """
    links = _links(session, list(submissions), known_at)
    holders = {side.activity: submissions[side.submission] for link in links for side in link}
    found = dict(_joined(session, holders))
    groups = groups_of((one.activity, other.activity) for one, other in links)
    return [[found[activity] for activity in group] for group in groups]


def _links(
    session: Session, submissions: Sequence[UUID], known_at: datetime
) -> list[tuple[_Held, _Held]]:
    """Return the confirmed links of which both sides are held, each side with its holder."""
    statement = sa.select().select_from(JointLink)
    for side in (JointLink.first_report_id, JointLink.second_report_id):
        revision, frozen = aliased(ActivityRevision), aliased(FrozenActivity)
        statement = (
            statement.join(revision, col(revision.report_id) == side)
            .join(frozen, col(frozen.activity_revision_id) == col(revision.id))
            .where(col(frozen.submission_revision_id).in_(submissions))
            .add_columns(col(revision.id), col(frozen.submission_revision_id))
        )
    confirmed = (col(JointLink.state) == "confirmed", *known(JointLink, at=known_at))
    rows = session.connection().execute(statement.where(*confirmed))
    return [(_Held(*row[:2]), _Held(*row[2:])) for row in rows]


def _joined(session: Session, holders: Mapping[UUID, str]) -> Iterator[tuple[UUID, Joined]]:
    """Yield the reports of some activity revisions; `holders` are the units that hold them."""
    for ids in _chunks(sorted(holders)):
        measures = by_revision(session, ActivityMeasure, ids)
        statement = (
            select(ActivityReport, ActivityRevision)
            .join(ActivityRevision, col(ActivityRevision.report_id) == ActivityReport.id)
            .where(col(ActivityRevision.id).in_(ids))
        )
        for report, revision in session.exec(statement):
            yield (
                revision.id,
                Joined(
                    JointReport(
                        unit=report.unit_key,
                        source_system=report.source_system,
                        external_id=report.external_id,
                        revision=revision.number,
                        submission=holders[revision.id],
                    ),
                    fact_of(report.unit_key, revision, measures.get(revision.id, ())),
                ),
            )


def _chunks(ids: Sequence[UUID]) -> Iterable[Sequence[UUID]]:
    return (ids[start : start + _CHUNK] for start in range(0, len(ids), _CHUNK))
