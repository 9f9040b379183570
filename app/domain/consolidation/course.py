"""A version's way to the People's Committee: assessed, proposed, returned or approved, issued.

The focal unit writes its assessment and proposes (trình); the People's Committee's office
returns or approves, and issues under the document's number, day and signatory. None of it touches
the report's bytes. A version is proposed anew after it was returned; or a newer one is built.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal
from uuid import UUID

from sqlmodel import Session, col, func, select

from app.domain.assignments.models import FOCAL_UNIT, PEOPLES_COMMITTEE_OFFICE
from app.domain.audit.service import audit
from app.domain.base import new_id
from app.domain.consolidation.models import (
    ConsolidatedReport,
    ConsolidationRequest,
    ReportAssessment,
    ReportStep,
)
from app.domain.consolidation.queries import StoredReport, get_report
from app.domain.errors import DAY_IN_FUTURE, DomainError, Fault, Invalid, Text
from app.domain.fields import Day, LongText, ShortText, WireModel
from app.domain.period import local_day
from app.domain.principal import Principal, Scope
from app.domain.reference import Reference

Step = Literal["assess", "propose", "return", "approve", "issue"]
State = Literal["preview", "draft", "proposed", "returned", "approved", "issued", "superseded"]
_IN_STATE: Final[dict[str, tuple[Step, ...]]] = {
    "draft": ("assess", "propose"),
    "returned": ("assess", "propose"),
    "proposed": ("return", "approve"),
    "approved": ("issue",),
}
_BY: Final[dict[Step, tuple[str, Scope]]] = {
    "assess": (FOCAL_UNIT, Scope.REQUEST_CONSOLIDATED),
    "propose": (FOCAL_UNIT, Scope.REQUEST_CONSOLIDATED),
    "return": (PEOPLES_COMMITTEE_OFFICE, Scope.DECIDE_CONSOLIDATED),
    "approve": (PEOPLES_COMMITTEE_OFFICE, Scope.DECIDE_CONSOLIDATED),
    "issue": (PEOPLES_COMMITTEE_OFFICE, Scope.DECIDE_CONSOLIDATED),
}
_TAKEN: Final[dict[Step, str]] = {
    "propose": "proposed",
    "return": "returned",
    "approve": "approved",
    "issue": "issued",
}


class StepNotYours(DomainError):
    """The focal unit proposes, the People's Committee's office decides."""

    text = Text(
        "report_step_not_yours",
        "Chỉ {unit} mới được làm bước này của báo cáo tổng hợp.",
        "Only {unit} may take this step of the consolidated report.",
    )


class StepNotAllowed(DomainError):
    """The version's state does not allow the step; the fault lists what this caller may."""

    text = Text(
        "report_step_not_allowed",
        "Bản tổng hợp đang ở trạng thái «{state}», không thể «{step}»; có thể: {allowed}.",
        "The version is `{state}`; `{step}` is not possible, but: {allowed}.",
    )


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
        "Cần có đánh giá của đơn vị đầu mối trước khi trình.",
        "The focal unit's assessment is needed before the version is proposed.",
    )


STEPS_ALLOWED = Text(
    "report_steps_allowed",
    "Các bước khóa này được làm lúc này là: {allowed}.",
    "The steps that this key may take now: {allowed}.",
)


class IssueDocument(WireModel):
    """The document under which the report is issued (văn bản ban hành)."""

    document_number: ShortText
    document_on: Day
    signatory_title: ShortText


class AssessmentIn(WireModel):
    """The focal unit's assessment (đánh giá)."""

    text: LongText


@dataclass(frozen=True)
class Course:
    """Where a version stands on its way, its steps, and its assessments."""

    stored: StoredReport
    state: State
    steps: Sequence[ReportStep]
    assessments: Sequence[ReportAssessment]


def course_of(session: Session, stored: StoredReport) -> Course:
    """Return where a version stands."""
    report = stored.report
    steps = session.exec(
        select(ReportStep)
        .where(ReportStep.report_id == report.id)
        .order_by(col(ReportStep.ordinal))
        .execution_options(populate_existing=True)
    ).all()
    assessments = session.exec(
        select(ReportAssessment)
        .where(ReportAssessment.report_id == report.id)
        .order_by(col(ReportAssessment.number))
    ).all()
    return Course(stored, _state(session, report, steps), steps, assessments)


def allowed_steps(
    reference: Reference, course: Course, *, by: Principal, at: datetime
) -> list[Step]:
    """Return the steps that a caller may take now."""
    on, plan = local_day(at), course.stored.cycle.plan_slug
    return [
        step
        for step in _IN_STATE.get(course.state, ())
        if _BY[step][1] in by.scopes
        and by.unit in reference.holders(role=_BY[step][0], on=on, plan=plan)
    ]


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
    newest = _newest_issued(session, report.cycle_id)
    if newest is not None and newest > report.version:
        raise NewerIssued(newer=newest, version=report.version)
    return _take(session, course, "issue", by, at, document.model_dump())


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
    holders = reference.holders(role=_BY[step][0], on=local_day(at), plan=stored.cycle.plan_slug)
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
            step=_TAKEN[step],
            taken_at=at,
            taken_by=by.key_id,
            unit_key=by.unit,
            **said,
        )
    )
    session.flush()
    kept = {name: str(v) if isinstance(v, date) else v for name, v in said.items()}
    _audit(session, course, _TAKEN[step], by, at, kept)
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


def _state(session: Session, report: ConsolidatedReport, steps: Sequence[ReportStep]) -> State:
    if session.get_one(ConsolidationRequest, report.id).basis != "accepted":
        return "preview"
    if not steps:
        return "draft"
    last: Any = steps[-1].step
    if last == "issued":
        newest = _newest_issued(session, report.cycle_id)
        return "superseded" if newest is not None and newest > report.version else "issued"
    state: State = last
    return state


def _newest_issued(session: Session, cycle_id: int) -> int | None:
    return session.exec(
        select(func.max(ConsolidatedReport.version))
        .join(ReportStep, col(ReportStep.report_id) == ConsolidatedReport.id)
        .where(ConsolidatedReport.cycle_id == cycle_id, ReportStep.step == "issued")
    ).one()
