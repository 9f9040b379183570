"""What an activity report says: the body that portals send and that is answered back."""

from typing import Annotated, Literal, Self

from pydantic import Field, StrictBool, model_validator
from pydantic_core import PydanticCustomError

from app.domain.fields import (
    SMALL,
    Day,
    DecimalText,
    ExternalId,
    ListCode,
    LongText,
    Money,
    PlanCode,
    PlanSlug,
    Sha256,
    ShortText,
    SystemName,
    UnitReference,
    WebLink,
    WireModel,
)


class Measure(WireModel):
    """One measured result (kết quả theo chỉ tiêu)."""

    indicator: ListCode = Field(description="Indicator code (mã chỉ tiêu).")
    value: DecimalText = Field(
        description="Decimal string with a point (giá trị), e.g. `12` or `37.5`; not negative; at "
        "most the indicator's decimals."
    )
    origin: Literal["original", "repost"] = Field(
        default="original",
        description="original (tin gốc): the unit's own products. repost (đăng lại): what it "
        "shared on; only of indicators that tell them apart.",
    )


class Expenditure(WireModel):
    """Money executed for the activity (kinh phí đã thực hiện)."""

    source: ListCode = Field(description="Funding source code (nguồn kinh phí).")
    amount: Money = Field(description="What was spent, in whole VND (đồng).")


class Evidence(WireModel):
    """A link to the body's own publication that shows the activity (minh chứng)."""

    url: WebLink = Field(
        description="http or https link to a publication of the public body (đường dẫn)."
    )
    sha256: Sha256 | None = Field(
        default=None, description="SHA-256 of what the link showed, lower-case hex (mã băm)."
    )


class OnBehalf(WireModel):
    """The incoming document from which the focal unit enters an activity (nhập thay)."""

    incoming_number: ShortText = Field(
        description="Register number of the incoming document (số đến)."
    )
    incoming_on: Day = Field(description="The day it was registered (ngày đến).")


class ActivityContent(WireModel):
    """The content of an activity report, without its natural key."""

    plan: PlanSlug = Field(description="The plan's slug (kế hoạch).")
    plan_item: PlanCode = Field(
        description="The form or task carried out (hình thức, nhiệm vụ), e.g. `III.1.b`."
    )
    content_themes: Annotated[list[PlanCode], Field(max_length=30)] = Field(
        default_factory=list, description="Content themes (nội dung tuyên truyền), e.g. `II.1.3`."
    )
    occurred_on: Day = Field(description="The local day (ngày thực hiện); of a summary, the first.")
    ended_on: Day | None = Field(
        default=None,
        description="Only for a summary of like things: its last day (ngày kết thúc), inclusive, "
        "in the same year.",
    )
    occurrences: Annotated[int, Field(ge=1, le=1_000_000, json_schema_extra=SMALL)] | None = Field(
        default=None, description="Only for a summary: how many times it happened (số lượt)."
    )
    channel: ListCode = Field(description="Channel code (kênh, phương tiện).")
    format: ListCode | None = Field(default=None, description="Format code (thể loại).")
    title: ShortText = Field(description="Title (tên hoạt động), one line.")
    description: LongText | None = Field(
        default=None, description="Description (mô tả); no data on private persons."
    )
    languages: Annotated[list[ListCode], Field(min_length=1, max_length=10)] = Field(
        default_factory=lambda: ["vi"], description="Language codes (ngôn ngữ)."
    )
    integrated: StrictBool = Field(
        default=False, description="Folded into another event (lồng ghép, V.5.2)."
    )
    measures: Annotated[list[Measure], Field(max_length=50)] = Field(
        default_factory=list, description="Measured results (kết quả theo chỉ tiêu)."
    )
    expenditure: Annotated[list[Expenditure], Field(max_length=10)] = Field(
        default_factory=list, description="Money executed, by source (kinh phí đã thực hiện)."
    )
    participants: Annotated[list[UnitReference], Field(max_length=100)] = Field(
        default_factory=list,
        description="Coordinating units (đơn vị phối hợp): code on the day, or unit key.",
    )
    evidence: Annotated[list[Evidence], Field(max_length=50)] = Field(
        default_factory=list, description="Links to the body's own publications (minh chứng)."
    )
    on_behalf: OnBehalf | None = Field(
        default=None,
        description="Only where the focal unit enters what a unit reported on paper (nhập thay).",
    )

    @model_validator(mode="after")
    def _a_summary_has_both(self) -> Self:
        if (self.ended_on is None) != (self.occurrences is None):
            raise PydanticCustomError(
                "summary_incomplete", "a summary has both ended_on and occurrences"
            )
        return self


class ActivityBody(ActivityContent):
    """An activity report as it is sent (hoạt động được gửi): its natural key and its content."""

    unit: UnitReference = Field(
        description="The unit that did it (đơn vị): its code, resolved on `occurred_on`, or its "
        "unit key. `21238` is another body in 2024 than in 2026."
    )
    source_system: SystemName = Field(
        description="The sending system (hệ thống nguồn), the same in every request."
    )
    external_id: ExternalId = Field(
        description="The record's id in that system (mã bản ghi); with unit and source system the "
        "natural key: sent again it makes no second record."
    )


class ActivityCorrection(ActivityContent):
    """The whole content of an activity report from now on, and why (nội dung sửa hoạt động)."""

    unit: UnitReference | None = Field(
        default=None,
        description="The unit (đơn vị). It may be given, and must be the unit that the report "
        "has: a correction never moves a report to another body.",
    )
    reason: ShortText = Field(description="Why it is corrected (lý do sửa).")


RevisionNumber = Annotated[int, Field(ge=1, le=1_000_000, json_schema_extra=SMALL)]


class ActivityRow(ActivityBody):
    """One row of a bulk request (một dòng của gói dữ liệu).

    An activity report, and what a correction needs beside it.
    """

    expected_revision: RevisionNumber | None = Field(
        default=None,
        description="With `on_existing=update`: the number of the revision that this row corrects "
        "(lần sửa hiện hành).",
    )
    reason: ShortText | None = Field(
        default=None, description="Why it is corrected (lý do sửa); needed with expected_revision."
    )
