"""What estimates, calendars and finance authorities look like from outside."""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field

from app.api.cycles.schemas import Document, Provenance
from app.api.out import InstantOut, NextCursor, OutModel
from app.api.pagination import ListQuery
from app.domain.budgets.bodies import BudgetYearNumber
from app.domain.budgets.estimates import StoredEstimate
from app.domain.budgets.models import BudgetAuthority, BudgetCalendar, BudgetFigure
from app.domain.budgets.stages import ORDER
from app.domain.described import (
    Actor,
    Classification,
    DayOut,
    DocumentNumber,
    Few,
    Id,
    ItemCode,
    Many,
    Number,
    Page,
    PlanName,
    ReasonText,
    SourceCode,
    UnitKey,
    VndText,
    Word,
    YearNumber,
    words,
)
from app.domain.fields import Day, ListCode, PlanCode, PlanSlug, UnitReference

STAGES = (
    "proposed (đề xuất), allocated (được giao), adjusted (điều chỉnh), executed (thực hiện), "
    "settled (quyết toán)"
)
StageOut = Annotated[str, words(f"{STAGES}.", *ORDER)]


class BudgetFigureOut(OutModel):
    """What was stated of one stage of an estimate (số liệu một giai đoạn của dự toán).

    It never changes.
    """

    stage: StageOut
    amount: VndText = Field(description="The stated amount, whole VND, a decimal string (đồng).")
    number: Number = Field(description="Its number among all figures of the estimate (số thứ tự).")
    reason: ReasonText | None = Field(
        description="Why it was stated anew, or allocated without a proposal (lý do); null where "
        "none is needed."
    )
    document_number: DocumentNumber | None = Field(
        description="Number of the decision (số quyết định)."
    )
    document_on: DayOut | None = Field(description="Day of the decision (ngày quyết định).")
    stated_at: InstantOut = Field(description="When it was stated (thời điểm ghi).")
    unit: UnitKey = Field(description="Key of the unit that stated it (đơn vị ghi): a steward may.")

    @classmethod
    def of(cls, figure: BudgetFigure) -> "BudgetFigureOut":
        """Return a figure as it is answered."""
        same = set(cls.model_fields) - {"unit"}
        return cls(unit=figure.stated_by_unit, **_said(figure, same))


def _said(figure: BudgetFigure, names: set[str]) -> dict[str, object]:
    return {**figure.model_dump(include=names), "amount": str(figure.amount)}


class EstimateLineOut(OutModel):
    """A budget unit's figures for an item, budget year and source (dự toán)."""

    id: Id = Field(description="Id of the estimate (mã dự toán).")
    unit: UnitKey = Field(description="Key of the budget unit (đơn vị dự toán).")
    plan: PlanName
    plan_item: ItemCode
    budget_year: YearNumber = Field(description="The budget year (năm ngân sách).")
    source: SourceCode = Field(description="Code of `funding_source` (nguồn kinh phí).")
    chapter: Classification | None = Field(
        description="Chapter of the budget classification (chương)."
    )
    category: Classification | None = Field(
        description="Category of the budget classification (loại)."
    )
    subcategory: Classification | None = Field(
        description="Subcategory of the budget classification (khoản)."
    )
    figures: Many[BudgetFigureOut] = Field(
        description="What holds of each stage, in their order (số liệu theo giai đoạn)."
    )


class EstimateOut(EstimateLineOut):
    """An estimate, what is doubtful about it, what this key may state (dự toán)."""

    number: Number = Field(description="How many figures were stated of it (số lần ghi): its ETag.")
    warnings: Few[Word] = Field(
        description="What is doubtful (cảnh báo): executed_above_allocation, "
        "executed_without_allocation, settled_differs_from_executed. Taken all the same."
    )
    actions: Few[Word] = Field(description=f"The stages this caller may state now: {STAGES}.")


def line_fields(stored: StoredEstimate) -> dict[str, object]:
    """Return the fields of an estimate as a line."""
    row = stored.estimate
    return {
        "id": row.id,
        "unit": row.unit_key,
        "plan": row.plan_slug,
        "plan_item": row.item_code,
        "budget_year": row.budget_year,
        "source": row.source,
        "chapter": row.chapter or None,
        "category": row.category or None,
        "subcategory": row.subcategory or None,
        "figures": [
            BudgetFigureOut.of(stored.figures[one]) for one in ORDER if one in stored.figures
        ],
    }


def estimate_out(
    stored: StoredEstimate, *, actions: Sequence[str], warnings: Sequence[str]
) -> EstimateOut:
    """Return an estimate as it is answered."""
    return EstimateOut.model_validate(
        {
            **line_fields(stored),
            "number": stored.estimate.number,
            "actions": [*actions],
            "warnings": [*warnings],
        }
    )


class EstimatePage(OutModel):
    """A page of estimates (một trang dự toán)."""

    items: Page[EstimateOut]
    next: NextCursor


class FigurePage(OutModel):
    """A page of an estimate's history (một trang lịch sử số liệu dự toán)."""

    items: Page[BudgetFigureOut]
    next: NextCursor


class EstimateQuery(ListQuery):
    """Which estimates."""

    plan: PlanSlug | None = Field(
        default=None, description="Only of this plan (kế hoạch): its slug."
    )
    budget_year: BudgetYearNumber | None = Field(
        default=None, description="Only of this budget year (năm ngân sách)."
    )
    unit: UnitReference | None = Field(
        default=None, description="The budget unit (đơn vị dự toán): its key, or its code on `on`."
    )
    on: Day | None = Field(
        default=None,
        description="The day on which a code in `unit` is meant (tại ngày); today if not given.",
    )
    plan_item: PlanCode | None = Field(
        default=None, description="Only of this plan item (hình thức, nhiệm vụ)."
    )
    source: ListCode | None = Field(
        default=None, description="Only from this funding source (nguồn kinh phí)."
    )


class CalendarOut(OutModel):
    """When a budget year is drafted (lịch lập dự toán)."""

    plan: PlanName
    budget_year: YearNumber = Field(description="The budget year (năm ngân sách).")
    opens_at: InstantOut = Field(description="From when units may propose (thời điểm mở).")
    due_at: InstantOut = Field(description="Before this a unit's dossier is on time (thời hạn).")
    freeze_at: InstantOut = Field(
        description="What is received before this enters the first consolidation (thời điểm chốt "
        "số)."
    )
    provenance: Provenance
    reason: ReasonText = Field(description="Why it was changed (lý do).")
    document: Document
    actor: Actor
    recorded_at: InstantOut = Field(description="When it was recorded (thời điểm ghi).")
    version: Number = Field(
        description="Number of what is known now; in double quotes it is the ETag (lần ghi)."
    )

    @classmethod
    def of(cls, row: BudgetCalendar, *, version: int) -> "CalendarOut":
        """Return a calendar as it is answered."""
        said = row.model_dump(exclude={"id", "superseded_at", "plan_slug"})
        return cls.model_validate({**said, "plan": row.plan_slug, "version": version})


class CalendarPage(OutModel):
    """A page of budget calendars (một trang lịch lập dự toán)."""

    items: Page[CalendarOut]
    next: NextCursor


class CalendarQuery(ListQuery):
    """Which calendars."""

    plan: PlanSlug | None = Field(
        default=None, description="Only of this plan (kế hoạch): its slug."
    )


class AuthorityOut(OutModel):
    """Which body is a unit's finance authority (cơ quan tài chính cùng cấp)."""

    unit: UnitKey = Field(description="Key of the budget unit (đơn vị dự toán).")
    authority: UnitKey = Field(
        description="Key of its finance authority (cơ quan tài chính cùng cấp)."
    )
    level: Literal["province", "district", "commune"] = Field(
        description="Level of the budget (cấp ngân sách): province, district or commune."
    )
    valid_from: DayOut = Field(description="First day on which it holds (từ ngày).")
    valid_to: DayOut | None = Field(
        description="Day after the last (đến trước ngày); null is until further notice."
    )
    provenance: Provenance
    reason: ReasonText = Field(description="Why it is so decided (lý do).")
    document: Document
    actor: Actor
    recorded_at: InstantOut = Field(description="When it was recorded (thời điểm ghi).")

    @classmethod
    def of(cls, row: BudgetAuthority) -> "AuthorityOut":
        """Return a finance authority as it is answered."""
        said = row.model_dump(exclude={"id", "superseded_at", "unit_key", "authority_key"})
        return cls.model_validate({**said, "unit": row.unit_key, "authority": row.authority_key})


class AuthorityPage(OutModel):
    """A page of finance authorities (một trang cơ quan tài chính cùng cấp)."""

    items: Page[AuthorityOut]
    next: NextCursor


class AuthorityQuery(ListQuery):
    """Which finance authorities."""

    unit: UnitReference | None = Field(
        default=None,
        description="On either side (đơn vị dự toán, cơ quan tài chính): a key, or a code, of all "
        "that ever bore it.",
    )
    on: Day | None = Field(default=None, description="Only those that hold on this day (tại ngày).")
