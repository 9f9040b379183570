"""How a submission stands: its timeliness, what is not yet in it, what was built on it."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlmodel import Session, col, select

from app.domain.activities.outdated import OutdatedConsolidated, built_on
from app.domain.cycles.timeliness import Deadline, Timeliness, late_by, timeliness
from app.domain.period import local_day
from app.domain.submissions.differences import RecordDifference, unreported
from app.domain.submissions.freeze import covered_activity
from app.domain.submissions.models import SubmissionRevision
from app.domain.submissions.queries import StoredSubmission
from app.domain.submissions.receipts import Receipt, reported_to


@dataclass(frozen=True)
class Standing:
    """How a report, or a supplement, stands to its deadline. `outage` is the one that excuses."""

    timeliness: Timeliness
    due_at: datetime
    extended_to: datetime | None
    received_at: datetime | None
    incoming_on: date | None
    late_by: timedelta
    outage: int | None


def report_standing(found: StoredSubmission, *, at: datetime) -> Standing:
    """Return how the report stands: by its first receipt, whatever revisions follow."""
    limit = found.row.deadline(found.outages)
    return standing_of(limit, found.first_receipt("report"), at=at)


def supplement_standing(found: StoredSubmission, *, at: datetime) -> Standing | None:
    """Return how the year-end supplement stands; None where none is owed."""
    until = reported_to(found.receipts)
    limit = found.row.supplement_deadline(found.cycle, found.outages, reported_to=until)
    return None if limit is None else standing_of(limit, found.first_receipt("supplement"), at=at)


def standing_of(limit: Deadline, receipt: Receipt | None, *, at: datetime) -> Standing:
    """Return how a receipt, or its absence, stands to a deadline."""
    received_at = receipt.received_at if receipt else None
    by_document = receipt is not None and receipt.incoming_on is not None
    found = timeliness(limit, received_at=received_at, at=at, by_document=by_document)
    excused = found in ("by_document", "not_due")  # an extension may run that is not over yet
    return Standing(
        found,
        limit.due_at,
        limit.extended_to,
        received_at,
        receipt.incoming_on if receipt else None,
        timedelta(0) if excused else late_by(limit, received_at=received_at, at=at),
        _excusing(limit),
    )


def _excusing(limit: Deadline) -> int | None:
    outage = limit.outage or limit.later_outage
    return None if outage is None else outage.id


def not_yet_reported(
    session: Session, found: StoredSubmission, *, at: datetime
) -> list[RecordDifference]:
    """Return the activity that was entered, corrected or withdrawn since the last submission.

    It is not yet reported until a new revision takes it in. Before the first submission all of it
    is.
    """
    data_to = min(found.row.last_day, local_day(at))
    now = covered_activity(session, cycle=found.cycle, row=found.row, data_to=data_to)
    number = found.submission.submitted_number
    held_by = None if number is None else _revision_id(session, found, number)
    return unreported(session, held_by=held_by, now=now)


def _revision_id(session: Session, found: StoredSubmission, number: int) -> UUID:
    statement = select(SubmissionRevision.id).where(
        SubmissionRevision.submission_id == found.submission.id,
        SubmissionRevision.number == number,
    )
    return session.exec(statement).one()


def affected_reports(session: Session, found: StoredSubmission) -> list[OutdatedConsolidated]:
    """Return the consolidated reports that hold another revision than the one that stands.

    That is the revision shown where it follows one that was accepted: a correction, drafted or
    submitted, names the reports that it will put out of date.
    """
    earlier = select(SubmissionRevision.id).where(
        SubmissionRevision.submission_id == found.submission.id,
        col(SubmissionRevision.number) < found.revision.number,
        col(SubmissionRevision.state).in_(("accepted", "superseded")),
    )
    return built_on(session, session.exec(earlier).all())
