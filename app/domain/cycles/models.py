"""Reporting cycles (kỳ báo cáo) and who must report in them."""

from datetime import date, datetime
from typing import Final

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field

from app.domain.base import Base, Instant, bytewise, one_of, period_in_order
from app.domain.period import Period
from app.domain.recorded import Recorded

BASES: Final = ("ordered", "assigned_only", "requested", "not_required")


class ReportingCycle(Base, table=True):
    """One year of one plan; `kind` leaves room for extra cycles, which never feed yearly ones."""

    __tablename__ = "reporting_cycle"
    __table_args__ = (
        UniqueConstraint("plan_slug", "year"),
        one_of("kind", ("yearly",)),
    )

    id: int | None = Field(default=None, primary_key=True)
    plan_slug: str = Field(foreign_key="plan.slug", sa_type=bytewise(64))
    kind: str = Field(default="yearly", sa_type=bytewise(10))
    year: int


class ReportingCycleVersion(Base, Recorded, table=True):
    """The cycle's window of days and its due instant: two fields, neither derived from the other.

    A submission received before `due_at` is on time.
    """

    __tablename__ = "reporting_cycle_version"
    __table_args__ = (
        period_in_order("window_from", "window_to"),
        Index(
            "uq_reporting_cycle_version_current",
            "cycle_id",
            unique=True,
            postgresql_where=text("superseded_at IS NULL"),
            sqlite_where=text("superseded_at IS NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    cycle_id: int = Field(foreign_key="reporting_cycle.id")
    window_from: date
    window_to: date
    due_at: datetime = Field(sa_type=Instant)
    provenance: str = Field(sa_type=bytewise(20))
    reason: str

    @property
    def window(self) -> Period:
        """The days whose activity belongs to the cycle, [from, to)."""
        return Period(self.window_from, self.window_to)


class RosterRow(Base, table=True):
    """A unit's place in a cycle: what a submission answers."""

    __tablename__ = "roster_row"
    __table_args__ = (UniqueConstraint("cycle_id", "unit_key"),)

    id: int | None = Field(default=None, primary_key=True)
    cycle_id: int = Field(foreign_key="reporting_cycle.id")
    unit_key: str = Field(foreign_key="unit.key", sa_type=bytewise(80))


class RosterRowVersion(Base, Recorded, table=True):
    """Why the unit is on the roster, which days it answers for, until when it must report.

    Only `ordered` rows enter rates. The roster changes by amendments: further versions, each
    with its reason and actor.
    """

    __tablename__ = "roster_row_version"
    __table_args__ = (
        period_in_order("covers_from", "covers_to"),
        one_of("basis", BASES),
        Index(
            "uq_roster_row_version_current",
            "roster_row_id",
            unique=True,
            postgresql_where=text("superseded_at IS NULL"),
            sqlite_where=text("superseded_at IS NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    roster_row_id: int = Field(foreign_key="roster_row.id")
    basis: str = Field(sa_type=bytewise(20))
    reason: str
    covers_from: date
    covers_to: date
    due_at: datetime = Field(sa_type=Instant)
    actor: str

    @property
    def covers(self) -> Period:
        """The days that the unit's submission answers for, [from, to)."""
        return Period(self.covers_from, self.covers_to)
