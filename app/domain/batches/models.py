"""Bulk requests as they are stored: the batch, and what became of each of its rows."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index
from sqlmodel import Field

from app.domain.base import Base, Instant, bytewise, json_type, one_of

BATCH_KINDS: Final = ("reports", "withdrawals")
BATCH_STATES: Final = ("running", "finished", "refused")
MODES: Final = ("atomic", "partial")
ON_EXISTING: Final = ("reject", "update")
OUTCOMES: Final = ("created", "updated", "unchanged", "rejected")


class Batch(Base, table=True):
    """One bulk request (gói dữ liệu), readable after a dropped line.

    In partial mode rows are stored in steps; `rows_done` is how many, and a request sent again
    under its Idempotency-Key goes on from there. `refused` is an atomic batch of which nothing
    was stored. The counts add up to `rows_done`, but for a refused batch, whose good rows were
    held back. `outdated` is what was frozen with earlier revisions of its reports.
    """

    __tablename__ = "batch"
    __table_args__ = (
        one_of("kind", BATCH_KINDS),
        one_of("state", BATCH_STATES),
        one_of("mode", MODES),
        one_of("on_existing", ON_EXISTING),
        Index("ix_batch_unit", "unit_key", "id"),
    )

    id: UUID = Field(primary_key=True)
    kind: str = Field(sa_type=bytewise(12))
    state: str = Field(sa_type=bytewise(12))
    unit_key: str = Field(foreign_key="unit.key", sa_type=bytewise(80))
    api_key_id: UUID = Field(foreign_key="api_key.id")
    mode: str = Field(sa_type=bytewise(10))
    on_existing: str = Field(sa_type=bytewise(10))
    dry_run: bool
    media_type: str = Field(sa_type=bytewise(80))
    body_sha256: str = Field(sa_type=bytewise(64))
    received_at: datetime = Field(sa_type=Instant)
    touched_at: datetime = Field(sa_type=Instant)
    finished_at: datetime | None = Field(default=None, sa_type=Instant)
    rows_done: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0
    outdated: dict[str, Any] | None = Field(default=None, sa_type=json_type())


class BatchRow(Base, table=True):
    """What became of one row; `number` is its place in the file, as a person counts it.

    `faults` of a rejected row: pointer, column, code, both texts, the value shown safely, and
    the permitted values.
    """

    __tablename__ = "batch_row"
    __table_args__ = (
        one_of("outcome", OUTCOMES),
        ForeignKeyConstraint(["batch_id"], ["batch.id"]),
    )

    batch_id: UUID = Field(primary_key=True)
    number: int = Field(primary_key=True)
    external_id: str | None = Field(default=None, sa_type=bytewise(128))
    outcome: str = Field(sa_type=bytewise(10))
    report_id: UUID | None = None
    revision: int | None = None
    faults: list[dict[str, Any]] | None = Field(default=None, sa_type=json_type())
