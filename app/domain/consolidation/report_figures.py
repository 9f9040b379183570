"""The figures of a consolidated report: totals, units, breakdowns, hierarchies, joint activity.

Amounts are decimal strings, money whole VND. `counted` is what the province counts once,
`credited` what its units are credited with: they differ by joint activity only.
"""

from typing import Annotated, Literal

from pydantic import Field

from app.domain.consolidation.report_heads import Amount, ItemCoverage, Part
from app.domain.described import (
    AmountText,
    Count,
    DayOut,
    ExternalCode,
    IndicatorCode,
    ItemCode,
    LevelWord,
    Many,
    Name,
    Number,
    OneLine,
    Place,
    ReasonText,
    Some,
    SourceCode,
    SystemCode,
    UnitKey,
)
from app.domain.submissions.contents import Deliverable
from app.domain.units.hierarchy import Reason

Origin = Literal["original", "repost"]

CountedOccurrences = Annotated[
    Count,
    Field(
        description="Occurrences as they are counted (số lượt được tính): those of joined reports "
        "once."
    ),
]
CreditedActivities = Annotated[
    Count,
    Field(
        description="Activity reports as they are credited to each unit that reported them (số "
        "hoạt động ghi nhận)."
    ),
]
CreditedOccurrences = Annotated[
    Count,
    Field(
        description="Occurrences as they are credited to each unit that reported them (số lượt ghi "
        "nhận)."
    ),
]


class IndicatorHead(Part):
    """An indicator as the report uses it (chỉ tiêu)."""

    code: IndicatorCode
    name_vi: Name = Field(description="Name in Vietnamese (tên tiếng Việt).")
    unit_vi: OneLine = Field(description="Unit of measure, in Vietnamese (đơn vị tính).")
    decimals: Count = Field(description="How many decimals a value may have (số chữ số thập phân).")
    over_time: Literal["sum", "latest", "max"] = Field(
        description="How it adds over time (cộng theo thời gian): sum, latest or max."
    )
    over_units: Literal["sum", "none"] = Field(
        description="How it adds over units (cộng theo đơn vị): sum or none."
    )


class UnitAmount(Part):
    """A unit's part of a figure (phần của đơn vị)."""

    unit: UnitKey = Field(description="Key of the unit whose figures they are (đơn vị).")
    value: Amount = Field(description="The unit's part, a decimal string (giá trị).")


class TotalLine(Part):
    """A figure of the province with the units behind it (tổng số toàn tỉnh).

    The units' parts add up to `credited`. Of an indicator that does not add over units
    `counted` and `credited` are null and each unit (communes apart from their district) stands
    for itself.
    """

    item: ItemCode
    indicator: IndicatorCode
    origin: Origin = Field(description="original (tin gốc) or repost (đăng lại).")
    counted: Amount | None = Field(
        description="Outputs of joined reports count once (số được tính)."
    )
    credited: Amount | None = Field(
        description="Credited to each of the units that reported it (số ghi nhận)."
    )
    coverage: ItemCoverage
    units: Many[UnitAmount] = Field(description="Units (đơn vị), by key.")


class CountTotal(Part):
    """Activity reports of an item, and occurrences that they stand for (số hoạt động, số lượt)."""

    item: ItemCode
    activities: Count = Field(
        description="How many are counted (số được tính): joined reports count once."
    )
    occurrences: CountedOccurrences
    credited_activities: CreditedActivities
    credited_occurrences: CreditedOccurrences
    coverage: ItemCoverage


class MoneyTotal(Part):
    """Executed expenditure of an item from a source, and who spent it (kinh phí đã thực hiện).

    With the units behind it. It always adds.
    """

    item: ItemCode
    source: SourceCode
    value: Amount = Field(description="Whole VND, a decimal string (số tiền).")
    coverage: ItemCoverage
    units: Many[UnitAmount] = Field(description="Units (đơn vị), by key.")


class FigureLine(Part):
    """One amount (một số liệu): an item's indicator, originals and reposts apart."""

    item: ItemCode
    indicator: IndicatorCode
    origin: Origin = Field(description="original (tin gốc) or repost (đăng lại).")
    value: Amount = Field(
        description="The amount, a decimal string of the indicator's unit (giá trị)."
    )


class CountLine(Part):
    """Activity reports of an item, and occurrences that they stand for (số hoạt động, số lượt)."""

    item: ItemCode
    activities: Count = Field(description="Activity reports (số hoạt động).")
    occurrences: Count = Field(
        description="Occurrences that the activity reports stand for (số lượt)."
    )


class MoneyLine(Part):
    """Executed expenditure of an item from a source, in VND (kinh phí đã thực hiện).

    A decimal string.
    """

    item: ItemCode
    source: SourceCode
    value: Amount = Field(description="Whole VND, a decimal string (số tiền).")


class ExpectationLine(Part):
    """What a unit expects for the whole year (ước cả năm): shown apart, added to nothing."""

    item: ItemCode
    indicator: IndicatorCode
    origin: Origin = Field(description="original (tin gốc) or repost (đăng lại).")
    value: AmountText = Field(description="What is expected, a decimal string (số ước).")


class NilItemLine(Part):
    """An item of which a unit says that nothing was done, and why (nhiệm vụ không phát sinh)."""

    item: ItemCode
    reason: ReasonText = Field(description="Why nothing was done (lý do không phát sinh).")


class UnitSection(Part):
    """What one unit's submission adds up to, its communes included (tổng số của đơn vị).

    All that it is credited.
    """

    unit: UnitKey = Field(description="Key of the unit whose figures they are (đơn vị).")
    name: Name = Field(description="Name of the unit (tên đơn vị).")
    level: LevelWord | None
    counts: Many[CountLine] = Field(
        description="How many activity reports, by item (số hoạt động)."
    )
    figures: Many[FigureLine] = Field(description="Figures, by item and indicator (số liệu).")
    expenditure: Many[MoneyLine] = Field(
        description="Money executed, by source (kinh phí đã thực hiện)."
    )
    expectations: Some[ExpectationLine] = Field(description="Full-year expectations (ước cả năm).")
    nil_items: Some[NilItemLine] = Field(
        description="Items without any activity, and why (không phát sinh)."
    )
    deliverables: Some[Deliverable] = Field(
        description="What items ask the unit for (sản phẩm), as it was submitted."
    )


class Member(Part):
    """One member of a dimension (thành phần của chiều phân tích): a channel, a month, a theme."""

    member: OneLine = Field(
        description="Its code (mã); `none` where the activity says nothing of it."
    )
    counts: Many[CountLine] = Field(
        description="How many activity reports, by item (số hoạt động)."
    )
    figures: Many[FigureLine] = Field(description="Figures, by item and indicator (số liệu).")


class Breakdown(Part):
    """The province's figures along one dimension, as they are counted (số liệu theo chiều)."""

    dimension: Literal["level", "channel", "format", "language", "month", "theme", "integrated"] = (
        Field(
            description="Along what (chiều phân tích): level (cấp), channel (kênh), format (thể "
            "loại), language (ngôn ngữ), month (tháng), theme (nội dung) or integrated (lồng "
            "ghép)."
        )
    )
    overlapping: bool = Field(
        description="True where one activity may stand under several members (trùng lặp): these "
        "do not add up to the total. Nor do the members of an indicator that replaces itself over "
        "time (`latest`, `max`), in any breakdown."
    )
    members: Many[Member] = Field(description="Its members, in order (thành phần).")


class HierarchyLine(Part):
    """What is credited to one unit, without the units under it (số liệu ghi nhận cho đơn vị)."""

    unit: UnitKey = Field(description="Key of the unit whose figures they are (đơn vị).")
    name: Name = Field(description="Name of the unit (tên đơn vị).")
    level: LevelWord | None
    parent: UnitKey | None = Field(description="The unit above it on that day (đơn vị cấp trên).")
    counts: Many[CountLine] = Field(
        description="How many activity reports, by item (số hoạt động)."
    )
    figures: Many[FigureLine] = Field(description="Figures, by item and indicator (số liệu).")
    expenditure: Many[MoneyLine] = Field(
        description="Money executed, by source (kinh phí đã thực hiện)."
    )


class UnmappedUnit(Part):
    """A unit that has no place in that day's hierarchy (đơn vị chưa quy đổi được), and why."""

    unit: UnitKey = Field(description="Key of the unit that did it (đơn vị).")
    name: Name = Field(description="Name of the unit (tên đơn vị).")
    reason: Reason | None = Field(
        description="Why it has no place (lý do): no_successor (it ended and nothing took it "
        "over), divided (its parts are in several units), began_later (it came after "
        "that day), several_predecessors (it came from several units), "
        "part_of_predecessor (it came from a part of one) or moved_within_window (only "
        "its year is known, and its place changed within that); null where it is not "
        "known."
    )
    within: UnitKey | None = Field(
        description="The nearest unit of that day that holds it (thuộc đơn vị)."
    )


class UnmappedLine(UnmappedUnit):
    """What a unit did that has no place in that day's hierarchy (phần chưa quy đổi được).

    On its own line, never guessed.
    """

    counts: Many[CountLine] = Field(
        description="How many activity reports, by item (số hoạt động)."
    )
    figures: Many[FigureLine] = Field(description="Figures, by item and indicator (số liệu).")
    expenditure: Many[MoneyLine] = Field(
        description="Money executed, by source (kinh phí đã thực hiện)."
    )


class HierarchyView(Part):
    """The credited figures by the units that did it, or by those of another day (theo đơn vị).

    Lines and unmapped lines add up to what is credited, whichever day it is. Indicators that do
    not add over units are shown where the units are those that reported.
    """

    units_on: DayOut | Literal["as_reported"] = Field(
        description="The day whose units are shown, or `as_reported` (theo đơn vị ngày nào)."
    )
    lines: Many[HierarchyLine] = Field(description="Lines, in order (các dòng).")
    unmapped: Many[UnmappedLine] = Field(
        description="What has no place in that day's hierarchy (chưa quy đổi được)."
    )


class JointReport(Part):
    """An activity report that is joined with others (hoạt động được liên kết).

    Known by its natural key.
    """

    unit: UnitKey = Field(description="Key of the unit that did it (đơn vị).")
    source_system: SystemCode
    external_id: ExternalCode
    revision: Number = Field(
        description="Number of the activity report's revision, from 1 (lần sửa thứ)."
    )
    submission: UnitKey = Field(
        description="Unit key of the submission that holds it (báo cáo của đơn vị)."
    )


class LeftOutCount(Part):
    """An activity report that does not count (hoạt động không được tính).

    Another one of the same activity does.
    """

    report: Place = Field(
        description="Place in `reports` of the one that is left out (vị trí không được tính)."
    )
    counted_with: Place = Field(
        description="Place in `reports` of the one that counts (vị trí được tính)."
    )
    item: ItemCode
    activities: Count = Field(description="Activity reports (số hoạt động).")
    occurrences: Count = Field(
        description="Occurrences that the activity reports stand for (số lượt)."
    )


class LeftOutFigure(Part):
    """An amount that does not count (số liệu không được tính).

    The largest one of the same activity does.
    """

    report: Place = Field(
        description="Place in `reports` of the one that is left out (vị trí không được tính)."
    )
    counted_with: Place = Field(
        description="Place in `reports` of the one that counts (vị trí được tính)."
    )
    item: ItemCode
    indicator: IndicatorCode
    origin: Origin = Field(description="original (tin gốc) or repost (đăng lại).")
    value: Amount = Field(description="The amount that does not count, a decimal string (giá trị).")


class JointActivity(Part):
    """Reports of several units on one activity (hoạt động chung).

    Confirmed as such: outputs count once.
    """

    reports: Many[JointReport] = Field(description="The joined reports, in order (các báo cáo).")
    counts: Many[LeftOutCount] = Field(
        description="How many activity reports, by item (số hoạt động)."
    )
    figures: Many[LeftOutFigure] = Field(description="Figures, by item and indicator (số liệu).")
