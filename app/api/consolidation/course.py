"""A version's way to the People's Committee, and who receives what is issued."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from app.api.contract.refusing import refuses
from app.api.deps import (
    Caller,
    CanDecideConsolidated,
    CanManageCycles,
    CanProposeConsolidated,
    CanReadConsolidated,
)
from app.api.out import InstantOut, OutModel
from app.api.paths import PlanInPath, ReportInPath
from app.api.strict import StrictRoute
from app.domain.audit.service import audit
from app.domain.consolidation import steps
from app.domain.consolidation.course import (
    Course,
    StepNotAllowed,
    StepNotYours,
    allowed_steps,
    course_of,
)
from app.domain.consolidation.queries import get_report
from app.domain.consolidation.recipients import recipients, set_recipients
from app.domain.consolidation.steps import (
    AssessmentIn,
    AssessmentMissing,
    IssueDocument,
    NewerIssued,
)
from app.domain.cycles.province import NotProvince, must_be_province
from app.domain.described import (
    DayOut,
    DocumentNumber,
    Few,
    Hash,
    Id,
    Many,
    Number,
    Prose,
    ReasonText,
    SignerTitle,
    UnitKey,
    Word,
)
from app.domain.fields import ShortText, UnitReference, WireModel
from app.domain.plans.queries import get_plan
from app.domain.units.queries import resolve

router = APIRouter(route_class=StrictRoute)


class StepOut(OutModel):
    """A step that was taken with a consolidated report (bước xử lý báo cáo tổng hợp)."""

    step: Word = Field(
        description="proposed (trình), returned (trả lại), approved (phê duyệt) or issued (ban "
        "hành)."
    )
    taken_at: InstantOut = Field(description="When it was taken (thời điểm thực hiện).")
    unit: UnitKey = Field(description="Key of the unit that took it (đơn vị thực hiện).")
    reason: ReasonText | None = Field(description="Why it was returned (lý do trả lại).")
    assessment: Number | None = Field(
        description="Number of the assessment with which it was proposed (nhận xét, đánh giá)."
    )
    document_number: DocumentNumber | None = Field(
        description="Number of the document that issued it (số, ký hiệu văn bản)."
    )
    document_on: DayOut | None = Field(
        description="Day of the document that issued it (ngày ban hành)."
    )
    signatory_title: SignerTitle | None


class AssessmentOut(OutModel):
    """The focal unit's own assessment (đánh giá của cơ quan đầu mối)."""

    number: Number = Field(
        description="Number of the assessment, from 1 (số thứ tự); the newest holds."
    )
    text: Prose = Field(description="The assessment (nội dung đánh giá).")
    written_at: InstantOut = Field(description="When it was written (thời điểm ghi).")
    unit: UnitKey = Field(description="Key of the focal unit that wrote it (cơ quan đầu mối).")


class CourseOut(OutModel):
    """Where a version of the consolidated report stands (quá trình trình, ban hành).

    Its bytes never change.
    """

    report: Id = Field(
        description="Id of the version of the consolidated report (mã báo cáo tổng hợp)."
    )
    version: Number = Field(description="Number of the version, from 1 (bản số).")
    sha256: Hash = Field(description="SHA-256 of the version's bytes (mã băm).")
    state: Word = Field(
        description="preview (bản xem trước), draft (dự thảo), proposed (đã trình), returned (đã "
        "trả lại), approved (đã phê duyệt), issued (đã ban hành) or superseded (đã thay thế)."
    )
    steps: Few[StepOut] = Field(description="What was done with it, oldest first (quá trình).")
    assessments: Many[AssessmentOut] = Field(
        description="The focal unit's assessments, oldest first (nhận xét, đánh giá)."
    )
    actions: Few[Word] = Field(
        description="What this caller may do now (việc được làm): assess, propose, return, "
        "approve, issue."
    )

    @classmethod
    def of(cls, caller: Caller, course: Course) -> "CourseOut":
        """Return it as it is answered."""
        actions = allowed_steps(caller.reference, course, by=caller.by, at=caller.at)
        return cls(
            report=course.stored.report.id,
            version=course.stored.report.version,
            sha256=course.stored.report.sha256,
            state=course.state,
            steps=[
                StepOut(unit=row.unit_key, **row.model_dump(include=set(StepOut.model_fields)))
                for row in course.steps
            ],
            assessments=[
                AssessmentOut(
                    unit=row.unit_key, **row.model_dump(include={"number", "text", "written_at"})
                )
                for row in course.assessments
            ],
            actions=[*actions],
        )


class ReturnReportIn(WireModel):
    """Why a proposed version is returned (lý do trả lại báo cáo tổng hợp)."""

    reason: ShortText = Field(
        description="Why it goes back, for the focal unit to mend (lý do trả lại)."
    )


class RecipientsIn(WireModel):
    """Who is to receive the issued reports, and why (danh sách nơi nhận báo cáo).

    The whole list from now on.
    """

    units: Annotated[list[UnitReference], Field(max_length=200)] = Field(
        description="Who receives the report: keys, or codes of today (nơi nhận)."
    )
    reason: ShortText = Field(description="Why they are to receive them (lý do).")


class RecipientOut(OutModel):
    """A unit that receives issued reports (nơi nhận báo cáo)."""

    unit: UnitKey = Field(description="Key of the receiving unit (đơn vị nhận).")
    reason: ReasonText = Field(description="Why it is to receive them (lý do).")
    since: InstantOut = Field(description="Since when it is to receive them (từ thời điểm).")


class RecipientsOut(OutModel):
    """Who receives a plan's issued reports (nơi nhận báo cáo)."""

    items: Many[RecipientOut] = Field(description="The recipients, by unit (nơi nhận).")


@router.get("/consolidated-reports/{report_id}/course")
def get_report_course(caller: CanReadConsolidated, report_id: ReportInPath) -> CourseOut:
    """Read where a version stands: its steps, the focal unit's assessments, what may follow."""
    stored = get_report(caller.session, by=caller.by, report_id=report_id)
    return CourseOut.of(caller, course_of(caller.session, stored))


@router.put(
    "/consolidated-reports/{report_id}/assessment", responses=refuses(StepNotAllowed, StepNotYours)
)
def assess_report(
    caller: CanProposeConsolidated, report_id: ReportInPath, body: AssessmentIn
) -> CourseOut:
    """Write the focal unit's assessment of a version; each text is kept under its number."""
    return _taken(caller, steps.assess, report_id=report_id, text=body.text)


@router.post(
    "/consolidated-reports/{report_id}/propose",
    responses=refuses(AssessmentMissing, StepNotAllowed, StepNotYours),
)
def propose_report(caller: CanProposeConsolidated, report_id: ReportInPath) -> CourseOut:
    """Propose a version to the People's Committee (trình), with the last assessment."""
    return _taken(caller, steps.propose, report_id=report_id)


@router.post(
    "/consolidated-reports/{report_id}/return", responses=refuses(StepNotAllowed, StepNotYours)
)
def return_report(
    caller: CanDecideConsolidated, report_id: ReportInPath, body: ReturnReportIn
) -> CourseOut:
    """Return a proposed version to the focal unit, for the People's Committee's office."""
    return _taken(caller, steps.return_, report_id=report_id, reason=body.reason)


@router.post(
    "/consolidated-reports/{report_id}/approve", responses=refuses(StepNotAllowed, StepNotYours)
)
def approve_report(caller: CanDecideConsolidated, report_id: ReportInPath) -> CourseOut:
    """Approve a proposed version, for the People's Committee's office."""
    return _taken(caller, steps.approve, report_id=report_id)


@router.post(
    "/consolidated-reports/{report_id}/issue",
    responses=refuses(NewerIssued, StepNotAllowed, StepNotYours),
)
def issue_report(
    caller: CanDecideConsolidated, report_id: ReportInPath, body: IssueDocument
) -> CourseOut:
    """Issue an approved version under its document; the one issued before stays readable."""
    return _taken(caller, steps.issue, report_id=report_id, document=body)


@router.get("/plans/{plan}/report-recipients")
def list_report_recipients(caller: CanReadConsolidated, plan: PlanInPath) -> RecipientsOut:
    """List who receives the plan's issued reports. Its “Nơi nhận” received the plan itself."""
    get_plan(caller.session, plan)
    return _recipients(caller, plan)


@router.put("/plans/{plan}/report-recipients", responses=refuses(NotProvince))
def set_report_recipients(
    caller: CanManageCycles, plan: PlanInPath, body: RecipientsIn
) -> RecipientsOut:
    """Set who receives the plan's issued reports: their keys may read these from now on."""
    must_be_province(caller.by)
    get_plan(caller.session, plan)
    units = [
        resolve(caller.session, unit, on=caller.today, pointer=f"/units/{place}").unit_key
        for place, unit in enumerate(body.units)
    ]
    set_recipients(caller.session, plan=plan, units=units, reason=body.reason, at=caller.at)
    audit(
        caller.session,
        by=caller.by,
        at=caller.at,
        action="report_recipients.set",
        target=("plan", plan),
        after={"units": sorted(set(units)), "reason": body.reason},
    )
    return _recipients(caller, plan)


def _recipients(caller: Caller, plan: str) -> RecipientsOut:
    return RecipientsOut(
        items=[
            RecipientOut(unit=row.unit_key, reason=row.reason, since=row.recorded_at)
            for row in recipients(caller.session, plan=plan)
        ]
    )


def _taken(caller: Caller, verb: Callable[..., Course], **said: object) -> CourseOut:
    return CourseOut.of(
        caller, verb(caller.session, caller.reference, by=caller.by, at=caller.at, **said)
    )
