"""What dossiers and the consolidation's versions look like from outside."""

from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from app.api.budgets.schemas import EstimateLineOut, line_fields
from app.api.out import InstantOut, NextCursor, OutModel
from app.api.pagination import ListQuery
from app.domain.budgets.bodies import BudgetYearNumber
from app.domain.budgets.consolidating import Head
from app.domain.budgets.dossiers import StoredDossier
from app.domain.budgets.estimates import StoredEstimate
from app.domain.budgets.models import BudgetSubmissionRevision
from app.domain.budgets.years import timeliness
from app.domain.described import (
    DayOut,
    DocumentNumber,
    Few,
    Hash,
    Id,
    LevelWord,
    Many,
    Number,
    Page,
    PlanName,
    Prose,
    ReasonText,
    SignerTitle,
    Some,
    UnitKey,
    Word,
    YearNumber,
)
from app.domain.fields import Day, PlanSlug, UnitReference, WireModel


class DossierRevisionOut(OutModel):
    """One revision of a dossier (một lần gửi hồ sơ dự toán).

    A submitted one never changes what it says.
    """

    revision: Number = Field(description="The number of its revision, from 1 (lần gửi thứ).")
    state: Word = Field(
        description="draft (dự thảo), submitted (đã gửi), returned (đã trả lại), consolidated (đã "
        "tổng hợp) or superseded (đã thay thế)."
    )
    reason: ReasonText | None = Field(
        description="Why what was consolidated is stated anew (lý do đính chính)."
    )
    document_number: DocumentNumber | None
    document_on: DayOut | None = Field(
        description="Day of the document under which it was submitted (ngày ban hành)."
    )
    signer_title: SignerTitle | None
    explanation: Prose | None = Field(
        description="Explanation of the estimates (thuyết minh dự toán)."
    )
    received_at: InstantOut | None = Field(
        description="The server's receipt (thời điểm nhận); null of a draft."
    )
    filed_by: UnitKey | None = Field(description="Key of the unit that submitted it (đơn vị gửi).")
    authority: UnitKey | None = Field(
        description="Key of the finance authority it was sent to (cơ quan tài chính cùng cấp)."
    )
    level: LevelWord | None = Field(
        description="Level of the budget (cấp ngân sách): province, district or commune."
    )
    reviewed_at: InstantOut | None = Field(
        description="When the finance authority returned or consolidated it (thời điểm xem xét); "
        "null before."
    )
    comments: Some[Prose] = Field(
        description="The comments with which it was returned (ý kiến khi trả lại)."
    )
    sha256: Hash | None = Field(description="Hash of what was submitted (mã băm); null of a draft.")


def revision_fields(row: BudgetSubmissionRevision) -> dict[str, object]:
    """Return the fields of a revision as it is answered."""
    same = set(DossierRevisionOut.model_fields) & set(BudgetSubmissionRevision.model_fields)
    return {
        **row.model_dump(include=same),
        "revision": row.number,
        "authority": row.authority_key,
        "comments": [one["text"] for one in row.comments or ()],
    }


class DossierOut(DossierRevisionOut):
    """A budget unit's dossier for a budget year (hồ sơ dự toán), with its current revision."""

    id: Id = Field(
        description="Id of the dossier, the same for all its revisions (mã hồ sơ dự toán)."
    )
    unit: UnitKey = Field(description="Key of the budget unit (đơn vị dự toán).")
    plan: PlanName
    budget_year: YearNumber = Field(description="The budget year (năm ngân sách).")
    timeliness: Word | None = Field(
        description="By its first receipt (tình trạng so với thời hạn): on_time (đúng hạn), late "
        "(gửi muộn: before the freeze) or after_freeze (sau khi chốt số); null before it, and for "
        "a year without a calendar."
    )
    actions: Few[Word] = Field(
        description="What this caller may do now (việc được làm): submit, revise, correct; return, "
        "consolidate."
    )


class DossierDetailOut(DossierOut):
    """A dossier with its lines (hồ sơ dự toán và các dòng).

    Frozen, or of a draft as they are now.
    """

    lines: Many[EstimateLineOut] = Field(description="Lines, in order (các dòng).")


class DossierRevisionDetailOut(DossierRevisionOut):
    """A revision of a dossier, with the lines that it holds (một lần gửi hồ sơ dự toán)."""

    lines: Many[EstimateLineOut] = Field(description="Lines, in order (các dòng).")


def dossier_fields(stored: StoredDossier, *, actions: Sequence[str]) -> dict[str, object]:
    """Return the fields of a dossier."""
    row = stored.submission
    return {
        **revision_fields(stored.revision),
        "id": row.id,
        "unit": row.unit_key,
        "plan": row.plan_slug,
        "budget_year": row.budget_year,
        "timeliness": timeliness(stored.first_received_at, stored.calendar),
        "actions": [*actions],
    }


def lines_out(lines: Sequence[StoredEstimate]) -> list[dict[str, object]]:
    """Return the lines of a dossier."""
    return [line_fields(line) for line in lines]


class DossierPage(OutModel):
    """A page of dossiers (một trang hồ sơ dự toán)."""

    items: Page[DossierOut]
    next: NextCursor


class DossierRevisionPage(OutModel):
    """A page of a dossier's revisions (một trang các lần gửi hồ sơ dự toán)."""

    items: Page[DossierRevisionOut]
    next: NextCursor


class DossierQuery(ListQuery):
    """Which dossiers."""

    plan: PlanSlug | None = Field(
        default=None, description="Only of this plan (kế hoạch): its slug."
    )
    budget_year: BudgetYearNumber | None = Field(
        default=None, description="Only of this budget year (năm ngân sách)."
    )
    unit: UnitReference | None = Field(
        default=None, description="The budget unit (đơn vị dự toán): its key, or its code on `on`."
    )
    on: Day | None = Field(
        default=None,
        description="The day on which a code in `unit` is meant (tại ngày); today if not given.",
    )
    state: Literal["draft", "submitted", "returned", "consolidated"] | None = Field(
        default=None,
        description="Only those that stand so (trạng thái): draft, submitted, returned or "
        "consolidated.",
    )


class ConsolidationHeadOut(OutModel):
    """A version of the consolidation in a list (tổng hợp dự toán cấp tỉnh)."""

    id: Id = Field(description="Id of the version (mã bản tổng hợp dự toán).")
    plan: PlanName
    budget_year: YearNumber = Field(description="The budget year (năm ngân sách).")
    version: Number = Field(description="Number of the version, from 1 (bản số).")
    authority: UnitKey = Field(
        description="Key of the finance authority that consolidated (cơ quan tài chính tổng hợp)."
    )
    frozen_at: InstantOut = Field(
        description="What was received before this instant is in it (thời điểm chốt số)."
    )
    built_at: InstantOut = Field(description="When it was built (thời điểm lập).")
    sha256: Hash = Field(
        description="SHA-256 of its bytes, which are canonical JSON, RFC 8785 (mã băm)."
    )

    @classmethod
    def of(cls, head: Head) -> "ConsolidationHeadOut":
        """Return a version as a list shows it."""
        return cls.model_validate(vars(head))


class BudgetConsolidationPage(OutModel):
    """A page of a budget consolidation's versions (một trang bản tổng hợp dự toán)."""

    items: Page[ConsolidationHeadOut]
    next: NextCursor


class BudgetConsolidationQuery(ListQuery):
    """Which versions."""

    plan: PlanSlug | None = Field(
        default=None, description="Only of this plan (kế hoạch): its slug."
    )
    budget_year: BudgetYearNumber | None = Field(
        default=None, description="Only of this budget year (năm ngân sách)."
    )


class FormQuery(WireModel):
    """In what form a version is answered."""

    format: Literal["json", "csv", "xlsx"] | None = Field(
        default=None,
        description="The representation (định dạng): json, csv or xlsx. It wins over `Accept`; "
        "without both the answer is JSON.",
    )
