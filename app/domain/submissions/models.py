"""A unit's yearly report: numbered revisions, each frozen when it is submitted."""

from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, UniqueConstraint
from sqlmodel import Field

from app.domain.base import Base, Instant, bytewise, json_type, one_of

STATES: Final = ("draft", "submitted", "returned", "accepted", "superseded")
CONTENTS: Final = ("report", "nil")


class Submission(Base, table=True):
    """The answer to one roster row (báo cáo của đơn vị). `number` is its current revision."""

    __tablename__ = "submission"
    __table_args__ = (UniqueConstraint("roster_row_id"),)

    id: UUID = Field(primary_key=True)
    roster_row_id: int = Field(foreign_key="roster_row.id")
    number: int
    created_at: datetime = Field(sa_type=Instant)


class SubmissionRevision(Base, table=True):
    """One revision: its narrative, and once submitted its document, receipt and hash.

    `state` is the review; timeliness is computed from `received_at` and the roster's due
    instant; `content` is report or nil. The three are separate.
    """

    __tablename__ = "submission_revision"
    __table_args__ = (
        UniqueConstraint("submission_id", "number"),
        one_of("state", STATES),
        one_of("content", CONTENTS),
        CheckConstraint("(received_at IS NULL) = (submitted_by IS NULL)", name="submitted_pair"),
        CheckConstraint("(accepted_at IS NULL) = (accepted_by IS NULL)", name="accepted_pair"),
        CheckConstraint("(state = 'draft') = (received_at IS NULL)", name="draft_not_received"),
    )

    id: UUID = Field(primary_key=True)
    submission_id: UUID = Field(foreign_key="submission.id")
    number: int
    state: str = Field(sa_type=bytewise(12))
    content: str = Field(default="report", sa_type=bytewise(10))
    nil_reason: str | None = None
    narrative: dict[str, Any] = Field(sa_type=json_type())
    drafted_at: datetime = Field(sa_type=Instant)
    drafted_by: UUID = Field(foreign_key="api_key.id")
    data_to: date | None = None
    document_number: str | None = None
    document_on: date | None = None
    signer_title: str | None = None
    signed_file_sha256: str | None = Field(default=None, sa_type=bytewise(64))
    received_at: datetime | None = Field(default=None, sa_type=Instant)
    submitted_by: UUID | None = Field(default=None, foreign_key="api_key.id")
    filed_by: str | None = Field(default=None, foreign_key="unit.key", sa_type=bytewise(80))
    sha256: str | None = Field(default=None, sa_type=bytewise(64))
    accepted_at: datetime | None = Field(default=None, sa_type=Instant)
    accepted_by: UUID | None = Field(default=None, foreign_key="api_key.id")


class FrozenActivity(Base, table=True):
    """The exact activity revisions that a submitted revision holds."""

    __tablename__ = "frozen_activity"
    __table_args__ = (
        ForeignKeyConstraint(["submission_revision_id"], ["submission_revision.id"]),
        ForeignKeyConstraint(["activity_revision_id"], ["activity_revision.id"]),
    )

    submission_revision_id: UUID = Field(primary_key=True)
    activity_revision_id: UUID = Field(primary_key=True, index=True)
