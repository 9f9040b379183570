"""What submissions look like from outside."""

from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import Field, PlainSerializer, model_validator

from app.api.activities.schemas import OnBehalfOut, OutdatedConsolidatedOut
from app.api.cycles.named import must_name_one_cycle
from app.api.cycles.schemas import CycleKey, Year
from app.api.out import InstantOut, NextCursor, OutModel
from app.api.pagination import ListQuery
from app.domain.activities.body import OnBehalf
from app.domain.activities.outdated import OutdatedConsolidated
from app.domain.described import (
    Count,
    CycleName,
    DayOut,
    DocumentNumber,
    Few,
    Hash,
    Id,
    Many,
    Number,
    Page,
    PlanName,
    Pointer,
    Prose,
    ReasonText,
    SignerTitle,
    Some,
    UnitKey,
    Word,
    YearNumber,
    said,
)
from app.domain.fields import Day, PlanSlug, UnitReference
from app.domain.submissions.contents import (
    Answer,
    Deliverable,
    Expectation,
    NilItem,
    SubmissionContent,
)
from app.domain.submissions.differences import RecordDifference
from app.domain.submissions.models import SubmissionComment, SubmissionRevision
from app.domain.submissions.narrative import Narrative
from app.domain.submissions.queries import StoredSubmission
from app.domain.submissions.said import content_of
from app.domain.submissions.standing import Standing, report_standing, supplement_standing

DurationOut = Annotated[
    timedelta,
    PlainSerializer(lambda span: f"PT{span // timedelta(seconds=1)}S", return_type=str),
    said(
        "ISO 8601 duration in whole seconds, e.g. `PT32400S` (khoảng thời gian).",
        format="duration",
        maxLength=14,
        pattern="^PT[0-9]{1,11}S$",
        example="PT32400S",
    ),
]
TIMELINESS_WORDS = (
    "not_due (chưa đến hạn), on_time (đúng hạn), late (gửi muộn), late_with_extension (được "
    "gia hạn: after its due instant, before that of an extension) or by_document (theo văn "
    "bản đến: entered by the focal unit from an incoming document)."
)


class DraftIn(SubmissionContent):
    """A submission to begin (báo cáo của đơn vị).

    The cycle is named by `plan` and `year`, or by its key. Without `narrative` it is made of the
    activity posted so far and of the headings of last year's report.
    """

    plan: PlanSlug | None = Field(default=None, description="The plan's slug (kế hoạch).")
    year: Year | None = None
    cycle: CycleKey | None = Field(
        default=None,
        description="Key of the cycle (kỳ báo cáo); for extra cycles, in place of plan and year.",
    )
    unit: UnitReference | None = Field(
        default=None,
        description="Whose report it is (đơn vị báo cáo), by key or code; the key's own unit "
        "where it is absent. A steward names the ended unit, the focal unit the one that it "
        "enters for.",
    )
    on_behalf: OnBehalf | None = Field(
        default=None,
        description="Only where the focal unit enters what a unit reported on paper (nhập thay).",
    )
    narrative: Narrative | None = Field(
        default=None, description="The unit's narrative (phần lời)."
    )  # type: ignore[assignment]

    @model_validator(mode="after")
    def _one_cycle(self) -> Self:
        must_name_one_cycle(plan=self.plan, year=self.year, cycle=self.cycle)
        return self


class SubmissionStandingOut(OutModel):
    """How a submission stands to its deadline (tình trạng so với thời hạn)."""

    timeliness: Word = Field(description=TIMELINESS_WORDS)
    due_at: InstantOut = Field(description="A report received before it is on time (thời hạn).")
    extended_to: InstantOut | None = Field(
        description="Later due instant of an extension (gia hạn đến)."
    )
    received_at: InstantOut | None = Field(
        description="The server's first receipt (thời điểm nhận)."
    )
    incoming_on: DayOut | None = Field(
        description="Day on which the incoming document was registered that was first entered "
        "(ngày đến)."
    )
    late_by: DurationOut
    outage: Number | None = Field(description="The declared outage that excuses, if any (sự cố).")

    @classmethod
    def of(cls, standing: Standing) -> "SubmissionStandingOut":
        """Return it as it is answered."""
        return cls.model_validate(vars(standing))


class CommentOut(OutModel):
    """A reviewer's comment on a returned revision (ý kiến khi trả lại)."""

    id: Id = Field(description="Id of the comment, for `answers` (mã ý kiến).")
    revision: Number = Field(description="The revision that was returned with it (lần gửi thứ).")
    activity_report: Id | None = Field(
        description="Id of the activity report that it is about (hoạt động)."
    )
    field: Pointer | None = Field(
        description="JSON Pointer of the field that it is about (vị trí trường)."
    )
    text: Prose = Field(description="What is to be mended (nội dung yêu cầu chỉnh sửa).")
    unit: UnitKey = Field(description="Key of the reviewing unit (đơn vị duyệt).")
    created_at: InstantOut = Field(
        description="When the report was returned with it (thời điểm trả lại)."
    )

    @classmethod
    def of(cls, comment: SubmissionComment, *, revision: int) -> "CommentOut":
        """Return a comment as it is answered."""
        return cls(
            id=comment.id,
            revision=revision,
            activity_report=comment.activity_report_id,
            field=comment.pointer,
            text=comment.text,
            unit=comment.unit_key,
            created_at=comment.created_at,
        )


class SubmissionRevisionOut(OutModel):
    """One revision of a submission (một lần gửi báo cáo).

    A submitted one never changes what it says.
    """

    revision: Number = Field(description="The number of its revision, from 1 (lần gửi thứ).")
    kind: Word = Field(
        description="report (báo cáo), correction (đính chính) or supplement (bổ sung cuối năm)."
    )
    reason: ReasonText | None = Field(
        description="Why it corrects what was accepted (lý do đính chính)."
    )
    review: Word = Field(
        description="draft (dự thảo), submitted (đã gửi), returned (đã trả lại), accepted (đã "
        "duyệt) or superseded (đã thay thế)."
    )
    content: Word = Field(description="report (có báo cáo) or nil (không phát sinh).")
    nil_reason: ReasonText | None = Field(
        description="Why nothing was done (lý do không phát sinh)."
    )
    narrative: Narrative
    deliverables: Some[Deliverable] = Field(description="Deliverables (sản phẩm).")
    expectations: Some[Expectation] = Field(description="Full-year expectations (ước cả năm).")
    nil_items: Some[NilItem] = Field(
        description="Items without any activity, and why (không phát sinh)."
    )
    answers: Some[Answer] = Field(
        description="Answers to the comments of the last return (giải trình)."
    )
    data_to: DayOut | None = Field(
        description="Last day covered, inclusive (số liệu tính đến ngày)."
    )
    document_number: DocumentNumber | None
    document_on: DayOut | None = Field(
        description="Day of the document under which it was submitted (ngày ban hành)."
    )
    signer_title: SignerTitle | None
    signed_file_sha256: Hash | None = Field(
        description="SHA-256 of the signed file (tệp ký số); null where it was not given."
    )
    on_behalf: OnBehalfOut | None = Field(
        description="Set where the focal unit entered it from an incoming document (nhập thay)."
    )
    received_at: InstantOut | None = Field(
        description="The server's receipt (thời điểm nhận); null of a draft."
    )
    filed_by: UnitKey | None = Field(description="Key of the unit that submitted (đơn vị gửi).")
    filed_as: Word | None = Field(
        description="self (tự gửi), steward (đơn vị tiếp quản) or focal_unit (nhập thay); null of "
        "a draft."
    )
    accepted_at: InstantOut | None = Field(
        description="When it was accepted (thời điểm duyệt); null before."
    )
    returned_at: InstantOut | None = Field(
        description="When it was returned (thời điểm trả lại); null where it was not."
    )
    activities: Count = Field(
        description="How many activity reports the revision holds, frozen (số hoạt động)."
    )
    sha256: Hash | None = Field(description="Hash of what was submitted (mã băm); null of a draft.")

    @classmethod
    def of_revision(
        cls, revision: SubmissionRevision, *, activities: int
    ) -> "SubmissionRevisionOut":
        """Return a revision as it is answered."""
        return SubmissionRevisionOut(**revision_fields(revision, activities=activities))


def revision_fields(revision: SubmissionRevision, *, activities: int) -> dict[str, object]:
    """Return the fields of a revision as it is answered."""
    content = content_of(revision)
    on_behalf = None
    if revision.incoming_number is not None and revision.incoming_on is not None:
        on_behalf = OnBehalfOut(
            incoming_number=revision.incoming_number, incoming_on=revision.incoming_on
        )
    same = set(SubmissionRevisionOut.model_fields) & set(SubmissionRevision.model_fields)
    lists = set(SubmissionContent.model_fields)
    return {
        **revision.model_dump(include=same - lists),
        **{name: getattr(content, name) for name in lists},
        "revision": revision.number,
        "review": revision.state,
        "on_behalf": on_behalf,
        "activities": activities,
    }


class NotYetReportedOut(OutModel):
    """Activity that the last submission does not hold as it is now (hoạt động chưa báo cáo)."""

    added: Count = Field(description="Entered since (chưa báo cáo).")
    changed: Count = Field(description="Corrected since (đã sửa).")
    removed: Count = Field(
        description="Withdrawn since, or no longer covered (đã rút hoặc không còn thuộc phạm vi)."
    )

    @classmethod
    def of(cls, rows: list[RecordDifference]) -> "NotYetReportedOut":
        """Return the counts."""
        changes = [row.change for row in rows]
        return cls(**{name: changes.count(name) for name in ("added", "changed", "removed")})


class SubmissionOut(SubmissionRevisionOut):
    """A unit's yearly report (báo cáo của đơn vị) with its current revision.

    Reviewers see the last revision that was submitted. Review, content and timeliness are three
    separate things.
    """

    id: Id = Field(
        description="Id of the submission, the same for all its revisions (mã báo cáo của đơn vị)."
    )
    cycle: CycleName = Field(description="Key of the cycle (kỳ báo cáo).")
    plan: PlanName
    year: YearNumber = Field(description="The cycle's year (năm của kỳ báo cáo).")
    unit: UnitKey = Field(
        description="Key of the unit whose roster row it answers (đơn vị báo cáo)."
    )
    basis: Word = Field(
        description="Why the unit is on the roster: ordered (phải báo cáo), assigned_only (được "
        "giao), requested (được đề nghị) or not_required (không phải báo cáo)."
    )
    closing: bool = Field(
        description="True of the report of a body that ends within the cycle (báo cáo kết thúc)."
    )
    timeliness: Word = Field(description="Of the report, by its first receipt: " + TIMELINESS_WORDS)
    due_at: InstantOut = Field(description="A report received before it is on time (thời hạn).")
    standing: SubmissionStandingOut = Field(
        description="The report against its deadline (tình trạng so với thời hạn)."
    )
    supplement: SubmissionStandingOut | None = Field(
        description="The year-end supplement against its own deadline (bổ sung cuối năm); null "
        "where none is owed."
    )
    comments: Some[CommentOut] | None = Field(
        description="What the last return said (ý kiến khi trả lại); a draft that follows it "
        "answers each. Null in lists."
    )
    not_yet_reported: NotYetReportedOut | None = Field(
        description="Activity entered, corrected or withdrawn since the last submission (hoạt "
        "động chưa báo cáo): not reported until a new revision takes it in. Null in lists."
    )
    affected_reports: Many[OutdatedConsolidatedOut] | None = Field(
        description="Consolidated reports that hold an earlier accepted revision (báo cáo tổng "
        "hợp bị ảnh hưởng): what a correction puts out of date. Null in lists."
    )
    actions: Few[Word] = Field(
        description="What this caller may do now (việc được làm): rewrite, discard, submit, "
        "revise, correct, supplement, accept, return."
    )


class SubmissionPage(OutModel):
    """A page of submissions (một trang báo cáo của đơn vị)."""

    items: Page[SubmissionOut]
    next: NextCursor


class SubmissionQuery(ListQuery):
    """Which submissions."""

    plan: PlanSlug | None = Field(
        default=None, description="Only of this plan (kế hoạch): its slug."
    )
    year: Year | None = Field(default=None, description="Only of this year (năm).")
    cycle: CycleKey | None = Field(default=None, description="Key of the cycle (kỳ báo cáo).")
    unit: UnitReference | None = Field(
        default=None, description="The unit (đơn vị): its key, or its code on `on`."
    )
    on: Day | None = Field(
        default=None,
        description="The day on which a code in `unit` is meant (tại ngày); today if not given.",
    )
    review: Literal["draft", "submitted", "returned", "accepted", "superseded"] | None = Field(
        default=None,
        description="Only those whose standing revision is so (tình trạng duyệt): draft, "
        "submitted, returned, accepted or superseded.",
    )


def submission_fields(
    stored: StoredSubmission,
    *,
    at: InstantOut,
    activities: int,
    actions: list[str],
    comments: list[CommentOut] | None = None,
    pending: list[RecordDifference] | None = None,
    affected: list[OutdatedConsolidated] | None = None,
) -> SubmissionOut:
    """Return a submission as it is answered."""
    standing, supplement = report_standing(stored, at=at), supplement_standing(stored, at=at)
    return SubmissionOut.model_validate(
        {
            **revision_fields(stored.revision, activities=activities),
            "id": stored.submission.id,
            "cycle": stored.cycle.key,
            "plan": stored.cycle.plan,
            "year": stored.cycle.year,
            "unit": stored.row.unit.unit_key,
            "basis": stored.row.basis,
            "closing": stored.row.closing,
            "timeliness": standing.timeliness,
            "due_at": stored.row.due_at,
            "standing": SubmissionStandingOut.of(standing),
            "supplement": None if supplement is None else SubmissionStandingOut.of(supplement),
            "comments": comments,
            "not_yet_reported": None if pending is None else NotYetReportedOut.of(pending),
            "affected_reports": None
            if affected is None
            else [OutdatedConsolidatedOut.model_validate(vars(row)) for row in affected],
            "actions": actions,
        }
    )
