"""Who is to do what: named groups of units, assignments to items, and dated roles."""

from datetime import date
from typing import Any, Final

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index
from sqlmodel import Field

from app.domain.base import Base, bytewise, json_type, one_of, period_in_order
from app.domain.period import Period
from app.domain.plans.models import item_key
from app.domain.recorded import Recorded

ASSIGNMENT_ROLES: Final = ("lead", "coordinating", "requested")
FOCAL_UNIT: Final = "focal_unit"
PEOPLES_COMMITTEE_OFFICE: Final = "peoples_committee_office"
UNIT_ROLES: Final = (FOCAL_UNIT, PEOPLES_COMMITTEE_OFFICE)


class UnitGroup(Base, table=True):
    """A group of units that a plan's text names (nhóm đơn vị)."""

    __tablename__ = "unit_group"

    plan_slug: str = Field(primary_key=True, foreign_key="plan.slug", sa_type=bytewise(64))
    key: str = Field(primary_key=True, sa_type=bytewise(80))
    name: str


class UnitGroupRule(Base, Recorded, table=True):
    """Which units a group selects on a day; an open group selects nobody and is only shown."""

    __tablename__ = "unit_group_rule"
    __table_args__ = (
        ForeignKeyConstraint(
            ["plan_slug", "group_key"], ["unit_group.plan_slug", "unit_group.key"]
        ),
        Index("ix_unit_group_rule_group", "plan_slug", "group_key"),
    )

    id: int | None = Field(default=None, primary_key=True)
    plan_slug: str = Field(sa_type=bytewise(64))
    group_key: str = Field(sa_type=bytewise(80))
    open: bool
    members: list[dict[str, Any]] = Field(sa_type=json_type())
    provenance: str = Field(sa_type=bytewise(20))
    note: str | None = None


class Assignment(Base, Recorded, table=True):
    """A unit or a group on an item: lead, coordinating or requested, for a period (phân công)."""

    __tablename__ = "assignment"
    __table_args__ = (
        period_in_order(),
        item_key("plan_slug", "item_code"),
        ForeignKeyConstraint(
            ["plan_slug", "group_key"], ["unit_group.plan_slug", "unit_group.key"]
        ),
        one_of("role", ASSIGNMENT_ROLES),
        CheckConstraint("(unit_key IS NULL) <> (group_key IS NULL)", name="one_party"),
        Index("ix_assignment_item", "plan_slug", "item_code"),
    )

    id: int | None = Field(default=None, primary_key=True)
    plan_slug: str = Field(sa_type=bytewise(64))
    item_code: str = Field(sa_type=bytewise(20))
    role: str = Field(sa_type=bytewise(20))
    unit_key: str | None = Field(
        default=None, foreign_key="unit.key", sa_type=bytewise(80), index=True
    )
    group_key: str | None = Field(default=None, sa_type=bytewise(80))
    text: str
    valid_from: date
    valid_to: date

    @property
    def period(self) -> Period:
        """The days on which the assignment holds."""
        return Period(self.valid_from, self.valid_to)


class UnitRole(Base, Recorded, table=True):
    """A dated role in a plan's reporting: the focal unit, the People's Committee's office."""

    __tablename__ = "unit_role"
    __table_args__ = (
        period_in_order(),
        one_of("role", UNIT_ROLES),
    )

    id: int | None = Field(default=None, primary_key=True)
    plan_slug: str = Field(foreign_key="plan.slug", sa_type=bytewise(64))
    role: str = Field(sa_type=bytewise(30))
    unit_key: str = Field(foreign_key="unit.key", sa_type=bytewise(80))
    valid_from: date | None = None
    valid_to: date | None = None
    provenance: str = Field(sa_type=bytewise(20))
    reason: str | None = None
