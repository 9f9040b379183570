"""A unit's yearly report: numbered revisions, each frozen when it is submitted."""

from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from app.domain.base import Base, Instant, bytewise, json_type, one_of

STATES: Final = ("draft", "submitted", "returned", "accepted", "superseded")
CONTENTS: Final = ("report", "nil")
REVISION_KINDS: Final = ("report", "correction", "supplement")
FILED_AS: Final = ("self", "steward", "focal_unit")


def _only_one(state: str) -> Index:
    """Return the index that refuses a second revision of a submission in this state."""
    condition = text(f"state = '{state}'")
    return Index(
        f"uq_submission_revision_{state}",
        "submission_id",
        unique=True,
        postgresql_where=condition,
        sqlite_where=condition,
    )


class Submission(Base, table=True):
    """The answer to one roster row (báo cáo của đơn vị).

    `number` is its current revision, `submitted_number` the last one that was submitted: those
    who review see no draft.
    """

    __tablename__ = "submission"
    __table_args__ = (UniqueConstraint("roster_row_id"),)

    id: UUID = Field(primary_key=True)
    roster_row_id: int = Field(foreign_key="roster_row.id")
    number: int
    created_at: datetime = Field(sa_type=Instant)
    submitted_number: int | None = None


class SubmissionRevision(Base, table=True):
    """One revision: its narrative, and once submitted its document, receipt and hash.

    `state` is the review; timeliness is computed from `received_at` and the roster's due
    instant; `content` is report or nil. The three are separate.

    `kind` is what it is for: the report, a correction of what was accepted (with its `reason`),
    or the year-end supplement. One that follows a returned revision is of that one's kind, and
    `answers` holds what it says to each comment, by the comment's id; who returned it is told by
    the comments. `incoming_number` and
    `incoming_on` are the register number and day of the document from which the focal unit
    entered it. Lists are null where they are empty.
    """

    __tablename__ = "submission_revision"
    __table_args__ = (
        UniqueConstraint("submission_id", "number"),
        one_of("state", STATES),
        one_of("content", CONTENTS),
        one_of("kind", REVISION_KINDS),
        one_of("filed_as", FILED_AS),
        CheckConstraint("(kind = 'correction') = (reason IS NOT NULL)", name="reason_given"),
        CheckConstraint("(incoming_number IS NULL) = (incoming_on IS NULL)", name="incoming_pair"),
        _only_one("draft"),
        _only_one("submitted"),
        _only_one("accepted"),
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
    kind: str = Field(
        default="report", sa_type=bytewise(12), sa_column_kwargs={"server_default": "report"}
    )
    reason: str | None = None
    filed_as: str | None = Field(default=None, sa_type=bytewise(12))
    incoming_number: str | None = None
    incoming_on: date | None = None
    returned_at: datetime | None = Field(default=None, sa_type=Instant)
    deliverables: list[dict[str, Any]] | None = Field(default=None, sa_type=json_type())
    expectations: list[dict[str, Any]] | None = Field(default=None, sa_type=json_type())
    nil_items: list[dict[str, Any]] | None = Field(default=None, sa_type=json_type())
    answers: list[dict[str, Any]] | None = Field(default=None, sa_type=json_type())


class SubmissionComment(Base, table=True):
    """What a reviewer says to a returned revision: to a record, to a field, or to all of it.

    `activity_report_id` names a record that the revision holds, `pointer` a field of the
    submission (JSON Pointer); both are null for a comment on the whole.
    """

    __tablename__ = "submission_comment"
    __table_args__ = (
        CheckConstraint("activity_report_id IS NULL OR pointer IS NULL", name="one_target"),
        UniqueConstraint("submission_revision_id", "ordinal"),
    )

    id: UUID = Field(primary_key=True)
    submission_revision_id: UUID = Field(foreign_key="submission_revision.id")
    ordinal: int
    activity_report_id: UUID | None = Field(default=None, foreign_key="activity_report.id")
    pointer: str | None = Field(default=None, sa_type=bytewise(200))
    text: str
    created_at: datetime = Field(sa_type=Instant)
    created_by: UUID = Field(foreign_key="api_key.id")
    unit_key: str = Field(foreign_key="unit.key", sa_type=bytewise(80))


class FrozenActivity(Base, table=True):
    """The exact activity revisions that a submitted revision holds."""

    __tablename__ = "frozen_activity"
    __table_args__ = (
        ForeignKeyConstraint(["submission_revision_id"], ["submission_revision.id"]),
        ForeignKeyConstraint(["activity_revision_id"], ["activity_revision.id"]),
    )

    submission_revision_id: UUID = Field(primary_key=True)
    activity_revision_id: UUID = Field(primary_key=True, index=True)
