"""What units look like from outside."""

from typing import Literal

from pydantic import Field

from app.api.out import NextCursor, OutModel
from app.api.pagination import ListQuery
from app.domain.described import (
    DayOut,
    LevelWord,
    Many,
    Name,
    OneLine,
    Page,
    UnitCode,
    UnitKey,
    Word,
)
from app.domain.fields import Day, ShortText, UnitReference
from app.domain.units.models import UnitSuccession, UnitVersion


class UnitOut(OutModel):
    """A public body over a period (đơn vị)."""

    key: UnitKey = Field(
        description="The unit's key, which never changes (khóa của đơn vị). A code is reused; a "
        "key is not."
    )
    scheme: Word = Field(
        description="Where the code is from (hệ thống mã): `gso`: codes of the General Statistics "
        "Office; `body`: ours."
    )
    code: UnitCode = Field(description="Code (mã đơn vị), unique only within a period.")
    name: Name = Field(description="Name of the unit (tên đơn vị).")
    body_name: Name = Field(
        description="The reporting body (đơn vị báo cáo), e.g. `UBND huyện Bình Sơn`."
    )
    kind: Word = Field(description="Kind (loại), e.g. district, ward, department.")
    level: LevelWord | None = Field(
        description="province, district or commune (cấp); null for other bodies."
    )
    valid_from: DayOut | None = Field(description="First day (từ ngày); null is before the plan.")
    valid_to: DayOut | None = Field(
        description="Day after the last (đến trước ngày); null is still in being."
    )
    provenance: Word = Field(
        description="How sure the fact is (độ chắc chắn), e.g. register, plan, presumed."
    )
    source: OneLine = Field(description="Where it was read (nguồn).")

    @classmethod
    def of(cls, unit: UnitVersion) -> "UnitOut":
        """Return a unit as it is answered."""
        return cls(
            key=unit.unit_key,
            scheme=unit.scheme,
            code=unit.code,
            name=unit.name,
            body_name=unit.body_name,
            kind=unit.kind,
            level=unit.level,
            valid_from=unit.valid_from,
            valid_to=unit.valid_to,
            provenance=unit.provenance,
            source=unit.source,
        )


class PlacedUnitOut(UnitOut):
    """A unit with its place in the tree on the day asked (đơn vị và vị trí trong hệ thống)."""

    parent: UnitKey | None = Field(description="Key of the unit above it on that day (cấp trên).")


class UnitPage(OutModel):
    """A page of units (một trang đơn vị)."""

    on: DayOut = Field(description="The day for which the list was made (tại ngày).")
    items: Page[PlacedUnitOut]
    next: NextCursor


class UnitQuery(ListQuery):
    """Which units."""

    on: Day | None = Field(default=None, description="The day (tại ngày); today if not given.")
    within: UnitReference | None = Field(
        default=None,
        description="Only the subtree of this unit on that day, the unit itself included (đơn vị "
        "và các đơn vị trực thuộc): its code on that day, or its key.",
    )
    level: Literal["province", "district", "commune"] | None = Field(
        default=None,
        description="Only of this level (cấp): province, district or commune.",
    )
    kind: str | None = Field(
        default=None,
        max_length=20,
        pattern=r"^[a-z_]{1,20}$",
        description="Only of this kind (loại), e.g. district, ward, department.",
    )
    code: UnitReference | None = Field(
        default=None, description="Only the unit with this code (mã đơn vị)."
    )
    search: ShortText | None = Field(
        default=None,
        description="Part of the name, without regard to case and diacritics (tìm theo tên).",
    )


class OnQuery(OutModel):
    """On which day a code in the path is meant."""

    on: Day | None = Field(default=None, description="The day (tại ngày); today if not given.")


class SuccessionOut(OutModel):
    """What passed from one unit to another (sáp nhập, chia tách)."""

    predecessor: UnitKey = Field(description="Key of the unit that it passed from (đơn vị cũ).")
    successor: UnitKey = Field(description="Key of the unit that it passed to (đơn vị kế thừa).")
    effective_on: DayOut = Field(description="First day of the new state (ngày có hiệu lực).")
    kind: Word = Field(
        description="merge (sáp nhập), continue (tiếp tục), convert (chuyển đổi), split (chia "
        "tách) or transfer (chuyển giao)."
    )
    share: Word = Field(description="whole (toàn bộ) or part (một phần).")
    provenance: Word = Field(description="How sure it is (độ chắc chắn), e.g. plan, presumed.")
    source: OneLine = Field(description="Where it was read (nguồn).")

    @classmethod
    def of(cls, row: UnitSuccession) -> "SuccessionOut":
        """Return a succession as it is answered."""
        return cls(
            predecessor=row.predecessor_key,
            successor=row.successor_key,
            effective_on=row.effective_on,
            kind=row.kind,
            share=row.share,
            provenance=row.provenance,
            source=row.source,
        )


class ParentageOut(OutModel):
    """Under which unit it stood, [from, to) (đơn vị cấp trên theo thời gian)."""

    parent: UnitKey = Field(description="Key of the unit above it (đơn vị cấp trên).")
    valid_from: DayOut | None = Field(description="First day under that unit (từ ngày).")
    valid_to: DayOut | None = Field(
        description="Day after the last under that unit (đến trước ngày); null where it still is."
    )


class UnitHistoryOut(OutModel):
    """A unit over time (lịch sử đơn vị)."""

    unit: UnitOut
    parentages: Many[ParentageOut] = Field(
        description="Its places in the tree, oldest first (đơn vị cấp trên)."
    )
    predecessors: Many[SuccessionOut] = Field(
        description="What passed to it, oldest first (đơn vị trước)."
    )
    successors: Many[SuccessionOut] = Field(
        description="What passed from it, oldest first (đơn vị kế thừa)."
    )
    same_code: Many[UnitOut] = Field(
        description="All bodies that ever bore this code, itself included, oldest first (các đơn "
        "vị cùng mã)."
    )
