"""What a consolidated report says of its plan, cycle and roster: who reported, and how."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.domain.cycles.timeliness import Timeliness
from app.domain.described import (
    AmountText,
    Count,
    CycleCode,
    DayOut,
    DocumentNumber,
    Hash,
    InstantText,
    ItemCode,
    LevelWord,
    Many,
    Name,
    Number,
    OneLine,
    Passage,
    PlanName,
    ReasonText,
    UnitKey,
    YearNumber,
)
from app.domain.fields import tell_once

Amount = Annotated[
    AmountText,
    Field(
        pattern=r"^(0|[1-9][0-9]*)(\.[0-9]*[1-9])?$",
        description="Decimal string (số lượng, số tiền).",
    ),
]
Sha256 = Annotated[Hash, Field(pattern=r"^[0-9a-f]{64}$")]


class Part(BaseModel):
    """A part of the report: frozen, and with nothing in it that is not declared."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra=tell_once)


class PlanHead(Part):
    """The plan that the report is about (kế hoạch)."""

    slug: PlanName
    title: Passage = Field(description="Title of the plan, in its own words (tên kế hoạch).")
    issuer: OneLine = Field(description="Who issued it (cơ quan ban hành).")
    number: DocumentNumber | None = Field(
        description="The plan's number (số văn bản), where its file says it."
    )
    issued_on: DayOut | None = Field(description="Day of the plan's document (ngày ban hành).")


class CycleHead(Part):
    """The cycle (kỳ báo cáo): `window_to` is exclusive."""

    code: CycleCode = Field(
        description="Unique in the plan (mã kỳ báo cáo); the year of a yearly cycle."
    )
    kind: Literal["yearly", "periodic", "on_request"] = Field(
        description="yearly (hằng năm), periodic (định kỳ) or on_request (đột xuất)."
    )
    name: Name | None = Field(
        description="What the cycle is called (tên kỳ báo cáo); null of a yearly one."
    )
    year: YearNumber = Field(description="The cycle's year (năm của kỳ báo cáo).")
    window_from: DayOut = Field(
        description="First day whose activity belongs to the cycle (từ ngày)."
    )
    window_to: DayOut = Field(description="Day after the last (đến trước ngày).")
    due_at: InstantText = Field(
        description="UTC instant (thời hạn); a report received before it is on time."
    )
    supplement_due_at: InstantText | None = Field(
        description="UTC instant before which a year-end supplement is on time (hạn bổ sung cuối "
        "năm)."
    )
    items: Many[ItemCode] | None = Field(
        description="The plan items it is about (hình thức, nhiệm vụ được hỏi); null for all."
    )
    edition: Literal["deadline", "final"] = Field(
        description="deadline (bản theo hạn); final (bản cuối) once the supplements were due when "
        "the report was asked for."
    )


class SupplementLine(Part):
    """How a year-end supplement stood when the report was asked for (bổ sung cuối năm)."""

    due_at: InstantText = Field(
        description="A supplement received before it is on time (hạn bổ sung cuối năm)."
    )
    timeliness: Timeliness = Field(
        description="Whether it came in time (thời hạn): not_due, on_time, late, "
        "late_with_extension or by_document."
    )
    received_at: InstantText | None = Field(
        description="The supplement's first receipt (thời điểm nhận); null before."
    )


class RosterLine(Part):
    """How one roster row stood when the report was asked for (tình trạng báo cáo của một đơn vị).

    Timeliness is that of the row's report, by its first receipt; `revision` and what follows it
    are of the revision that counts, or else of the last that was submitted.
    """

    unit: UnitKey = Field(description="Key of the unit (khóa của đơn vị).")
    name: Name = Field(description="The reporting body (đơn vị báo cáo).")
    level: LevelWord | None = Field(
        description="province, district, commune (cấp); null for other bodies."
    )
    basis: Literal["ordered", "assigned_only", "requested", "not_required"] = Field(
        description="ordered (phải báo cáo), assigned_only (được giao), requested (được đề nghị) "
        "or not_required (không phải báo cáo)."
    )
    reason: ReasonText = Field(
        description="The order's group, the items assigned, or why it was amended (lý do)."
    )
    closing: bool = Field(
        description="True of the report of a body that ends within the cycle (báo cáo kết thúc)."
    )
    covers_from: DayOut = Field(description="First day that the report answers for (từ ngày).")
    covers_to: DayOut = Field(description="Day after the last one covered (đến trước ngày).")
    steward: UnitKey | None = Field(
        description="Who answers for the unit, where it has ended (đơn vị tiếp quản)."
    )
    review: Literal["accepted", "in_review", "returned", "missing"] = Field(
        description="accepted (đã duyệt), in_review (chờ duyệt), returned (trả lại) or missing "
        "(chưa gửi)."
    )
    timeliness: Timeliness = Field(
        description="Whether it came in time (thời hạn): not_due, on_time, late, "
        "late_with_extension or by_document."
    )
    due_at: InstantText = Field(description="A report received before it is on time (thời hạn).")
    extended_to: InstantText | None = Field(
        description="Later due instant of an extension (gia hạn đến)."
    )
    outage: InstantText | None = Field(
        description="UTC instant at which the declared outage began that moved the due instant "
        "(sự cố)."
    )
    received_at: InstantText | None = Field(
        description="UTC instant of the server's first receipt (thời điểm nhận)."
    )
    incoming_on: DayOut | None = Field(
        description="Day on which the incoming document was registered from which the focal unit "
        "entered it (ngày đến)."
    )
    filed_by: UnitKey | None = Field(description="Key of the unit that submitted (đơn vị gửi).")
    filed_as: Literal["self", "steward", "focal_unit"] | None = Field(
        description="self (tự gửi), steward (đơn vị tiếp quản) or focal_unit (nhập thay)."
    )
    supplement: SupplementLine | None = Field(
        description="The year-end supplement (báo cáo bổ sung cuối năm). Null where none is owed."
    )
    content: Literal["report", "nil"] | None = Field(
        description="report (có báo cáo) or nil (không phát sinh)."
    )
    kind: Literal["report", "correction", "supplement"] | None = Field(
        description="report (báo cáo), correction (đính chính) or supplement (bổ sung)."
    )
    data_to: DayOut | None = Field(
        description="Last day covered, inclusive (số liệu tính đến ngày)."
    )
    document_number: DocumentNumber | None
    revision: Number | None = Field(
        description="Number of the submission's revision, from 1 (lần gửi thứ)."
    )
    sha256: Sha256 | None = Field(description="Hash of the submission revision (mã băm lần gửi).")
    items: Many[ItemCode] = Field(
        description="The plan items that the unit answers for in this cycle, by assignment (hình "
        "thức, nhiệm vụ được phân công)."
    )


class Reported(Part):
    """How many of some rows reported (số đơn vị đã báo cáo).

    `required` = accepted + in_review + returned + missing.
    """

    required: Count = Field(description="Rows that are counted over (số đơn vị).")
    accepted: Count = Field(description="Of these, those whose report is accepted (đã duyệt).")
    in_review: Count = Field(
        description="Of these, those whose report is submitted and not yet reviewed (chờ duyệt)."
    )
    returned: Count = Field(description="Of these, those whose report was returned (đã trả lại).")
    missing: Count = Field(description="Of these, those without any report (chưa gửi).")
    nil: Count = Field(
        description="Of the accepted, how many are nil reports, as a whole or for the item (báo "
        "cáo không phát sinh)."
    )


class Rates(Reported):
    """Coverage over some roster rows (mức độ báo cáo).

    `required` = accepted + in_review + returned + missing.
    """

    nil: Count = Field(
        description="Of the accepted, how many are nil reports (báo cáo không phát sinh)."
    )
    on_time: Count = Field(description="First received on time (đúng hạn).")
    late: Count = Field(description="Received, but late (gửi muộn).")
    late_with_extension: Count = Field(
        description="First received after the due instant, before an extension's (được gia hạn)."
    )
    by_document: Count = Field(description="Entered from incoming documents (theo văn bản đến).")


class ItemCoverage(Part):
    """Who reported of those who answer for an item (mức độ báo cáo của một nhiệm vụ).

    The coverage beside a total of it.
    """

    ordered: Reported = Field(
        description="Units that the plan orders to report (đơn vị phải báo cáo)."
    )
    others: Reported = Field(
        description="Coverage of those assigned or requested without an order to report (đơn vị "
        "khác)."
    )


class Coverage(Part):
    """Who reported (mức độ báo cáo). Only ordered rows enter rates."""

    ordered: Rates
    others: Rates = Field(
        description="Coverage of those assigned or requested without an order to report (đơn vị "
        "khác)."
    )
    roster: Many[RosterLine] = Field(description="The rows, by unit (danh sách đơn vị báo cáo).")
