"""A version's way to the People's Committee: assessed, proposed, returned or approved, issued.

The focal unit writes its assessment and proposes (trình); the People's Committee's office
returns or approves, and issues under the document's number, day and signatory. None of it touches
the report's bytes. A version is proposed anew after it was returned; or a newer one is built.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from sqlmodel import Session, col, func, select

from app.domain.assignments.models import FOCAL_UNIT, PEOPLES_COMMITTEE_OFFICE
from app.domain.consolidation.models import (
    ConsolidatedReport,
    ConsolidationRequest,
    ReportAssessment,
    ReportStep,
)
from app.domain.consolidation.queries import StoredReport
from app.domain.errors import DomainError, Text
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
BY: Final[dict[Step, tuple[str, Scope]]] = {
    "assess": (FOCAL_UNIT, Scope.REQUEST_CONSOLIDATED),
    "propose": (FOCAL_UNIT, Scope.REQUEST_CONSOLIDATED),
    "return": (PEOPLES_COMMITTEE_OFFICE, Scope.DECIDE_CONSOLIDATED),
    "approve": (PEOPLES_COMMITTEE_OFFICE, Scope.DECIDE_CONSOLIDATED),
    "issue": (PEOPLES_COMMITTEE_OFFICE, Scope.DECIDE_CONSOLIDATED),
}
TAKEN: Final[dict[Step, str]] = {
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


STEPS_ALLOWED = Text(
    "report_steps_allowed",
    "Các bước khóa này được làm lúc này là: {allowed}.",
    "The steps that this key may take now: {allowed}.",
)


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
        if BY[step][1] in by.scopes
        and by.unit in reference.holders(role=BY[step][0], on=on, plan=plan)
    ]


def _state(session: Session, report: ConsolidatedReport, steps: Sequence[ReportStep]) -> State:
    if not session.get_one(ConsolidationRequest, report.id).proposable:
        return "preview"
    if not steps:
        return "draft"
    last: Any = steps[-1].step
    if last == "issued":
        newest = newest_issued(session, report.cycle_id)
        return "superseded" if newest is not None and newest > report.version else "issued"
    state: State = last
    return state


def newest_issued(session: Session, cycle_id: int) -> int | None:
    """Return the highest version of a cycle's report that was issued, or None."""
    return session.exec(
        select(func.max(ConsolidatedReport.version))
        .join(ReportStep, col(ReportStep.report_id) == ConsolidatedReport.id)
        .where(ConsolidatedReport.cycle_id == cycle_id, ReportStep.step == "issued")
    ).one()
