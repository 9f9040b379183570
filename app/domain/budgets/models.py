"""Budget estimates (dự toán), their dossiers, calendars and finance authorities (section IV)."""

from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, LargeBinary, UniqueConstraint, text
from sqlmodel import Field

from app.domain.base import Base, Instant, bytewise, json_type, one_of, period_in_order
from app.domain.fields import MAX_MONEY
from app.domain.plans.models import item_key
from app.domain.recorded import Recorded
from app.domain.units.models import LEVELS

STAGES: Final = ("proposed", "allocated", "adjusted", "executed", "settled")
DOSSIER_STATES: Final = ("draft", "submitted", "returned", "consolidated", "superseded")
PROVENANCES: Final = ("plan", "assumption", "decision")
_CURRENT: Final = text("superseded_at IS NULL")


def _only_one(state: str) -> Index:
    """Return the index that refuses a second revision of a dossier in this state."""
    condition = text(f"state = '{state}'")
    return Index(
        f"uq_budget_submission_revision_{state}",
        "submission_id",
        unique=True,
        postgresql_where=condition,
        sqlite_where=condition,
    )


class BudgetAuthority(Base, Recorded, table=True):
    """Which body is a unit's finance authority (cơ quan tài chính cùng cấp), of which budget level.

    It is no part of the reporting tree. A territorial unit without a row is presumed to be the
    authority of its own level. A unit's end closes nothing: its records stay with the authority.
    """

    __tablename__ = "budget_authority"
    __table_args__ = (
        period_in_order(),
        one_of("level", LEVELS),
        one_of("provenance", PROVENANCES),
        Index("ix_budget_authority_unit_key", "unit_key"),
        Index("ix_budget_authority_authority_key", "authority_key"),
    )

    id: int | None = Field(default=None, primary_key=True)
    unit_key: str = Field(foreign_key="unit.key", sa_type=bytewise(80))
    authority_key: str = Field(foreign_key="unit.key", sa_type=bytewise(80))
    level: str = Field(sa_type=bytewise(10))
    valid_from: date
    valid_to: date | None = None
    provenance: str = Field(sa_type=bytewise(20))
    reason: str
    document: str | None = None
    actor: str = Field(sa_type=bytewise(80))


class BudgetCalendar(Base, Recorded, table=True):
    """When a budget year is drafted, in the year before it: not the reporting cycle's dates.

    Units may propose from `opens_at`; what comes before `due_at` is on time, before `freeze_at`
    late, and afterwards it enters the next version of the consolidation only.
    """

    __tablename__ = "budget_calendar"
    __table_args__ = (
        CheckConstraint("opens_at < due_at", name="opens_before_due"),
        CheckConstraint("due_at <= freeze_at", name="due_before_freeze"),
        one_of("provenance", PROVENANCES),
        Index(
            "uq_budget_calendar_current",
            "plan_slug",
            "budget_year",
            unique=True,
            postgresql_where=_CURRENT,
            sqlite_where=_CURRENT,
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    plan_slug: str = Field(foreign_key="plan.slug", sa_type=bytewise(64))
    budget_year: int
    opens_at: datetime = Field(sa_type=Instant)
    due_at: datetime = Field(sa_type=Instant)
    freeze_at: datetime = Field(sa_type=Instant)
    provenance: str = Field(sa_type=bytewise(20))
    reason: str
    document: str | None = None
    actor: str = Field(sa_type=bytewise(80))


class BudgetEstimate(Base, table=True):
    """A budget unit's figures for an item, budget year and source (dự toán).

    `number` counts its figures. `chapter`, `category` and `subcategory` are the codes of the state
    budget's classification (chương, loại, khoản; Circular 324/2016/TT-BTC), empty where not given.
    """

    __tablename__ = "budget_estimate"
    __table_args__ = (
        item_key("plan_slug", "item_code"),
        UniqueConstraint(
            "unit_key",
            "plan_slug",
            "budget_year",
            "item_code",
            "source",
            "chapter",
            "category",
            "subcategory",
            name="uq_budget_estimate_what",
        ),
    )

    id: UUID = Field(primary_key=True)
    unit_key: str = Field(foreign_key="unit.key", sa_type=bytewise(80))
    plan_slug: str = Field(sa_type=bytewise(64))
    item_code: str = Field(sa_type=bytewise(20))
    budget_year: int
    source: str = Field(sa_type=bytewise(40))
    chapter: str = Field(default="", sa_type=bytewise(3))
    category: str = Field(default="", sa_type=bytewise(3))
    subcategory: str = Field(default="", sa_type=bytewise(3))
    number: int
    created_at: datetime = Field(sa_type=Instant)


class BudgetFigure(Base, table=True):
    """What was stated of one stage of an estimate. It never changes: the last of a stage holds."""

    __tablename__ = "budget_figure"
    __table_args__ = (
        UniqueConstraint("estimate_id", "number"),
        one_of("stage", STAGES),
        CheckConstraint(f"amount BETWEEN 0 AND {MAX_MONEY}", name="amount_range"),
        CheckConstraint("(document_number IS NULL) = (document_on IS NULL)", name="document_pair"),
    )

    id: UUID = Field(primary_key=True)
    estimate_id: UUID = Field(foreign_key="budget_estimate.id")
    number: int
    stage: str = Field(sa_type=bytewise(10))
    amount: int = Field(sa_type=BigInteger)
    reason: str | None = None
    document_number: str | None = None
    document_on: date | None = None
    stated_at: datetime = Field(sa_type=Instant)
    stated_by: UUID = Field(foreign_key="api_key.id")
    stated_by_unit: str = Field(foreign_key="unit.key", sa_type=bytewise(80))


class BudgetSubmission(Base, table=True):
    """The dossier (hồ sơ dự toán) of a budget unit for a budget year; `number` is its revision."""

    __tablename__ = "budget_submission"
    __table_args__ = (UniqueConstraint("unit_key", "plan_slug", "budget_year"),)

    id: UUID = Field(primary_key=True)
    unit_key: str = Field(foreign_key="unit.key", sa_type=bytewise(80))
    plan_slug: str = Field(foreign_key="plan.slug", sa_type=bytewise(64))
    budget_year: int
    number: int
    created_at: datetime = Field(sa_type=Instant)


class BudgetSubmissionRevision(Base, table=True):
    """One revision of a dossier: frozen when it is submitted to the finance authority.

    `reason` says why what was consolidated is stated anew. `comments` are those of a return.
    """

    __tablename__ = "budget_submission_revision"
    __table_args__ = (
        UniqueConstraint("submission_id", "number"),
        one_of("state", DOSSIER_STATES),
        CheckConstraint("(state = 'draft') = (received_at IS NULL)", name="draft_not_received"),
        CheckConstraint("(received_at IS NULL) = (sha256 IS NULL)", name="received_is_hashed"),
        CheckConstraint("(state = 'returned') = (comments IS NOT NULL)", name="return_commented"),
        _only_one("draft"),
        _only_one("submitted"),
        _only_one("consolidated"),
    )

    id: UUID = Field(primary_key=True)
    submission_id: UUID = Field(foreign_key="budget_submission.id")
    number: int
    state: str = Field(sa_type=bytewise(12))
    reason: str | None = None
    drafted_at: datetime = Field(sa_type=Instant)
    drafted_by: UUID = Field(foreign_key="api_key.id")
    document_number: str | None = None
    document_on: date | None = None
    signer_title: str | None = None
    explanation: str | None = None
    received_at: datetime | None = Field(default=None, sa_type=Instant)
    submitted_by: UUID | None = Field(default=None, foreign_key="api_key.id")
    filed_by: str | None = Field(default=None, foreign_key="unit.key", sa_type=bytewise(80))
    authority_key: str | None = Field(default=None, foreign_key="unit.key", sa_type=bytewise(80))
    level: str | None = Field(default=None, sa_type=bytewise(10))
    sha256: str | None = Field(default=None, sa_type=bytewise(64))
    reviewed_at: datetime | None = Field(default=None, sa_type=Instant)
    reviewed_by: UUID | None = Field(default=None, foreign_key="api_key.id")
    comments: list[dict[str, Any]] | None = Field(default=None, sa_type=json_type())


class BudgetLine(Base, table=True):
    """The exact figures that a submitted revision of a dossier holds."""

    __tablename__ = "budget_line"

    revision_id: UUID = Field(primary_key=True, foreign_key="budget_submission_revision.id")
    figure_id: UUID = Field(primary_key=True, foreign_key="budget_figure.id", index=True)


class BudgetConsolidation(Base, table=True):
    """A version of the consolidation of provincial-level budget units (V.4). It never changes."""

    __tablename__ = "budget_consolidation"
    __table_args__ = (UniqueConstraint("plan_slug", "budget_year", "version"),)

    id: UUID = Field(primary_key=True)
    plan_slug: str = Field(foreign_key="plan.slug", sa_type=bytewise(64))
    budget_year: int
    version: int
    authority_key: str = Field(foreign_key="unit.key", sa_type=bytewise(80))
    frozen_at: datetime = Field(sa_type=Instant)
    content: bytes = Field(sa_type=LargeBinary)
    sha256: str = Field(sa_type=bytewise(64))
    built_at: datetime = Field(sa_type=Instant)
    built_by: UUID = Field(foreign_key="api_key.id")
