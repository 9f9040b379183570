"""The consolidated report (báo cáo tổng hợp): its shape, and its building from rollups.

This shape is what is hashed, stored and answered. Amounts are decimal strings. Nothing in it
comes from a clock or is a random id: the same inputs give the same bytes (RFC 8785).
"""

from datetime import date
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.domain.cycles.timeliness import Timeliness
from app.domain.submissions.contents import Deliverable
from app.domain.submissions.narrative import Narrative

SCHEMA: Final = "baocao/consolidated-report/2"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PlanHead(_Part):
    """The plan that the report is about (kế hoạch)."""

    slug: str
    title: str
    issuer: str
    number: str | None = Field(description="The plan's number, where its file says it.")
    issued_on: date | None


class CycleHead(_Part):
    """The cycle (kỳ báo cáo): `window_to` is exclusive."""

    code: str = Field(description="Unique in the plan; the year of a yearly cycle.")
    kind: Literal["yearly", "periodic", "on_request"]
    name: str | None
    year: int
    window_from: date
    window_to: date
    due_at: str = Field(description="UTC instant; a report received before it is on time.")
    supplement_due_at: str | None = Field(description="The same of the year-end supplement.")
    items: list[str] | None = Field(description="The plan items it is about; null for all.")
    edition: Literal["deadline", "final"] = Field(
        description="final once the supplements were due when the report was asked for."
    )


class SupplementLine(_Part):
    """How a year-end supplement stood when the report was asked for."""

    due_at: str
    timeliness: Timeliness
    received_at: str | None


class RosterLine(_Part):
    """How one roster row stood when the report was asked for.

    Timeliness is that of the row's report, by its first receipt; `revision` and what follows it
    are of the revision that counts, or else of the last that was submitted.
    """

    unit: str = Field(description="Unit key.")
    name: str = Field(description="The reporting body (đơn vị báo cáo).")
    level: str | None = Field(description="province, district, commune; null for other bodies.")
    basis: Literal["ordered", "assigned_only", "requested", "not_required"]
    reason: str
    closing: bool = Field(description="The report of a body that ends within the cycle.")
    covers_from: date
    covers_to: date = Field(description="Day after the last one covered.")
    steward: str | None = Field(description="Who answers for the unit, where it has ended.")
    review: Literal["accepted", "in_review", "returned", "missing"]
    timeliness: Timeliness
    due_at: str
    extended_to: str | None = Field(description="Later due instant of an extension.")
    outage: int | None = Field(description="The declared outage that moved the due instant.")
    received_at: str | None = Field(description="UTC instant of the server's first receipt.")
    incoming_on: date | None = Field(
        description="Day of the incoming document from which the focal unit entered it."
    )
    filed_by: str | None = Field(description="Key of the unit that submitted.")
    filed_as: Literal["self", "steward", "focal_unit"] | None
    supplement: SupplementLine | None = Field(description="Null where none is owed.")
    content: Literal["report", "nil"] | None
    kind: Literal["report", "correction", "supplement"] | None
    data_to: date | None = Field(description="Last day covered, inclusive.")
    document_number: str | None
    revision: int | None
    sha256: str | None = Field(description="Hash of the submission revision.")


class Rates(_Part):
    """Coverage over some roster rows: required = accepted + in_review + returned + missing."""

    required: int
    accepted: int
    in_review: int
    returned: int
    missing: int
    nil: int = Field(description="Of the accepted, how many are nil reports.")
    on_time: int
    late: int = Field(description="Received, but late.")
    late_with_extension: int
    by_document: int = Field(description="Entered from incoming documents.")


class Coverage(_Part):
    """Who reported (mức độ báo cáo). Only ordered rows enter rates."""

    ordered: Rates
    others: Rates = Field(description="Assigned or requested without an order to report.")
    roster: list[RosterLine]


class IndicatorHead(_Part):
    """An indicator as the report uses it (chỉ tiêu)."""

    code: str
    name_vi: str
    unit_vi: str
    decimals: int
    over_time: Literal["sum", "latest", "max"]
    over_units: Literal["sum", "none"]


class UnitAmount(_Part):
    """A unit's part of a figure."""

    unit: str
    value: str


class TotalLine(_Part):
    """A figure of the province with the units behind it.

    Of an indicator that does not add over units `value` is null and each unit (communes apart
    from their district) stands for itself.
    """

    item: str
    indicator: str
    origin: Literal["original", "repost"]
    value: str | None
    units: list[UnitAmount]


class FigureLine(_Part):
    """One amount: an item's indicator, originals and reposts apart."""

    item: str
    indicator: str
    origin: Literal["original", "repost"]
    value: str


class CountLine(_Part):
    """How many activity reports of an item, and how many occurrences they stand for."""

    item: str
    activities: int
    occurrences: int


class MoneyLine(_Part):
    """Executed expenditure of an item from a source, in VND, as a decimal string."""

    item: str
    source: str
    value: str


class ExpectationLine(_Part):
    """What a unit expects for the whole year (ước cả năm): shown apart, added to nothing."""

    item: str
    indicator: str
    origin: Literal["original", "repost"]
    value: str


class NilItemLine(_Part):
    """An item of which a unit says that nothing was done, and why."""

    item: str
    reason: str


class UnitSection(_Part):
    """What one unit's submission adds up to, its communes included."""

    unit: str
    name: str
    level: str | None
    counts: list[CountLine]
    figures: list[FigureLine]
    expenditure: list[MoneyLine]
    expectations: list[ExpectationLine]
    nil_items: list[NilItemLine]
    deliverables: list[Deliverable] = Field(
        description="What items ask the unit for (sản phẩm), as it was submitted."
    )


class Member(_Part):
    """One member of a dimension: a channel, a month, a theme."""

    member: str = Field(description="Its code; `none` where the activity says nothing of it.")
    counts: list[CountLine]
    figures: list[FigureLine]


class Breakdown(_Part):
    """The province's figures along one dimension."""

    dimension: Literal["level", "channel", "format", "language", "month", "theme", "integrated"]
    overlapping: bool = Field(
        description="True where one activity may stand under several members: these do not add "
        "up to the total. Nor do the members of an indicator that replaces itself over time "
        "(`latest`, `max`), in any breakdown."
    )
    members: list[Member]


class MoneyTotal(_Part):
    """Executed expenditure of an item from a source, with the units behind it."""

    item: str
    source: str
    value: str
    units: list[UnitAmount]


class NarrativeSection(_Part):
    """A unit's narrative (phần lời) as submitted."""

    unit: str
    name: str
    nil_reason: str | None
    narrative: Narrative


class MissingUnit(_Part):
    """A unit that did not report (đơn vị chưa báo cáo)."""

    unit: str
    name: str
    basis: Literal["ordered", "assigned_only", "requested", "not_required"]


class Input(_Part):
    """A submission revision that went into the report."""

    unit: str
    revision: int
    sha256: str
    rollup_sha256: str


class Manifest(_Part):
    """What the report was built from: enough to build it again, to the byte."""

    purpose: Literal["production", "demo", "sandbox"] = Field(
        description="What the database was created for; a demo's figures are made up."
    )
    basis: Literal["accepted", "submitted"] = Field(
        description="submitted: a preview that counts what is still in review."
    )
    units_on: Literal["as_reported"]
    known_at: str = Field(description="UTC instant of the request; the roster stood so then.")
    inputs: list[Input]
    indicators_sha256: str
    plan_sha256: str


class Report(_Part):
    """The consolidated report of one cycle (báo cáo tổng hợp)."""

    schema_name: Literal["baocao/consolidated-report/2"] = Field(alias="schema")
    plan: PlanHead
    cycle: CycleHead
    coverage: Coverage
    counts: list[CountLine]
    totals: list[TotalLine]
    expenditure: list[MoneyTotal]
    by_unit: list[UnitSection]
    by_level: Breakdown
    by_channel: Breakdown
    by_format: Breakdown
    by_language: Breakdown
    by_month: Breakdown
    by_theme: Breakdown
    by_integrated: Breakdown
    narratives: list[NarrativeSection]
    missing: list[MissingUnit]
    indicators: list[IndicatorHead]
    manifest: Manifest
