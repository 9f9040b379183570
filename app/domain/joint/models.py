"""Joint activity: which units a report names, what they say to it, and which reports are one."""

from typing import Final
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from app.domain.base import Base, bytewise, one_of
from app.domain.recorded import Recorded

DECISIONS: Final = ("confirmed", "disputed")
LINK_STATES: Final = ("claimed", "confirmed", "separated")


class JointNaming(Base, table=True):
    """A unit that some revision of a report names as a coordinating unit (đơn vị phối hợp).

    It makes a unit's namings quick to find. Whether the current revision still names the unit
    is read from that revision.
    """

    __tablename__ = "joint_naming"
    __table_args__ = (Index("ix_joint_naming_unit", "unit_key", "report_id"),)

    report_id: UUID = Field(primary_key=True, foreign_key="activity_report.id")
    unit_key: str = Field(primary_key=True, foreign_key="unit.key", sa_type=bytewise(80))


class Participation(Base, Recorded, table=True):
    """What a named unit says to a report: that it took part, or that it did not.

    Without a row it is only named. `revision` is the report's revision that it was said about.
    """

    __tablename__ = "participation"
    __table_args__ = (
        one_of("decision", DECISIONS),
        CheckConstraint("decision <> 'disputed' OR reason IS NOT NULL", name="dispute_has_reason"),
        Index(
            "uq_participation_current",
            "report_id",
            "unit_key",
            unique=True,
            postgresql_where=text("superseded_at IS NULL"),
            sqlite_where=text("superseded_at IS NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    report_id: UUID = Field(foreign_key="activity_report.id")
    unit_key: str = Field(foreign_key="unit.key", sa_type=bytewise(80))
    revision: int
    decision: str = Field(sa_type=bytewise(10))
    reason: str | None = None
    decided_by: UUID = Field(foreign_key="api_key.id")


class JointLink(Base, Recorded, table=True):
    """One decision on whether two reports tell of one activity; the current row is how it stands.

    A pair of reports has one `link_id` for good, the lesser id first. `claimed_by` is the unit
    that began, `unit_key` the one that decided this row: one of the two, or the focal unit.
    """

    __tablename__ = "joint_link"
    __table_args__ = (
        one_of("state", LINK_STATES),
        CheckConstraint("first_report_id < second_report_id", name="reports_in_order"),
        CheckConstraint("state <> 'separated' OR reason IS NOT NULL", name="separation_has_reason"),
        Index(
            "uq_joint_link_current",
            "first_report_id",
            "second_report_id",
            unique=True,
            postgresql_where=text("superseded_at IS NULL"),
            sqlite_where=text("superseded_at IS NULL"),
        ),
        Index("ix_joint_link_second_report_id", "second_report_id"),
        Index("ix_joint_link_link_id", "link_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    link_id: UUID
    first_report_id: UUID = Field(foreign_key="activity_report.id")
    second_report_id: UUID = Field(foreign_key="activity_report.id")
    state: str = Field(sa_type=bytewise(10))
    claimed_by: str = Field(foreign_key="unit.key", sa_type=bytewise(80))
    unit_key: str = Field(foreign_key="unit.key", sa_type=bytewise(80))
    decided_by: UUID = Field(foreign_key="api_key.id")
    reason: str | None = None

    @property
    def reports(self) -> tuple[UUID, UUID]:
        """The two reports, the lesser id first."""
        return self.first_report_id, self.second_report_id
