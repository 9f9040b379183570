"""What reconciliation looks like from outside."""

from typing import Any

from pydantic import Field

from app.api.out import OutModel
from app.domain.activities.reconciliation import Group, Reconciliation, Sums
from app.domain.described import (
    AmountText,
    Count,
    IndicatorCode,
    ItemCode,
    Many,
    Month,
    OriginWord,
    SourceCode,
    UnitKey,
    VndSum,
)
from app.domain.fields import Day, PlanSlug, SystemName, UnitReference


class MeasureSumOut(OutModel):
    """One indicator's values, of one origin (giá trị của chỉ tiêu)."""

    indicator: IndicatorCode
    origin: OriginWord = Field(description="original (tin gốc) or repost (đăng lại).")
    values: Count = Field(description="How many values there are (số giá trị).")
    sum: AmountText | None = Field(
        description="Their exact sum, a decimal string (tổng). Null where the indicator does not "
        "add up: over time (followers), or, in the totals, over units."
    )


class ExpenditureSumOut(OutModel):
    """Money executed from one funding source (nguồn kinh phí)."""

    source: SourceCode
    amount: VndSum


class SumsOut(OutModel):
    """Counts and sums of current revisions (tổng số theo lần sửa hiện hành).

    Withdrawn reports are counted, and in nothing else.
    """

    reports: Count = Field(description="Activity reports that are not withdrawn (số hoạt động).")
    withdrawn: Count = Field(description="Withdrawn ones (đã rút lại).")
    on_behalf: Count = Field(description="Of `reports`, those entered on behalf (nhập thay).")
    outside_assignment: Count = Field(
        description="Of `reports`, those outside an assignment (ngoài phân công)."
    )
    occurrences: Count = Field(description="Sum of the occurrences (số lượt).")
    measures: Many[MeasureSumOut] = Field(description="By indicator and origin (theo chỉ tiêu).")
    expenditure: Many[ExpenditureSumOut] = Field(
        description="By funding source (theo nguồn kinh phí)."
    )


class ReconciledGroupOut(SumsOut):
    """The counts and sums of one unit, month and item (số liệu đối chiếu)."""

    unit: UnitKey = Field(description="Key of the unit (đơn vị).")
    month: Month = Field(description="Month of `occurred_on` (tháng), e.g. `2021-09`.")
    plan_item: ItemCode = Field(description="The form or task (hình thức, nhiệm vụ).")


class ReconciliationOut(OutModel):
    """What is stored, counted and added up by unit, month and item (số liệu để đối chiếu)."""

    items: Many[ReconciledGroupOut] = Field(
        description="The groups, in the order of unit, month and item (các nhóm)."
    )
    totals: SumsOut = Field(description="The same of all of them together (tổng số).")

    @classmethod
    def of(cls, found: Reconciliation) -> "ReconciliationOut":
        """Return it as it is answered."""
        return cls(
            items=[_group(group) for group in found.groups],
            totals=SumsOut(**_fields(found.totals)),
        )


class ReconciliationQuery(OutModel):
    """What is counted and added up."""

    plan: PlanSlug = Field(description="The plan's slug (kế hoạch).")
    occurred_from: Day | None = Field(default=None, description="First day, inclusive (từ ngày).")
    occurred_to: Day | None = Field(
        default=None, description="Day after the last (đến trước ngày)."
    )
    unit: UnitReference | None = Field(
        default=None, description="The unit (đơn vị): its key, or its code on `on`."
    )
    on: Day | None = Field(
        default=None,
        description="The day on which a code in `unit` is meant (tại ngày); today if not given.",
    )
    source_system: SystemName | None = Field(
        default=None, description="The sending system (hệ thống nguồn)."
    )


def _group(group: Group) -> ReconciledGroupOut:
    return ReconciledGroupOut(
        unit=group.unit, month=group.month, plan_item=group.plan_item, **_fields(group.sums)
    )


def _fields(sums: Sums) -> dict[str, Any]:
    return {
        **vars(sums),
        "measures": [MeasureSumOut(**vars(row)) for row in sums.measures],
        "expenditure": [ExpenditureSumOut(**vars(row)) for row in sums.expenditure],
    }
