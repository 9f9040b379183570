"""What a plan, its themes, items, assignments and groups look like from outside."""

from datetime import date
from typing import Literal

from pydantic import Field

from app.api.out import NextCursor, OutModel
from app.api.pagination import ListQuery
from app.domain.assignments.models import UnitGroup, UnitGroupRule
from app.domain.assignments.queries import Assigned
from app.domain.described import (
    DayOut,
    Few,
    GroupName,
    Hash,
    ItemCode,
    Many,
    Name,
    Page,
    Passage,
    PlanName,
    Prose,
    ThemeCode,
    UnitKey,
    Word,
)
from app.domain.fields import Day, PlanCode, PlanSlug, UnitReference
from app.domain.plans.document import PlanDocument
from app.domain.plans.models import ContentTheme, Plan, PlanItem


class ReadingOut(OutModel):
    """A misprint of the plan, kept as printed, with the reading meant."""

    printed: Passage
    reading: Passage


class PlanHeadOut(OutModel):
    """A plan in a list (kế hoạch)."""

    slug: PlanName
    title: Passage
    valid_from: DayOut = Field(description="First day of the plan.")
    valid_to: DayOut = Field(description="Day after its last.")
    document_sha256: Hash = Field(description="SHA-256 of the transcription as it was loaded.")

    @classmethod
    def of(cls, plan: Plan) -> "PlanHeadOut":
        """Return a plan as a list shows it."""
        return cls(
            slug=plan.slug,
            title=plan.title,
            valid_from=plan.valid_from,
            valid_to=plan.valid_to,
            document_sha256=plan.document_sha256,
        )


class PlanOut(PlanHeadOut):
    """A plan with its whole transcription, word for word."""

    document: PlanDocument = Field(description="The transcription, sections I to V.")


class PlanPage(OutModel):
    """A page of plans."""

    items: Page[PlanHeadOut]
    next: NextCursor


class ThemeOut(OutModel):
    """A content theme (nội dung tuyên truyền, section II)."""

    plan: PlanName
    code: ThemeCode = Field(description="Phase and place in it, e.g. `II.1.3`.")
    phase: ThemeCode
    text: Passage = Field(description="The plan's own words.")
    readings: Few[ReadingOut] = Field(description="Misprints, with their reading (lỗi in).")
    valid_from: DayOut = Field(description="First day of its phase.")
    valid_to: DayOut = Field(description="Day after the phase's last.")

    @classmethod
    def of(cls, row: ContentTheme) -> "ThemeOut":
        """Return a theme as it is answered."""
        return cls(
            plan=row.plan_slug,
            code=row.code,
            phase=row.phase,
            text=row.text,
            readings=[ReadingOut(**reading) for reading in row.readings],
            valid_from=row.valid_from,
            valid_to=row.valid_to,
        )


class ThemePage(OutModel):
    """A page of content themes."""

    items: Page[ThemeOut]
    next: NextCursor


class ThemeQuery(ListQuery):
    """Which content themes."""

    plan: PlanSlug = Field(description="Only of this plan (kế hoạch): its slug.")
    phase: PlanCode | None = Field(default=None, description="Only of this phase (giai đoạn).")
    on: Day | None = Field(default=None, description="Only themes whose phase holds this day.")


class ItemOut(OutModel):
    """A form (III), a funding rule (IV) or a task (V) of a plan (hình thức, nhiệm vụ)."""

    plan: PlanName
    code: ItemCode
    kind: Word = Field(description="form, funding_rule or task.")
    heading: Passage | None
    text: Many[Passage] = Field(description="The plan's own words, by paragraph.")
    readings: Few[ReadingOut] = Field(description="Misprints, with their reading (lỗi in).")
    valid_from: DayOut
    valid_to: DayOut

    @classmethod
    def of(cls, row: PlanItem) -> "ItemOut":
        """Return an item as it is answered."""
        return cls(
            plan=row.plan_slug,
            code=row.code,
            kind=row.kind,
            heading=row.heading,
            text=row.text,
            readings=[ReadingOut(**reading) for reading in row.readings],
            valid_from=row.valid_from,
            valid_to=row.valid_to,
        )


class ItemPage(OutModel):
    """A page of plan items."""

    items: Page[ItemOut]
    next: NextCursor


class ItemQuery(ListQuery):
    """Which plan items."""

    plan: PlanSlug = Field(description="Only of this plan (kế hoạch): its slug.")
    kind: Literal["form", "funding_rule", "task"] | None = Field(
        default=None, description="Only of this kind (loại)."
    )


class AssignmentOut(OutModel):
    """A unit or group on an item (phân công), as it stands on the day asked."""

    plan: PlanName
    item: ItemCode
    role: Word = Field(
        description="lead (chủ trì, thực hiện), coordinating (phối hợp) or requested (đề nghị)."
    )
    unit: UnitKey | None = Field(description="Key of the unit named; null where a group is.")
    group: GroupName | None = Field(description="Key of the group named; null where a unit is.")
    text: Passage = Field(description="The plan's own words.")
    valid_from: DayOut
    valid_to: DayOut
    units: Many[UnitKey] = Field(
        description="Keys of the units that it selects on that day; an open group selects nobody."
    )

    @classmethod
    def of(cls, assigned: Assigned) -> "AssignmentOut":
        """Return an assignment as it is answered."""
        row = assigned.assignment
        return cls(
            plan=row.plan_slug,
            item=row.item_code,
            role=row.role,
            unit=row.unit_key,
            group=row.group_key,
            text=row.text,
            valid_from=row.valid_from,
            valid_to=row.valid_to,
            units=sorted(assigned.units),
        )


class AssignmentPage(OutModel):
    """A page of assignments."""

    on: DayOut = Field(description="The day for which the list was made.")
    items: Page[AssignmentOut]
    next: NextCursor


class AssignmentQuery(ListQuery):
    """Which assignments."""

    plan: PlanSlug | None = Field(
        default=None, description="Only of this plan (kế hoạch): its slug."
    )
    item: PlanCode | None = Field(default=None, description="Only of this plan item (nhiệm vụ).")
    unit: UnitReference | None = Field(
        default=None, description="Only those that select this unit on that day: code or key."
    )
    role: Literal["lead", "coordinating", "requested"] | None = Field(
        default=None,
        description="Only in this role (vai trò).",
    )
    on: Day | None = Field(default=None, description="The day (tại ngày); today if not given.")


class UnitGroupOut(OutModel):
    """A group of units that the plan names (nhóm đơn vị), resolved on the day asked."""

    plan: PlanName
    key: GroupName
    name: Name
    open: bool = Field(description="An open group («các đơn vị liên quan») selects nobody.")
    provenance: Word = Field(description="How sure the rule is, e.g. plan, derived, assumption.")
    note: Prose | None
    on: DayOut
    units: Many[UnitKey] = Field(description="Keys of the units that it selects on that day.")

    @classmethod
    def of(cls, group: UnitGroup, rule: UnitGroupRule, on: date, units: set[str]) -> "UnitGroupOut":
        """Return a group as it is answered."""
        return cls(
            plan=group.plan_slug,
            key=group.key,
            name=group.name,
            open=rule.open,
            provenance=rule.provenance,
            note=rule.note,
            on=on,
            units=sorted(units),
        )


class GroupPage(OutModel):
    """A page of unit groups."""

    items: Page[UnitGroupOut]
    next: NextCursor


class GroupQuery(ListQuery):
    """Which unit groups."""

    plan: PlanSlug = Field(description="Only of this plan (kế hoạch): its slug.")
    on: Day | None = Field(default=None, description="The day (tại ngày); today if not given.")
