"""What activity totals look like from outside."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from app.api.out import OutModel
from app.api.reconciliation.schemas import ExpenditureSumOut
from app.domain.activities.amounts import unscaled
from app.domain.activities.regrouping import ByItem, Regrouped
from app.domain.activities.totals import ActivityTotals
from app.domain.described import (
    AmountText,
    Count,
    DayOut,
    IndicatorCode,
    ItemCode,
    LevelWord,
    Many,
    Name,
    OriginWord,
    UnitKey,
)
from app.domain.fields import Day, PlanSlug, UnitReference
from app.domain.units.hierarchy import Reason

AS_REPORTED: Final = "as_reported"

REASONS: Final[dict[Reason, tuple[str, str]]] = {
    "no_successor": (
        "đơn vị đã kết thúc, không có đơn vị kế thừa (ví dụ huyện cũ)",
        "it ended without a successor, e.g. a former district",
    ),
    "divided": (
        "đơn vị đã chia tách, các phần không nằm trọn trong một đơn vị của ngày đó",
        "it ended in parts, which are not in one unit on that day",
    ),
    "began_later": (
        "đơn vị thành lập sau ngày đó, không kế thừa từ đơn vị nào",
        "it began after that day, and nothing passed to it",
    ),
    "several_predecessors": (
        "đơn vị hình thành từ nhiều đơn vị của ngày đó",
        "it came from several units of that day",
    ),
    "part_of_predecessor": (
        "đơn vị chỉ hình thành từ một hoặc nhiều phần của một đơn vị của ngày đó",
        "it came from one unit of that day, but not as the whole of it",
    ),
    "moved_within_window": (
        "chỉ biết số liệu của cả năm, mà trong năm vị trí của đơn vị đã thay đổi",
        "only its year is known, and its place changed within that; in consolidated reports",
    ),
}
_REASONS_TOLD: Final = "; ".join(f"`{code}`: {vi} ({en})" for code, (vi, en) in REASONS.items())


class AddedMeasureOut(OutModel):
    """The sum of an indicator's values, of one origin (tổng theo chỉ tiêu)."""

    indicator: IndicatorCode
    origin: OriginWord = Field(description="original (tin gốc) or repost (đăng lại).")
    sum: AmountText = Field(description="Exact sum, a decimal string (tổng).")


class ItemTotalsOut(OutModel):
    """What was done for one item, added up (tổng số của một nhiệm vụ)."""

    plan_item: ItemCode = Field(description="The form or task (hình thức, nhiệm vụ).")
    activities: Count = Field(description="Activity reports (số hoạt động).")
    occurrences: Count = Field(description="Sum of the occurrences (số lượt).")
    measures: Many[AddedMeasureOut] = Field(
        description="Sums by indicator and origin (tổng theo chỉ tiêu); only of indicators that "
        "add over time and units."
    )
    expenditure: Many[ExpenditureSumOut] = Field(
        description="By funding source (theo nguồn kinh phí)."
    )


class UnitTotalsOut(OutModel):
    """The line of one unit (đơn vị): what it did itself, without the units under it."""

    unit: UnitKey = Field(description="Key of the unit (đơn vị).")
    name: Name = Field(description="Name of the unit (tên đơn vị).")
    level: LevelWord | None = Field(
        description="province, district or commune (cấp); null for other bodies."
    )
    parent: UnitKey | None = Field(
        description="Key of the unit above it on the day asked (cấp trên); null as reported, where "
        "no day is asked."
    )
    items: Many[ItemTotalsOut] = Field(
        description="The sums, in the order of the items' codes (theo hình thức, nhiệm vụ)."
    )


class UnmappedTotalsOut(OutModel):
    """What a unit did that has no place on the day asked (chưa quy đổi được)."""

    unit: UnitKey = Field(description="Key of the unit that reported (đơn vị báo cáo).")
    name: Name = Field(description="Name of the unit (tên đơn vị).")
    level: LevelWord | None = Field(
        description="province, district or commune (cấp); null for other bodies."
    )
    reason: Reason = Field(description=f"Why (lý do): {_REASONS_TOLD}.")
    within: UnitKey | None = Field(
        description="Key of the nearest unit of the day asked that is known to hold it (thuộc địa "
        "bàn, ngành của); null where none is."
    )
    items: Many[ItemTotalsOut] = Field(
        description="The sums, in the order of the items' codes (theo hình thức, nhiệm vụ)."
    )


class NotAddedOut(OutModel):
    """An indicator that does not add up, over time or over units (chỉ tiêu không cộng dồn).

    See the reports themselves.
    """

    indicator: IndicatorCode
    values: Count = Field(
        description="How many values there are, which are in no line (số giá trị)."
    )


class ActivityTotalsOut(OutModel):
    """Activity by the units of a day (số liệu hoạt động theo đơn vị của ngày đó).

    Lines and unmapped lines together are the totals.
    """

    units_on: DayOut | Literal["as_reported"] = Field(
        description="The units that were asked for (theo đơn vị ngày nào): `as_reported`, or a day."
    )
    lines: Many[UnitTotalsOut] = Field(
        description="What each unit did, in the order of the units' keys (các dòng theo đơn vị)."
    )
    unmapped: Many[UnmappedTotalsOut] = Field(
        description="What has no place in that day's hierarchy (phần chưa quy đổi được), in the "
        "order of the units' keys; none where the units are as reported."
    )
    totals: Many[ItemTotalsOut] = Field(
        description="All of it by item (tổng số): the same whatever `units_on` is."
    )
    left_out: Many[NotAddedOut] = Field(
        description="Indicators of which nothing was added (chỉ tiêu không cộng dồn)."
    )

    @classmethod
    def of(cls, found: ActivityTotals, *, units_on: date | None) -> "ActivityTotalsOut":
        """Return it as it is answered."""
        regrouped, decimals = found.regrouped, found.decimals
        return cls(
            units_on=units_on or "as_reported",
            lines=[
                UnitTotalsOut(
                    **_named(found, unit),
                    parent=found.parents.get(unit),
                    items=_items(by_item, decimals),
                )
                for unit, by_item in sorted(regrouped.lines.items())
            ],
            unmapped=_unmapped(found, regrouped),
            totals=_items(regrouped.totals, decimals),
            left_out=[
                NotAddedOut(indicator=code, values=values)
                for code, values in sorted(found.left_out.items())
            ],
        )


class TotalsQuery(OutModel):
    """What is added up, and by the units of which day."""

    plan: PlanSlug = Field(description="The plan's slug (kế hoạch).")
    occurred_from: Day | None = Field(default=None, description="First day, inclusive (từ ngày).")
    occurred_to: Day | None = Field(
        default=None, description="Day after the last (đến trước ngày)."
    )
    units_on: Annotated[
        Day | None,
        BeforeValidator(lambda value: None if value == AS_REPORTED else value),
        WithJsonSchema(
            {
                "anyOf": [
                    {
                        "type": "string",
                        "format": "date",
                        "minLength": 10,
                        "maxLength": 10,
                        "example": "2025-07-01",
                    },
                    {"type": "string", "const": AS_REPORTED},
                ],
            }
        ),
    ] = Field(
        default=None,
        description="By which units: `as_reported` (theo đơn vị báo cáo), which is also meant "
        "where nothing is given, or those of a day (theo đơn vị tại ngày).",
    )
    unit: UnitReference | None = Field(
        default=None,
        description="Only what this unit itself reported (đơn vị): its key, or its code on `on`.",
    )
    on: Day | None = Field(
        default=None,
        description="The day on which a code in `unit` is meant (tại ngày); today if not given.",
    )


def _unmapped(found: ActivityTotals, regrouped: Regrouped) -> list[UnmappedTotalsOut]:
    heads = sorted(regrouped.unmapped, key=lambda head: (head.unit, head.reason, head.within or ""))
    return [
        UnmappedTotalsOut(
            **_named(found, head.unit),
            reason=head.reason,
            within=head.within,
            items=_items(regrouped.unmapped[head], found.decimals),
        )
        for head in heads
    ]


def _named(found: ActivityTotals, unit: str) -> dict[str, Any]:
    version = found.units[unit]
    return {"unit": unit, "name": version.name, "level": version.level}


def _items(by_item: ByItem, decimals: Mapping[str, int]) -> list[ItemTotalsOut]:
    return [
        ItemTotalsOut(
            plan_item=item,
            activities=sum(n for one, n in amounts.items() if one.kind == "activities"),
            occurrences=sum(n for one, n in amounts.items() if one.kind == "occurrences"),
            measures=[
                AddedMeasureOut(
                    indicator=one.code, origin=one.origin, sum=unscaled(amount, decimals[one.code])
                )
                for one, amount in sorted(amounts.items())
                if one.kind == "measure"
            ],
            expenditure=[
                ExpenditureSumOut(source=one.code, amount=amount)
                for one, amount in sorted(amounts.items())
                if one.kind == "expenditure"
            ],
        )
        for item, amounts in sorted(by_item.items())
    ]
