"""What a unit's report says beside its figures: narrative, deliverables, expectations, nil items.

Portals send these models, and they are answered back; a submitted revision freezes them.
"""

from typing import Annotated, Final, Literal
from uuid import UUID

from pydantic import Field

from app.domain.activities.body import OnBehalf
from app.domain.fields import (
    ID,
    Day,
    DecimalText,
    ListCode,
    LongText,
    PlanCode,
    Sha256,
    ShortText,
    WebLink,
    WireModel,
)
from app.domain.submissions.narrative import Narrative

IdIn = Annotated[UUID, Field(strict=False, json_schema_extra=ID)]  # JSON has no ids but strings
# Which item of the plan asks a unit for it (sections II to V).
ASKED_IN: Final[dict[str, tuple[str, ...]]] = {
    "own_plan": ("V.6.2",),
    "detailed_plan": ("IV.3",),
    "cooperation_plan": ("V.2.3",),
    "inspection": ("V.2.1",),
    "dedicated_column": ("III.1.a", "V.7.1"),
}


class Deliverable(WireModel):
    """A document or an installation that an item asks the unit for (sản phẩm)."""

    kind: Literal[
        "own_plan", "detailed_plan", "cooperation_plan", "inspection", "dedicated_column"
    ] = Field(
        description="own_plan (kế hoạch riêng): the place's own plan (V.6.2); detailed_plan (kế "
        "hoạch chi tiết): detailed plan and estimate (IV.3); cooperation_plan (kế "
        "hoạch phối hợp): with press agencies (V.2.3); inspection (theo dõi, kiểm "
        "tra): V.2.1; dedicated_column (chuyên trang, chuyên mục): III.1.a, V.7.1."
    )
    plan_item: PlanCode = Field(
        description="The item that asks for it (hình thức, nhiệm vụ), e.g. `V.6.2`."
    )
    title: ShortText = Field(description="Its title (tên văn bản, chuyên mục).")
    number: ShortText | None = Field(default=None, description="Number and symbol (số, ký hiệu).")
    done_on: Day | None = Field(default=None, description="Day of issue or opening (ngày).")
    url: WebLink | None = Field(default=None, description="Where it can be read (đường dẫn).")


class DeliverableIn(Deliverable):
    """A deliverable as it is sent (sản phẩm được gửi): what it need not say can be left out."""


class Expectation(WireModel):
    """What the unit expects for the whole year (ước cả năm): shown apart, never added."""

    plan_item: PlanCode = Field(description="Code of the plan item (hình thức, nhiệm vụ).")
    indicator: ListCode = Field(description="Indicator code (mã chỉ tiêu).")
    value: DecimalText = Field(
        description="Decimal string, at most the indicator's decimals (số ước)."
    )
    origin: Literal["original", "repost"] = Field(
        default="original", description="original (tin gốc) or repost (đăng lại)."
    )


class NilItem(WireModel):
    """An item of which the unit says that nothing was done (không phát sinh), and why."""

    plan_item: PlanCode = Field(description="Code of the plan item (hình thức, nhiệm vụ).")
    reason: LongText = Field(description="Why there was none (lý do).")


class Answer(WireModel):
    """What the unit says to a comment with which its report was returned (giải trình)."""

    comment: IdIn = Field(description="Id of the comment (ý kiến khi trả lại).")
    text: LongText = Field(description="What was done about it (nội dung giải trình).")


class SubmissionContent(WireModel):
    """The whole content of a draft, from now on (nội dung dự thảo báo cáo của đơn vị)."""

    narrative: Narrative = Field(
        default_factory=Narrative, description="The unit's narrative (phần lời)."
    )
    deliverables: Annotated[list[DeliverableIn], Field(max_length=100)] = Field(
        default_factory=list, description="Deliverables (sản phẩm theo yêu cầu của Kế hoạch)."
    )
    expectations: Annotated[list[Expectation], Field(max_length=500)] = Field(
        default_factory=list, description="Full-year expectations (ước cả năm)."
    )
    nil_items: Annotated[list[NilItem], Field(max_length=50)] = Field(
        default_factory=list,
        description="Items without any activity, each with its reason (nhiệm vụ không phát sinh).",
    )
    answers: Annotated[list[Answer], Field(max_length=200)] = Field(
        default_factory=list,
        description="Answers to the comments with which the report was returned (giải trình); each "
        "comment needs one before it is submitted again.",
    )


class SubmissionDocument(WireModel):
    """The document under which a unit submits (văn bản của đơn vị)."""

    document_number: ShortText = Field(description="Number and symbol (số, ký hiệu văn bản).")
    document_on: Day = Field(description="The document's day (ngày ban hành).")
    signer_title: ShortText = Field(
        description="The signer's title (chức danh người ký); a title, never a name."
    )
    signed_file_sha256: Sha256 | None = Field(
        default=None, description="SHA-256 of the signed file (tệp ký số)."
    )
    data_to: Day = Field(
        description="The last day the report covers, inclusive (số liệu tính đến ngày)."
    )
    nil: Annotated[bool, Field(description="No activity in the period (không phát sinh).")] = False
    nil_reason: LongText | None = Field(
        default=None, description="Why there was none (lý do không phát sinh); needed where `nil`."
    )


class CommentIn(WireModel):
    """A reviewer's comment (ý kiến của người duyệt).

    On an activity report, on a field, or on the whole report.
    """

    text: LongText = Field(description="What is to be mended (nội dung yêu cầu chỉnh sửa).")
    activity_report: IdIn | None = Field(
        default=None,
        description="The activity report it is about (hoạt động): one that the revision holds.",
    )
    field: Annotated[str, Field(pattern=r"^(/[a-z0-9_]{1,40}){1,4}$", max_length=200)] | None = (
        Field(
            default=None,
            description="JSON Pointer of the field it is about (vị trí trường), e.g. "
            "`/narrative/results`.",
        )
    )


class ReturnIn(WireModel):
    """With what comments a report is returned (trả lại để chỉnh sửa, bổ sung)."""

    comments: Annotated[list[CommentIn], Field(min_length=1, max_length=200)] = Field(
        description="What is to be mended (nội dung yêu cầu chỉnh sửa)."
    )


class CorrectionIn(WireModel):
    """Why an accepted report is corrected (đính chính)."""

    reason: ShortText = Field(description="Why (lý do đính chính).")
    on_behalf: OnBehalf | None = Field(
        default=None,
        description="Only where the focal unit enters it from an incoming document (nhập thay "
        "theo văn bản đến).",
    )


class RevisionIn(WireModel):
    """A further revision of a submission (lần gửi tiếp theo); the body may be empty."""

    on_behalf: OnBehalf | None = Field(
        default=None,
        description="Only where the focal unit enters it from an incoming document (nhập thay "
        "theo văn bản đến).",
    )
