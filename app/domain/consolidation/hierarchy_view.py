"""The credited figures by the units that did it, or by the units of another day: pure code.

A submission's rollup knows of each unit what it did in the year, not on which day. Where a unit's
place in the other day's hierarchy is not one and the same for all of the days it may have done it
on, its line is unmapped (`moved_within_window`): sums are conserved and nothing is guessed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeVar

from app.domain.activities.regrouping import Unmapped
from app.domain.consolidation.arithmetic import Cell, Count, Figure
from app.domain.consolidation.lines import Lines, Money, Tables
from app.domain.consolidation.report_figures import HierarchyLine, HierarchyView, UnmappedLine
from app.domain.units.hierarchy import Place, Placed

Key = TypeVar("Key")


@dataclass(frozen=True)
class UnitHead:
    """A unit's name, and its level where it is territorial."""

    name: str
    level: str | None


@dataclass(frozen=True)
class Placement:
    """Where the units that did something stand in the hierarchy of `units_on`."""

    units_on: date | Literal["as_reported"]
    placed: Mapping[str, Placed]
    heads: Mapping[str, UnitHead]
    parents: Mapping[str, str]


def place_within(place: Place, unit: str, days: Iterable[date]) -> Placed:
    """Return where all that a unit did on some of the days stands, if that is one place."""
    found = {place(unit, day) for day in days}
    return found.pop() if len(found) == 1 else Placed(None, "moved_within_window")


def by_hierarchy(tables: Tables, placement: Placement, lines: Lines) -> HierarchyView:
    """Return what is credited, on the lines of the hierarchy's units and on unmapped lines."""
    homes: dict[str, _Sums] = {}
    nowhere: dict[Unmapped, _Sums] = {}
    for unit in sorted(placement.placed):
        found = placement.placed[unit]
        if found.unit is not None:
            sums = homes.setdefault(found.unit, _Sums())
        else:
            sums = nowhere.setdefault(Unmapped(unit, found.reason, found.within), _Sums())
        sums.add(tables, Cell("unit", unit))
    if placement.units_on != "as_reported":
        for sums in (*homes.values(), *nowhere.values()):
            sums.keep(lines)
    return HierarchyView(
        units_on=placement.units_on,
        lines=[
            HierarchyLine(
                unit=unit,
                name=placement.heads[unit].name,
                level=placement.heads[unit].level,
                parent=placement.parents.get(unit),
                counts=lines.counts(sums.counts),
                figures=lines.figures(sums.figures),
                expenditure=lines.money(sums.money),
            )
            for unit, sums in sorted(homes.items())
        ],
        unmapped=[
            UnmappedLine(
                unit=head.unit,
                name=placement.heads[head.unit].name,
                reason=head.reason,
                within=head.within,
                counts=lines.counts(sums.counts),
                figures=lines.figures(sums.figures),
                expenditure=lines.money(sums.money),
            )
            for head, sums in sorted(nowhere.items(), key=lambda one: one[0].unit)
        ],
    )


class _Sums:
    """What several units did, added up."""

    def __init__(self) -> None:
        self.counts: dict[str, Count] = {}
        self.figures: dict[Figure, int] = {}
        self.money: dict[Money, int] = {}

    def add(self, tables: Tables, cell: Cell) -> None:
        for item, count in tables.counts.get(cell, {}).items():
            had = self.counts.get(item, Count(0, 0))
            self.counts[item] = Count(
                had.activities + count.activities, had.occurrences + count.occurrences
            )
        _add(self.figures, tables.figures.get(cell, {}))
        _add(self.money, tables.money.get(cell, {}))

    def keep(self, lines: Lines) -> None:
        """Leave out what does not add over units."""
        self.figures = {f: n for f, n in self.figures.items() if lines.adds_over_units(f.indicator)}


def _add(table: dict[Key, int], more: Mapping[Key, int]) -> None:
    for key, amount in more.items():
        table[key] = table.get(key, 0) + amount
