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
    """All revisions of a submission that this key may see, oldest first."""

    items: Many[SubmissionRevisionOut] = Field(
        description="The revisions, oldest first (các lần gửi)."
    )


class FieldDifferenceOut(OutModel):
    """A field that says something else than before."""

    pointer: Pointer = Field(description="JSON Pointer into the revision.")
    before: Prose | Count | bool | None = Field(description="What it said (trước).")
    after: Prose | Count | bool | None = Field(description="What it says (sau).")


class DifferencesOut(OutModel):
    """In what a revision differs from an earlier one."""

    revision: Number
    against: Number = Field(description="The earlier revision that it is compared with.")
    fields: Many[FieldDifferenceOut] = Field(description="Fields that differ (trường khác nhau).")
    added: Count = Field(description="Records that it holds and the earlier did not.")
    changed: Count = Field(description="Records of which it holds another revision.")
    removed: Count = Field(description="Records that only the earlier one holds.")
    comments: Some[CommentOut] = Field(
        description="The comments with which the earlier one was returned; `answers` of the "
        "revision says what was done about each."
    )


class RecordOut(OutModel):
    """An activity report, as a revision holds it or as it is now."""

    activity_report: Id
    unit: UnitKey = Field(description="Key of its unit.")
    source_system: SystemCode
    external_id: ExternalCode
    revision: Number = Field(description="The revision that is held.")
    change: Word | None = Field(description="added, changed or removed, where two are compared.")
    before: Number | None = Field(description="The revision that was held before.")
    after: Number | None = Field(description="The revision that is held after.")


class RecordPage(OutModel):
    """A page of records."""

    items: Page[RecordOut]
    next: NextCursor


class RecordQuery(ListQuery):
    """Which records of a revision."""

    against: Annotated[int, Field(ge=1, le=1_000_000, json_schema_extra=SMALL)] | None = Field(
        default=None, description="Only those that an earlier revision holds otherwise."
    )
    change: Literal["added", "changed", "removed"] | None = Field(
        default=None, description="With `against`: only those so changed."
    )


class SumOut(OutModel):
    """A figure so far."""

    indicator: IndicatorCode
    name: Name
    unit: OneLine = Field(description="The indicator's unit of measure (đơn vị tính).")
    origin: OriginWord
    value: AmountText = Field(description="Decimal string.")


class ItemSoFarOut(OutModel):
    """What was done for an item so far."""

    plan_item: ItemCode
    activities: Count
    occurrences: Count
    sums: Many[SumOut] = Field(description="Indicators that add over time.")

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
    """What a draft can be filled from: activity so far, and last year's headings."""

    items: Many[ItemSoFarOut] = Field(description="By item, in order (theo nhiệm vụ).")
    last_years_headings: dict[str, Many[OneLine]] = Field(
        description="Headings in last year's accepted report, by section."
    )
