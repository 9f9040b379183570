"""What indicators and code lists look like from outside."""

from typing import Literal

from pydantic import Field

from app.api.out import NextCursor, OutModel
from app.api.pagination import ListQuery
from app.domain.catalogue.models import CodeEntry, IndicatorVersion
from app.domain.described import (
    Count,
    DayOut,
    IndicatorCode,
    ItemCode,
    ListWord,
    Many,
    Name,
    OneLine,
    Page,
    PlanName,
    Prose,
    Word,
)
from app.domain.fields import Day, PlanCode, PlanSlug


class IndicatorOut(OutModel):
    """An indicator (chỉ tiêu): what is counted, in which unit, and how it adds."""

    plan: PlanName
    code: IndicatorCode
    name_vi: Name
    name_en: Name
    definition_vi: Prose
    definition_en: Prose
    unit_vi: OneLine = Field(description="Unit of measure (đơn vị tính).")
    unit_en: OneLine
    decimals: Count = Field(description="How many decimals a value may have (số chữ số thập phân).")
    over_time: Word = Field(
        description="How it adds over time (cộng theo thời gian): sum; latest (the last value of "
        "each unit and channel); max."
    )
    over_units: Word = Field(
        description="How it adds over units (cộng theo đơn vị): sum; none (shown per unit, never "
        "added)."
    )
    reposts: bool = Field(
        description="Whether originals and reposts are told apart (tin gốc / đăng lại)."
    )
    items: Many[ItemCode] = Field(
        description="The plan items that it applies to (hình thức, nhiệm vụ)."
    )
    provenance: Word

    @classmethod
    def of(cls, row: IndicatorVersion) -> "IndicatorOut":
        """Return an indicator as it is answered."""
        return cls(
            plan=row.plan_slug,
            code=row.indicator_code,
            items=list(row.items),
            **row.model_dump(
                include=set(cls.model_fields) - {"plan", "code", "items"},
            ),
        )


class IndicatorPage(OutModel):
    """A page of indicators (một trang chỉ tiêu)."""

    items: Page[IndicatorOut]
    next: NextCursor


class IndicatorQuery(ListQuery):
    """Which indicators."""

    plan: PlanSlug = Field(description="Only of this plan (kế hoạch): its slug.")
    item: PlanCode | None = Field(
        default=None, description="Only those that apply to this item (hình thức, nhiệm vụ)."
    )


class CodeOut(OutModel):
    """A code of a list (mã danh mục), usable from `valid_from` until before `valid_to`."""

    list: Word = Field(
        description="channel (kênh), format (thể loại), language (ngôn ngữ) or funding_source "
        "(nguồn kinh phí)."
    )
    code: ListWord
    name_vi: Name
    name_en: Name
    valid_from: DayOut | None
    valid_to: DayOut | None
    provenance: Word

    @classmethod
    def of(cls, row: CodeEntry) -> "CodeOut":
        """Return a code as it is answered."""
        return cls(**row.model_dump(include=set(cls.model_fields)))


class CodePage(OutModel):
    """A page of codes (một trang mã danh mục)."""

    items: Page[CodeOut]
    next: NextCursor


class CodeQuery(ListQuery):
    """Which codes."""

    list: Literal["channel", "format", "language", "funding_source"] | None = Field(
        default=None,
        description="Only of this list (danh mục).",
    )
    on: Day | None = Field(default=None, description="Only codes usable on this day (tại ngày).")
