"""Activity reports and their revisions. A revision never changes; a correction adds one."""

from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
)
from sqlmodel import Field

from app.domain.base import (
    Base,
    CodeSet,
    CurrentTransaction,
    Instant,
    bytewise,
    json_type,
    one_of,
)
from app.domain.plans.models import item_key

ORIGINS: Final = ("original", "repost")
REVISION_KINDS: Final = ("created", "corrected", "withdrawn", "reinstated")


class ActivityReport(Base, table=True):
    """One thing, or a summary of like things, that a unit did for an item (hoạt động).

    The unit is resolved once, when the report is first accepted. `number` is the current
    revision; `occurred_on` repeats that revision's day, for lists and freezes.
    """

    __tablename__ = "activity_report"
    __table_args__ = (
        UniqueConstraint(
            "unit_key",
            "source_system",
            "external_id",
            name="uq_activity_report_natural_key",
        ),
        Index("ix_activity_report_unit_day", "unit_key", "occurred_on"),
    )

    id: UUID = Field(primary_key=True)
    unit_key: str = Field(foreign_key="unit.key", sa_type=bytewise(80))
    source_system: str = Field(sa_type=bytewise(64))
    external_id: str = Field(sa_type=bytewise(128))
    plan_slug: str = Field(foreign_key="plan.slug", sa_type=bytewise(64))
    number: int
    occurred_on: date
    withdrawn_at: datetime | None = Field(default=None, sa_type=Instant)


class ActivityRevision(Base, table=True):
    """The content of a report at one time; `body_sha256` tells equal bodies apart from others.

    `reason` says why it was corrected, withdrawn or reinstated. `incoming_number` and
    `incoming_on` are the register number and day of the document from which the focal unit
    entered it on behalf of the unit. `txid` is PostgreSQL's transaction, by which the sealer
    puts the changes in order; SQLite needs none.
    """

    __tablename__ = "activity_revision"
    __table_args__ = (
        UniqueConstraint("report_id", "number"),
        item_key("plan_slug", "item_code"),
        CheckConstraint("ended_on >= occurred_on", name="days_in_order"),
        CheckConstraint("occurrences >= 1", name="occurrences_positive"),
        one_of("kind", REVISION_KINDS),
        CheckConstraint("(kind = 'created') = (reason IS NULL)", name="reason_given"),
        CheckConstraint("(incoming_number IS NULL) = (incoming_on IS NULL)", name="incoming_pair"),
        Index("ix_activity_revision_txid", "txid"),
    )

    id: UUID = Field(primary_key=True)
    report_id: UUID = Field(foreign_key="activity_report.id")
    number: int
    plan_slug: str = Field(sa_type=bytewise(64))
    item_code: str = Field(sa_type=bytewise(20))
    themes: tuple[str, ...] = Field(sa_type=CodeSet)
    occurred_on: date
    ended_on: date
    occurrences: int
    channel: str = Field(sa_type=bytewise(40))
    format: str | None = Field(default=None, sa_type=bytewise(40))
    title: str
    description: str | None = None
    languages: tuple[str, ...] = Field(sa_type=CodeSet)
    integrated: bool
    participants: tuple[str, ...] = Field(sa_type=CodeSet)
    evidence: list[dict[str, Any]] = Field(sa_type=json_type())
    outside_assignment: bool
    theme_outside_phase: bool
    body_sha256: str = Field(sa_type=bytewise(64))
    received_at: datetime = Field(sa_type=Instant)
    received_by: UUID = Field(foreign_key="api_key.id")
    kind: str = Field(
        default="created", sa_type=bytewise(12), sa_column_kwargs={"server_default": "created"}
    )
    reason: str | None = None
    incoming_number: str | None = None
    incoming_on: date | None = None
    txid: int | None = Field(
        default=None, sa_type=BigInteger, sa_column_kwargs={"server_default": CurrentTransaction()}
    )


class ActivityChange(Base, table=True):
    """The place of a revision in the changes feed: in commit order, given once, for good."""

    __tablename__ = "activity_change"

    seq: int = Field(
        primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False}
    )
    revision_id: UUID = Field(foreign_key="activity_revision.id", unique=True)


class ActivityMeasure(Base, table=True):
    """One measure: `amount` is an integer scaled by the indicator's decimals."""

    __tablename__ = "activity_measure"
    __table_args__ = (
        one_of("origin", ORIGINS),
        CheckConstraint("amount >= 0", name="amount_not_negative"),
        ForeignKeyConstraint(["revision_id"], ["activity_revision.id"]),
    )

    revision_id: UUID = Field(primary_key=True)
    indicator_code: str = Field(
        primary_key=True, foreign_key="indicator.code", sa_type=bytewise(40)
    )
    origin: str = Field(primary_key=True, sa_type=bytewise(10))
    amount: int = Field(sa_type=BigInteger)


class ActivityExpenditure(Base, table=True):
    """Money executed, in VND, by funding source."""

    __tablename__ = "activity_expenditure"
    __table_args__ = (
        CheckConstraint("amount BETWEEN 0 AND 9007199254740991", name="amount_range"),
        ForeignKeyConstraint(["revision_id"], ["activity_revision.id"]),
    )

    revision_id: UUID = Field(primary_key=True)
    source: str = Field(primary_key=True, sa_type=bytewise(40))
    amount: int = Field(sa_type=BigInteger)
