"""What stewardships and dated roles look like from outside."""

from typing import Literal

from pydantic import Field

from app.api.cycles.schemas import Document, Provenance
from app.api.out import InstantOut, NextCursor, OutModel
from app.api.pagination import ListQuery
from app.domain.assignments.models import UnitRole
from app.domain.cycles.models import Stewardship
from app.domain.cycles.province import Decided
from app.domain.described import Actor, DayOut, Page, PlanName, ReasonText, UnitKey, Word
from app.domain.fields import Day, PlanSlug, UnitReference

RoleName = Literal["focal_unit", "peoples_committee_office"]
ROLE = (
    "focal_unit: chases, reviews and consolidates (cơ quan đầu mối). peoples_committee_office "
    "(Văn phòng UBND tỉnh): reviews the focal unit's own report."
)


class StewardshipOut(OutModel):
    """Who answers for the records and duties of a unit that ended (tiếp quản)."""

    unit: UnitKey = Field(description="Key of the ended unit (đơn vị đã kết thúc).")
    steward: UnitKey = Field(description="Key of the unit that answers for it (đơn vị tiếp quản).")
    valid_from: DayOut = Field(description="First day (từ ngày).")
    valid_to: DayOut | None = Field(
        description="Day after the last (đến trước ngày); null is until further notice."
    )
    provenance: Provenance
    reason: ReasonText = Field(description="Why that unit answers for it (lý do).")
    document: Document
    actor: Actor
    recorded_at: InstantOut = Field(description="When it was recorded (thời điểm ghi).")

    @classmethod
    def of(cls, row: Stewardship) -> "StewardshipOut":
        """Return a stewardship as it is answered."""
        return cls.model_validate(_fields(row))


class DecidedStewardshipOut(StewardshipOut):
    """A stewardship that was decided on, and what became of it (quyết định tiếp quản)."""

    outcome: Literal["created", "changed", "unchanged"] = Field(
        description="created (mới). changed (đã đổi): another steward answered for some of these "
        "days. unchanged (không đổi): it was so already; nothing was recorded."
    )

    @classmethod
    def after(cls, decided: Decided[Stewardship]) -> "DecidedStewardshipOut":
        """Return a stewardship with what became of a decision."""
        return cls.model_validate(_fields(decided.thing) | {"outcome": decided.outcome})


def _fields(row: Stewardship) -> dict[str, object]:
    said = row.model_dump(exclude={"id", "superseded_at", "unit_key", "steward_key"})
    return said | {"unit": row.unit_key, "steward": row.steward_key}


class StewardshipPage(OutModel):
    """A page of stewardships (một trang quyết định tiếp quản)."""

    items: Page[StewardshipOut]
    next: NextCursor


class StewardshipQuery(ListQuery):
    """Which stewardships."""

    unit: UnitReference | None = Field(
        default=None,
        description="On either side (đơn vị đã kết thúc, đơn vị tiếp quản): a key, or a code, of "
        "all units that ever bore it.",
    )
    on: Day | None = Field(default=None, description="Only those that hold on this day (tại ngày).")


class UnitRoleOut(OutModel):
    """Who holds a dated role in a plan's reporting (vai trò)."""

    plan: PlanName
    role: RoleName = Field(description=ROLE)
    unit: UnitKey = Field(description="Key of the unit (khóa của đơn vị).")
    valid_from: DayOut | None = Field(
        description="First day (từ ngày); null is from the beginning."
    )
    valid_to: DayOut | None = Field(
        description="Day after the last (đến trước ngày); null is until further notice."
    )
    provenance: Word = Field(
        description="How sure it is (độ chắc chắn); decision: it was assigned."
    )
    reason: ReasonText | None = Field(description="Why the unit holds it (lý do).")

    @classmethod
    def of(cls, row: UnitRole) -> "UnitRoleOut":
        """Return a role as it is answered."""
        return cls.model_validate(
            {
                "plan": row.plan_slug,
                "unit": row.unit_key,
                **row.model_dump(
                    include={"role", "valid_from", "valid_to", "provenance", "reason"}
                ),
            }
        )


class UnitRolePage(OutModel):
    """A page of roles that units hold (một trang vai trò của đơn vị)."""

    items: Page[UnitRoleOut]
    next: NextCursor


class UnitRoleQuery(ListQuery):
    """Which roles."""

    plan: PlanSlug | None = Field(
        default=None, description="Only of this plan (kế hoạch): its slug."
    )
    role: RoleName | None = Field(default=None, description=ROLE)
    on: Day | None = Field(
        default=None, description="Only those that are held on this day (tại ngày)."
    )
