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
    """A misprint of the plan, kept as printed, with the reading meant (lỗi in và cách đọc)."""

    printed: Passage = Field(description="As printed, misprint and all (nguyên văn).")
    reading: Passage = Field(description="How it is to be read (cách đọc).")


class PlanHeadOut(OutModel):
    """A plan in a list (kế hoạch)."""

    slug: PlanName
    title: Passage = Field(description="Title of the plan, in its own words (tên kế hoạch).")
    valid_from: DayOut = Field(description="First day of the plan (từ ngày).")
    valid_to: DayOut = Field(description="Day after its last (đến trước ngày).")
    document_sha256: Hash = Field(
        description="SHA-256 of the transcription as it was loaded (mã băm)."
    )

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
    """A plan with its whole transcription, word for word (toàn văn kế hoạch)."""

    document: PlanDocument = Field(description="The transcription, sections I to V (toàn văn).")


class PlanPage(OutModel):
    """A page of plans (một trang kế hoạch)."""

    items: Page[PlanHeadOut]
    next: NextCursor


class ThemeOut(OutModel):
    """A content theme (nội dung tuyên truyền, section II)."""

    plan: PlanName
    code: ThemeCode = Field(
        description="Code of the theme (mã nội dung): phase and place in it, e.g. `II.1.3`."
    )
    phase: ThemeCode = Field(description="Code of the phase (giai đoạn), e.g. `II.1`.")
    text: Passage = Field(description="The plan's own words (nguyên văn).")
    readings: Few[ReadingOut] = Field(description="Misprints, with their reading (lỗi in).")
    valid_from: DayOut = Field(description="First day of its phase (từ ngày).")
    valid_to: DayOut = Field(description="Day after the phase's last (đến trước ngày).")

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
    """A page of content themes (một trang nội dung tuyên truyền)."""

    items: Page[ThemeOut]
    next: NextCursor


class ThemeQuery(ListQuery):
    """Which content themes."""

    plan: PlanSlug = Field(description="Only of this plan (kế hoạch): its slug.")
    phase: PlanCode | None = Field(default=None, description="Only of this phase (giai đoạn).")
    on: Day | None = Field(
        default=None, description="Only themes whose phase holds this day (tại ngày)."
    )


class ItemOut(OutModel):
    """A form (III), a funding rule (IV) or a task (V) of a plan (hình thức, nhiệm vụ)."""

    plan: PlanName
    code: ItemCode
    kind: Word = Field(
        description="form (hình thức, III), funding_rule (kinh phí, IV) or task (nhiệm vụ, V)."
    )
    heading: Passage | None = Field(
        description="The heading, in the plan's own words (tiêu đề); null where it has none."
    )
    text: Many[Passage] = Field(description="The plan's own words, by paragraph (nguyên văn).")
    readings: Few[ReadingOut] = Field(description="Misprints, with their reading (lỗi in).")
    valid_from: DayOut = Field(description="First day for which it stands (từ ngày).")
    valid_to: DayOut = Field(description="Day after the last for which it stands (đến trước ngày).")

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
    """A page of plan items (một trang hình thức, nhiệm vụ)."""

    items: Page[ItemOut]
    next: NextCursor


class ItemQuery(ListQuery):
    """Which plan items."""

    plan: PlanSlug = Field(description="Only of this plan (kế hoạch): its slug.")
    kind: Literal["form", "funding_rule", "task"] | None = Field(
        default=None, description="Only of this kind (loại): form, funding_rule or task."
    )


class AssignmentOut(OutModel):
    """A unit or group on an item (phân công), as it stands on the day asked."""

    plan: PlanName
    item: ItemCode
    role: Word = Field(
        description="lead (chủ trì, thực hiện), coordinating (phối hợp) or requested (đề nghị)."
    )
    unit: UnitKey | None = Field(
        description="Key of the unit named (đơn vị); null where a group is."
    )
    group: GroupName | None = Field(
        description="Key of the group named (nhóm đơn vị); null where a unit is."
    )
    text: Passage = Field(description="The plan's own words (nguyên văn).")
    valid_from: DayOut = Field(description="First day on which it holds (từ ngày).")
    valid_to: DayOut = Field(description="Day after the last on which it holds (đến trước ngày).")
    units: Many[UnitKey] = Field(
        description="Keys of the units that it selects on that day (các đơn vị); an open group "
        "selects nobody."
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
    """A page of assignments (một trang phân công)."""

    on: DayOut = Field(description="The day for which the list was made (tại ngày).")
    items: Page[AssignmentOut]
    next: NextCursor


class AssignmentQuery(ListQuery):
    """Which assignments."""

    plan: PlanSlug | None = Field(
        default=None, description="Only of this plan (kế hoạch): its slug."
    )
    item: PlanCode | None = Field(default=None, description="Only of this plan item (nhiệm vụ).")
    unit: UnitReference | None = Field(
        default=None,
        description="Only those that select this unit on that day (đơn vị): code or key.",
    )
    role: Literal["lead", "coordinating", "requested"] | None = Field(
        default=None,
        description="Only in this role (vai trò): lead (chủ trì, thực hiện), coordinating (phối "
        "hợp) or requested (đề nghị).",
    )
    on: Day | None = Field(default=None, description="The day (tại ngày); today if not given.")


class UnitGroupOut(OutModel):
    """A group of units that the plan names (nhóm đơn vị), resolved on the day asked."""

    plan: PlanName
    key: GroupName
    name: Name = Field(description="Key of the group (khóa của nhóm đơn vị).")
    open: bool = Field(description="An open group («các đơn vị liên quan») selects nobody.")
    provenance: Word = Field(
        description="How sure the rule is (độ chắc chắn), e.g. plan, derived, assumption."
    )
    note: Prose | None = Field(description="What else is to be known of it (ghi chú).")
    on: DayOut = Field(description="The day on which `units` is selected (tại ngày).")
    units: Many[UnitKey] = Field(
        description="Keys of the units that it selects on that day (các đơn vị)."
    )

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
    """A page of unit groups (một trang nhóm đơn vị)."""

    items: Page[UnitGroupOut]
    next: NextCursor


class GroupQuery(ListQuery):
    """Which unit groups."""

    plan: PlanSlug = Field(description="Only of this plan (kế hoạch): its slug.")
    on: Day | None = Field(default=None, description="The day (tại ngày); today if not given.")
