"""The summary of a plan over its years (tổng hợp cả giai đoạn): its shape.

Like the yearly report's it is what is hashed and answered: canonical JSON (RFC 8785), amounts as
decimal strings, nothing of a clock and no random id. Every figure points to the yearly reports'
JSON (RFC 6901), so it stands on what was signed.
"""

from typing import Annotated, Final, Literal

from pydantic import Field

from app.domain.consolidation.report_figures import (
    CountedOccurrences,
    CreditedActivities,
    CreditedOccurrences,
    IndicatorHead,
    Origin,
    UnmappedUnit,
)
from app.domain.consolidation.report_heads import Amount, Part, PlanHead, Rates, Sha256
from app.domain.described import (
    Count,
    CycleName,
    DayOut,
    IndicatorCode,
    InstantText,
    ItemCode,
    LevelWord,
    Many,
    Name,
    Number,
    Pointer,
    SourceCode,
    UnitKey,
    YearNumber,
)

SCHEMA: Final = "baocao/plan-summary/1"
CountedActivities = Annotated[
    Count,
    Field(
        description="Activity reports as they are counted (số hoạt động được tính): joined reports "
        "count once."
    ),
]

Standing = Literal["issued", "not_issued", "missing"]


class YearHead(Part):
    """A year of the plan, and who reported in it (mức độ báo cáo của năm)."""

    year: YearNumber = Field(description="The year of the report (năm báo cáo).")
    standing: Standing = Field(
        description="issued (đã ban hành): its newest issued version went in; not_issued (chưa ban "
        "hành): none is issued, its newest version went in; missing (chưa có): there is "
        "none, and nothing of the year is in the sums."
    )
    edition: Literal["deadline", "final"] | None = Field(
        description="deadline, or final once the supplements were due (bản)."
    )
    ordered: Rates | None = Field(
        description="Coverage of those ordered to report (đơn vị phải báo cáo)."
    )
    others: Rates | None = Field(
        description="The same of those without an order to report (đơn vị khác)."
    )


class SummarySource(Part):
    """Where a figure stands in a year's report (vị trí số liệu trong báo cáo năm)."""

    year: YearNumber = Field(description="The year of the report (năm báo cáo).")
    pointer: Pointer = Field(description="JSON Pointer into that year's report (vị trí).")


class YearAmount(Part):
    """An amount of one year (số liệu của một năm).

    Several pointers where it was added up from several units'.
    """

    year: YearNumber = Field(description="The year of the report (năm báo cáo).")
    value: Amount = Field(
        description="The amount, a decimal string of the indicator's unit (giá trị)."
    )
    pointers: Many[Pointer] = Field(description="JSON Pointers into that report (vị trí).")


class YearTotal(Part):
    """A total of one year, as its report has it (tổng số của một năm)."""

    year: YearNumber = Field(description="The year of the report (năm báo cáo).")
    counted: Amount | None = Field(
        description="The value with joined reports once, a decimal string (số được tính); null "
        "where it does not add over units."
    )
    credited: Amount | None = Field(
        description="The value credited to each unit that reported it, a decimal string (số ghi "
        "nhận); null where it does not add over units."
    )
    pointer: Pointer = Field(
        description="JSON Pointer of the line (vị trí); its columns are under it."
    )


class YearCounts(Part):
    """How many activity reports in one year, as its report has it (số hoạt động trong năm)."""

    year: YearNumber = Field(description="The year of the report (năm báo cáo).")
    activities: CountedActivities
    occurrences: CountedOccurrences
    credited_activities: CreditedActivities
    credited_occurrences: CreditedOccurrences
    pointer: Pointer = Field(description="JSON Pointer of the line in that year's report (vị trí).")


class LineYearCounts(Part):
    """How many activity reports of a line in one year (số hoạt động của đơn vị trong một năm)."""

    year: YearNumber = Field(description="The year of the report (năm báo cáo).")
    activities: Count = Field(description="Activity reports (số hoạt động).")
    occurrences: Count = Field(
        description="Occurrences that the activity reports stand for (số lượt)."
    )
    pointers: Many[Pointer] = Field(description="JSON Pointers into that report (vị trí).")


class UnitOverYears(Part):
    """A unit's own value, where the indicator does not add over units (giá trị riêng)."""

    unit: UnitKey = Field(description="Key of the unit whose figures they are (đơn vị).")
    name: Name = Field(description="Name of the unit (tên đơn vị).")
    value: Amount = Field(description="The unit's own value, a decimal string (giá trị).")
    by_year: Many[YearAmount] = Field(description="Year by year (theo năm).")
    value_from: Many[SummarySource] | None = Field(
        description="Where the value stands in the years' reports; null where it is the sum of "
        "all (nguồn số liệu)."
    )


class TotalOverYears(Part):
    """A figure year by year, and over the plan by the indicator's rule (tổng số qua các năm).

    `sum`: the years add up, as counted and as credited. `latest`: of each unit the value of the
    last year in which it reported one; `max`: of each unit its largest; these then add up over
    units. Of an indicator that does not add over units there are only the units' values.
    """

    item: ItemCode
    indicator: IndicatorCode
    origin: Origin = Field(description="original (tin gốc) or repost (đăng lại).")
    counted: Amount | None = Field(
        description="The value with joined reports once, a decimal string (số được tính); null "
        "where it does not add over units."
    )
    credited: Amount | None = Field(
        description="The value credited to each unit that reported it, a decimal string (số ghi "
        "nhận); null where it does not add over units."
    )
    by_year: Many[YearTotal] = Field(description="Year by year (theo năm).")
    value_from: Many[SummarySource] | None = Field(
        description="The units' figures that make the value over the plan (nguồn số liệu), where "
        "it is not simply the sum of all years; else null."
    )
    units: Many[UnitOverYears] = Field(
        description="Units as they reported, of an indicator that does not add over units (giá "
        "trị riêng của đơn vị)."
    )


class CountsOverYears(Part):
    """Activity reports of an item, and occurrences that they stand for (số hoạt động, số lượt)."""

    item: ItemCode
    activities: CountedActivities
    occurrences: CountedOccurrences
    credited_activities: CreditedActivities
    credited_occurrences: CreditedOccurrences
    by_year: Many[YearCounts] = Field(description="Year by year (theo năm).")


class MoneyOverYears(Part):
    """Executed expenditure of an item from a source, whole VND (kinh phí đã thực hiện).

    It always adds.
    """

    item: ItemCode
    source: SourceCode
    value: Amount = Field(description="Whole VND, a decimal string (số tiền).")
    by_year: Many[YearAmount] = Field(description="Year by year (theo năm).")


class LineCounts(Part):
    """How many activity reports of an item on a line (số hoạt động của đơn vị)."""

    item: ItemCode
    activities: Count = Field(description="Activity reports (số hoạt động).")
    occurrences: Count = Field(
        description="Occurrences that the activity reports stand for (số lượt)."
    )
    by_year: Many[LineYearCounts] = Field(description="Year by year (theo năm).")


class LineFigure(Part):
    """An amount of a line (số liệu của đơn vị). See TotalOverYears for how it goes over the years.

    A later (or larger) value of a unit may stand on another line than its earlier ones: these
    are in `by_year` alone.
    """

    item: ItemCode
    indicator: IndicatorCode
    origin: Origin = Field(description="original (tin gốc) or repost (đăng lại).")
    value: Amount = Field(description="The amount over the plan, a decimal string (giá trị).")
    by_year: Many[YearAmount] = Field(description="Year by year (theo năm).")
    value_from: Many[SummarySource] | None = Field(
        description="Where the value stands in the years' reports; null where it is the sum of "
        "all (nguồn số liệu)."
    )


class SummaryLine(Part):
    """What is credited to one unit over the years (số liệu của đơn vị qua các năm).

    Without the units under it.
    """

    unit: UnitKey = Field(description="Key of the unit whose figures they are (đơn vị).")
    name: Name = Field(description="Name of the unit (tên đơn vị).")
    level: LevelWord | None
    parent: UnitKey | None = Field(
        description="The unit above it on that day (đơn vị cấp trên); as reported, when it last "
        "reported."
    )
    counts: Many[LineCounts] = Field(
        description="How many activity reports, by item (số hoạt động)."
    )
    figures: Many[LineFigure] = Field(description="Figures, by item and indicator (số liệu).")
    expenditure: Many[MoneyOverYears] = Field(
        description="Money executed, by source (kinh phí đã thực hiện)."
    )


class SummaryUnmapped(UnmappedUnit):
    """What a unit did that has no place in that day's hierarchy (phần chưa quy đổi được).

    On its own line, never guessed.
    """

    counts: Many[LineCounts] = Field(
        description="How many activity reports, by item (số hoạt động)."
    )
    figures: Many[LineFigure] = Field(description="Figures, by item and indicator (số liệu).")
    expenditure: Many[MoneyOverYears] = Field(
        description="Money executed, by source (kinh phí đã thực hiện)."
    )


class ItemGap(Part):
    """An item of the plan without any activity in any year that went in (mục chưa thực hiện)."""

    item: ItemCode
    assigned: bool = Field(
        description="Whether any roster row of any year answers for it (có được phân công)."
    )


class YearInput(Part):
    """A yearly report that went into the summary (báo cáo năm được tổng hợp).

    A version, which never changes.
    """

    year: YearNumber = Field(description="The year of the report (năm báo cáo).")
    cycle: CycleName = Field(description="Key of the cycle (kỳ báo cáo).")
    version: Number = Field(description="Number of the version, from 1 (bản số).")
    sha256: Sha256 = Field(description="SHA-256 of that year's report (mã băm).")
    known_at: InstantText = Field(
        description="All of that year's report is what was known then (thời điểm dữ liệu)."
    )
    issued: bool = Field(description="Whether it is issued (đã ban hành).")


class SummaryManifest(Part):
    """What the summary was built from (căn cứ lập bản tổng hợp cả giai đoạn).

    Enough to build it again, to the byte.
    """

    purpose: Literal["production", "demo", "sandbox"] = Field(
        description="What the database was created for (mục đích): production, demo or sandbox. "
        "The figures of a demo or a sandbox are made up."
    )
    units_on: DayOut | Literal["as_reported"] = Field(
        description="The day whose units are shown, or `as_reported` (theo đơn vị ngày nào)."
    )
    years: Many[YearNumber] = Field(description="The years asked for (các năm).")
    missing: Many[YearNumber] = Field(
        description="Those of the years without any report (các năm chưa có báo cáo)."
    )
    inputs: Many[YearInput] = Field(description="The yearly reports that went in (báo cáo năm).")
    register_sha256: Sha256 | None = Field(
        description="Hash of the register by which units were mapped to `units_on` (mã băm danh "
        "mục đơn vị), or null."
    )
    plan_sha256: Sha256 = Field(description="Hash of the plan's file (mã băm kế hoạch).")


class PlanSummary(Part):
    """A plan over its years, as one report (tổng hợp cả giai đoạn của kế hoạch)."""

    schema_name: Literal["baocao/plan-summary/1"] = Field(
        alias="schema", description="Name and version of this shape (tên lược đồ)."
    )
    plan: PlanHead
    years: Many[YearHead] = Field(description="The years, in order (các năm).")
    counts: Many[CountsOverYears] = Field(
        description="How many activity reports, by item (số hoạt động)."
    )
    totals: Many[TotalOverYears] = Field(
        description="Totals of the province, by item and indicator (tổng số)."
    )
    expenditure: Many[MoneyOverYears] = Field(
        description="Money executed, by source (kinh phí đã thực hiện)."
    )
    units_on: DayOut | Literal["as_reported"] = Field(
        description="The day whose units are shown, or `as_reported` (theo đơn vị ngày nào)."
    )
    lines: Many[SummaryLine] = Field(description="Lines, in order (các dòng).")
    unmapped: Many[SummaryUnmapped] = Field(
        description="What has no place in that day's hierarchy (chưa quy đổi được)."
    )
    gaps: Many[ItemGap] = Field(description="What is lacking (khoảng trống).")
    indicators: Many[IndicatorHead] = Field(
        description="The indicators (chỉ tiêu), each as the newest report has it."
    )
    manifest: SummaryManifest
