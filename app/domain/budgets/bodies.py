"""What is sent about budgets. Amounts are decimal strings of whole VND."""

from typing import Annotated, Final

from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from app.domain.budgets.stages import Stage
from app.domain.fields import (
    MAX_MONEY,
    SMALL,
    Day,
    InstantIn,
    ListCode,
    LongText,
    PlanCode,
    PlanSlug,
    ShortText,
    UnitReference,
    WireModel,
)

FIRST_YEAR: Final = 2000
LAST_YEAR: Final = 2100


def _below_the_limit(text: str) -> str:
    if int(text) > MAX_MONEY:
        raise PydanticCustomError("less_than_equal", "too much", {"le": MAX_MONEY})
    return text


Vnd = Annotated[
    str,
    StringConstraints(pattern=r"^(0|[1-9][0-9]{0,15})$", max_length=16),
    AfterValidator(_below_the_limit),
    Field(description='Whole VND (đồng) as a decimal string, below 2^53: `"12500000"`.'),
]
BudgetYearNumber = Annotated[
    int,
    Field(
        ge=FIRST_YEAR,
        le=LAST_YEAR,
        description="The budget year (năm ngân sách).",
        json_schema_extra=SMALL,
    ),
]
ClassificationCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{3}$", max_length=3)]


class FigureBody(WireModel):
    """What is stated of one stage (số liệu của một giai đoạn)."""

    amount: Vnd = Field(description="The amount in whole VND (đồng).")
    reason: ShortText | None = Field(
        default=None,
        description="Why (lý do): needed where the stage was stated before, and where something "
        "is allocated that was not proposed.",
    )
    document_number: ShortText | None = Field(
        default=None,
        description="Number of the decision (số quyết định): needed for allocated and adjusted.",
    )
    document_on: Day | None = Field(default=None, description="Its day (ngày quyết định).")


class EstimateBody(FigureBody):
    """An estimate to begin (dự toán), with the first figure that is stated of it."""

    unit: UnitReference | None = Field(
        default=None,
        description="The budget unit (đơn vị dự toán): its key, or its code on `on`; the key's own "
        "where it is absent. A steward names the ended unit by its key.",
    )
    on: Day | None = Field(
        default=None,
        description="The day on which a code in `unit` is meant (tại ngày); today if not given.",
    )
    plan: PlanSlug = Field(description="The plan's slug (kế hoạch).")
    plan_item: PlanCode = Field(description="An item that the unit leads (mục được giao chủ trì).")
    budget_year: BudgetYearNumber
    source: ListCode = Field(
        description="Code of `funding_source` (nguồn kinh phí): the state budget of the unit's "
        "level, or other lawful sources (IV.1)."
    )
    chapter: ClassificationCode | None = Field(
        default=None,
        description="Chapter of the budget classification (chương): three digits, as in Circular "
        "324/2016/TT-BTC. Its form is checked.",
    )
    category: ClassificationCode | None = Field(
        default=None, description="Category of the budget classification (loại): three digits."
    )
    subcategory: ClassificationCode | None = Field(
        default=None, description="Subcategory of the budget classification (khoản): three digits."
    )
    stage: Stage = Field(
        description="proposed (đề xuất), allocated (được giao), adjusted (điều chỉnh), executed "
        "(thực hiện) or settled (quyết toán)."
    )


class DossierBody(WireModel):
    """Whose dossier for which budget year (hồ sơ dự toán)."""

    unit: UnitReference | None = Field(
        default=None,
        description="The budget unit (đơn vị dự toán): its key, or its code on `on`; the key's "
        "own if absent.",
    )
    on: Day | None = Field(
        default=None,
        description="The day on which a code in `unit` is meant (tại ngày); today if not given.",
    )
    plan: PlanSlug = Field(description="The plan's slug (kế hoạch).")
    budget_year: BudgetYearNumber


class DossierDocument(WireModel):
    """The document under which a dossier is sent (văn bản gửi hồ sơ dự toán)."""

    document_number: ShortText = Field(description="Number and symbol (số, ký hiệu văn bản).")
    document_on: Day = Field(description="Its day (ngày ban hành).")
    signer_title: ShortText = Field(
        description="The signer's title (chức danh người ký); a title, never a name."
    )
    explanation: LongText | None = Field(
        default=None, description="Explanation of the estimates (thuyết minh dự toán)."
    )


class DossierReturn(WireModel):
    """Why a dossier is returned (trả lại)."""

    comments: Annotated[list[LongText], Field(min_length=1, max_length=100)] = Field(
        description="What is to be mended (nội dung yêu cầu chỉnh sửa)."
    )


class DossierCorrection(WireModel):
    """Why a dossier that was consolidated is stated anew (lý do đính chính hồ sơ dự toán)."""

    reason: ShortText = Field(
        description="Why (lý do): a correction, or figures of a later stage to be taken in."
    )


class CalendarBody(WireModel):
    """When a budget year is drafted (lịch lập dự toán): not the reporting cycle's dates."""

    opens_at: InstantIn = Field(description="From when units may propose (thời điểm mở).")
    due_at: InstantIn = Field(description="Before this a unit's dossier is on time (thời hạn).")
    freeze_at: InstantIn = Field(
        description="Before this a late one is taken into the first consolidation (chốt số)."
    )
    reason: ShortText = Field(description="Why it was changed (lý do).")
    document: ShortText | None = Field(
        default=None, description="Number of the document that decides it (số văn bản)."
    )


class AuthorityBody(WireModel):
    """Which body is a unit's finance authority from a day on (cơ quan tài chính cùng cấp)."""

    unit: UnitReference = Field(
        description="The budget unit (đơn vị dự toán): key, or code on `valid_from`."
    )
    authority: UnitReference = Field(
        description="The finance authority (cơ quan tài chính cùng cấp): key, or code on "
        "`valid_from`."
    )
    level: Annotated[
        str, StringConstraints(pattern=r"^(province|district|commune)$", max_length=8)
    ] = Field(description="Level of the budget (cấp ngân sách): province, district or commune.")
    valid_from: Day = Field(description="First day on which it holds (từ ngày).")
    reason: ShortText = Field(description="Why it is so decided (lý do).")
    document: ShortText | None = Field(
        default=None, description="Number of the document that decides it (số văn bản)."
    )


class BudgetConsolidationBody(WireModel):
    """Which consolidation of budget dossiers is asked for (yêu cầu tổng hợp dự toán)."""

    plan: PlanSlug = Field(description="The plan's slug (kế hoạch).")
    budget_year: BudgetYearNumber
    frozen_at: InstantIn | None = Field(
        default=None,
        description="What was received before this instant is taken in (thời điểm chốt số). The "
        "calendar's freeze for the first version where it is absent, and now for those that "
        "follow.",
    )
