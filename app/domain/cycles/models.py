"""Reporting cycles (kỳ báo cáo), who must report in them, and who answers for ended units."""

from datetime import date, datetime
from typing import Final

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, false, text
from sqlmodel import Field

from app.domain.base import Base, Instant, bytewise, json_type, one_of, period_in_order
from app.domain.period import Period
from app.domain.recorded import Recorded

BASES: Final = ("ordered", "assigned_only", "requested", "not_required")
CYCLE_KINDS: Final = ("yearly", "periodic", "on_request")
PROVENANCES: Final = ("plan", "assumption", "decision")


class ReportingCycle(Base, table=True):
    """One year of one plan, or an extra cycle, periodic or on request (V.2.1).

    Extra cycles never feed yearly ones. `code` is unique in the plan: the year of a yearly
    cycle. `year` of an extra cycle is that of its window's first day.
    """

    __tablename__ = "reporting_cycle"
    __table_args__ = (
        UniqueConstraint("plan_slug", "code"),
        Index(
            "uq_reporting_cycle_yearly",
            "plan_slug",
            "year",
            unique=True,
            postgresql_where=text("kind = 'yearly'"),
            sqlite_where=text("kind = 'yearly'"),
        ),
        one_of("kind", CYCLE_KINDS),
    )

    id: int | None = Field(default=None, primary_key=True)
    plan_slug: str = Field(foreign_key="plan.slug", sa_type=bytewise(64))
    kind: str = Field(default="yearly", sa_type=bytewise(10))
    year: int
    code: str = Field(sa_type=bytewise(40))


class ReportingCycleVersion(Base, Recorded, table=True):
    """The cycle's window of days and its due instant: two fields, neither derived from the other.

    Units may draft from `opens_at`. A submission received before `due_at` is on time, and so is
    the year-end supplement before `supplement_due_at`. `items` narrows an extra cycle to some
    plan items; None is all of them. `actor` is the unit whose key recorded it, or "operator".
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
    name: str | None = None
    opens_at: datetime | None = Field(default=None, sa_type=Instant)
    supplement_due_at: datetime | None = Field(default=None, sa_type=Instant)
    items: list[str] | None = Field(default=None, sa_type=json_type())
    actor: str = Field(
        default="operator", sa_type=bytewise(80), sa_column_kwargs={"server_default": "operator"}
    )
    document: str | None = None

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
    with its reason and actor. `extended_to` is the later due instant of an extension: what is
    received from `due_at` on and before it is late with an extension. `closing` marks the report
    of a body that ends within the cycle: it has no year-end supplement. `document` names the
    document that decided it.
    """

    __tablename__ = "roster_row_version"
    __table_args__ = (
        period_in_order("covers_from", "covers_to"),
        one_of("basis", BASES),
        one_of("provenance", PROVENANCES),
        CheckConstraint("extended_to > due_at", name="extension_later"),
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
    provenance: str = Field(
        default="plan", sa_type=bytewise(20), sa_column_kwargs={"server_default": "plan"}
    )
    extended_to: datetime | None = Field(default=None, sa_type=Instant)
    closing: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    document: str | None = None

    @property
    def covers(self) -> Period:
        """The days that the unit's submission answers for, [from, to)."""
        return Period(self.covers_from, self.covers_to)


class Stewardship(Base, Recorded, table=True):
    """A decision of the province (tiếp quản): this unit answers for an ended unit, from a day on.

    It gives the steward the ended unit's records and duties. Succession never does.
    """

    __tablename__ = "stewardship"
    __table_args__ = (
        period_in_order(),
        one_of("provenance", PROVENANCES),
        CheckConstraint("unit_key <> steward_key", name="another_unit"),
        Index("ix_stewardship_unit_key", "unit_key"),
        Index("ix_stewardship_steward_key", "steward_key"),
    )

    id: int | None = Field(default=None, primary_key=True)
    unit_key: str = Field(foreign_key="unit.key", sa_type=bytewise(80))
    steward_key: str = Field(foreign_key="unit.key", sa_type=bytewise(80))
    valid_from: date
    valid_to: date | None = None
    provenance: str = Field(sa_type=bytewise(20))
    reason: str
    document: str | None = None
    actor: str = Field(sa_type=bytewise(80))


class DeclaredOutage(Base, Recorded, table=True):
    """A failure of the service that the province declared, with its evidence (sự cố).

    Where it took the last moments before a due instant (began_at < due instant <= ended_at), what
    is received before `accepts_until` is on time; it is shown with the outage, never silently.
    """

    __tablename__ = "declared_outage"
    __table_args__ = (
        CheckConstraint("began_at < ended_at", name="began_before_ended"),
        CheckConstraint("ended_at <= accepts_until", name="ended_before_accepts"),
        Index("ix_declared_outage_cycle_id", "cycle_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    cycle_id: int = Field(foreign_key="reporting_cycle.id")
    began_at: datetime = Field(sa_type=Instant)
    ended_at: datetime = Field(sa_type=Instant)
    accepts_until: datetime = Field(sa_type=Instant)
    evidence: str
    reason: str
    actor: str = Field(sa_type=bytewise(80))
