"""Rollups, consolidation requests and the consolidated reports that came of them."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, LargeBinary, UniqueConstraint
from sqlmodel import Field

from app.domain.base import Base, Instant, bytewise, json_type, one_of

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
    it, so that it is the same whenever and however often the worker builds it.
    """

    __tablename__ = "consolidation_request"
    __table_args__ = (
        UniqueConstraint("cycle_id", "version"),
        one_of("state", REQUEST_STATES),
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
