"""Units: public bodies over a period, their place in the tree, and what passed to whom."""

from datetime import date, datetime
from typing import Final

from sqlalchemy import Index, text
from sqlmodel import Field

from app.domain.base import Base, Instant, bytewise, one_of, period_in_order
from app.domain.period import Period
from app.domain.recorded import Recorded

TERRITORY_LEVELS: Final = {
    "province": "province",
    "city": "district",
    "district": "district",
    "town": "district",
    "township": "commune",
    "commune": "commune",
    "ward": "commune",
    "special_zone": "commune",
}
BODY_KINDS: Final = (
    "department",
    "office",
    "press",
    "portal",
    "association",
    "party_body",
)
KINDS: Final = (*TERRITORY_LEVELS, *BODY_KINDS)
LEVELS: Final = ("province", "district", "commune")
SUCCESSION_KINDS: Final = ("merge", "continue", "convert", "split", "transfer")


class Unit(Base, table=True):
    """A body's identity. Every other row hangs on this key and never on a code."""

    __tablename__ = "unit"

    key: str = Field(primary_key=True, sa_type=bytewise(80))
    first_recorded_at: datetime = Field(sa_type=Instant)


class UnitVersion(Base, Recorded, table=True):
    """What is known of a unit: its code, name, kind and the period it is in being.

    A territorial unit carries its territory's code (General Statistics Office) and level;
    a provincial body a code of ours, and no level.
    """

    __tablename__ = "unit_version"
    __table_args__ = (
        period_in_order(),
        one_of("scheme", ("gso", "body")),
        one_of("kind", KINDS),
        one_of("level", LEVELS),
        Index(
            "uq_unit_version_current",
            "unit_key",
            unique=True,
            postgresql_where=text("superseded_at IS NULL"),
            sqlite_where=text("superseded_at IS NULL"),
        ),
        Index("ix_unit_version_code", "scheme", "code"),
    )

    id: int | None = Field(default=None, primary_key=True)
    unit_key: str = Field(foreign_key="unit.key", sa_type=bytewise(80))
    scheme: str = Field(sa_type=bytewise(10))
    code: str = Field(sa_type=bytewise(64))
    name: str
    name_sort: str = Field(sa_type=bytewise(400))
    name_search: str = Field(sa_type=bytewise(200))
    kind: str = Field(sa_type=bytewise(20))
    level: str | None = Field(default=None, sa_type=bytewise(10))
    valid_from: date | None = None
    valid_to: date | None = None
    provenance: str = Field(sa_type=bytewise(20))
    source: str

    @property
    def period(self) -> Period:
        """The days on which the unit is in being."""
        return Period(self.valid_from, self.valid_to)

    @property
    def body_name(self) -> str:
        """The body that reports: a territory does so through its People's Committee."""
        if self.scheme != "gso":
            return self.name
        return f"UBND {self.name[0].lower()}{self.name[1:]}"


class UnitParentage(Base, Recorded, table=True):
    """Under which unit a unit stood, and from when to when."""

    __tablename__ = "unit_parentage"
    __table_args__ = (
        period_in_order(),
        Index("ix_unit_parentage_parent_key", "parent_key"),
    )

    id: int | None = Field(default=None, primary_key=True)
    unit_key: str = Field(foreign_key="unit.key", sa_type=bytewise(80), index=True)
    parent_key: str = Field(foreign_key="unit.key", sa_type=bytewise(80))
    valid_from: date | None = None
    valid_to: date | None = None


class UnitSuccession(Base, Recorded, table=True):
    """What passed to whom, when, whole or in part. It gives no rights: a stewardship does."""

    __tablename__ = "unit_succession"
    __table_args__ = (
        one_of("kind", SUCCESSION_KINDS),
        one_of("share", ("whole", "part")),
        Index("ix_unit_succession_successor_key", "successor_key"),
    )

    id: int | None = Field(default=None, primary_key=True)
    predecessor_key: str = Field(foreign_key="unit.key", sa_type=bytewise(80), index=True)
    successor_key: str = Field(foreign_key="unit.key", sa_type=bytewise(80))
    effective_on: date
    kind: str = Field(sa_type=bytewise(10))
    share: str = Field(sa_type=bytewise(10))
    provenance: str = Field(sa_type=bytewise(20))
    source: str
