"""What the province says of reporting cycles, rosters, outages and stewardships, as it comes in."""

from typing import Annotated, Final, Literal

from pydantic import Field, StringConstraints

from app.domain.fields import (
    Day,
    InstantIn,
    PlanCode,
    PlanSlug,
    ShortText,
    UnitReference,
    WireModel,
)

CODE_PATTERN: Final = r"[a-z0-9]+(-[a-z0-9]+)*"
CycleCode = Annotated[
    str,
    StringConstraints(pattern=rf"^{CODE_PATTERN}$", max_length=40),
    Field(description="Unique in the plan (mã kỳ báo cáo): `chuyen-de-bau-cu`; not a bare year."),
]
Items = Annotated[list[PlanCode], Field(min_length=1, max_length=100)]
GroupKey = Annotated[str, StringConstraints(pattern=rf"^{CODE_PATTERN}$", max_length=80)]
Basis = Literal["ordered", "assigned_only", "requested", "not_required"]
BASIS: Final = (
    "ordered: the plan orders the report, the row enters rates (phải báo cáo). assigned_only: the "
    "unit has tasks (được giao). requested (được đề nghị). not_required (không phải báo cáo)."
)


class _Reasoned(WireModel):
    """What is decided with a reason."""

    reason: ShortText = Field(description="Why (lý do); it stays readable with the version.")
    document: ShortText | None = Field(
        default=None, description="Number of the document that decides or asks it (số văn bản)."
    )


class _Dates(WireModel):
    """A cycle's window of days and its instants: neither is derived from the other."""

    window_from: Day = Field(description="First day whose activity belongs to the cycle (từ ngày).")
    window_to: Day = Field(
        description="Day after the last (đến trước ngày); the window lies in the plan's period."
    )
    opens_at: InstantIn | None = Field(
        default=None, description="From when units may draft (thời điểm mở); null is at once."
    )
    due_at: InstantIn = Field(
        description="What is received before this instant is on time (thời hạn, «trước ngày»)."
    )


class ExtraCycleBody(_Dates, _Reasoned):
    """An extra cycle (kỳ báo cáo định kỳ, đột xuất): periodic or on request (V.2.1)."""

    plan: PlanSlug = Field(description="The plan's slug (kế hoạch).")
    code: CycleCode
    kind: Literal["periodic", "on_request"] = Field(
        description="periodic (định kỳ) or on_request (đột xuất)."
    )
    name: ShortText = Field(description="What it is called (tên kỳ báo cáo).")
    items: Items | None = Field(
        default=None,
        description="Plan items that it asks about (hình thức, nhiệm vụ được hỏi); null is all of "
        "them.",
    )
    units: Annotated[list[UnitReference], Field(max_length=500)] = Field(
        default_factory=list,
        description="Who is asked (đơn vị được hỏi): keys, or codes meant on the window's first "
        "day.",
    )
    unit_group: GroupKey | None = Field(
        default=None,
        description="A unit group of the plan (nhóm đơn vị): its units on the window's first day "
        "are asked as well.",
    )


class CycleBody(_Dates, _Reasoned):
    """What a cycle is to be from now on (nội dung kỳ báo cáo); what is left out is null."""

    supplement_due_at: InstantIn | None = Field(
        default=None,
        description="Before when the year-end supplement is on time (hạn bổ sung cuối năm); of "
        "yearly cycles only.",
    )
    items: Items | None = Field(
        default=None,
        description="Plan items that it asks about (hình thức, nhiệm vụ được hỏi); of extra "
        "cycles only.",
    )
    name: ShortText | None = Field(
        default=None,
        description="What it is called (tên kỳ báo cáo); of extra cycles, which need one.",
    )


class AmendmentBody(_Reasoned):
    """What a unit's row on a roster is to say from now on (điều chỉnh danh sách báo cáo)."""

    basis: Basis = Field(description=BASIS)
    covers_from: Day | None = Field(
        default=None,
        description="First day that the report answers for (từ ngày); null is the first day of the "
        "window on which the unit is in being.",
    )
    covers_to: Day | None = Field(
        default=None,
        description="Day after the last (đến trước ngày); null is the end of the window, or of "
        "the unit.",
    )
    due_at: InstantIn | None = Field(
        default=None, description="A due instant of its own (thời hạn riêng); null is the cycle's."
    )
    closing: bool = Field(
        default=False,
        description="A closing report (báo cáo kết thúc) of a body that ends within the cycle: "
        "no year-end supplement is due after it.",
    )


class RosterRowBody(AmendmentBody):
    """A unit that is put on a roster (bổ sung đơn vị báo cáo)."""

    unit: UnitReference = Field(
        description="The unit (đơn vị): its key, or its code on `covers_from` (else on the "
        "window's first day)."
    )


class ExemptionBody(_Reasoned):
    """Why a unit need not report (miễn báo cáo)."""


class ExtensionBody(_Reasoned):
    """Until when a unit may report later (gia hạn)."""

    extended_to: InstantIn = Field(
        description="What comes from the due instant on, and before this one, is late with an "
        "extension (gia hạn đến). It is later than the due instant, and may be past."
    )


class OutageBody(WireModel):
    """A failure of the service, declared by the province (công bố sự cố)."""

    began_at: InstantIn = Field(description="When it began (bắt đầu).")
    ended_at: InstantIn = Field(description="When it was over (kết thúc); not in the future.")
    accepts_until: InstantIn = Field(
        description="A due instant whose last moments the outage took is moved to this one (thời "
        "hạn được lùi đến), at most 7 days after the outage's end."
    )
    evidence: ShortText = Field(description="What shows it (bằng chứng): log, minutes, number.")
    reason: ShortText = Field(description="What happened (lý do).")


class OutageWithdrawalBody(WireModel):
    """Why a declared outage does not hold (thu hồi công bố sự cố)."""

    reason: ShortText = Field(description="Why the declaration does not hold (lý do thu hồi).")


class StewardshipBody(_Reasoned):
    """Who answers for the records and duties of a unit that ended (tiếp quản)."""

    unit: UnitReference = Field(
        description="The ended unit (đơn vị đã kết thúc): its key, or the code it bore when it "
        "ended."
    )
    steward: UnitReference = Field(
        description="Who answers for it (đơn vị tiếp quản): key, or code on `valid_from`, when it "
        "is in being."
    )
    valid_from: Day = Field(
        description="From which day on (từ ngày), not before the unit ended; until another "
        "decision."
    )
