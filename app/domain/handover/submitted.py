"""Reading what is handed over of submissions: every submitted revision, and its rollup's hash."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, func, select

from app.domain.activities.models import ActivityReport, ActivityRevision
from app.domain.consolidation.models import StoredRollup
from app.domain.cycles.models import ReportingCycle, RosterRow
from app.domain.cycles.queries import Cycle, cycle_by_id
from app.domain.handover.lines import HASHES_IN_A_LINE
from app.domain.handover.standing import units_of_keys
from app.domain.period import instant_text
from app.domain.submissions.freeze import said_by
from app.domain.submissions.models import (
    FrozenActivity,
    Submission,
    SubmissionComment,
    SubmissionRevision,
)
from app.domain.submissions.queries import comments, frozen_counts


@dataclass(frozen=True)
class Place:
    """A submitted revision: its id, and the cycle that it is for."""

    id: UUID
    cycle: Cycle
    number: int

    @property
    def said(self) -> dict[str, Any]:
        """How a line names it."""
        return {"plan": self.cycle.plan, "cycle": self.cycle.code, "revision": self.number}


def submitted(session: Session, *, unit: str) -> list[Place]:
    """Return the submitted revisions of a unit's own reports, by plan, cycle and number."""
    statement = (
        select(SubmissionRevision.id, ReportingCycle.id, SubmissionRevision.number)
        .join(Submission, col(Submission.id) == SubmissionRevision.submission_id)
        .join(RosterRow, col(RosterRow.id) == Submission.roster_row_id)
        .join(ReportingCycle, col(ReportingCycle.id) == RosterRow.cycle_id)
        .where(RosterRow.unit_key == unit, col(SubmissionRevision.received_at).is_not(None))
        .order_by(
            col(ReportingCycle.plan_slug),
            col(ReportingCycle.code),
            col(SubmissionRevision.number),
        )
    )
    found = session.exec(statement).all()
    cycles = {cycle: cycle_by_id(session, cycle) for _, cycle, _ in found if cycle is not None}
    return [Place(id_, cycles[cycle], number) for id_, cycle, number in found if cycle is not None]


def submission_lines(
    session: Session, *, unit: str, places: list[Place]
) -> Iterator[dict[str, Any]]:
    """Yield a line for each revision, and behind it those of the activity that it froze."""
    for place in places:
        yield _line(session, unit, place)
        for hashes in _held(session, place.id):
            yield {"type": "held", **place.said, "hashes": hashes}


def rollup_lines(session: Session, *, places: list[Place]) -> Iterator[dict[str, Any]]:
    """Yield a line for each rollup that is stored."""
    for place in places:
        size = func.length(StoredRollup.content)
        statement = select(StoredRollup.sha256, size).where(
            StoredRollup.submission_revision_id == place.id
        )
        for sha256, length in session.exec(statement):
            yield {**place.said, "sha256": sha256, "size": length}


def _held(session: Session, revision: UUID) -> Iterator[list[str]]:
    """Yield the hashes of frozen activity in the order in which they are hashed, in chunks."""
    statement = (
        select(ActivityRevision.body_sha256)
        .join(FrozenActivity, col(FrozenActivity.activity_revision_id) == ActivityRevision.id)
        .join(ActivityReport, col(ActivityReport.id) == ActivityRevision.report_id)
        .where(FrozenActivity.submission_revision_id == revision)
        .order_by(
            col(ActivityReport.unit_key),
            col(ActivityReport.source_system),
            col(ActivityReport.external_id),
        )
        .execution_options(yield_per=HASHES_IN_A_LINE)
    )
    for chunk in session.exec(statement).partitions():
        yield list(chunk)


def _line(session: Session, unit: str, place: Place) -> dict[str, Any]:
    revision = session.get_one(SubmissionRevision, place.id)
    units = units_of_keys(session, {revision.accepted_by})
    instants = {
        name: None if at is None else instant_text(at)
        for name, at in (
            ("received_at", revision.received_at),
            ("accepted_at", revision.accepted_at),
            ("returned_at", revision.returned_at),
        )
    }
    return {
        "type": "revision",
        **place.said,
        **instants,
        "state": revision.state,
        "said": said_by(cycle=place.cycle, unit=unit, revision=revision),
        "activities": frozen_counts(session, revision_ids=[place.id]).get(place.id, 0),
        "sha256": revision.sha256,
        "filed_by": revision.filed_by,
        "filed_as": revision.filed_as,
        "accepted_by": units.get(revision.accepted_by),
        "comments": [_comment(session, row) for row in comments(session, revision_id=revision.id)],
    }


def _comment(session: Session, row: SubmissionComment) -> dict[str, Any]:
    record = None
    if row.activity_report_id is not None:
        report = session.get_one(ActivityReport, row.activity_report_id)
        record = {
            "unit": report.unit_key,
            "source_system": report.source_system,
            "external_id": report.external_id,
        }
    return {
        "id": str(row.id),
        "text": row.text,
        "record": record,
        "field": row.pointer,
        "by": row.unit_key,
        "created_at": instant_text(row.created_at),
    }
