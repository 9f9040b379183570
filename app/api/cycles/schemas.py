"""What reporting cycles and rosters look like from outside."""

from datetime import date
from typing import Annotated

from pydantic import Field, StringConstraints

from app.api.out import InstantOut, NextCursor, OutModel
from app.api.pagination import ListQuery
from app.domain.cycles.queries import Cycle, Duty
from app.domain.fields import PlanSlug

Year = Annotated[int, Field(ge=2000, le=2100, description="The cycle's year (năm).")]
CycleKey = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*\.[0-9]{4}$", max_length=70),
    Field(description="Plan slug, a point, the year: `tuyen-truyen-2021-2025.2021`."),
]


class CycleOut(OutModel):
    """A reporting cycle (kỳ báo cáo)."""

    key: str = Field(description="Plan slug, a point, the year.")
    plan: str
    year: int
    kind: str = Field(description="yearly.")
    window_from: date = Field(description="First day whose activity belongs to the cycle.")
    window_to: date = Field(description="Day after the last.")
    due_at: InstantOut = Field(
        description="A submission received before this instant is on time (trước ngày 30/11)."
    )
    provenance: str
    reason: str

    @classmethod
    def of(cls, cycle: Cycle) -> "CycleOut":
        """Return a cycle as it is answered."""
        window_from, window_to = cycle.window.bounds
        return cls(
            key=f"{cycle.plan}.{cycle.year}",
            plan=cycle.plan,
            year=cycle.year,
            kind=cycle.kind,
            window_from=window_from,
            window_to=window_to,
            due_at=cycle.due_at,
            provenance=cycle.provenance,
            reason=cycle.reason,
        )


class CyclePage(OutModel):
    """A page of cycles."""

    items: list[CycleOut]
    next: NextCursor


class CycleQuery(ListQuery):
    """Which cycles."""

    plan: PlanSlug | None = None
    year: Year | None = None


class RosterRowOut(OutModel):
    """A unit's place in a cycle: why, for which days and until when it is to report."""

    unit: str = Field(description="Unit key.")
    name: str = Field(description="The reporting body (đơn vị báo cáo).")
    level: str | None
    basis: str = Field(
        description="ordered (enters rates), assigned_only, requested or not_required."
    )
    reason: str = Field(description="The order's group, or the items assigned.")
    covers_from: date
    covers_to: date = Field(description="Day after the last one covered.")
    due_at: InstantOut

    @classmethod
    def of(cls, duty: Duty) -> "RosterRowOut":
        """Return a roster row as it is answered."""
        covers_from, covers_to = duty.covers.bounds
        return cls(
            unit=duty.unit.unit_key,
            name=duty.unit.body_name,
            level=duty.unit.level,
            basis=duty.basis,
            reason=duty.reason,
            covers_from=covers_from,
            covers_to=covers_to,
            due_at=duty.due_at,
        )


class RosterPage(OutModel):
    """A page of a roster."""

    items: list[RosterRowOut]
    next: NextCursor


class RosterQuery(ListQuery):
    """Which roster rows."""

    basis: str | None = Field(
        default=None, pattern=r"^(ordered|assigned_only|requested|not_required)$"
    )
