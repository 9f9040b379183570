"""What a submission's revisions, their differences and their records look like from outside."""

from typing import Annotated, Literal

from pydantic import Field

from app.api.out import NextCursor, OutModel
from app.api.pagination import ListQuery
from app.api.submissions.schemas import CommentOut, SubmissionRevisionOut
from app.domain.described import (
    AmountText,
    Count,
    ExternalCode,
    Id,
    IndicatorCode,
    ItemCode,
    Many,
    Name,
    Number,
    OneLine,
    OriginWord,
    Page,
    Pointer,
    Prose,
    Some,
    SystemCode,
    UnitKey,
    Word,
)
from app.domain.fields import SMALL
from app.domain.submissions.prefill import ItemSoFar


class RevisionsOut(OutModel):
    """All revisions of a submission that this key may see, oldest first (các lần gửi báo cáo)."""

    items: Many[SubmissionRevisionOut] = Field(
        description="The revisions, oldest first (các lần gửi)."
    )


class FieldDifferenceOut(OutModel):
    """A field that says something else than before (trường có thay đổi)."""

    pointer: Pointer = Field(description="JSON Pointer into the revision (vị trí).")
    before: Prose | Count | bool | None = Field(description="What it said (trước).")
    after: Prose | Count | bool | None = Field(description="What it says (sau thay đổi).")


class DifferencesOut(OutModel):
    """In what a revision of a submission differs from an earlier one (so sánh hai lần gửi)."""

    revision: Number = Field(
        description="Number of the revision that is compared, from 1 (lần gửi thứ)."
    )
    against: Number = Field(
        description="The earlier revision that it is compared with (lần gửi trước)."
    )
    fields: Many[FieldDifferenceOut] = Field(description="Fields that differ (trường khác nhau).")
    added: Count = Field(
        description="Activity reports that it holds and the earlier did not (số hoạt động thêm)."
    )
    changed: Count = Field(
        description="Activity reports of which it holds another revision (số hoạt động đã sửa)."
    )
    removed: Count = Field(
        description="Activity reports that only the earlier one holds (số hoạt động đã bỏ)."
    )
    comments: Some[CommentOut] = Field(
        description="The comments with which the earlier one was returned (ý kiến khi trả lại); "
        "`answers` of the revision says what was done about each."
    )


class RecordOut(OutModel):
    """An activity report, as a submission holds it or as it is now (hoạt động trong báo cáo)."""

    activity_report: Id = Field(description="Id of the activity report (mã hoạt động).")
    unit: UnitKey = Field(description="Key of its unit (khóa của đơn vị).")
    source_system: SystemCode
    external_id: ExternalCode
    revision: Number = Field(description="The revision that is held (lần sửa thứ).")
    change: Word | None = Field(
        description="added (thêm), changed (sửa) or removed (bỏ), where two are compared."
    )
    before: Number | None = Field(description="The revision that was held before (lần sửa trước).")
    after: Number | None = Field(description="The revision that is held after (lần sửa sau).")


class RecordPage(OutModel):
    """A page of activity reports that a submission holds or lacks (một trang hoạt động)."""

    items: Page[RecordOut]
    next: NextCursor


class RecordQuery(ListQuery):
    """Which records of a revision."""

    against: Annotated[int, Field(ge=1, le=1_000_000, json_schema_extra=SMALL)] | None = Field(
        default=None,
        description="Only those that an earlier revision holds otherwise (so với lần gửi trước).",
    )
    change: Literal["added", "changed", "removed"] | None = Field(
        default=None, description="With `against`: only those so changed (thêm, sửa, bỏ)."
    )


class SumOut(OutModel):
    """A figure so far (số liệu đến nay)."""

    indicator: IndicatorCode
    name: Name = Field(description="Name of the indicator (tên chỉ tiêu).")
    unit: OneLine = Field(description="The indicator's unit of measure (đơn vị tính).")
    origin: OriginWord
    value: AmountText = Field(description="Decimal string (giá trị).")


class ItemSoFarOut(OutModel):
    """What was done for an item so far (kết quả đến nay của một nhiệm vụ)."""

    plan_item: ItemCode
    activities: Count = Field(description="Activity reports so far (số hoạt động).")
    occurrences: Count = Field(
        description="Occurrences that the activity reports stand for (số lượt)."
    )
    sums: Many[SumOut] = Field(
        description="The sums of indicators that add over time (tổng theo chỉ tiêu)."
    )

    @classmethod
    def of(cls, item: ItemSoFar) -> "ItemSoFarOut":
        """Return it as it is answered."""
        return cls(
            plan_item=item.item,
            activities=item.activities,
            occurrences=item.occurrences,
            sums=[SumOut.model_validate(vars(one)) for one in item.sums],
        )


class PrefillOut(OutModel):
    """What a draft can be filled from (số liệu gợi ý cho dự thảo báo cáo).

    Activity so far, and last year's headings.
    """

    items: Many[ItemSoFarOut] = Field(description="By item, in order (theo nhiệm vụ).")
    last_years_headings: dict[str, Many[OneLine]] = Field(
        description="Headings in last year's accepted report, by section (tiêu đề mục năm trước)."
    )
