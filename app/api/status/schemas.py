"""What the status of a reporting cycle looks like from outside."""

from typing import Literal

from pydantic import Field

from app.api.cycles.schemas import CycleOut, Document, Provenance
from app.api.out import InstantOut, OutModel
from app.api.submissions.schemas import TIMELINESS_WORDS, DurationOut, SubmissionStandingOut
from app.domain.cycles.bodies import BASIS, Basis
from app.domain.cycles.timeliness import Timeliness
from app.domain.described import (
    Count,
    DayOut,
    DocumentNumber,
    Hash,
    Id,
    Many,
    Name,
    Number,
    Percent,
    ReasonText,
    UnitKey,
)
from app.domain.fields import WireModel
from app.domain.status.picture import REVIEW, CommuneActivity, CycleStatus, RowStatus
from app.domain.status.rates import Rates, Review
from app.domain.submissions.models import SubmissionRevision
from app.domain.units.models import UnitVersion

REVIEW_WORDS = (
    "missing: nothing was submitted (chưa gửi); a draft is seen by nobody else. in_review: it "
    "waits (chờ duyệt). returned: it went back with comments (đã trả lại). accepted (đã duyệt)."
)


class StatusQuery(WireModel):
    """In which form."""

    format: Literal["json", "csv", "xlsx"] | None = Field(
        default=None,
        description="The representation (định dạng): json, csv or xlsx. It wins over `Accept`; "
        "without both the answer is JSON.",
    )
    part: Literal["units", "communes"] | None = Field(
        default=None,
        description="What a CSV file holds, which is one table (bảng): `units`, a line for each "
        "roster row, if not given; `communes`, those within districts. Only with CSV.",
    )


class NamedUnitOut(OutModel):
    """A unit with its name (tên đơn vị)."""

    unit: UnitKey = Field(description="Key of the unit (mã đơn vị).")
    name: Name = Field(
        description="Its name (tên đơn vị); of a territory, of the body that acts for it."
    )


class RateOut(OutModel):
    """A count, and what part of the whole it is (số lượng và tỷ lệ)."""

    count: Count = Field(description="How many of the rows (số đơn vị).")
    percent: Percent | None = Field(
        description="Decimal string with one decimal, half up (phần trăm): `66.7`. Null where the "
        "whole is 0."
    )


class RatesOut(OutModel):
    """Counts over some roster rows (tỷ lệ báo cáo).

    Two sums hold: required = accepted + in_review + returned + missing, and required = on_time +
    late_with_extension + late + by_document + outstanding + not_due. Percentages are of the
    required, so none passes 100; those of `nil` are of the accepted.
    """

    required: Count = Field(description="Rows that the counts are over (số đơn vị).")
    accepted: RateOut = Field(description="Rows whose report is accepted (đã duyệt).")
    in_review: RateOut = Field(
        description="Rows whose report is submitted and not yet reviewed (chờ duyệt)."
    )
    returned: RateOut = Field(description="Rows whose report was returned (đã trả lại).")
    missing: RateOut = Field(description="Rows without any report (chưa gửi).")
    nil: RateOut = Field(description="Accepted ones that report nothing (không phát sinh).")
    on_time: RateOut = Field(description="First received on time (đúng hạn).")
    late_with_extension: RateOut = Field(
        description="First received after the due instant, before an extension's (được gia hạn)."
    )
    late: RateOut = Field(description="First received late (gửi muộn).")
    by_document: RateOut = Field(
        description="Entered by the focal unit from an incoming document (theo văn bản đến)."
    )
    outstanding: RateOut = Field(description="Missing and late (quá hạn, chưa gửi).")
    not_due: RateOut = Field(description="Missing, and not late yet (chưa đến hạn).")

    @classmethod
    def of(cls, rates: Rates) -> "RatesOut":
        """Return rates as they are answered."""
        names = set(cls.model_fields) - {"required"}
        said = {
            name: RateOut(count=getattr(rates, name), percent=rates.percent(name)) for name in names
        }
        return cls.model_validate({"required": rates.required, **said})


class StandingRevisionOut(OutModel):
    """The revision that stands for a row (lần gửi hiện hành).

    The accepted one, else the last submitted.
    """

    submission: Id = Field(description="Id of the submission (báo cáo của đơn vị).")
    revision: Number = Field(description="Its number (lần gửi).")
    kind: Literal["report", "correction", "supplement"] = Field(
        description="report (báo cáo), correction (đính chính) or supplement (bổ sung)."
    )
    content: Literal["report", "nil"] = Field(
        description="report (có báo cáo), or nil (không phát sinh)."
    )
    received_at: InstantOut = Field(
        description="The server's receipt of this revision (thời điểm nhận)."
    )
    data_to: DayOut | None = Field(
        description="Last day that it covers, inclusive (số liệu tính đến ngày)."
    )
    document_number: DocumentNumber | None
    document_on: DayOut | None = Field(
        description="Day of the document under which it was submitted (ngày ban hành)."
    )
    filed_by: UnitKey | None = Field(description="Key of the unit that submitted it (đơn vị gửi).")
    filed_as: Literal["self", "steward", "focal_unit"] | None = Field(
        description="self (tự gửi), steward (đơn vị tiếp quản) or focal_unit (nhập thay); null of "
        "what was submitted before that was noted."
    )
    incoming_number: DocumentNumber | None = Field(
        description="Register number of the incoming document (số đến)."
    )
    incoming_on: DayOut | None = Field(
        description="Day on which the incoming document was registered (ngày đến)."
    )
    sha256: Hash | None = Field(description="Hash of what was submitted (mã băm).")

    @classmethod
    def of(cls, revision: SubmissionRevision) -> "StandingRevisionOut":
        """Return a revision as it is answered."""
        same = set(cls.model_fields) & set(SubmissionRevision.model_fields)
        said = revision.model_dump(include=same)
        named = {"submission": revision.submission_id, "revision": revision.number}
        return cls.model_validate(said | named)


class LaterRevisionOut(OutModel):
    """A revision submitted after the accepted one, which goes on counting (lần gửi sau)."""

    revision: Number = Field(
        description="Number of the submission's revision, from 1 (lần gửi thứ)."
    )
    kind: Literal["report", "correction", "supplement"] = Field(
        description="report (báo cáo), correction (đính chính) or supplement (bổ sung)."
    )
    review: Review = Field(description="in_review (chờ duyệt) or returned (đã trả lại).")
    received_at: InstantOut = Field(description="When the server received it (thời điểm nhận).")

    @classmethod
    def of(cls, revision: SubmissionRevision) -> "LaterRevisionOut":
        """Return a revision as it is answered."""
        return cls.model_validate(
            {
                "revision": revision.number,
                "kind": revision.kind,
                "review": REVIEW[revision.state],
                "received_at": revision.received_at,
            }
        )


class RowActivityOut(OutModel):
    """How many activity reports (hoạt động) a row's report holds, and covers now.

    `added`, `changed` and `removed` are not yet reported: they compare what the row covers now
    with the last submitted revision, which may be a later one than that which stands.
    """

    held: Count = Field(description="Held by the revision that stands, frozen (đã báo cáo).")
    covered: Count = Field(description="Covered by the row as of now (thuộc phạm vi báo cáo).")
    added: Count = Field(description="Not yet reported: entered since (chưa báo cáo).")
    changed: Count = Field(description="Not yet reported: corrected since (đã sửa).")
    removed: Count = Field(
        description="Not yet reported: withdrawn since, or no longer covered (đã rút hoặc không "
        "còn thuộc phạm vi)."
    )


class CommuneActivityOut(OutModel):
    """What a commune did, as far as its district's row covers it (hoạt động của cấp xã)."""

    unit: UnitKey = Field(description="Key of the commune (mã cấp xã).")
    name: Name = Field(description="Name of the commune (tên xã).")
    activities: Count = Field(
        description="Activity reports (số hoạt động); 0 of a commune without any."
    )
    occurrences: Count = Field(description="Occurrences that they report (số lượt).")
    last_on: DayOut | None = Field(description="Last day of activity (ngày hoạt động gần nhất).")

    @classmethod
    def of(cls, one: CommuneActivity) -> "CommuneActivityOut":
        """Return a commune's activity as it is answered."""
        return cls(
            unit=one.unit.unit_key,
            name=one.unit.name,
            activities=one.activities,
            occurrences=one.occurrences,
            last_on=one.last_on,
        )


class RowStatusOut(OutModel):
    """How a roster row stands (tình hình báo cáo của đơn vị).

    Review, content and timeliness are three separate things.
    """

    unit: UnitKey = Field(description="Key of the unit (mã đơn vị).")
    name: Name = Field(description="The body that reports (đơn vị báo cáo).")
    level: Literal["province", "district", "commune"] | None = Field(
        description="Level of a territory (cấp): province, district or commune; null of a "
        "provincial body."
    )
    parent: NamedUnitOut | None = Field(
        description="Under which unit it stood on the last day that the row covers (trực thuộc)."
    )
    basis: Basis = Field(description=BASIS)
    reason: ReasonText = Field(
        description="The order's group, the items assigned, or why it was amended (lý do)."
    )
    provenance: Provenance
    document: Document
    closing: bool = Field(
        description="True of the report of a body that ends within the cycle (báo cáo kết thúc)."
    )
    covers_from: DayOut = Field(description="First day that the report answers for (từ ngày).")
    covers_to: DayOut = Field(description="Day after the last (đến trước ngày).")
    due_at: InstantOut = Field(
        description="What is received before this instant is on time (thời hạn)."
    )
    extended_to: InstantOut | None = Field(
        description="Later due instant of an extension (gia hạn đến)."
    )
    steward: NamedUnitOut | None = Field(
        description="Who answers for it today, where it has ended (đơn vị tiếp quản)."
    )
    review: Review = Field(description=REVIEW_WORDS)
    content: Literal["report", "nil"] | None = Field(
        description="Of the revision that stands: report, or nil (không phát sinh); null where "
        "there is none."
    )
    timeliness: Timeliness | None = Field(
        description="Of the report, by its first receipt: " + TIMELINESS_WORDS + " Null where no "
        "report is required and none was received."
    )
    late_by: DurationOut = Field(
        description="By how much the report came late, or is outstanding now (thời gian muộn): "
        "ISO 8601 duration in whole seconds; `PT0S` of what is not late."
    )
    outage: Number | None = Field(description="The declared outage that excuses, if any (sự cố).")
    received_at: InstantOut | None = Field(
        description="The report's first receipt (thời điểm nhận)."
    )
    incoming_on: DayOut | None = Field(
        description="Day on which the incoming document was registered that was first entered "
        "(ngày đến)."
    )
    stands: StandingRevisionOut | None = Field(
        description="The revision that stands (bản hiện hành); null where nothing was submitted."
    )
    later: LaterRevisionOut | None = Field(
        description="A later revision in progress (lần gửi sau): submitted after the accepted one."
    )
    supplement: SubmissionStandingOut | None = Field(
        description="The year-end supplement against its own deadline (bổ sung cuối năm); null "
        "where none is owed and none was received."
    )
    activity: RowActivityOut
    communes: Many[CommuneActivityOut] = Field(
        description="Of a district's row (các xã trực thuộc): its communes on the days that the "
        "row covers, in the order of their names. Empty of any other row."
    )

    @classmethod
    def of(cls, found: RowStatus) -> "RowStatusOut":
        """Return a row's status as it is answered."""
        row, standing, revision = found.row, found.standing, found.revision
        covers_from, covers_to = row.covers.bounds
        same = ("basis", "reason", "provenance", "document", "closing", "due_at", "extended_to")
        return cls.model_validate(
            {
                **{name: getattr(row, name) for name in same},
                "unit": row.unit.unit_key,
                "name": row.unit.body_name,
                "level": row.unit.level,
                "parent": _named(found.parent),
                "covers_from": covers_from,
                "covers_to": covers_to,
                "steward": _named(found.steward),
                "review": found.review,
                "content": revision.content if revision else None,
                "timeliness": standing.timeliness if standing else None,
                "late_by": found.late_by,
                "outage": standing.outage if standing else None,
                "received_at": standing.received_at if standing else None,
                "incoming_on": standing.incoming_on if standing else None,
                "stands": StandingRevisionOut.of(revision) if revision else None,
                "later": LaterRevisionOut.of(found.later) if found.later else None,
                "supplement": SubmissionStandingOut.of(found.supplement)
                if found.supplement
                else None,
                "activity": RowActivityOut.model_validate(vars(found.activity)),
                "communes": [CommuneActivityOut.of(one) for one in found.communes],
            }
        )


class CycleStatusOut(OutModel):
    """How a reporting cycle stands (tình hình báo cáo), at an instant."""

    at: InstantOut = Field(description="The instant of the picture (thời điểm lập).")
    cycle: CycleOut
    ordered: RatesOut | None = Field(
        description="Rates over the rows that the plan orders to report (đơn vị phải báo cáo). "
        "Null for a unit that does not see all rows."
    )
    others: RatesOut | None = Field(
        description="The same, apart, over the rows `assigned_only` and `requested` (đơn vị "
        "khác); rows `not_required` are in no rate."
    )
    rows: Many[RowStatusOut] = Field(
        description="The rows (các dòng). Ordered ones first, then assigned_only, requested, "
        "not_required; within these in the Vietnamese order of names."
    )

    @classmethod
    def of(cls, status: CycleStatus) -> "CycleStatusOut":
        """Return a cycle's status as it is answered."""
        return cls(
            at=status.at,
            cycle=CycleOut.of(status.cycle),
            ordered=RatesOut.of(status.ordered) if status.ordered else None,
            others=RatesOut.of(status.others) if status.others else None,
            rows=[RowStatusOut.of(row) for row in status.rows],
        )


def _named(unit: UnitVersion | None) -> NamedUnitOut | None:
    return None if unit is None else NamedUnitOut(unit=unit.unit_key, name=unit.body_name)
