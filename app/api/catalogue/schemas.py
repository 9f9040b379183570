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
    name_vi: Name = Field(description="Name in Vietnamese (tên tiếng Việt).")
    name_en: Name = Field(description="Name in English (tên tiếng Anh).")
    definition_vi: Prose = Field(
        description="What is counted and what is not, in Vietnamese (định nghĩa)."
    )
    definition_en: Prose = Field(
        description="What is counted and what is not, in English (định nghĩa)."
    )
    unit_vi: OneLine = Field(description="Unit of measure, in Vietnamese (đơn vị tính).")
    unit_en: OneLine = Field(description="Unit of measure, in English (đơn vị tính).")
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
    provenance: Word = Field(description="How sure it is (độ chắc chắn), e.g. plan, presumed.")

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
    code: ListWord = Field(description="The code, unique in its list on a day (mã).")
    name_vi: Name = Field(description="Name in Vietnamese (tên tiếng Việt).")
    name_en: Name = Field(description="Name in English (tên tiếng Anh).")
    valid_from: DayOut | None = Field(description="First day on which it may be used (từ ngày).")
    valid_to: DayOut | None = Field(
        description="Day after the last on which it may be used (đến trước ngày); null is until "
        "further notice."
    )
    provenance: Word = Field(description="How sure it is (độ chắc chắn), e.g. plan, presumed.")

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
        description="Only of this list (danh mục): channel, format, language or funding_source.",
    )
    on: Day | None = Field(default=None, description="Only codes usable on this day (tại ngày).")
