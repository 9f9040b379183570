"""Reading the register into the hierarchy that places units of one day on another."""

from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from app.domain.period import Period
from app.domain.recorded import known
from app.domain.units.hierarchy import Hierarchy, KnownUnit, Parentage, Succession
from app.domain.units.models import UnitParentage, UnitSuccession, UnitVersion


def load_hierarchy(session: Session, *, known_at: datetime | None = None) -> Hierarchy:
    """Return the hierarchy as the register is known now, or as it was known at an instant."""
    # Columns, not objects: all of the register is read, and objects take several times as long.
    read = session.connection().execute
    version, place, passed = UnitVersion, UnitParentage, UnitSuccession
    units = read(
        select(
            col(version.unit_key),
            col(version.valid_from),
            col(version.valid_to),
            col(version.level),
        ).where(*known(version, at=known_at))
    )
    parentages = read(
        select(
            col(place.unit_key), col(place.parent_key), col(place.valid_from), col(place.valid_to)
        ).where(*known(place, at=known_at))
    )
    successions = read(
        select(
            col(passed.predecessor_key),
            col(passed.successor_key),
            col(passed.effective_on),
            col(passed.share),
        ).where(*known(passed, at=known_at))
    )
    return Hierarchy(
        units=[KnownUnit(key, Period(start, end), level) for key, start, end, level in units],
        parentages=[
            Parentage(unit, parent, Period(start, end)) for unit, parent, start, end in parentages
        ],
        successions=[Succession(*row) for row in successions],
    )
