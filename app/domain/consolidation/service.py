"""From submissions to the consolidated report: rollups on submit, the report on request."""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from sqlmodel import Session, col, func, select

from app import jobs
from app.domain.assignments.models import FOCAL_UNIT, PEOPLES_COMMITTEE_OFFICE
from app.domain.assignments.queries import holders
from app.domain.audit.service import audit
from app.domain.base import insert_once, new_id
from app.domain.canonical import canonical_bytes
from app.domain.consolidation.build import build
from app.domain.consolidation.inputs import gather
from app.domain.consolidation.models import (
    ConsolidatedReport,
    ConsolidationInput,
    ConsolidationRequest,
    StoredRollup,
)
from app.domain.consolidation.overlap import refuse_double_counting
from app.domain.consolidation.rollups import build_rollups, missing_with
from app.domain.consolidation.roster_lines import roster_lines
from app.domain.cycles.queries import Cycle, cycle_by_id
from app.domain.errors import DomainError, Fault, Invalid, NotFound, Text
from app.domain.period import instant_text, local_day
from app.domain.principal import Principal
from app.domain.submissions.models import SubmissionRevision
from app.domain.webhooks.telling import tell_published

# A transaction that began before it may still be open, and what it says not yet be visible.
SETTLED_AFTER: Final = timedelta(minutes=1)

KNOWN_AT_TOO_LATE = Text(
    "known_at_too_late",
    "Thời điểm {known_at} chưa qua được một phút; bỏ trống để tổng hợp theo hiện tại.",
    "{known_at} is not a minute past; leave it out to consolidate what is known now.",
)
KNOWN_AT_TOO_EARLY = Text(
    "known_at_too_early",
    "Tại thời điểm {known_at} kỳ báo cáo chưa được mở.",
    "At {known_at} the cycle was not opened yet.",
)


@dataclass(frozen=True)
class Wanted:
    """Which report is asked for: what counts, as known when, by the units of which day."""

    basis: Literal["accepted", "submitted"] = "accepted"
    known_at: datetime | None = None
    units_on: date | None = None


AS_KNOWN_NOW: Final = Wanted()


class NotConsolidator(DomainError):
    """The focal unit and the People's Committee's office ask for the consolidated report."""

    text = Text(
        "not_consolidator",
        "Chỉ cơ quan đầu mối và Văn phòng UBND tỉnh mới được yêu cầu tổng hợp.",
        "Only the focal unit and the People's Committee's office may ask for consolidation.",
    )


def request(
    session: Session, *, cycle: Cycle, wanted: Wanted = AS_KNOWN_NOW, by: Principal, at: datetime
) -> ConsolidationRequest:
    """Ask for the next version of a cycle's report; one that is still under way is returned.

    With the basis `submitted` it is a preview, which counts what is still in review too; with
    `known_at` or `units_on` a view. The roster as it stands, or stood, with the revisions that
    count, is fixed here: the report will say what was so at this instant, or at `known_at`.
    Raises NotConsolidator, Invalid, CountedTwice.
    """
    plan = cycle.plan
    allowed = holders(session, role=FOCAL_UNIT, on=local_day(at), plan=plan) | holders(
        session, role=PEOPLES_COMMITTEE_OFFICE, on=local_day(at), plan=plan
    )
    if by.unit not in allowed:
        raise NotConsolidator()
    under_way = _under_way(session, cycle.id, wanted)
    if under_way is not None:
        return under_way
    highest = select(func.max(ConsolidationRequest.version))
    version = session.exec(highest.where(ConsolidationRequest.cycle_id == cycle.id)).one()
    known_at = wanted.known_at or at
    if wanted.known_at is not None:
        cycle = _cycle_known(session, cycle, wanted.known_at, at)
    lines = roster_lines(session, cycle=cycle, basis=wanted.basis, at=known_at)
    counting = {one.line.unit: one.revision_id for one in lines if one.revision_id is not None}
    refuse_double_counting(session, reports=counting)
    accepted = list(counting.values())
    row = ConsolidationRequest(
        id=new_id(at),
        cycle_id=cycle.id,
        version=(version or 0) + 1,
        state="queued",
        total=len(accepted),
        roster=[stored.model_dump(mode="json") for stored in lines],
        requested_at=at,
        requested_by=by.key_id,
        basis=wanted.basis,
        known_at=wanted.known_at,
        units_on=wanted.units_on,
    )
    if not insert_once(session, row):  # somebody asked at the same time
        winner = _version(session, cycle.id, row.version)
        if winner is None:
            raise RuntimeError("a request that is in the way cannot be read")
        return winner
    session.add_all(
        ConsolidationInput(request_id=row.id, submission_revision_id=revision, prepared=False)
        for revision in accepted
    )
    session.flush()
    jobs.enqueue_consolidation(
        session, request_id=row.id, plan=plan, cycle=cycle.code, version=row.version
    )
    audit(
        session,
        by=by,
        at=at,
        action="consolidated_report.requested",
        target=("consolidated_report", str(row.id)),
        after={
            "cycle": cycle.key,
            "version": row.version,
            "basis": wanted.basis,
            "known_at": None if wanted.known_at is None else instant_text(wanted.known_at),
            "units_on": None if wanted.units_on is None else str(wanted.units_on),
            "submissions": row.total,
        },
    )
    return row


def _cycle_known(session: Session, cycle: Cycle, known_at: datetime, at: datetime) -> Cycle:
    """Return the cycle as it was known. Raises Invalid for an instant that will not do."""
    told = {"known_at": instant_text(known_at)}
    if known_at > at - SETTLED_AFTER:
        raise Invalid(Fault("/known_at", KNOWN_AT_TOO_LATE, told))
    try:
        return cycle_by_id(session, cycle.id, known_at=known_at)
    except NotFound:
        raise Invalid(Fault("/known_at", KNOWN_AT_TOO_EARLY, told)) from None


def begin(session: Session, *, request_id: UUID, at: datetime) -> list[UUID]:
    """Mark a request as running and return the submission revisions that it consolidates."""
    row = _request(session, request_id)
    if row.state == "queued":
        row.state, row.started_at = "running", at
        session.add(row)
    inputs = select(ConsolidationInput.submission_revision_id).where(
        ConsolidationInput.request_id == request_id
    )
    return list(session.exec(inputs.order_by(col(ConsolidationInput.submission_revision_id))))


def prepare_input(session: Session, *, request_id: UUID, revision_id: UUID, at: datetime) -> None:
    """See to it that an input's rollup exists, and note the progress.

    Where many are missing they are built together, with the first of them.
    """
    missing = missing_with(session, request_id=request_id, revision_id=revision_id)
    build_rollups(session, revisions=missing, at=at)
    row = session.get_one(ConsolidationInput, (request_id, revision_id))
    if not row.prepared:
        row.prepared = True
        session.add(row)
        session.flush()
        done = select(func.count()).where(
            col(ConsolidationInput.request_id) == request_id, col(ConsolidationInput.prepared)
        )
        request_row = _request(session, request_id)
        request_row.done = session.exec(done).one()
        session.add(request_row)


def publish(session: Session, *, request_id: UUID, at: datetime) -> None:
    """Build the report from the rollups and store it; a stored version never changes."""
    row = _request(session, request_id)
    if session.get(ConsolidatedReport, request_id) is not None:
        return
    report = build(gather(session, request=row))
    content = canonical_bytes(report.model_dump(mode="json", by_alias=True))
    sha256 = hashlib.sha256(content).hexdigest()
    published = ConsolidatedReport(
        id=row.id,
        cycle_id=row.cycle_id,
        version=row.version,
        content=content,
        sha256=sha256,
        published_at=at,
    )
    session.add(published)
    row.state, row.finished_at = "succeeded", at
    session.add(row)
    audit(
        session,
        by=None,  # the worker
        at=at,
        action="consolidated_report.published",
        target=("consolidated_report", str(row.id)),
        after={"version": row.version, "sha256": sha256},
    )
    tell_published(session, published, at=at)


def fail(session: Session, *, request_id: UUID, at: datetime, reason: str) -> None:
    """Mark a request as failed, unless its report is already stored."""
    row = _request(session, request_id)
    if row.state not in ("succeeded", "failed"):
        row.state, row.finished_at, row.failure = "failed", at, reason
        session.add(row)


def build_rollup(session: Session, *, revision_id: UUID, at: datetime) -> None:
    """Add up the activity of one frozen submission revision, once."""
    if session.get(StoredRollup, revision_id) is not None:
        return
    build_rollups(session, revisions=[revision_id], at=at)


def revisions_without_rollup(session: Session) -> list[UUID]:
    """Return the submitted revisions whose rollup is not built yet."""
    statement = (
        select(SubmissionRevision.id)
        .join(
            StoredRollup,
            col(StoredRollup.submission_revision_id) == SubmissionRevision.id,
            isouter=True,
        )
        .where(col(StoredRollup.submission_revision_id).is_(None))
        .where(SubmissionRevision.state != "draft")
    )
    return list(session.exec(statement.order_by(col(SubmissionRevision.id))))


def _request(session: Session, request_id: UUID) -> ConsolidationRequest:
    row = session.get(ConsolidationRequest, request_id)
    if row is None:
        raise NotFound()
    return row


def _version(session: Session, cycle_id: int, version: int) -> ConsolidationRequest | None:
    return session.exec(
        select(ConsolidationRequest).where(
            ConsolidationRequest.cycle_id == cycle_id, ConsolidationRequest.version == version
        )
    ).first()


def _under_way(session: Session, cycle_id: int, wanted: Wanted) -> ConsolidationRequest | None:
    return session.exec(
        select(ConsolidationRequest).where(
            ConsolidationRequest.cycle_id == cycle_id,
            ConsolidationRequest.basis == wanted.basis,
            col(ConsolidationRequest.known_at).is_not_distinct_from(wanted.known_at),
            col(ConsolidationRequest.units_on).is_not_distinct_from(wanted.units_on),
            col(ConsolidationRequest.state).in_(("queued", "running")),
        )
    ).first()
