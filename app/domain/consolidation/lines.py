"""Tables of a rollup by cell, and their lines in the report's order of items and indicators."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from app.domain.activities.amounts import unscaled
from app.domain.consolidation.arithmetic import Cell, Count, Figure, Rollup, amounts
from app.domain.consolidation.report_figures import (
    CountLine,
    FigureLine,
    IndicatorHead,
    MoneyLine,
    Origin,
)

Key = TypeVar("Key")
Value = TypeVar("Value")
Money = tuple[str, str]  # item and source


@dataclass(frozen=True)
class Tables:
    """What a rollup shows, by cell: counts by item, amounts by figure, money by item and source."""

    counts: Mapping[Cell, Mapping[str, Count]]
    figures: Mapping[Cell, Mapping[Figure, int]]
    money: Mapping[Cell, Mapping[Money, int]]


class Lines:
    """The lines of one report: it knows the order of items and indicators, and decimals."""

    def __init__(self, *, items: Sequence[str], indicators: Sequence[IndicatorHead]) -> None:
        self.items = {code: place for place, code in enumerate(items)}
        self._indicators = {head.code: place for place, head in enumerate(indicators)}
        self._heads = {head.code: head for head in indicators}

    def adds_over_units(self, indicator: str) -> bool:
        """Tell whether the values of several units add up."""
        return self._heads[indicator].over_units == "sum"

    def adds(self, indicator: str) -> bool:
        """Tell whether values add up, over time and over units."""
        return self._heads[indicator].over_time == "sum" and self.adds_over_units(indicator)

    def decimals(self, indicator: str) -> int:
        """Return the scale of an indicator's amounts."""
        return self._heads[indicator].decimals

    def place(self, figure: Figure) -> tuple[int, int, str]:
        """Return where a figure stands: by item, indicator and origin."""
        return self.items[figure.item], self._indicators[figure.indicator], figure.origin

    def text(self, indicator: str, amount: int) -> str:
        """Return an amount as a decimal string."""
        return unscaled(amount, self._heads[indicator].decimals)

    def tables(self, rollup: Rollup, *, only: Collection[str] = ()) -> Tables:
        """Return what a rollup shows, by cell; `only` keeps the cells of some dimensions."""
        shown = amounts(rollup, additive=self.adds_over_units, only=only)
        return Tables(
            counts=_by_cell(((i, c, n) for (i, c), n in rollup.counts.items()), only),
            figures=_by_cell(((f, c, n) for (f, c), n in shown.items()), only),
            money=_by_cell((((i, s), c, n) for (i, s, c), n in rollup.money.items()), only),
        )

    def counts(self, found: Mapping[str, Count]) -> list[CountLine]:
        """Return the lines of a table's counts."""
        return [
            CountLine(item=item, activities=count.activities, occurrences=count.occurrences)
            for item, count in sorted(found.items(), key=lambda one: self.items[one[0]])
        ]

    def figures(self, found: Mapping[Figure, int]) -> list[FigureLine]:
        """Return the lines of a table's amounts."""
        return [
            FigureLine(
                item=figure.item,
                indicator=figure.indicator,
                origin=origin_of(figure),
                value=self.text(figure.indicator, amount),
            )
            for figure, amount in sorted(found.items(), key=lambda one: self.place(one[0]))
        ]

    def money(self, found: Mapping[Money, int]) -> list[MoneyLine]:
        """Return the lines of a table's money."""
        return [
            MoneyLine(item=item, source=source, value=str(amount))
            for (item, source), amount in sorted(
                found.items(), key=lambda one: self.of_money(one[0])
            )
        ]

    def of_money(self, key: Money) -> tuple[int, str]:
        """Return where money stands: by item and source."""
        return self.items[key[0]], key[1]


def origin_of(figure: Figure) -> Origin:
    """Return a figure's origin as the report's type."""
    return "repost" if figure.origin == "repost" else "original"


def _by_cell(
    rows: Iterable[tuple[Key, Cell, Value]], only: Collection[str]
) -> dict[Cell, dict[Key, Value]]:
    found: dict[Cell, dict[Key, Value]] = {}
    for key, cell, value in rows:
        if not only or cell.dimension in only:
            found.setdefault(cell, {})[key] = value
    return found
