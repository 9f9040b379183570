"""Rollups, consolidation requests and the consolidated reports that came of them."""

from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    UniqueConstraint,
    text,
)
from sqlmodel import Field

from app.domain.base import Base, Instant, bytewise, json_type, one_of
from app.domain.recorded import Recorded

BASES: Final = ("accepted", "submitted")
STEPS: Final = ("proposed", "returned", "approved", "issued")
PROPOSAL_STATUSES: Final = ("open", "forwarded", "accepted", "declined")
REQUEST_STATES: Final = ("queued", "running", "succeeded", "failed")


class StoredRollup(Base, table=True):
    """The activity of one frozen submission revision, added up once, as canonical JSON."""

    __tablename__ = "rollup"

    submission_revision_id: UUID = Field(primary_key=True, foreign_key="submission_revision.id")
    content: bytes = Field(sa_type=LargeBinary)
    sha256: str = Field(sa_type=bytewise(64))
    built_at: datetime = Field(sa_type=Instant)


class ConsolidationRequest(Base, table=True):
    """A request for a version of a cycle's report: the resource that shows state and progress.

    `roster` is how every roster row stood when the request was made: the report is built from
    it, so that it is the same whenever and however often the worker builds it. `basis` tells
    which revisions count: `submitted` makes a preview, which is never proposed. Nor is a view:
    of what was known at an earlier instant (`known_at`), or by the units of a day (`units_on`).
    """

    __tablename__ = "consolidation_request"
    __table_args__ = (
        UniqueConstraint("cycle_id", "version"),
        one_of("state", REQUEST_STATES),
        one_of("basis", BASES),
    )

    id: UUID = Field(primary_key=True)
    cycle_id: int = Field(foreign_key="reporting_cycle.id")
    version: int
    state: str = Field(sa_type=bytewise(12))
    done: int = 0
    total: int
    roster: list[dict[str, Any]] = Field(sa_type=json_type())
    requested_at: datetime = Field(sa_type=Instant)
    requested_by: UUID = Field(foreign_key="api_key.id")
    started_at: datetime | None = Field(default=None, sa_type=Instant)
    finished_at: datetime | None = Field(default=None, sa_type=Instant)
    failure: str | None = None
    basis: str = Field(
        default="accepted", sa_type=bytewise(10), sa_column_kwargs={"server_default": "accepted"}
    )
    known_at: datetime | None = Field(default=None, sa_type=Instant)
    units_on: date | None = None

    @property
    def proposable(self) -> bool:
        """Whether its report may go to the People's Committee: no preview, and no view."""
        return self.basis == "accepted" and self.known_at is None and self.units_on is None


class ConsolidationInput(Base, table=True):
    """The submission revisions that a request consolidates, fixed when it was made."""

    __tablename__ = "consolidation_input"
    __table_args__ = (
        ForeignKeyConstraint(["request_id"], ["consolidation_request.id"]),
        ForeignKeyConstraint(["submission_revision_id"], ["submission_revision.id"]),
    )

    request_id: UUID = Field(primary_key=True)
    submission_revision_id: UUID = Field(primary_key=True)
    prepared: bool


class ConsolidatedReport(Base, table=True):
    """A version of a cycle's consolidated report (báo cáo tổng hợp). It never changes."""

    __tablename__ = "consolidated_report"
    __table_args__ = (UniqueConstraint("cycle_id", "version"),)

    id: UUID = Field(primary_key=True, foreign_key="consolidation_request.id")
    cycle_id: int = Field(foreign_key="reporting_cycle.id")
    version: int
    content: bytes = Field(sa_type=LargeBinary)
    sha256: str = Field(sa_type=bytewise(64))
    published_at: datetime = Field(sa_type=Instant)


class ReportStep(Base, table=True):
    """A step of a version on its way: proposed (trình), returned, approved, issued (ban hành).

    Steps are added and never changed; the last one is the version's state, `draft` before the
    first. What a step says stays outside of the report's hashed bytes.
    """

    __tablename__ = "report_step"
    __table_args__ = (
        UniqueConstraint("report_id", "ordinal"),
        one_of("step", STEPS),
        CheckConstraint("(step = 'returned') = (reason IS NOT NULL)", name="reason_given"),
        CheckConstraint("(step = 'proposed') = (assessment IS NOT NULL)", name="assessment_given"),
        CheckConstraint(
            "(step = 'issued') = (document_number IS NOT NULL AND document_on IS NOT NULL "
            "AND signatory_title IS NOT NULL)",
            name="document_given",
        ),
    )

    id: UUID = Field(primary_key=True)
    report_id: UUID = Field(foreign_key="consolidated_report.id")
    ordinal: int
    step: str = Field(sa_type=bytewise(10))
    taken_at: datetime = Field(sa_type=Instant)
    taken_by: UUID = Field(foreign_key="api_key.id")
    unit_key: str = Field(foreign_key="unit.key", sa_type=bytewise(80))
    reason: str | None = None
    assessment: int | None = None
    document_number: str | None = None
    document_on: date | None = None
    signatory_title: str | None = None


class ReportAssessment(Base, table=True):
    """The focal unit's own assessment of a version (đánh giá của cơ quan đầu mối), numbered."""

    __tablename__ = "report_assessment"

    report_id: UUID = Field(primary_key=True, foreign_key="consolidated_report.id")
    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    text: str
    written_at: datetime = Field(sa_type=Instant)
    written_by: UUID = Field(foreign_key="api_key.id")
    unit_key: str = Field(foreign_key="unit.key", sa_type=bytewise(80))


class ReportRecipient(Base, Recorded, table=True):
    """A unit that receives a plan's issued reports (nơi nhận báo cáo): a setting of the province.

    The plan's own "Nơi nhận" received the plan.
    """

    __tablename__ = "report_recipient"
    __table_args__ = (
        Index(
            "uq_report_recipient_current",
            "plan_slug",
            "unit_key",
            unique=True,
            postgresql_where=text("superseded_at IS NULL"),
            sqlite_where=text("superseded_at IS NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    plan_slug: str = Field(foreign_key="plan.slug", sa_type=bytewise(64))
    unit_key: str = Field(foreign_key="unit.key", sa_type=bytewise(80))
    reason: str


class ProposalStatus(Base, Recorded, table=True):
    """What became of a proposal that a unit made in its report (tình trạng xử lý kiến nghị).

    A proposal is known by its submission and the hash of its addressee and text, so it keeps its
    status when a later revision makes it again. Without a row it is `open`.
    """

    __tablename__ = "proposal_status"
    __table_args__ = (
        one_of("status", PROPOSAL_STATUSES),
        CheckConstraint("status <> 'declined' OR answer IS NOT NULL", name="declined_has_answer"),
        CheckConstraint("(document_number IS NULL) = (document_on IS NULL)", name="document_pair"),
        Index(
            "uq_proposal_status_current",
            "submission_id",
            "sha256",
            unique=True,
            postgresql_where=text("superseded_at IS NULL"),
            sqlite_where=text("superseded_at IS NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    submission_id: UUID = Field(foreign_key="submission.id")
    sha256: str = Field(sa_type=bytewise(64))
    status: str = Field(sa_type=bytewise(10))
    answer: str | None = None
    document_number: str | None = None
    document_on: date | None = None
    unit_key: str = Field(foreign_key="unit.key", sa_type=bytewise(80))
    decided_by: UUID = Field(foreign_key="api_key.id")
