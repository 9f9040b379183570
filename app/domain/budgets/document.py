"""The consolidation of provincial-level budget units (V.4): its shape.

This shape is what is hashed, stored and answered. Amounts are decimal strings of whole VND.
Nothing in it comes from a clock or is a random id: the same inputs give the same bytes.
"""

from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.domain.budgets.stages import Warning_
from app.domain.described import (
    Classification,
    Count,
    CycleName,
    DayText,
    DocumentNumber,
    Few,
    Hash,
    InstantText,
    ItemCode,
    Many,
    Name,
    Number,
    OneLine,
    PlanName,
    Rate,
    SignedText,
    SourceCode,
    UnitKey,
    VndText,
    YearNumber,
)
from app.domain.fields import tell_once

SCHEMA: Final = "baocao/budget-consolidation/1"
State = Literal["consolidated", "in_review", "returned", "missing"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra=tell_once)


class Figures(_Part):
    """Amounts by stage (số liệu theo giai đoạn dự toán); null is not stated, which is not "0"."""

    proposed: VndText | None = Field(
        description="What the unit proposes (đề xuất), whole VND, a decimal string."
    )
    allocated: VndText | None = Field(
        description="What is allocated to it (được giao), whole VND, a decimal string."
    )
    adjusted: VndText | None = Field(
        description="What was allocated, as it is now (điều chỉnh), whole VND, a decimal string."
    )
    executed: VndText | None = Field(
        description="What was spent (thực hiện), whole VND, a decimal string."
    )
    settled: VndText | None = Field(
        description="What the settlement found (quyết toán), whole VND, a decimal string."
    )


class Line(_Part):
    """An estimate of a unit as its consolidated dossier holds it (một dòng dự toán)."""

    unit: UnitKey = Field(description="Key of the budget unit (đơn vị dự toán).")
    item: ItemCode
    source: SourceCode
    chapter: Classification | None = Field(
        description="Chapter of the budget classification (chương)."
    )
    category: Classification | None = Field(
        description="Category of the budget classification (loại)."
    )
    subcategory: Classification | None = Field(
        description="Subcategory of the budget classification (khoản)."
    )
    figures: Figures
    warnings: Few[Warning_] = Field(
        description="What is doubtful (cảnh báo): executed_above_allocation, "
        "executed_without_allocation, settled_differs_from_executed."
    )


class Total(_Part):
    """The sum of some lines (cộng); `lines` is how many."""

    key: OneLine | None = Field(
        description="Item, source, unit, or `chương-loại-khoản` with `…` for what is not given; "
        "null of the whole."
    )
    lines: Count = Field(description="How many lines are added up (số dòng).")
    figures: Figures


class Comparison(_Part):
    """Executed against estimated, of one unit, item and source (thực hiện so với dự toán)."""

    unit: UnitKey = Field(description="Key of the budget unit (đơn vị dự toán).")
    item: ItemCode
    source: SourceCode
    estimated: VndText | None = Field(
        description="Of each line what was adjusted, else allocated, else proposed (dự toán); "
        "null where nothing was estimated."
    )
    estimated_by: Few[Literal["proposed", "allocated", "adjusted"]] = Field(
        description="The stages that `estimated` was taken from (giai đoạn dự toán): proposed, "
        "allocated or adjusted."
    )
    executed: VndText | None = Field(
        description="What was executed, whole VND, a decimal string (thực hiện); null where it was "
        "not stated."
    )
    difference: SignedText | None = Field(
        description="executed - estimated, where both are stated (chênh lệch)."
    )
    rate: Rate | None = Field(
        description="executed / estimated with six decimals, half up (tỷ lệ thực hiện); null where "
        "nothing, or 0, was estimated. The exact terms stand beside it."
    )
    reported_in_activity: VndText | None = Field(
        description="Expenditure in the unit's accepted submission of the calendar year's cycle "
        "(kinh phí trong báo cáo của đơn vị): shown beside, and added to nothing. Null "
        "where there is none."
    )


class UnitStanding(_Part):
    """How a unit's dossier stands (tình trạng hồ sơ)."""

    unit: UnitKey = Field(description="Key of the budget unit (đơn vị dự toán).")
    name: Name = Field(description="Name of the unit (tên đơn vị).")
    owed: bool = Field(
        description="Whether a dossier is owed (phải gửi hồ sơ dự toán). A lead unit owes one "
        "(IV.3); of the first year nobody does (IV.2), and who sent one in is counted."
    )
    state: State = Field(
        description="How the dossier stands (tình trạng): consolidated, in_review, returned or "
        "missing."
    )
    timeliness: Literal["on_time", "late", "after_freeze"] | None = Field(
        description="on_time, late (before the freeze) or after_freeze; null without a receipt "
        "(thời hạn)."
    )
    revision: Number | None = Field(
        description="Number of the dossier's revision, from 1 (lần gửi hồ sơ thứ)."
    )
    sha256: Hash | None = Field(
        description="Hash of the dossier's revision (mã băm lần gửi hồ sơ)."
    )


class BudgetCoverage(_Part):
    """Who is in the consolidation (tình hình gửi hồ sơ dự toán).

    `required` = consolidated + in_review + returned + missing.
    """

    required: Count = Field(
        description="Units that owe a dossier, or of the first year sent one in (số đơn vị phải "
        "gửi)."
    )
    consolidated: Count = Field(
        description="Units whose dossier is in the consolidation (số đơn vị đã tổng hợp)."
    )
    in_review: Count = Field(
        description="Units whose dossier was submitted and is not consolidated (số đơn vị chờ xem "
        "xét)."
    )
    returned: Count = Field(description="Units whose dossier went back (số đơn vị bị trả lại).")
    missing: Count = Field(
        description="Units that owe a dossier and have sent none (số đơn vị chưa gửi)."
    )
    units: Many[UnitStanding] = Field(description="Units (đơn vị), by key.")


class DossierInput(_Part):
    """A revision of a dossier that went into the consolidation (hồ sơ dự toán được tổng hợp)."""

    unit: UnitKey = Field(description="Key of the budget unit (đơn vị dự toán).")
    revision: Number = Field(
        description="Number of the dossier's revision, from 1 (lần gửi hồ sơ thứ)."
    )
    sha256: Hash = Field(description="Hash of the dossier's revision (mã băm lần gửi hồ sơ).")
    document_number: DocumentNumber
    document_on: DayText = Field(
        description="Day of the document under which it was submitted (ngày ban hành)."
    )


class ActivityInput(_Part):
    """A submission revision whose expenditure is shown beside (báo cáo của đơn vị)."""

    unit: UnitKey = Field(description="Key of the budget unit (đơn vị dự toán).")
    cycle: CycleName
    revision: Number = Field(
        description="Number of the submission's revision, from 1 (lần gửi thứ)."
    )
    sha256: Hash = Field(description="Hash of the submission revision (mã băm lần gửi).")


class BudgetManifest(_Part):
    """What the budget consolidation was built from (căn cứ lập bản tổng hợp dự toán)."""

    purpose: Literal["production", "demo", "sandbox"] = Field(
        description="What the database was created for (mục đích): production, demo or sandbox. "
        "The figures of a demo or a sandbox are made up."
    )
    plan_sha256: Hash = Field(description="Hash of the plan's file (mã băm kế hoạch).")
    calendar: dict[str, OneLine] | None = Field(
        description="The budget year's calendar, if any (lịch lập dự toán)."
    )
    dossiers: Many[DossierInput] = Field(description="Dossiers that went in (hồ sơ dự toán).")
    activity_reports: Many[ActivityInput] = Field(
        description="Units' reports whose expenditure is shown beside (báo cáo của đơn vị)."
    )


class ConsolidationDocument(_Part):
    """The consolidation of provincial-level budget units (tổng hợp dự toán cấp tỉnh)."""

    schema_name: Literal["baocao/budget-consolidation/1"] = Field(
        alias="schema", description="Name and version of this shape (tên lược đồ)."
    )
    plan: PlanName
    budget_year: YearNumber = Field(description="The budget year (năm ngân sách).")
    version: Number = Field(description="Number of the version, from 1 (bản số).")
    level: Literal["province"] = Field(description="Level of the budget (cấp ngân sách).")
    authority: UnitKey = Field(
        description="Key of the finance authority that consolidates (cơ quan tài chính tổng hợp)."
    )
    frozen_at: InstantText = Field(
        description="UTC instant (thời điểm chốt số): what was received before it is in."
    )
    executed_only: bool = Field(
        description="True of the first year (năm đầu): no estimates (IV.2), only executed amounts."
    )
    manifest: BudgetManifest
    coverage: BudgetCoverage
    total: Total
    by_item: Many[Total] = Field(description="Sums by plan item (theo nhiệm vụ).")
    by_source: Many[Total] = Field(description="Sums by funding source (theo nguồn).")
    by_unit: Many[Total] = Field(description="By unit (theo đơn vị).")
    by_classification: Many[Total] = Field(
        description="Sums by chapter, category, subcategory (theo mục lục ngân sách)."
    )
    comparisons: Many[Comparison] = Field(
        description="Executed against estimated (thực hiện so với dự toán)."
    )
    lines: Many[Line] = Field(description="Lines, in order (các dòng).")
