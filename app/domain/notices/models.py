"""Reminders (nhắc báo cáo): what was said to whom, its e-mail, and the units' mailboxes."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from app.domain.base import Base, Instant, bytewise, one_of
from app.domain.recorded import Recorded

PARTS: Final = ("report", "supplement")
OCCASIONS: Final = ("due_in_14", "due_in_7", "due_in_1", "late")
DELIVERY_STATES: Final = ("waiting", "sent", "failed")


class Notice(Base, table=True):
    """One message to one unit on one occasion; it never changes and is its own record.

    `unit_key` is the recipient: the unit itself, or its steward where it has ended;
    `subject_unit` is the unit whose report it is about. `due_at` is the first instant at which
    that report is late, extension and outage included. It belongs to what is unique: where the
    due instant moves, a new date is told, so each occasion comes once again for it. The
    recipient does not: what was told to a unit is not told to its steward again.

    `seq` counts in the order of commits, so that a reader can go on behind the last one it saw.
    """

    __tablename__ = "notice"
    __table_args__ = (
        UniqueConstraint("roster_row_id", "part", "occasion", "due_at"),
        UniqueConstraint("seq"),
        one_of("part", PARTS),
        one_of("occasion", OCCASIONS),
        Index("ix_notice_unit", "unit_key", "seq"),
    )

    id: UUID = Field(primary_key=True)
    seq: int = Field(sa_type=BigInteger)
    cycle_id: int = Field(foreign_key="reporting_cycle.id")
    roster_row_id: int = Field(foreign_key="roster_row.id")
    unit_key: str = Field(foreign_key="unit.key", sa_type=bytewise(80))
    subject_unit: str = Field(foreign_key="unit.key", sa_type=bytewise(80))
    part: str = Field(sa_type=bytewise(10))
    occasion: str = Field(sa_type=bytewise(10))
    due_at: datetime = Field(sa_type=Instant)
    subject: str
    text_vi: str
    text_en: str
    created_at: datetime = Field(sa_type=Instant)


class NoticeDelivery(Base, table=True):
    """The e-mail of a notice: to which mailbox, and how far it has come.

    `attempts` counts those that were begun. `next_attempt_at` is also the end of the lease of
    the worker that is sending it: until then nobody else takes it. After `gives_up_at` it is not
    sent any more. `last_error` is short and names no secret.
    """

    __tablename__ = "notice_delivery"
    __table_args__ = (
        one_of("state", DELIVERY_STATES),
        CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="sent_at_if_sent"),
        Index(
            "ix_notice_delivery_waiting",
            "next_attempt_at",
            postgresql_where=text("state = 'waiting'"),
            sqlite_where=text("state = 'waiting'"),
        ),
    )

    notice_id: UUID = Field(primary_key=True, foreign_key="notice.id")
    address: str = Field(sa_type=bytewise(254))
    state: str = Field(default="waiting", sa_type=bytewise(10))
    attempts: int = 0
    next_attempt_at: datetime = Field(sa_type=Instant)
    gives_up_at: datetime = Field(sa_type=Instant)
    sent_at: datetime | None = Field(default=None, sa_type=Instant)
    last_error: str | None = None


class UnitMailbox(Base, Recorded, table=True):
    """A body's official mailbox (hộp thư công vụ), never a person's."""

    __tablename__ = "unit_mailbox"
    __table_args__ = (
        Index(
            "uq_unit_mailbox_current",
            "unit_key",
            unique=True,
            postgresql_where=text("superseded_at IS NULL"),
            sqlite_where=text("superseded_at IS NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    unit_key: str = Field(foreign_key="unit.key", sa_type=bytewise(80))
    address: str = Field(sa_type=bytewise(254))
