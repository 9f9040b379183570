"""Reading the register of units from its CSV files (territories, bodies, successions)."""

import csv
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from app.domain.errors import ReferenceDataRefused
from app.domain.period import Period
from app.domain.text import nfc
from app.domain.units.models import KINDS, SUCCESSION_KINDS, TERRITORY_LEVELS

GSO, BODY = "gso", "body"
REGISTER_SOURCE = "General Statistics Office codes, through public registers of units"
PRESS_SOURCE = "press reports of Resolution 1279/NQ-UBTVQH15; the day is not checked"
RESOLUTION_1279_ON = date(2025, 1, 1)


@dataclass(frozen=True)
class RegisterUnit:
    """One row of the register. Its key is minted here, once, and never changes."""

    scheme: str
    code: str
    name: str
    kind: str
    period: Period
    parent_code: str | None
    provenance: str
    source: str

    @property
    def key(self) -> str:
        """The public key: scheme, code, and the first day where the register knows one."""
        start = f"-{self.period.start}" if self.period.start else ""
        return f"{self.scheme}-{self.code}{start}"


@dataclass(frozen=True)
class RegisterSuccession:
    """One succession, with the keys of the two units that it joins."""

    predecessor: str
    successor: str
    effective_on: date
    kind: str
    share: str
    provenance: str
    source: str


@dataclass(frozen=True)
class Register:
    """The whole register: units by key, parentages as (child, parent, period), successions."""

    units: Mapping[str, RegisterUnit]
    parentages: list[tuple[str, str, Period]]
    successions: list[RegisterSuccession]


@dataclass
class _Codes:
    """Finds the unit that bears a code on a day."""

    by_code: dict[tuple[str, str], list[RegisterUnit]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def on(self, scheme: str, code: str, day: date) -> RegisterUnit | None:
        return next((u for u in self.by_code[scheme, code] if day in u.period), None)


def read_register(folder: Path) -> Register:
    """Read the four files of a register's folder.

    Raises ReferenceDataRefused, naming file, line and code, for an unknown kind, a code that
    two units bear on one day, an unknown parent, or a succession between unknown units.
    """
    units = [*_territories(folder / "units.csv"), *_bodies(folder / "provincial_bodies.csv")]
    codes = _Codes()
    for unit in units:
        for other in codes.by_code[unit.scheme, unit.code]:
            if unit.period.overlaps(other.period):
                raise ReferenceDataRefused(
                    file="units.csv" if unit.scheme == GSO else "provincial_bodies.csv",
                    reason=f"code {unit.code} is borne by two units at once: "
                    f"{other.name} {other.period} and {unit.name} {unit.period}",
                )
        codes.by_code[unit.scheme, unit.code].append(unit)
    return Register(
        units={unit.key: unit for unit in units},
        parentages=[row for unit in units for row in _parentages(unit, codes)],
        successions=[
            *_successions(folder / "unit_successions.csv", GSO, "code", codes),
            *_successions(folder / "provincial_body_successions.csv", BODY, "key", codes),
        ],
    )


def _rows(file: Path) -> Iterator[tuple[int, dict[str, str]]]:
    with file.open(encoding="utf-8", newline="") as stream:
        for number, row in enumerate(csv.DictReader(stream), start=2):
            yield number, {name: nfc(value or "").strip() for name, value in row.items()}


def _period(row: Mapping[str, str]) -> Period:
    start, end = row["valid_from"], row["valid_to"]
    return Period(
        date.fromisoformat(start) if start else None, date.fromisoformat(end) if end else None
    )


def _territories(file: Path) -> Iterator[RegisterUnit]:
    for number, row in _rows(file):
        if row["kind"] not in TERRITORY_LEVELS:
            raise ReferenceDataRefused(
                file=file.name, reason=f"line {number}: unknown kind {row['kind']!r}"
            )
        period = _period(row)
        reported = RESOLUTION_1279_ON in (period.start, period.end)
        yield RegisterUnit(
            scheme=GSO,
            code=row["code"],
            name=row["name"],
            kind=row["kind"],
            period=period,
            parent_code=row["parent_code"] or None,
            provenance="reported" if reported else "register",
            source=PRESS_SOURCE if reported else REGISTER_SOURCE,
        )


def _bodies(file: Path) -> Iterator[RegisterUnit]:
    for number, row in _rows(file):
        if row["kind"] not in KINDS:
            raise ReferenceDataRefused(
                file=file.name, reason=f"line {number}: unknown kind {row['kind']!r}"
            )
        yield RegisterUnit(
            scheme=BODY,
            code=row["key"],
            name=row["name"],
            kind=row["kind"],
            period=_period(row),
            parent_code="51",
            provenance=row["source"],
            source=f"list of provincial bodies: {row['source']}",
        )


def _parentages(unit: RegisterUnit, codes: _Codes) -> Iterator[tuple[str, str, Period]]:
    if unit.parent_code is None:
        return
    found = False
    for parent in codes.by_code[GSO, unit.parent_code]:
        period = unit.period.intersect(parent.period)
        if period is not None:
            found = True
            yield unit.key, parent.key, period
    if not found:
        raise ReferenceDataRefused(
            file="units.csv",
            reason=f"{unit.name} ({unit.code}) {unit.period} has the unknown parent "
            f"{unit.parent_code}",
        )


def _successions(
    file: Path, scheme: str, column: str, codes: _Codes
) -> Iterator[RegisterSuccession]:
    for number, row in _rows(file):
        day = date.fromisoformat(row["effective_date"])
        old_code, new_code = row[f"predecessor_{column}"], row[f"successor_{column}"]
        old = codes.on(scheme, old_code, day - timedelta(days=1))
        new = codes.on(scheme, new_code, day)
        if old is None or new is None or row["kind"] not in SUCCESSION_KINDS:
            reason = f"{row['kind']} {old_code} → {new_code} on {day} joins no two units"
            raise ReferenceDataRefused(file=file.name, reason=f"line {number}: {reason}")
        reported = day == RESOLUTION_1279_ON
        yield RegisterSuccession(
            predecessor=old.key,
            successor=new.key,
            effective_on=day,
            kind=row["kind"],
            share=row["share"],
            provenance=row.get("source") or ("reported" if reported else "register"),
            source=PRESS_SOURCE if reported else REGISTER_SOURCE,
        )
