"""Taking the register of units into the database."""

from collections import Counter
from datetime import datetime
from pathlib import Path

from sqlmodel import Session, select

from app.domain.recorded import known, record
from app.domain.text import search_key, sort_key
from app.domain.units.models import (
    TERRITORY_LEVELS,
    Unit,
    UnitParentage,
    UnitSuccession,
    UnitVersion,
)
from app.domain.units.register import Register, RegisterSuccession, RegisterUnit, read_register


def load_register(session: Session, *, folder: Path, at: datetime) -> Counter[str]:
    """Bring the units up to date with a register's folder; the same folder twice changes nothing.

    Returns how many rows were added, changed and unchanged. Rows that the folder does not name
    stay as they are. Raises ReferenceDataRefused where the files contradict themselves.
    """
    register = read_register(folder)
    outcome: Counter[str] = Counter()
    _load_units(session, register, at, outcome)
    _load_parentages(session, register, at, outcome)
    _load_successions(session, register.successions, at, outcome)
    session.flush()
    return outcome


def _load_units(session: Session, register: Register, at: datetime, outcome: Counter[str]) -> None:
    identities = set(session.exec(select(Unit.key)))
    current = {
        version.unit_key: version
        for version in session.exec(select(UnitVersion).where(*known(UnitVersion)))
    }
    session.add_all(
        Unit(key=key, first_recorded_at=at) for key in register.units if key not in identities
    )
    session.flush()
    for unit in register.units.values():
        outcome[record(session, current.get(unit.key), _version(unit, at))] += 1
    session.flush()


def _version(unit: RegisterUnit, at: datetime) -> UnitVersion:
    return UnitVersion(
        unit_key=unit.key,
        scheme=unit.scheme,
        code=unit.code,
        name=unit.name,
        name_sort=sort_key(unit.name),
        name_search=search_key(unit.name),
        kind=unit.kind,
        level=TERRITORY_LEVELS.get(unit.kind),
        valid_from=unit.period.start,
        valid_to=unit.period.end,
        provenance=unit.provenance,
        source=unit.source,
        recorded_at=at,
    )


def _load_parentages(
    session: Session, register: Register, at: datetime, outcome: Counter[str]
) -> None:
    rows = session.exec(select(UnitParentage).where(*known(UnitParentage)))
    current = {(row.unit_key, row.parent_key): row for row in rows}
    for child, parent, period in register.parentages:
        new = UnitParentage(
            unit_key=child,
            parent_key=parent,
            valid_from=period.start,
            valid_to=period.end,
            recorded_at=at,
        )
        outcome[record(session, current.get((child, parent)), new)] += 1


def _load_successions(
    session: Session, rows: list[RegisterSuccession], at: datetime, outcome: Counter[str]
) -> None:
    stored = session.exec(select(UnitSuccession).where(*known(UnitSuccession)))
    current = {(row.predecessor_key, row.successor_key, row.effective_on): row for row in stored}
    for row in rows:
        new = UnitSuccession(
            predecessor_key=row.predecessor,
            successor_key=row.successor,
            effective_on=row.effective_on,
            kind=row.kind,
            share=row.share,
            provenance=row.provenance,
            source=row.source,
            recorded_at=at,
        )
        key = (row.predecessor, row.successor, row.effective_on)
        outcome[record(session, current.get(key), new)] += 1
