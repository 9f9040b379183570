"""What was built on an earlier revision of a report: it stands, and is out of date."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from app.domain.activities.models import ActivityReport, ActivityRevision
from app.domain.consolidation.models import (
    ConsolidatedReport,
    ConsolidationInput,
    ConsolidationRequest,
)
from app.domain.cycles.models import ReportingCycle, RosterRow
from app.domain.submissions.models import FrozenActivity, Submission, SubmissionRevision


@dataclass(frozen=True)
class OutdatedSubmission:
    """A frozen submission revision that holds an earlier revision of the report."""

    submission_id: UUID
    revision: int
    unit: str
    year: int
    state: str


@dataclass(frozen=True)
class OutdatedConsolidated:
    """A published consolidated report into which such a submission went."""

    report_id: UUID
    plan: str
    year: int
    version: int
    cycle: str = ""  # of answers that were kept before it was told there is none


@dataclass(frozen=True)
class Outdated:
    """Everything that was frozen with an earlier revision of the report."""

    submissions: tuple[OutdatedSubmission, ...] = ()
    consolidated_reports: tuple[OutdatedConsolidated, ...] = ()

    def __or__(self, other: "Outdated") -> "Outdated":
        return Outdated(
            tuple(dict.fromkeys(self.submissions + other.submissions)),
            tuple(dict.fromkeys(self.consolidated_reports + other.consolidated_reports)),
        )

    def __bool__(self) -> bool:
        return bool(self.submissions or self.consolidated_reports)

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON; `of` reads that again."""
        return {
            name: [
                {
                    key: str(value) if isinstance(value, UUID) else value
                    for key, value in row.items()
                }
                for row in rows
            ]
            for name, rows in asdict(self).items()
        }

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> "Outdated":
        """Return what `as_json` told."""
        return cls(
            tuple(
                OutdatedSubmission(**row | {"submission_id": UUID(row["submission_id"])})
                for row in told["submissions"]
            ),
            tuple(
                OutdatedConsolidated(**row | {"report_id": UUID(row["report_id"])})
                for row in told["consolidated_reports"]
            ),
        )


NOTHING: Final = Outdated()


def outdated_by(session: Session, report_ids: Sequence[UUID]) -> Outdated:
    """Return what holds what these reports do not say any more, or withdrew."""
    current = aliased(ActivityRevision)
    holding = (
        select(FrozenActivity.submission_revision_id)
        .join(ActivityRevision, col(ActivityRevision.id) == FrozenActivity.activity_revision_id)
        .join(ActivityReport, col(ActivityReport.id) == ActivityRevision.report_id)
        .join(
            current,
            (col(current.report_id) == ActivityReport.id)
            & (col(current.number) == ActivityReport.number),
        )
        .where(
            col(ActivityReport.id).in_(report_ids),
            (col(current.body_sha256) != ActivityRevision.body_sha256)
            | col(ActivityReport.withdrawn_at).is_not(None),
        )
    )
    frozen = session.exec(
        select(SubmissionRevision, RosterRow.unit_key, ReportingCycle.year)
        .join(Submission, col(Submission.id) == SubmissionRevision.submission_id)
        .join(RosterRow, col(RosterRow.id) == Submission.roster_row_id)
        .join(ReportingCycle, col(ReportingCycle.id) == RosterRow.cycle_id)
        .where(
            col(SubmissionRevision.id).in_(holding),
            col(SubmissionRevision.state).in_(("submitted", "accepted")),
        )
        .order_by(col(Submission.id), col(SubmissionRevision.number))
    ).all()
    if not frozen:
        return NOTHING
    return Outdated(
        tuple(
            OutdatedSubmission(row.submission_id, row.number, unit, year, row.state)
            for row, unit, year in frozen
        ),
        tuple(built_on(session, [row.id for row, _, _ in frozen])),
    )


def built_on(session: Session, revision_ids: Sequence[UUID]) -> list[OutdatedConsolidated]:
    """Return the published consolidated reports into which any of these submissions went."""
    if not revision_ids:
        return []
    requests = (
        select(ConsolidationInput.request_id)
        .join(ConsolidationRequest, col(ConsolidationRequest.id) == ConsolidationInput.request_id)
        .where(
            col(ConsolidationInput.submission_revision_id).in_(revision_ids),
            # What was known at an instant does not go out of date.
            col(ConsolidationRequest.known_at).is_(None),
        )
    )
    published = session.exec(
        select(ConsolidatedReport.id, ConsolidatedReport.version, ReportingCycle)
        .join(ReportingCycle, col(ReportingCycle.id) == ConsolidatedReport.cycle_id)
        .where(col(ConsolidatedReport.id).in_(requests))
        .order_by(col(ReportingCycle.year), col(ConsolidatedReport.version))
    ).all()
    return [
        OutdatedConsolidated(
            report_id, cycle.plan_slug, cycle.year, version, f"{cycle.plan_slug}.{cycle.code}"
        )
        for report_id, version, cycle in published
    ]
