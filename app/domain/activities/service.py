"""Accepting activity reports: once each, however often they are sent; corrected, never lost."""

from dataclasses import dataclass
from datetime import date, datetime
from types import SimpleNamespace
from typing import Any, Literal, cast
from uuid import UUID

from sqlmodel import Session, col

from app.domain.activities.body import ActivityBody
from app.domain.activities.candidate import Candidate, UnitNotYours, must_be_yours, prepare
from app.domain.activities.held import Held, ReportExists, ReportWithdrawn, RevisionChanged, held
from app.domain.activities.models import ActivityReport, ActivityRevision
from app.domain.activities.outdated import NOTHING, Outdated, outdated_by
from app.domain.activities.queries import (
    StoredActivity,
    get_activity,
    natural_key,
    stored,
    visible_activities,
)
from app.domain.activities.store import (
    NewRevision,
    advance_reports,
    insert_revisions,
    new_report,
    new_revision,
    repeated_revisions,
)
from app.domain.activities.store_first import insert_first
from app.domain.assignments.models import FOCAL_UNIT
from app.domain.audit.service import audit
from app.domain.errors import DomainError, Fault, Invalid, Text
from app.domain.period import local_day
from app.domain.principal import Principal
from app.domain.reference import Reference
from app.domain.units.queries import bearing

Outcome = Literal["created", "updated", "unchanged"]


class UnitWouldChange(DomainError):
    """A correction may not move a report to another body: withdraw it and report it anew."""

    text = Text(
        "unit_would_change",
        "Báo cáo này của đơn vị {unit}; với ngày {on} nội dung sửa sẽ thuộc đơn vị khác. "
        "Hãy rút lại và báo cáo mới.",
        "The report is of the unit {unit}; on {on} the correction would be another body's. "
        "Withdraw it, and report it anew.",
    )


class PreconditionRequired(DomainError):
    """A correction has to say which revision it corrects."""

    text = Text(
        "precondition_required",
        'Cần tiêu đề If-Match với lần sửa hiện hành, ví dụ If-Match: "{current}".',
        'The header If-Match with the current revision is needed, e.g. If-Match: "{current}".',
    )


REASON_NEEDED = Text(
    "reason_needed",
    "Sửa một báo cáo đã có thì phải nêu lý do.",
    "A report that is there is corrected with a reason.",
)


@dataclass(frozen=True)
class Accepted:
    """What became of a report that was sent, and what is out of date since."""

    activity: StoredActivity
    outcome: Outcome
    outdated: Outdated = NOTHING


@dataclass(frozen=True)
class Precondition:
    """The revisions named by If-Match; `any_revision` is `*`."""

    revisions: frozenset[int] = frozenset()
    any_revision: bool = False

    def admits(self, number: int) -> bool:
        """Tell whether the current revision is one of those named."""
        return self.any_revision or number in self.revisions

    def earliest(self, current: int) -> int:
        """Return the earliest revision that a request may have been made for."""
        return current if self.admits(current) else min(self.revisions, default=current)


def differing(said: dict[str, Any], other: dict[str, Any]) -> list[str]:
    """Return the names of the fields in which two bodies differ."""
    return sorted(name for name in said | other if said.get(name) != other.get(name))


def accept(
    session: Session, reference: Reference, *, body: ActivityBody, by: Principal, at: datetime
) -> Accepted:
    """Store an activity report, or find that it is stored already.

    The unit is resolved once, on the activity's day. A body equal to any revision of the stored
    report changes nothing. Raises Invalid, UnitNotYours, ReportExists.
    """
    candidate = prepare(reference, body=body, by=by, at=at)
    if candidate.checked is not None:
        report = new_report(candidate, at=at)
        made = new_revision(
            candidate, candidate.checked, report_id=report["id"], number=1, by=by, at=at
        )
        if insert_first(session, report, made):
            audit(
                session,
                by=by,
                at=at,
                action="activity_report.created",
                target=("activity_report", str(report["id"])),
                after={"revision": 1, "body_sha256": candidate.sha256},
            )
            # Namespaces: to make the models would take as long as to store them.
            activity = StoredActivity(
                cast("ActivityReport", SimpleNamespace(**report)),
                cast("ActivityRevision", SimpleNamespace(**made.row)),
                candidate.said,
                frozenset({candidate.sha256}),
            )
            return Accepted(activity, "created")
    there = held(session, [candidate.natural_key]).get(candidate.natural_key)
    if there is None:
        candidate.must_be_valid()
        raise RuntimeError("a report that is in the way cannot be read")
    return _sent_again(session, there, candidate)


def correct(
    session: Session,
    reference: Reference,
    *,
    activity: StoredActivity,
    body: ActivityBody,
    reason: str,
    expected: Precondition | None,
    by: Principal,
    at: datetime,
) -> Accepted:
    """Give a report a new revision that says what the body says; it keeps its unit for good.

    `activity` is the report as it was read, `expected` the revision that If-Match names. A body
    that the current revision says already changes nothing; nor does one that a revision since
    `expected` says: it was sent again. The answer names what was built on what the report said
    before. Raises Invalid, UnitNotYours, UnitWouldChange, PreconditionRequired, RevisionChanged,
    ReportWithdrawn.
    """
    report = activity.report
    _keep_unit(reference, report, body)
    candidate = prepare(reference, body=body, by=by, at=at)
    there = held(session, [candidate.natural_key], lock=True)[candidate.natural_key]
    since = there.number if expected is None else expected.earliest(there.number)
    if there.said_before(candidate, since=since):
        return _unchanged(session, there, by)
    _check_precondition(expected, there)
    if there.withdrawn:
        raise ReportWithdrawn(current=there.number)
    made = new_revision(
        candidate,
        candidate.must_be_valid(),
        report_id=report.id,
        number=there.number + 1,
        by=by,
        at=at,
        kind="corrected",
        reason=reason,
    )
    return _add(session, made, before=there, by=by, at=at)


def put(
    session: Session,
    reference: Reference,
    *,
    body: ActivityBody,
    reason: str | None,
    expected: Precondition | None,
    by: Principal,
    at: datetime,
) -> Accepted:
    """Store a report under its natural key, or correct the one that is there.

    Raises what `accept` and `correct` raise; RevisionChanged too where a revision is named and
    there is no report; Invalid where a correction has no reason.
    """
    if expected is not None:
        refuse_another_body(session, reference, body=body, by=by)
    candidate = prepare(reference, body=body, by=by, at=at)
    there = held(session, [candidate.natural_key]).get(candidate.natural_key)
    if there is None:
        if expected is not None:
            raise RevisionChanged(current="—")
        return accept(session, reference, body=body, by=by, at=at)
    if expected is None:
        if candidate.sha256 not in there.hashes.values():
            candidate.must_be_valid()
            raise PreconditionRequired(current=there.number)
        return _sent_again(session, there, candidate)
    if reason is None and candidate.sha256 != there.hashes[there.number]:
        raise Invalid(Fault("/reason", REASON_NEEDED))
    return correct(
        session,
        reference,
        activity=get_activity(session, by=by, report_id=there.report_id),
        body=body,
        reason=reason or "",
        expected=expected,
        by=by,
        at=at,
    )


def refuse_another_body(
    session: Session, reference: Reference, *, body: ActivityBody, by: Principal
) -> None:
    """Refuse a correction under a natural key whose day makes it another body's than the report's.

    Only a report that the caller may see is told of. Raises UnitWouldChange, Invalid.
    """
    units = bearing(session, body.unit)
    reports = session.exec(
        visible_activities(by).where(
            col(ActivityReport.unit_key).in_([unit.unit_key for unit in units]),
            ActivityReport.source_system == body.source_system,
            ActivityReport.external_id == body.external_id,
        )
    ).all()
    meant = {unit.unit_key for unit in units if body.occurred_on in unit.period}
    if reports and all(report.unit_key not in meant for report in reports):
        _keep_unit(reference, reports[0], body)


def withdraw(
    session: Session,
    reference: Reference,
    *,
    activity: StoredActivity,
    reason: str,
    expected: Precondition | None,
    by: Principal,
    at: datetime,
) -> Accepted:
    """Withdraw a report: it stays readable, and counts in nothing that is frozen from now on.

    One that is withdrawn already stays so. Raises UnitNotYours, PreconditionRequired,
    RevisionChanged.
    """
    return _turn(
        session,
        reference,
        activity=activity,
        to="withdrawn",
        reason=reason,
        expected=expected,
        by=by,
        at=at,
    )


def reinstate(
    session: Session,
    reference: Reference,
    *,
    activity: StoredActivity,
    reason: str,
    expected: Precondition | None,
    by: Principal,
    at: datetime,
) -> Accepted:
    """Take a withdrawal back. Raises what `withdraw` raises."""
    return _turn(
        session,
        reference,
        activity=activity,
        to="reinstated",
        reason=reason,
        expected=expected,
        by=by,
        at=at,
    )


def _turn(
    session: Session,
    reference: Reference,
    *,
    activity: StoredActivity,
    to: Literal["withdrawn", "reinstated"],
    reason: str,
    expected: Precondition | None,
    by: Principal,
    at: datetime,
) -> Accepted:
    """Withdraw or reinstate: a revision of its own that says what the one before says."""
    may_turn(reference, report=activity.report, revision=activity.revision, by=by, at=at)
    key = natural_key(activity.report)
    there = held(session, [key], lock=True)[key]
    if there.withdrawn == (to == "withdrawn"):
        return _unchanged(session, there, by)
    _check_precondition(expected, there)
    reasons = {there.report_id: reason}
    (made,) = repeated_revisions(session, reasons=reasons, kind=to, by=by, at=at)
    return _add(session, made, before=there, by=by, at=at)


def may_turn(
    reference: Reference,
    *,
    report: ActivityReport,
    revision: ActivityRevision,
    by: Principal,
    at: datetime,
) -> None:
    """Let through who may write for the unit, and the focal unit where it entered the report.

    `revision` is the report's current one. Raises UnitNotYours.
    """
    unit = reference.unit_by_key(report.unit_key)
    try:
        must_be_yours(reference, unit=unit, on=revision.occurred_on, by=by)
    except UnitNotYours:
        focal = reference.holders(role=FOCAL_UNIT, on=local_day(at), plan=revision.plan_slug)
        if revision.incoming_on is None or by.unit not in focal:
            raise


def _keep_unit(reference: Reference, report: ActivityReport, body: ActivityBody) -> None:
    on = body.occurred_on
    try:
        unit = reference.unit(body.unit, on, "/unit")
    except Invalid:
        code = reference.unit_by_key(report.unit_key).code
        if body.unit != report.unit_key or not _denotes_a_unit(reference, code, on):
            raise
    else:
        if unit.unit_key == report.unit_key:
            return
    raise UnitWouldChange(unit=report.unit_key, on=str(on))


def _denotes_a_unit(reference: Reference, code: str, on: date) -> bool:
    try:
        reference.unit(code, on, "/unit")
    except Invalid:
        return False
    return True


def _check_precondition(expected: Precondition | None, there: Held) -> None:
    if expected is None:
        raise PreconditionRequired(current=there.number)
    if not expected.admits(there.number):
        raise RevisionChanged(current=there.number)


def _sent_again(session: Session, there: Held, candidate: Candidate) -> Accepted:
    """Answer a body whose natural key is taken. Raises ReportExists, and Invalid for its faults."""
    activity = stored(session, [session.get_one(ActivityReport, there.report_id)])[0]
    try:
        there.meaning_of(candidate, expected=None)
    except ReportExists:
        candidate.must_be_valid()
        raise ReportExists(
            revision=there.number, fields=", ".join(differing(activity.said, candidate.said))
        ) from None
    return Accepted(activity, "unchanged", _outdated(session, there))


def _unchanged(session: Session, there: Held, by: Principal) -> Accepted:
    activity = _read_again(session, by, there.report_id)
    return Accepted(activity, "unchanged", _outdated(session, there))


def _outdated(session: Session, there: Held) -> Outdated:
    """Tell again what an answer that was dropped told; of a first revision there is nothing."""
    return outdated_by(session, [there.report_id]) if there.number > 1 else NOTHING


def _add(
    session: Session,
    made: NewRevision,
    *,
    before: Held,
    by: Principal,
    at: datetime,
) -> Accepted:
    """Store a revision of a locked report and return the report with what is out of date."""
    insert_revisions(session, [made])
    advance_reports(session, [made], at=at)
    outdated = outdated_by(session, [before.report_id])
    audit(
        session,
        by=by,
        at=at,
        action=f"activity_report.{made.row['kind']}",
        target=("activity_report", str(before.report_id)),
        before={"revision": before.number, "body_sha256": before.hashes[before.number]},
        after={"revision": made.row["number"], "body_sha256": made.row["body_sha256"]},
    )
    return Accepted(_read_again(session, by, before.report_id), "updated", outdated)


def _read_again(session: Session, by: Principal, report_id: UUID) -> StoredActivity:
    session.expire_all()  # it was changed by statements, behind the session's back
    return get_activity(session, by=by, report_id=report_id)
