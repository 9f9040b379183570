"""What the history of activity reports looks like from outside."""

from dataclasses import asdict

from pydantic import BaseModel, ConfigDict, Field

from app.api.activities.schemas import ActivitySaidOut, OnBehalfOut
from app.api.out import InstantOut, NextCursor, OutModel
from app.api.pagination import DEFAULT_LIMIT, MAX_LIMIT, Cursor
from app.domain.activities.revisions import Revised, Step
from app.domain.described import (
    Count,
    Hash,
    Id,
    Many,
    Number,
    OneLine,
    Page,
    Prose,
    ReasonText,
    Since,
    UnitKey,
    Word,
)
from app.domain.fields import SMALL

KIND = "created, corrected, withdrawn (rút lại) or reinstated (khôi phục)."
REASON = "Why it was corrected, withdrawn or reinstated (lý do); null of the first revision."


class ByOut(OutModel):
    """From whom a revision came (nơi gửi lần sửa)."""

    key_id: Id = Field(description="Id of the API key (mã khóa).")
    unit: UnitKey = Field(
        description="Key of the unit whose program has that API key (đơn vị giữ khóa)."
    )

    @classmethod
    def of(cls, revised: Revised) -> "ByOut":
        """Return from whom a revision came."""
        return cls(key_id=revised.revision.received_by, unit=revised.by_unit)


class DifferenceOut(OutModel):
    """What a revision says otherwise than the one before it (điểm khác giữa hai lần sửa).

    A set (themes, languages, participants, evidence) has one of these for each member that it
    gained (`before` is null) or lost (`after` is null).
    """

    field: OneLine = Field(
        description="The body's field (trường), e.g. `title`, `measures.posts.original`, "
        "`expenditure.other_lawful`, `content_themes`."
    )
    label: OneLine = Field(description="The field in Vietnamese, e.g. `Tên hoạt động`.")
    before: Prose | Count | bool | None = Field(
        description="What it said (trước); null where nothing was."
    )
    after: Prose | Count | bool | None = Field(
        description="What it says (sau thay đổi); null where nothing any more."
    )


class RevisionOut(OutModel):
    """One revision of an activity report (lần sửa): who, when, why, and what it changed."""

    number: Number = Field(description="The revision's number, from 1 (lần sửa thứ).")
    kind: Word = Field(
        description="created (tạo mới), corrected (sửa), withdrawn (rút lại) or reinstated (khôi "
        "phục)."
    )
    reason: ReasonText | None = Field(description=REASON)
    received_at: InstantOut = Field(description="When the server received it (thời điểm nhận).")
    by: ByOut
    on_behalf: OnBehalfOut | None = Field(
        description="Set where the focal unit entered it on the unit's behalf (nhập thay)."
    )
    body_sha256: Hash = Field(description="SHA-256 of what it says (mã băm nội dung).")
    changes: Many[DifferenceOut] = Field(
        description="In what it differs from the revision before, in the order of the fields (các "
        "điểm thay đổi)."
    )

    @classmethod
    def of(cls, step: Step) -> "RevisionOut":
        """Return a revision as it is answered."""
        revision, said = step.to.revision, step.to.said
        return cls(
            number=revision.number,
            kind=revision.kind,
            reason=revision.reason,
            received_at=revision.received_at,
            by=ByOut.of(step.to),
            on_behalf=OnBehalfOut.model_validate(said["on_behalf"])
            if "on_behalf" in said
            else None,
            body_sha256=revision.body_sha256,
            changes=[DifferenceOut(**asdict(change)) for change in step.differences],
        )


class RevisionPage(OutModel):
    """A page of an activity report's revisions, oldest first (một trang các lần sửa hoạt động)."""

    items: Page[RevisionOut]
    next: NextCursor


class ActivityRevisionOut(ActivitySaidOut):
    """An activity report as it was as of one of its revisions (hoạt động tại một lần sửa)."""

    revision: Number = Field(description="Number of this revision, from 1 (lần sửa thứ).")
    withdrawn: bool = Field(description="Withdrawn as of this revision (đã rút lại).")
    kind: Word = Field(
        description="created (tạo mới), corrected (sửa), withdrawn (rút lại) or reinstated (khôi "
        "phục)."
    )
    reason: ReasonText | None = Field(description=REASON)
    by: ByOut

    @classmethod
    def as_of(cls, revised: Revised) -> "ActivityRevisionOut":
        """Return a report as of a revision."""
        return cls.model_validate(
            {
                **cls.fields_of(revised),
                "withdrawn": revised.revision.kind == "withdrawn",
                "kind": revised.revision.kind,
                "reason": revised.revision.reason,
                "by": ByOut.of(revised),
            }
        )


class ChangesOut(OutModel):
    """A stretch of the changes feed, in commit order (các thay đổi của hoạt động)."""

    items: Many[ActivityRevisionOut] = Field(
        description="The revisions of reports that this key may see (các lần sửa); there may be "
        "none."
    )
    next: Since = Field(
        description="What to give as `since` next time (con trỏ); keep it, also at the end."
    )
    more: bool = Field(description="True where more is there already (còn nữa): ask again at once.")


class ChangesQuery(BaseModel):
    """Where the feed goes on."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    since: Cursor | None = Field(
        default=None,
        description="`next` of the answer before (con trỏ); without it, from the beginning.",
    )
    limit: int = Field(
        default=DEFAULT_LIMIT,
        ge=1,
        le=MAX_LIMIT,
        json_schema_extra=SMALL,
        description="Revisions in an answer, at most (số dòng tối đa).",
    )
