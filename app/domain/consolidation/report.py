"""The consolidated report (báo cáo tổng hợp): its shape.

This shape is what is hashed, stored and answered. Amounts are decimal strings. Nothing in it
comes from a clock or is a random id: the same inputs give the same bytes (RFC 8785).
"""

from typing import Final, Literal

from pydantic import Field

from app.domain.consolidation.gaps import Gaps
from app.domain.consolidation.proposals import ProposalGroup
from app.domain.consolidation.report_figures import (
    Breakdown,
    CountTotal,
    HierarchyView,
    IndicatorHead,
    JointActivity,
    MoneyTotal,
    TotalLine,
    UnitSection,
)
from app.domain.consolidation.report_heads import Coverage, CycleHead, Part, PlanHead, Sha256
from app.domain.described import DayOut, InstantText, Many, Name, Number, ReasonText, UnitKey
from app.domain.submissions.narrative import Narrative

SCHEMA: Final = "baocao/consolidated-report/2"


class NarrativeSection(Part):
    """A unit's narrative (phần lời) as submitted."""

    unit: UnitKey = Field(description="Key of the reporting unit (đơn vị báo cáo).")
    name: Name = Field(description="Name of the unit (tên đơn vị).")
    nil_reason: ReasonText | None = Field(
        description="Why nothing was done (lý do không phát sinh)."
    )
    narrative: Narrative


class MissingUnit(Part):
    """A unit that did not report (đơn vị chưa báo cáo)."""

    unit: UnitKey = Field(description="Key of the unit that did not report (đơn vị chưa báo cáo).")
    name: Name = Field(description="Name of the unit (tên đơn vị).")
    basis: Literal["ordered", "assigned_only", "requested", "not_required"] = Field(
        description="ordered (phải báo cáo), assigned_only (được giao), requested (được đề nghị) "
        "or not_required (không phải báo cáo)."
    )


class Input(Part):
    """A submission revision that went into the report (báo cáo của đơn vị được tổng hợp)."""

    unit: UnitKey = Field(description="Key of the reporting unit (đơn vị báo cáo).")
    revision: Number = Field(
        description="Number of the submission's revision, from 1 (lần gửi thứ)."
    )
    sha256: Sha256 = Field(description="Hash of the submission revision (mã băm lần gửi).")
    rollup_sha256: Sha256 = Field(
        description="Hash of what the revision adds up to, item by item (mã băm số cộng)."
    )


class Manifest(Part):
    """What the report was built from (căn cứ lập báo cáo tổng hợp).

    Enough to build it again, to the byte.
    """

    purpose: Literal["production", "demo", "sandbox"] = Field(
        description="What the database was created for (mục đích): production, demo or sandbox. "
        "The figures of a demo or a sandbox are made up."
    )
    basis: Literal["accepted", "submitted"] = Field(
        description="accepted (đã duyệt); submitted (đã gửi): a preview that counts what is still "
        "in review."
    )
    units_on: DayOut | Literal["as_reported"] = Field(
        description="The day whose hierarchy `by_hierarchy` shows (theo đơn vị ngày nào)."
    )
    known_at: InstantText = Field(
        description="UTC instant (thời điểm dữ liệu): all of it is what was known then."
    )
    inputs: Many[Input] = Field(
        description="The submission revisions that went in (báo cáo của đơn vị)."
    )
    roster_sha256: Sha256 = Field(
        description="Hash of `coverage.roster`, as canonical JSON (mã băm danh sách đơn vị phải "
        "báo cáo)."
    )
    register_sha256: Sha256 = Field(
        description="Hash of the register of units as known then (mã băm danh mục đơn vị)."
    )
    indicators_sha256: Sha256 = Field(
        description="Hash of `indicators`, as canonical JSON (mã băm chỉ tiêu)."
    )
    plan_sha256: Sha256 = Field(description="Hash of the plan's file (mã băm kế hoạch).")


class Report(Part):
    """The consolidated report of one cycle (báo cáo tổng hợp)."""

    schema_name: Literal["baocao/consolidated-report/2"] = Field(
        alias="schema", description="Name and version of this shape (tên lược đồ)."
    )
    plan: PlanHead
    cycle: CycleHead
    coverage: Coverage
    counts: Many[CountTotal] = Field(
        description="How many activity reports, by item (số hoạt động)."
    )
    totals: Many[TotalLine] = Field(
        description="Totals of the province, by item and indicator (tổng số)."
    )
    expenditure: Many[MoneyTotal] = Field(
        description="Money executed, by source (kinh phí đã thực hiện)."
    )
    joint: Many[JointActivity] = Field(description="What units did together (hoạt động phối hợp).")
    by_unit: Many[UnitSection] = Field(description="By unit (theo đơn vị).")
    by_level: Breakdown = Field(description="Figures of the province by level (theo cấp).")
    by_channel: Breakdown = Field(
        description="Figures of the province by channel (theo kênh, phương tiện)."
    )
    by_format: Breakdown = Field(description="Figures of the province by format (theo thể loại).")
    by_language: Breakdown = Field(
        description="Figures of the province by language (theo ngôn ngữ)."
    )
    by_month: Breakdown = Field(
        description="Figures of the province by month of `occurred_on` (theo tháng)."
    )
    by_theme: Breakdown = Field(
        description="Figures of the province by content theme (theo nội dung tuyên truyền)."
    )
    by_integrated: Breakdown = Field(
        description="Figures of the province by whether it was folded into another event (lồng "
        "ghép)."
    )
    by_hierarchy: HierarchyView
    gaps: Gaps
    proposals: Many[ProposalGroup] = Field(
        description="The units' proposals (kiến nghị) by addressee, with what became of them."
    )
    narratives: Many[NarrativeSection] = Field(description="Units' narratives (phần lời).")
    missing: Many[MissingUnit] = Field(
        description="Units that did not report (đơn vị chưa báo cáo)."
    )
    indicators: Many[IndicatorHead] = Field(description="Indicators, as they stood (chỉ tiêu).")
    manifest: Manifest
