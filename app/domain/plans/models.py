"""A plan as it was signed: its document, content themes and items. None of it ever changes."""

from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import ForeignKeyConstraint
from sqlmodel import Field

from app.domain.base import Base, Instant, bytewise, json_type, one_of, period_in_order
from app.domain.period import Period

ITEM_KINDS: Final = ("form", "funding_rule", "task")


class Plan(Base, table=True):
    """A plan (kế hoạch). `document` holds the whole transcription, as the file has it."""

    __tablename__ = "plan"
    __table_args__ = (period_in_order(),)

    slug: str = Field(primary_key=True, sa_type=bytewise(64))
    title: str
    province_code: str = Field(sa_type=bytewise(64))
    valid_from: date
    valid_to: date
    document: dict[str, Any] = Field(sa_type=json_type())
    document_sha256: str = Field(sa_type=bytewise(64))
    loaded_at: datetime = Field(sa_type=Instant)

    @property
    def period(self) -> Period:
        """The days the plan runs, [from, to)."""
        return Period(self.valid_from, self.valid_to)


class ContentTheme(Base, table=True):
    """A content theme (nội dung tuyên truyền, section II), in a phase with dates."""

    __tablename__ = "content_theme"
    __table_args__ = (period_in_order(),)

    plan_slug: str = Field(primary_key=True, foreign_key="plan.slug", sa_type=bytewise(64))
    code: str = Field(primary_key=True, sa_type=bytewise(20))
    phase: str = Field(sa_type=bytewise(20))
    ordinal: int
    text: str
    readings: list[dict[str, str]] = Field(sa_type=json_type())
    valid_from: date
    valid_to: date

    @property
    def period(self) -> Period:
        """The days of the theme's phase."""
        return Period(self.valid_from, self.valid_to)


class PlanItem(Base, table=True):
    """A form (section III), a funding rule (IV) or a task (V) of a plan."""

    __tablename__ = "plan_item"
    __table_args__ = (
        period_in_order(),
        one_of("kind", ITEM_KINDS),
    )

    plan_slug: str = Field(primary_key=True, foreign_key="plan.slug", sa_type=bytewise(64))
    code: str = Field(primary_key=True, sa_type=bytewise(20))
    kind: str = Field(sa_type=bytewise(20))
    ordinal: int
    heading: str | None = None
    text: list[str] = Field(sa_type=json_type())
    readings: list[dict[str, str]] = Field(sa_type=json_type())
    valid_from: date
    valid_to: date

    @property
    def period(self) -> Period:
        """The days on which the item is to be carried out."""
        return Period(self.valid_from, self.valid_to)


def item_key(plan: str, item: str) -> ForeignKeyConstraint:
    """Return the foreign key of columns `plan`, `item` to a plan item."""
    return ForeignKeyConstraint([plan, item], ["plan_item.plan_slug", "plan_item.code"])
