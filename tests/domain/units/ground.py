"""The ground itself, followed plainly: a naive model of the register beside the hierarchy.

It moves pieces of ground (atoms) from unit to unit as the register's files say, and knows nothing
else. An atom is a commune of 2021, or Lý Sơn, which had none; of those that were divided each
part is one.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from app.domain.units.hierarchy import Placed
from app.setup import REGISTER

FIRST, LAST = date(2021, 1, 1), date(2026, 12, 31)
ONE_DAY: Final = timedelta(days=1)
MERGED: Final = date(2025, 7, 1)
PROVINCE, MERGED_PROVINCE = "gso-51", "gso-51-2025-07-01"
LY_SON, SPECIAL_ZONE = "gso-536", "gso-21548-2025-07-01"
SONG_VE, NGHIA_PHUONG, NGHIA_MY = "gso-21238", "gso-21283", "gso-21286"
VE_GIANG, DONG_SON = "gso-21238-2025-07-01", "gso-21109-2025-07-01"
TRA_BUI, CA_DAM, TRA_TAN = "gso-21142", "gso-21136-2025-07-01", "gso-21136"
TU_NGHIA, TRA_BONG, BINH_SON = "gso-528", "gso-525", "gso-524"


@dataclass(frozen=True)
class Row:
    """A territory of the files; the days are ISO texts, "" where there is none."""

    key: str
    code: str
    kind: str
    parent: str
    start: str
    end: str

    def on(self, day: date) -> bool:
        return self.start <= str(day) and (not self.end or str(day) < self.end)

    @property
    def days(self) -> tuple[date, date]:
        """The first and the last day on which it is in being, of those that are looked at."""
        first = date.fromisoformat(self.start) if self.start else FIRST
        return first, date.fromisoformat(self.end) - ONE_DAY if self.end else LAST


def _read(file: str) -> list[dict[str, str]]:
    with (REGISTER / file).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _row(row: dict[str, str]) -> Row:
    start, end = row["valid_from"], row["valid_to"]
    key = f"gso-{row['code']}" + (f"-{start}" if start else "")
    return Row(key, row["code"], row["kind"], row["parent_code"], start, end)


ROWS: Final = [_row(row) for row in _read("units.csv")]
BY_KEY: Final = {row.key: row for row in ROWS}
PASSED: Final = _read("unit_successions.csv")
CHANGES: Final = sorted(
    {day for row in ROWS for day in (row.start, row.end) if day}
    | {row["valid_to"] for row in _read("provincial_bodies.csv") if row["valid_to"]}
)
DAYS: Final = sorted(
    {date.fromisoformat(day) + timedelta(days=n) for day in CHANGES for n in (-1, 0, 1)}
    | {FIRST, LAST}
)
SMALL: Final = ("township", "commune", "ward", "special_zone")


def bearer(code: str, day: date) -> str:
    (found,) = (row.key for row in ROWS if row.code == code and row.on(day))
    return found


def _atoms_of(row: Row) -> set[str]:
    """Return the atoms of a place of 2021: one for each part that was divided from it."""
    mine = [one for one in PASSED if one["predecessor_code"] == row.code]
    parts = {f"{row.key}>{one['successor_code']}" for one in mine if one["share"] == "part"}
    if not parts or any(one["kind"] == "transfer" for one in mine):
        return parts | {row.key}
    return parts


Ground = Mapping[str, frozenset[str]]


def _histories() -> dict[date, Ground]:
    """Return which atoms each unit had, from each day on which it changed."""
    ground = {
        row.key: _atoms_of(row)
        for row in ROWS
        if not row.start and (row.kind in SMALL or row.key == LY_SON)
    }
    found: dict[date, Ground] = {date.min: {key: frozenset(atoms) for key, atoms in ground.items()}}
    for text in sorted({row["effective_date"] for row in PASSED}):
        day = date.fromisoformat(text)
        before, moves = found[max(found)], []
        for row in PASSED:
            if row["effective_date"] != text or row["predecessor_code"] in ("51", "62"):
                continue
            old = bearer(row["predecessor_code"], day - ONE_DAY)
            part = frozenset({f"{old}>{row['successor_code']}"})
            atoms = part if row["share"] == "part" else before[old]
            moves.append((old, bearer(row["successor_code"], day), atoms))
        after = {key: set(atoms) for key, atoms in before.items()}
        for old, _, atoms in moves:
            after[old] -= atoms
        for _, new, atoms in moves:
            after.setdefault(new, set()).update(atoms)
        found[day] = {key: frozenset(atoms) for key, atoms in after.items() if atoms}
    return found


HISTORY: Final = _histories()
ATOMS: Final = frozenset().union(*HISTORY[date.min].values())


def ground(day: date) -> Ground:
    """Return which atoms each unit that has any holds on a day."""
    return HISTORY[max(start for start in HISTORY if start <= day)]


def above(key: str, day: date) -> list[str]:
    """Return a unit and the units above it on a day, by the files."""
    row, line = BY_KEY[key], [key]
    while row.parent:
        row = BY_KEY[bearer(row.parent, day)]
        line.append(row.key)
    return line


def placed_by_ground(key: str, on: date, day: date) -> Placed:
    """Return where the ground of a unit of the day `on` lies on another day; without a reason."""
    there = ground(day)
    if key in there:
        return Placed(key)
    atoms = ground(on)[key]
    holders = sorted(unit for unit, held in there.items() if held & atoms)
    if len(holders) == 1:
        return Placed(holders[0])
    lines = [above(unit, day) for unit in holders]
    return Placed(None, None, next(k for k in lines[0] if all(k in line for line in lines)))
