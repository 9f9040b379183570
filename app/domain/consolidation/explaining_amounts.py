"""What a rollup adds to one figure of a consolidated report: pure code."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from app.domain.activities.amounts import unscaled
from app.domain.consolidation.arithmetic import TOTAL, Cell, Dated, Figure, OverTime, Rollup

Measure = Literal["activities", "occurrences", "amount", "money"]
Identity = tuple[str, str]  # unit and channel of values that replace each other; "" for any
WHOLE: Final = Cell(TOTAL, TOTAL)


@dataclass(frozen=True)
class Chosen:
    """What of a rollup a figure adds up: one thing measured, in one or several cells."""

    measure: Measure
    item: str
    figure: Figure | None
    source: str | None
    cells: frozenset[Cell]
    over_time: OverTime
    decimals: int

    def text(self, amount: int) -> str:
        """Return an amount, which may be negative, as a decimal string."""
        sign = "-" if amount < 0 else ""
        return sign + unscaled(abs(amount), self.decimals)


def amount_in(rollup: Rollup, chosen: Chosen) -> int | None:
    """Return what a rollup adds to what is chosen of it; None where it has none of that."""
    found: Sequence[int | None]
    if chosen.measure == "money":
        source = chosen.source or ""
        found = [rollup.money.get((chosen.item, source, cell)) for cell in chosen.cells]
    elif chosen.figure is not None:
        found = [rollup.sums.get((chosen.figure, cell)) for cell in chosen.cells]
    else:
        counts = [rollup.counts.get((chosen.item, cell)) for cell in chosen.cells]
        found = [None if count is None else getattr(count, chosen.measure) for count in counts]
    there = [amount for amount in found if amount is not None]
    return sum(there) if there else None


def series_in(rollup: Rollup, chosen: Chosen) -> dict[Identity, Dated]:
    """Return the values that are left of each series of a rollup, in the cells that are chosen."""
    found: dict[Identity, Dated] = {}
    table: Iterable[tuple[tuple[Figure, tuple[str, str, str]], Dated]] = (
        rollup.latest.items()
        if chosen.over_time == "latest"
        else ((key, Dated(date.min, peak)) for key, peak in rollup.peaks.items())
    )
    for (figure, (unit, channel, month)), value in table:
        cells = {WHOLE, Cell("unit", unit), Cell("channel", channel), Cell("month", month)}
        if figure == chosen.figure and not chosen.cells.isdisjoint(cells):
            identity = (unit, channel if chosen.over_time == "latest" else "")
            found[identity] = max(found.get(identity, value), value)
    return found
