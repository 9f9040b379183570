"""Reading the register into the hierarchy that places units of one day on another."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlmodel import Session, col

from app.domain.canonical import canonical_sha256
from app.domain.period import Period
from app.domain.recorded import Recorded, known
from app.domain.units.hierarchy import Hierarchy, KnownUnit, Parentage, Succession
from app.domain.units.models import UnitParentage, UnitSuccession, UnitVersion


class Register(NamedTuple):
    """The register of units as it was known: columns of units, of parentages and of successions."""

    units: Sequence[Any]
    parentages: Sequence[Any]
    successions: Sequence[Any]

    def hierarchy(self) -> Hierarchy:
        """Return the hierarchy that these rows make."""
        return Hierarchy(
            units=[
                KnownUnit(key, Period(start, end), level)
                for key, start, end, level, _ in self.units
            ],
            parentages=[
                Parentage(unit, parent, Period(start, end))
                for unit, parent, start, end in self.parentages
            ],
            successions=[Succession(*row) for row in self.successions],
        )

    def sha256(self) -> str:
        """Return the SHA-256 of the rows as canonical JSON (RFC 8785), in whatever order read."""
        rows = [sorted([_text(value) for value in row] for row in table) for table in self]
        return canonical_sha256(rows)


def load_register(session: Session, *, known_at: datetime | None = None) -> Register:
    """Return the register as it is known now, or as it was known at an instant."""
    # Columns, not objects: all of the register is read, and objects take several times as long.

    def read(table: type[Recorded], *names: str) -> Sequence[Any]:
        columns = [getattr(table, name) for name in names]
        statement = select(*map(col, columns)).where(*known(table, at=known_at))
        return session.connection().execute(statement).all()

    return Register(
        units=read(UnitVersion, "unit_key", "valid_from", "valid_to", "level", "name"),
        parentages=read(UnitParentage, "unit_key", "parent_key", "valid_from", "valid_to"),
        successions=read(
            UnitSuccession, "predecessor_key", "successor_key", "effective_on", "share"
        ),
    )


def load_hierarchy(session: Session, *, known_at: datetime | None = None) -> Hierarchy:
    """Return the hierarchy as the register is known now, or as it was known at an instant."""
    return load_register(session, known_at=known_at).hierarchy()


def _text(value: date | str | None) -> str:
    return "" if value is None else str(value)
