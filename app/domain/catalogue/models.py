"""Indicators (chỉ tiêu) and code lists: dated data that an operator can extend."""

from datetime import date, datetime
from typing import Final

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from app.domain.base import Base, CodeSet, Instant, bytewise, one_of, period_in_order
from app.domain.period import Period
from app.domain.recorded import Recorded

OVER_TIME: Final = ("sum", "latest", "max")
OVER_UNITS: Final = ("sum", "none")
CODE_LISTS: Final = ("channel", "format", "language", "funding_source")


class Indicator(Base, table=True):
    """An indicator's identity: its code, which never changes its meaning."""

    __tablename__ = "indicator"

    code: str = Field(primary_key=True, sa_type=bytewise(40))
    first_recorded_at: datetime = Field(sa_type=Instant)


class IndicatorVersion(Base, Recorded, table=True):
    """What an indicator counts, in which unit, with how many decimals, and how it adds.

    Over time: `sum`, `latest` (the last value of each channel) or `max`; over units: `sum` or
    `none` (shown per unit only). `items` are the plan's items that it applies to.
    """

    __tablename__ = "indicator_version"
    __table_args__ = (
        one_of("over_time", OVER_TIME),
        one_of("over_units", OVER_UNITS),
        CheckConstraint("decimals BETWEEN 0 AND 6", name="decimals_range"),
        Index(
            "uq_indicator_version_current",
            "plan_slug",
            "indicator_code",
            unique=True,
            postgresql_where=text("superseded_at IS NULL"),
            sqlite_where=text("superseded_at IS NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    indicator_code: str = Field(foreign_key="indicator.code", sa_type=bytewise(40))
    plan_slug: str = Field(foreign_key="plan.slug", sa_type=bytewise(64))
    ordinal: int
    name_vi: str
    name_en: str
    definition_vi: str
    definition_en: str
    unit_vi: str
    unit_en: str
    decimals: int
    over_time: str = Field(sa_type=bytewise(10))
    over_units: str = Field(sa_type=bytewise(10))
    reposts: bool
    items: tuple[str, ...] = Field(sa_type=CodeSet)
    provenance: str = Field(sa_type=bytewise(20))


class CodeEntry(Base, Recorded, table=True):
    """One code of a list (channel, format, language, funding source), valid for a period."""

    __tablename__ = "code_entry"
    __table_args__ = (
        period_in_order(),
        one_of("list", CODE_LISTS),
        Index(
            "uq_code_entry_current",
            "list",
            "code",
            unique=True,
            postgresql_where=text("superseded_at IS NULL"),
            sqlite_where=text("superseded_at IS NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    list: str = Field(sa_type=bytewise(20))
    code: str = Field(sa_type=bytewise(40))
    ordinal: int
    name_vi: str
    name_en: str
    valid_from: date | None = None
    valid_to: date | None = None
    provenance: str = Field(sa_type=bytewise(20))
    note: str | None = None

    @property
    def period(self) -> Period:
        """The days on which the code may be used."""
        return Period(self.valid_from, self.valid_to)
