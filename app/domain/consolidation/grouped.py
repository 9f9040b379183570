"""Adding up groups in place of single activity reports: pure code.

A database adds like activity up before it hands it over. A group stands for the activity that is
alike in some dimensions, and says the cells that it counts in; a value is the largest of one
series and day. Whatever the groups are, together they fold to what `fold` makes of the facts.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from app.domain.consolidation.arithmetic import (
    NONE,
    TOTAL,
    Cell,
    Count,
    Dated,
    Figure,
    OverTime,
    Rollup,
    Series,
)


class CountGroup(NamedTuple):
    """Activity reports of an item that count in the same cells."""

    item: str
    cells: Sequence[Cell]
    activities: int
    occurrences: int


class SumGroup(NamedTuple):
    """Amounts of an indicator that add over time, in the same cells."""

    figure: Figure
    cells: Sequence[Cell]
    amount: int


class MoneyGroup(NamedTuple):
    """Money from one source, in the same cells."""

    item: str
    source: str
    cells: Sequence[Cell]
    amount: int


class Largest(NamedTuple):
    """The largest value that a series has on one day."""

    figure: Figure
    unit: str
    channel: str
    day: date
    amount: int


Group = CountGroup | SumGroup | MoneyGroup | Largest


def fold_groups(groups: Iterable[Group], over_time: Mapping[str, OverTime]) -> Rollup:
    """Add groups up in one pass, in any order. `over_time` says how each indicator adds."""
    counts: dict[tuple[str, Cell], Count] = {}
    sums: dict[tuple[Figure, Cell], int] = {}
    latest: dict[tuple[Figure, Series], Dated] = {}
    peaks: dict[tuple[Figure, Series], int] = {}
    money: dict[tuple[str, str, Cell], int] = {}
    for group in groups:
        if isinstance(group, SumGroup):
            for cell in group.cells:
                key = group.figure, cell
                sums[key] = sums.get(key, 0) + group.amount
        elif isinstance(group, CountGroup):
            for cell in group.cells:
                had = counts.get((group.item, cell), (0, 0))
                counts[group.item, cell] = Count(
                    had[0] + group.activities, had[1] + group.occurrences
                )
        elif isinstance(group, MoneyGroup):
            for cell in group.cells:
                place = group.item, group.source, cell
                money[place] = money.get(place, 0) + group.amount
        else:
            series = Series(group.unit, group.channel, group.day.isoformat()[:7])
            at = group.figure, series
            if over_time[group.figure.indicator] == "latest":
                dated = Dated(group.day, group.amount)
                latest[at] = max(latest.get(at, dated), dated)
            else:
                peaks[at] = max(peaks.get(at, group.amount), group.amount)
    return Rollup(counts, sums, latest, peaks, money)


def whole_cells(unit: str, integrated: str) -> tuple[Cell, ...]:
    """Return the cells of activity of which every report counts in exactly one such group."""
    return Cell(TOTAL, TOTAL), Cell("unit", unit), Cell("integrated", integrated)


def set_cells(dimension: str, codes: str) -> tuple[Cell, ...]:
    """Return the cells of a set of codes as it is stored: each between blanks (CodeSet)."""
    return tuple(Cell(dimension, code) for code in codes.split()) or (Cell(dimension, NONE),)
