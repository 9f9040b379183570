"""What activity reports look like from outside. The body sent is `ActivityBody`."""

from dataclasses import asdict
from typing import Annotated, Any, Final, Literal

from pydantic import Field, WithJsonSchema

from app.api.out import InstantOut, NextCursor, OutModel
from app.api.pagination import ListQuery
from app.domain.activities.body import ActivityContent
from app.domain.activities.content import ReportedActivity
from app.domain.activities.outdated import NOTHING
from app.domain.activities.queries import StoredActivity
from app.domain.activities.service import Accepted
from app.domain.described import (
    AmountText,
    Count,
    CycleName,
    DayOut,
    DocumentNumber,
    ExternalCode,
    Few,
    Hash,
    Id,
    IndicatorCode,
    ItemCode,
    Link,
    ListWord,
    Many,
    Number,
    OneLine,
    OriginWord,
    Page,
    PlanName,
    Prose,
    SourceCode,
    SystemCode,
    ThemeCode,
    UnitKey,
    Vnd,
    Word,
    YearNumber,
)
from app.domain.fields import (
    A_LINE,
    Day,
    ExternalId,
    ListCode,
    PlanCode,
    PlanSlug,
    ShortText,
    SystemName,
    UnitReference,
    WireModel,
)


class MeasureOut(OutModel):
    """One measured result (kết quả theo chỉ tiêu)."""

    indicator: IndicatorCode
    value: AmountText = Field(description="Decimal string (giá trị).")
    origin: OriginWord = Field(description="original (tin gốc) or repost (đăng lại).")


class ExpenditureOut(OutModel):
    """Money executed, in whole VND (kinh phí đã thực hiện, đồng)."""

    source: SourceCode
    amount: Vnd = Field(description="What was spent, in whole VND (đồng).")


class EvidenceOut(OutModel):
    """A link to the body's own publication (minh chứng)."""

    url: Link
    sha256: Hash | None = Field(
        description="SHA-256 of what the link showed (mã băm); null where it was not given."
    )


class OnBehalfOut(OutModel):
    """The incoming document from which the focal unit entered it (nhập thay)."""

    incoming_number: DocumentNumber = Field(description="Its register number (số đến).")
    incoming_on: DayOut = Field(description="The day it was registered (ngày đến).")


class ActivitySaidOut(OutModel):
    """An activity report (hoạt động) as one of its revisions says it."""

    id: Id = Field(description="Id of the activity report (mã hoạt động).")
    revision: Number = Field(
        description="Number of the current revision, from 1 (lần sửa hiện hành)."
    )
    unit: UnitKey = Field(
        description="Key of the unit (khóa của đơn vị), resolved on the activity's day."
    )
    source_system: SystemCode
    external_id: ExternalCode
    plan: PlanName
    plan_item: ItemCode
    content_themes: Few[ThemeCode] = Field(description="Content themes (nội dung tuyên truyền).")
    occurred_on: DayOut = Field(
        description="The local day of the activity, or a summary's first (ngày thực hiện)."
    )
    ended_on: DayOut = Field(
        description="The last day (ngày kết thúc); of a single activity the same day."
    )
    occurrences: Count = Field(description="How many times it happened (số lượt).")
    channel: ListWord = Field(description="Code of the channel (kênh, phương tiện).")
    format: ListWord | None = Field(description="Code of the format (thể loại).")
    title: OneLine = Field(description="Title of the activity (tên hoạt động).")
    description: Prose | None = Field(
        description="What was done, in words (mô tả); null where nothing was said."
    )
    languages: Few[ListWord] = Field(description="Language codes (ngôn ngữ).")
    integrated: bool = Field(description="Folded into another event (lồng ghép).")
    measures: Few[MeasureOut] = Field(description="Measured results (kết quả theo chỉ tiêu).")
    expenditure: Few[ExpenditureOut] = Field(
        description="Money executed, by source (kinh phí đã thực hiện)."
    )
    participants: Few[UnitKey] = Field(
        description="Keys of the coordinating units (đơn vị phối hợp)."
    )
    evidence: Few[EvidenceOut] = Field(
        description="Links to the body's own publications (minh chứng)."
    )
    on_behalf: OnBehalfOut | None = Field(
        description="Set where the focal unit entered this revision on the unit's behalf (nhập "
        "thay)."
    )
    outside_assignment: bool = Field(
        description="True where nothing assigns the item to the unit (ngoài phân công): still "
        "work, so marked."
    )
    withdrawn: bool = Field(description="Withdrawn (đã rút lại): it counts in nothing new.")
    warnings: Few[Word] = Field(
        description="Codes of what was stored with a doubt (cảnh báo), e.g. `theme_outside_phase`."
    )
    received_at: InstantOut = Field(
        description="When the server received this revision (thời điểm nhận)."
    )
    body_sha256: Hash = Field(description="SHA-256 of what the revision says (mã băm nội dung).")

    @staticmethod
    def fields_of(activity: ReportedActivity) -> dict[str, object]:
        """Return the fields of a report as it is answered."""
        revision = activity.revision
        return {
            "on_behalf": None,
            **activity.said,
            "id": activity.report.id,
            "revision": revision.number,
            "withdrawn": activity.report.withdrawn_at is not None,
            "outside_assignment": revision.outside_assignment,
            "warnings": ["theme_outside_phase"] if revision.theme_outside_phase else [],
            "received_at": revision.received_at,
            "body_sha256": revision.body_sha256,
        }


class ActivityOut(ActivitySaidOut):
    """An activity report (hoạt động) as it is stored, with its current revision."""

    reported: bool = Field(
        description="Whether a yearly report that was submitted holds this revision (đã báo cáo). "
        "What is entered or corrected after a submission is not reported until a new revision of "
        "the submission takes it in."
    )

    @classmethod
    def of(cls, activity: StoredActivity) -> "ActivityOut":
        """Return a report as it is answered."""
        return cls.model_validate(cls.fields_of(activity) | {"reported": activity.reported})


class OutdatedSubmissionOut(OutModel):
    """A submission that froze an earlier revision of the activity report (báo cáo của đơn vị)."""

    submission_id: Id = Field(description="Id of the submission (báo cáo của đơn vị).")
    revision: Number = Field(
        description="Number of the submission's revision, from 1 (lần gửi thứ)."
    )
    unit: UnitKey = Field(description="Key of the reporting unit (đơn vị báo cáo).")
    year: YearNumber = Field(description="The cycle's year (năm của kỳ báo cáo).")
    state: Word = Field(description="submitted (đã gửi) or accepted (đã duyệt).")


class OutdatedConsolidatedOut(OutModel):
    """A published consolidated report that such a submission went into (báo cáo tổng hợp)."""

    report_id: Id = Field(
        description="Id of the version of the consolidated report (mã báo cáo tổng hợp)."
    )
    cycle: CycleName = Field(description="Key of the cycle (kỳ báo cáo).")
    plan: PlanName
    year: YearNumber = Field(description="The cycle's year (năm của kỳ báo cáo).")
    version: Number = Field(description="Number of the version, from 1 (bản số).")


class OutdatedOut(OutModel):
    """What was frozen with an earlier revision of the activity report (báo cáo giữ lần sửa cũ).

    It is out of date.
    """

    submissions: Many[OutdatedSubmissionOut] = Field(
        description="Submissions (báo cáo của đơn vị)."
    )
    consolidated_reports: Many[OutdatedConsolidatedOut] = Field(
        description="Consolidated reports (báo cáo tổng hợp)."
    )


class AcceptedActivityOut(ActivityOut):
    """An activity report that was sent, and what became of it (hoạt động và kết quả nhận)."""

    id: Id | None = Field(  # type: ignore[assignment]
        description="Id of the report (mã định danh); null where a dry run stored nothing new."
    )
    outcome: Literal["created", "updated", "unchanged"] = Field(
        description="created (mới): stored now. updated (sửa): it has a new revision. unchanged "
        "(không đổi): it was stored before, word for word."
    )
    dry_run: bool = Field(
        description="True where nothing was stored because it was asked so (chạy thử)."
    )
    outdated: OutdatedOut = Field(
        description="Submissions and consolidated reports that hold an earlier revision (báo cáo "
        "đang giữ lần sửa cũ)."
    )

    @classmethod
    def told(cls, accepted: Accepted, *, dry_run: bool) -> "AcceptedActivityOut":
        """Return what became of a report."""
        fields = cls.fields_of(accepted.activity) | {"reported": accepted.activity.reported}
        if dry_run and accepted.outcome == "created":
            fields["id"] = None
        outdated = asdict(accepted.outdated) if accepted.outdated is not NOTHING else _NOTHING
        return cls.model_validate(
            {**fields, "outcome": accepted.outcome, "dry_run": dry_run, "outdated": outdated}
        )


_NOTHING: Final[dict[str, list[object]]] = {"submissions": [], "consolidated_reports": []}


class ActivityPut(ActivityContent):
    """The content of an activity report under its natural key (nội dung hoạt động)."""

    reason: ShortText | None = Field(
        default=None, description="Why it is corrected (lý do sửa); needed to correct a report."
    )


class ReasonIn(WireModel):
    """Why something is done (lý do)."""

    reason: ShortText = Field(description="The reason (lý do).")


MergePatch = Annotated[
    dict[str, Any],
    WithJsonSchema(
        {
            "type": "object",
            "required": ["reason"],
            "properties": {
                "reason": {
                    "type": "string",
                    "minLength": 1,
                    "maxLength": 500,
                    "pattern": f"^{A_LINE}$",
                    "description": "Why it is corrected (lý do sửa).",
                }
            },
            "additionalProperties": True,
            "description": "The fields of ActivityCorrection that change (các trường cần sửa); "
            "null takes one out.",
        }
    ),
]


class DryRunQuery(OutModel):
    """Whether to store."""

    dry_run: bool = Field(
        default=False, description="Do and answer everything, but store nothing (chạy thử)."
    )


class ActivityPage(OutModel):
    """A page of activity reports (một trang hoạt động).

    In the order in which they were received.
    """

    items: Page[ActivityOut]
    next: NextCursor


class ActivityQuery(ListQuery):
    """Which activity reports."""

    plan: PlanSlug | None = Field(
        default=None, description="Only of this plan (kế hoạch): its slug."
    )
    plan_item: PlanCode | None = Field(
        default=None, description="Only of this plan item (hình thức, nhiệm vụ)."
    )
    unit: UnitReference | None = Field(
        default=None, description="The unit (đơn vị): its key, or its code on `on`."
    )
    on: Day | None = Field(
        default=None,
        description="The day on which a code in `unit` is meant (tại ngày); today if not given.",
    )
    occurred_from: Day | None = Field(default=None, description="First day, inclusive (từ ngày).")
    occurred_to: Day | None = Field(
        default=None, description="Day after the last (đến trước ngày)."
    )
    channel: ListCode | None = Field(default=None, description="Only by this channel (kênh).")
    content_theme: PlanCode | None = Field(
        default=None, description="Only on this content theme (nội dung tuyên truyền)."
    )
    source_system: SystemName | None = Field(
        default=None, description="Only from this system (hệ thống nguồn)."
    )
    external_id: ExternalId | None = Field(
        default=None, description="Only with this id in the sending system (mã bản ghi)."
    )
    reported: bool | None = Field(
        default=None,
        description="Only what yearly reports hold (true: đã báo cáo), or what is not yet reported "
        "(false: chưa báo cáo).",
    )


class NaturalKeyQuery(OutModel):
    """On which day a code in the path is meant."""

    on: Day | None = Field(
        default=None,
        description="The day on which a code in the path is meant (tại ngày); today if not given.",
    )
