"""What reporting cycles look like from outside."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from app.api.out import InstantOut, NextCursor, OutModel
from app.api.pagination import ListQuery
from app.domain.cycles.bodies import CODE_PATTERN
from app.domain.cycles.models import PROVENANCES
from app.domain.cycles.province import Decided
from app.domain.cycles.queries import Cycle
from app.domain.described import (
    INT_32,
    Actor,
    CycleCode,
    CycleName,
    DayOut,
    ItemCode,
    Many,
    Name,
    Page,
    PlanName,
    ReasonText,
    YearNumber,
    text,
    whole,
    words,
)
from app.domain.fields import ONE_LINE, InstantIn, PlanSlug

Year = Annotated[
    int,
    Field(
        ge=2000,
        le=2100,
        description="The cycle's year (năm).",
        json_schema_extra={"format": "int32"},
    ),
]
CycleKey = Annotated[
    str,
    StringConstraints(pattern=rf"^{CODE_PATTERN}\.{CODE_PATTERN}$", max_length=105),
    Field(
        description="Key of the cycle (kỳ báo cáo): plan slug, a point, the cycle's code, which "
        "of a yearly one is its year: `tuyen-truyen-2021-2025.2021`."
    ),
]
CycleKind = Literal["yearly", "periodic", "on_request"]
Version = Annotated[
    int, whole("Number of what is known now; in double quotes it is the ETag (lần ghi).", 1, INT_32)
]
Provenance = Annotated[
    str,
    words(
        "plan: it follows from the plan. assumption: ours, until it is confirmed. "
        "decision: the province decided it (quyết định).",
        *PROVENANCES,
    ),
]
Document = (
    Annotated[str, text("Number of the document that decides it (số văn bản).", 500, ONE_LINE)]
    | None
)


class CycleOut(OutModel):
    """A reporting cycle (kỳ báo cáo)."""

    key: CycleName = Field(
        description="Key of the cycle (khóa của kỳ báo cáo): plan slug, a point, the code."
    )
    plan: PlanName
    code: CycleCode = Field(
        description="Unique in the plan (mã kỳ báo cáo); of a yearly cycle it is the year."
    )
    year: YearNumber = Field(description="The cycle's year (năm của kỳ báo cáo).")
    kind: CycleKind = Field(
        description="yearly (hằng năm), periodic (định kỳ) or on_request (đột xuất). Only yearly "
        "ones make up the yearly reports."
    )
    name: Name | None = Field(
        description="What it is called (tên kỳ báo cáo); null of a yearly one."
    )
    window_from: DayOut = Field(
        description="First day whose activity belongs to the cycle (từ ngày)."
    )
    window_to: DayOut = Field(description="Day after the last (đến trước ngày).")
    opens_at: InstantOut | None = Field(description="From when units may draft (thời điểm mở).")
    due_at: InstantOut = Field(
        description="A submission received before this instant is on time (thời hạn, «trước ngày»)."
    )
    supplement_due_at: InstantOut | None = Field(
        description="Before when the year-end supplement is on time (hạn bổ sung cuối năm)."
    )
    items: Many[ItemCode] | None = Field(
        description="Plan items that it asks about (hình thức, nhiệm vụ được hỏi); null is all."
    )
    provenance: Provenance
    reason: ReasonText = Field(description="Why it was changed (lý do).")
    document: Document
    actor: Actor
    version: Version

    @classmethod
    def of(cls, cycle: Cycle) -> "CycleOut":
        """Return a cycle as it is answered."""
        return cls.model_validate(_fields(cycle))


class DecidedCycleOut(CycleOut):
    """A cycle that was decided on, with what became of the decision (quyết định về kỳ báo cáo)."""

    outcome: Literal["created", "changed", "unchanged"] = Field(
        description="created (mới), changed (đã đổi), or unchanged (không đổi): it was so already; "
        "nothing was recorded."
    )

    @classmethod
    def after(cls, decided: Decided[Cycle]) -> "DecidedCycleOut":
        """Return a cycle with what became of a decision."""
        return cls.model_validate(_fields(decided.thing) | {"outcome": decided.outcome})


def _fields(cycle: Cycle) -> dict[str, object]:
    window_from, window_to = cycle.window.bounds
    return {
        "key": cycle.key,
        "plan": cycle.plan,
        "code": cycle.code,
        "year": cycle.year,
        "kind": cycle.kind,
        "name": cycle.name,
        "window_from": window_from,
        "window_to": window_to,
        "opens_at": cycle.opens_at,
        "due_at": cycle.due_at,
        "supplement_due_at": cycle.supplement_due_at,
        "items": None if cycle.items is None else list(cycle.items),
        "provenance": cycle.provenance,
        "reason": cycle.reason,
        "document": cycle.document,
        "actor": cycle.actor,
        "version": cycle.version,
    }


class CyclePage(OutModel):
    """A page of reporting cycles (một trang kỳ báo cáo)."""

    items: Page[CycleOut]
    next: NextCursor


class CycleQuery(ListQuery):
    """Which cycles."""

    plan: PlanSlug | None = Field(
        default=None, description="Only of this plan (kế hoạch): its slug."
    )
    year: Year | None = Field(default=None, description="Only of this year (năm).")
    kind: CycleKind | None = Field(
        default=None, description="yearly (hằng năm), periodic (định kỳ), on_request (đột xuất)."
    )


class KnownAtQuery(OutModel):
    """As it was known when."""

    known_at: InstantIn | None = Field(
        default=None,
        description="As it was known at an instant (thời điểm dữ liệu); now where it is left out.",
    )
