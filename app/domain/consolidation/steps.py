"""The steps of a version's way: assessing, proposing, returning, approving, issuing it."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import Field
from sqlmodel import Session, col, select

from app.domain.audit.service import audit
from app.domain.base import new_id
from app.domain.consolidation.course import (
    BY,
    STEPS_ALLOWED,
    TAKEN,
    Course,
    Step,
    StepNotAllowed,
    StepNotYours,
    allowed_steps,
    course_of,
    newest_issued,
)
from app.domain.consolidation.models import ConsolidatedReport, ReportAssessment, ReportStep
from app.domain.consolidation.queries import get_report
from app.domain.errors import DAY_IN_FUTURE, DomainError, Fault, Invalid, Text
from app.domain.fields import Day, LongText, ShortText, WireModel
from app.domain.period import local_day
from app.domain.principal import Principal
from app.domain.reference import Reference
from app.domain.webhooks.telling import tell_issued


class NewerIssued(DomainError):
    """A newer version of the cycle's report is issued: an older one can't be issued after it."""

    text = Text(
        "newer_version_issued",
        "Đã ban hành bản {newer}, mới hơn bản {version}.",
        "Version {newer}, which is newer than {version}, is issued already.",
    )


class AssessmentMissing(DomainError):
    """A version is proposed with the focal unit's assessment."""

    text = Text(
        "assessment_missing",
        "Cần có đánh giá của cơ quan đầu mối trước khi trình.",
        "The focal unit's assessment is needed before the version is proposed.",
    )


class IssueDocument(WireModel):
    """The document under which the report is issued (văn bản ban hành)."""

    document_number: ShortText = Field(description="Number and symbol (số, ký hiệu văn bản).")
    document_on: Day = Field(description="Day of the document (ngày ban hành).")
    signatory_title: ShortText = Field(
        description="The signatory's title (chức danh người ký); never a name."
    )


class AssessmentIn(WireModel):
    """The focal unit's assessment (đánh giá)."""

    text: LongText = Field(description="The text (nội dung).")


def assess(
    session: Session,
    reference: Reference,
    *,
    report_id: UUID,
    text: str,
    by: Principal,
    at: datetime,
) -> Course:
    """Write the focal unit's assessment of a version; the same text again changes nothing.

    Raises NotFound, StepNotYours, StepNotAllowed.
    """
    course = _to_take(session, reference, report_id, "assess", by, at)
    last = course.assessments[-1] if course.assessments else None
    if last is None or last.text != text:
        number = last.number + 1 if last else 1
        session.add(
            ReportAssessment(
                report_id=report_id,
                number=number,
                text=text,
                written_at=at,
                written_by=by.key_id,
                unit_key=by.unit,
            )
        )
        session.flush()
    else:
        number = last.number
    _audit(session, course, "assessed", by, at, {"assessment": number})
    return course_of(session, course.stored)


def propose(
    session: Session, reference: Reference, *, report_id: UUID, by: Principal, at: datetime
) -> Course:
    """Propose a version to the People's Committee, with the assessment that was written last.

    Raises NotFound, StepNotYours, StepNotAllowed, AssessmentMissing.
    """
    course = _to_take(session, reference, report_id, "propose", by, at)
    if not course.assessments:
        raise AssessmentMissing()
    assessment = course.assessments[-1].number
    return _take(session, course, "propose", by, at, {"assessment": assessment})


def return_(
    session: Session,
    reference: Reference,
    *,
    report_id: UUID,
    reason: str,
    by: Principal,
    at: datetime,
) -> Course:
    """Return a proposed version to the focal unit, with the reason.

    Raises NotFound, StepNotYours, StepNotAllowed.
    """
    course = _to_take(session, reference, report_id, "return", by, at)
    return _take(session, course, "return", by, at, {"reason": reason})


def approve(
    session: Session, reference: Reference, *, report_id: UUID, by: Principal, at: datetime
) -> Course:
    """Approve a proposed version. Raises NotFound, StepNotYours, StepNotAllowed."""
    course = _to_take(session, reference, report_id, "approve", by, at)
    return _take(session, course, "approve", by, at, {})


def issue(
    session: Session,
    reference: Reference,
    *,
    report_id: UUID,
    document: IssueDocument,
    by: Principal,
    at: datetime,
) -> Course:
    """Issue an approved version under its document; it supersedes the one issued before.

    Raises NotFound, StepNotYours, StepNotAllowed, NewerIssued, Invalid.
    """
    course = _to_take(session, reference, report_id, "issue", by, at)
    if document.document_on > local_day(at):
        today = {"today": str(local_day(at))}
        raise Invalid(Fault("/document_on", DAY_IN_FUTURE, today))
    report = course.stored.report
    newest = newest_issued(session, report.cycle_id)
    if newest is not None and newest > report.version:
        raise NewerIssued(newer=newest, version=report.version)
    issued = _take(session, course, "issue", by, at, document.model_dump())
    tell_issued(session, report, plan=course.stored.cycle.plan_slug, at=at)
    return issued


def _to_take(
    session: Session,
    reference: Reference,
    report_id: UUID,
    step: Step,
    by: Principal,
    at: datetime,
) -> Course:
    """Return a version whose next step may be taken; all versions of its cycle are locked."""
    stored = get_report(session, by=by, report_id=report_id)
    same_cycle = select(ConsolidatedReport.id).where(
        ConsolidatedReport.cycle_id == stored.report.cycle_id
    )
    session.exec(same_cycle.order_by(col(ConsolidatedReport.id)).with_for_update()).all()
    course = course_of(session, stored)
    holders = reference.holders(role=BY[step][0], on=local_day(at), plan=stored.cycle.plan_slug)
    if by.unit not in holders:
        raise StepNotYours(unit=", ".join(sorted(holders)) or "—")
    allowed = allowed_steps(reference, course, by=by, at=at)
    if step not in allowed:
        listed = ", ".join(allowed) or "—"
        fault = Fault("", STEPS_ALLOWED, {"allowed": listed}, permitted=list(allowed))
        raise StepNotAllowed(fault, state=course.state, step=step, allowed=listed)
    return course


def _take(
    session: Session, course: Course, step: Step, by: Principal, at: datetime, said: dict[str, Any]
) -> Course:
    session.add(
        ReportStep(
            id=new_id(at),
            report_id=course.stored.report.id,
            ordinal=len(course.steps) + 1,
            step=TAKEN[step],
            taken_at=at,
            taken_by=by.key_id,
            unit_key=by.unit,
            **said,
        )
    )
    session.flush()
    kept = {name: str(v) if isinstance(v, date) else v for name, v in said.items()}
    _audit(session, course, TAKEN[step], by, at, kept)
    return course_of(session, course.stored)


def _audit(
    session: Session,
    course: Course,
    verb: str,
    by: Principal,
    at: datetime,
    said: dict[str, Any],
) -> None:
    report = course.stored.report
    audit(
        session,
        by=by,
        at=at,
        action=f"consolidated_report.{verb}",
        target=("consolidated_report", str(report.id)),
        before={"state": course.state},
        after={"version": report.version, "sha256": report.sha256, **said},
    )
