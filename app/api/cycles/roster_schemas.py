"""What rosters and outages look like from outside."""

from collections.abc import Mapping, Sequence
from typing import Literal

from pydantic import Field

from app.api.cycles.schemas import Document, Provenance, Version
from app.api.out import InstantOut, NextCursor, OutModel
from app.api.pagination import ListQuery
from app.domain.cycles.bodies import BASIS, Basis
from app.domain.cycles.models import DeclaredOutage, RosterRowVersion
from app.domain.cycles.province import Decided
from app.domain.cycles.queries import Duty
from app.domain.described import (
    Actor,
    DayOut,
    LevelWord,
    Many,
    Name,
    Number,
    OneLine,
    Page,
    ReasonText,
    UnitKey,
)
from app.domain.fields import InstantIn

Stewards = Mapping[str, str]


class RowSaidOut(OutModel):
    """What is said of a unit's row."""

    basis: Basis = Field(description=BASIS)
    reason: ReasonText = Field(
        description="The order's group, the items assigned, or why it was amended (lý do)."
    )
    covers_from: DayOut = Field(description="First day that the report answers for (từ ngày).")
    covers_to: DayOut = Field(description="Day after the last one covered (đến trước ngày).")
    due_at: InstantOut = Field(description="What is received before it is on time (thời hạn).")
    extended_to: InstantOut | None = Field(
        description="What is received from `due_at` on, and before this, is late with an "
        "extension (gia hạn)."
    )
    closing: bool = Field(
        description="The closing report of a body that ends within the cycle (báo cáo kết thúc): "
        "it has no year-end supplement."
    )
    provenance: Provenance
    document: Document
    actor: Actor
    version: Version


class RosterRowOut(RowSaidOut):
    """A unit's place in a cycle (đơn vị trong danh sách phải báo cáo).

    Why, for which days and until when it is to report.
    """

    unit: UnitKey = Field(description="Key of the unit (khóa của đơn vị).")
    name: Name = Field(description="The reporting body (đơn vị báo cáo).")
    level: LevelWord | None
    steward: UnitKey | None = Field(
        description="Key of the unit that answers for this one today, if it has ended (tiếp quản)."
    )

    @classmethod
    def of(cls, duty: Duty, stewards: Stewards) -> "RosterRowOut":
        """Return a roster row as it is answered."""
        return cls.model_validate(_fields(duty, stewards))


class DecidedRosterRowOut(RosterRowOut):
    """A roster row that was decided on, and what became of it (dòng danh sách được điều chỉnh)."""

    outcome: Literal["changed", "unchanged"] = Field(
        description="created (mới), changed (đã đổi), or unchanged (không đổi): it was so already; "
        "nothing was recorded."
    )

    @classmethod
    def after(cls, decided: Decided[Duty], stewards: Stewards) -> "DecidedRosterRowOut":
        """Return a row with what became of a decision."""
        return cls.model_validate(_fields(decided.thing, stewards) | {"outcome": decided.outcome})


def _fields(duty: Duty, stewards: Stewards) -> dict[str, object]:
    covers_from, covers_to = duty.covers.bounds
    return {
        "unit": duty.unit.unit_key,
        "name": duty.unit.body_name,
        "level": duty.unit.level,
        "basis": duty.basis,
        "reason": duty.reason,
        "covers_from": covers_from,
        "covers_to": covers_to,
        "due_at": duty.due_at,
        "extended_to": duty.extended_to,
        "closing": duty.closing,
        "steward": stewards.get(duty.unit.unit_key),
        "provenance": duty.provenance,
        "document": duty.document,
        "actor": duty.actor,
        "version": duty.version,
    }


class RosterPage(OutModel):
    """A page of a cycle's roster (một trang danh sách đơn vị phải báo cáo)."""

    items: Page[RosterRowOut]
    next: NextCursor


class RosterQuery(ListQuery):
    """Which roster rows, as they were known when."""

    basis: Basis | None = Field(default=None, description=BASIS)
    known_at: InstantIn | None = Field(
        default=None,
        description="As it was known at an instant (thời điểm dữ liệu); now where it is left out.",
    )


class RosterRowVersionOut(RowSaidOut):
    """What was known of a roster row for some time (dòng danh sách theo từng lần điều chỉnh)."""

    recorded_at: InstantOut = Field(description="When it was recorded (thời điểm ghi).")
    superseded_at: InstantOut | None = Field(
        description="When another version took its place (thời điểm được thay); null of what is "
        "known now."
    )


class RosterRowHistoryOut(OutModel):
    """All that was ever known of a unit's row (lịch sử điều chỉnh)."""

    unit: UnitKey = Field(description="Key of the unit (khóa của đơn vị).")
    name: Name = Field(description="The reporting body (đơn vị báo cáo).")
    versions: Many[RosterRowVersionOut] = Field(
        description="The row's versions, oldest first (các lần điều chỉnh)."
    )

    @classmethod
    def of(cls, duty: Duty, versions: Sequence[RosterRowVersion]) -> "RosterRowHistoryOut":
        """Return a row's versions as they are answered."""
        return cls(
            unit=duty.unit.unit_key,
            name=duty.unit.body_name,
            versions=[
                RosterRowVersionOut(
                    **row.model_dump(exclude={"id", "roster_row_id"}), version=row.id or 0
                )
                for row in versions
            ],
        )


class OutageOut(OutModel):
    """A declared failure of the service (sự cố)."""

    id: Number = Field(description="Number of the outage, from 1 (số thứ tự sự cố).")
    began_at: InstantOut = Field(description="When it began (bắt đầu).")
    ended_at: InstantOut = Field(description="When it was over (kết thúc).")
    accepts_until: InstantOut = Field(
        description="A due instant whose last moments the outage took is moved to this one (thời "
        "hạn được lùi đến)."
    )
    evidence: OneLine = Field(description="What shows it (bằng chứng).")
    reason: ReasonText = Field(description="What failed, in words (lý do).")
    actor: Actor
    recorded_at: InstantOut = Field(description="When it was declared (thời điểm ghi).")
    withdrawn_at: InstantOut | None = Field(description="From then on it moves nothing (thu hồi).")

    @classmethod
    def of(cls, outage: DeclaredOutage) -> "OutageOut":
        """Return an outage as it is answered."""
        said = outage.model_dump(exclude={"cycle_id", "superseded_at"})
        return cls(**said, withdrawn_at=outage.superseded_at)


class OutagePage(OutModel):
    """A page of declared outages (một trang sự cố đã công bố)."""

    items: Page[OutageOut]
    next: NextCursor
