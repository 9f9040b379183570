"""The consolidation of provincial-level budget units (V.4): its shape.

This shape is what is hashed, stored and answered. Amounts are decimal strings of whole VND.
Nothing in it comes from a clock or is a random id: the same inputs give the same bytes.
"""

from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.domain.budgets.stages import Warning_

SCHEMA: Final = "baocao/budget-consolidation/1"
State = Literal["consolidated", "in_review", "returned", "missing"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Figures(_Part):
    """Amounts by stage; null is not stated, which is not "0"."""

    proposed: str | None = Field(description="Đề xuất.")
    allocated: str | None = Field(description="Được giao.")
    adjusted: str | None = Field(description="Điều chỉnh: what was allocated, as it is now.")
    executed: str | None = Field(description="Thực hiện.")
    settled: str | None = Field(description="Quyết toán.")


class Line(_Part):
    """An estimate of a unit as its consolidated dossier holds it."""

    unit: str
    item: str
    source: str
    chapter: str | None = Field(description="Chương.")
    category: str | None = Field(description="Loại.")
    subcategory: str | None = Field(description="Khoản.")
    figures: Figures
    warnings: list[Warning_]


class Total(_Part):
    """The sum of some lines; `lines` is how many."""

    key: str | None = Field(
        description="Item, source, unit, or `chương-loại-khoản` with `…` for what is not given; "
        "null of the whole."
    )
    lines: int
    figures: Figures


class Comparison(_Part):
    """Executed against estimated, of one unit, item and source (thực hiện so với dự toán)."""

    unit: str
    item: str
    source: str
    estimated: str | None = Field(
        description="Of each line what was adjusted, else allocated, else proposed; null where "
        "nothing was estimated."
    )
    estimated_by: list[Literal["proposed", "allocated", "adjusted"]] = Field(
        description="The stages that it was taken from."
    )
    executed: str | None
    difference: str | None = Field(description="executed - estimated, where both are stated.")
    rate: str | None = Field(
        description="executed / estimated with six decimals, half up; null where nothing, or 0, "
        "was estimated. The exact terms stand beside it."
    )
    reported_in_activity: str | None = Field(
        description="Expenditure in the unit's accepted activity report of the calendar year: "
        "shown beside, and added to nothing. Null where there is none."
    )


class UnitStanding(_Part):
    """How a unit's dossier stands (tình trạng hồ sơ)."""

    unit: str
    name: str
    owed: bool = Field(
        description="A lead unit owes a dossier (IV.3); of the first year nobody does (IV.2), and "
        "who sent one in is counted."
    )
    state: State
    timeliness: Literal["on_time", "late", "after_freeze"] | None
    revision: int | None
    sha256: str | None


class BudgetCoverage(_Part):
    """Who is in it: required = consolidated + in_review + returned + missing."""

    required: int
    consolidated: int
    in_review: int
    returned: int
    missing: int
    units: list[UnitStanding]


class DossierInput(_Part):
    """A revision of a dossier that went in."""

    unit: str
    revision: int
    sha256: str
    document_number: str
    document_on: str


class ActivityInput(_Part):
    """A revision of a unit's activity report whose expenditure is shown beside."""

    unit: str
    cycle: str
    revision: int
    sha256: str


class BudgetManifest(_Part):
    """What it was built from."""

    purpose: Literal["production", "demo", "sandbox"]
    plan_sha256: str
    calendar: dict[str, str] | None = Field(description="The budget year's calendar, if any.")
    dossiers: list[DossierInput]
    activity_reports: list[ActivityInput]


class ConsolidationDocument(_Part):
    """The consolidation of provincial-level budget units (tổng hợp dự toán cấp tỉnh)."""

    schema_name: Literal["baocao/budget-consolidation/1"] = Field(alias="schema")
    plan: str
    budget_year: int
    version: int
    level: Literal["province"]
    authority: str = Field(description="Key of the finance authority that consolidates.")
    frozen_at: str = Field(description="UTC instant: what was received before it is in.")
    executed_only: bool = Field(description="The first year: no estimates (IV.2).")
    manifest: BudgetManifest
    coverage: BudgetCoverage
    total: Total
    by_item: list[Total]
    by_source: list[Total]
    by_unit: list[Total]
    by_classification: list[Total]
    comparisons: list[Comparison]
    lines: list[Line]
