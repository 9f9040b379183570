"""The lines of a plan's summary from terms: pure code."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from decimal import Decimal
from typing import TypeVar

from app.domain.consolidation.arithmetic import Figure, OverTime
from app.domain.consolidation.exact import added, written
from app.domain.consolidation.lines import Lines, origin_of
from app.domain.consolidation.summary_shape import (
    LineCounts,
    LineFigure,
    LineYearCounts,
    MoneyOverYears,
    SummarySource,
    UnitOverYears,
    YearAmount,
)
from app.domain.consolidation.summary_terms import Counted, Money, Term, rule_of

Key = TypeVar("Key")


class OverYears:
    """Tells of terms what they are year by year, and over the plan.

    `over_plan` are the terms whose amounts make the values over the plan.
    """

    def __init__(
        self, lines: Lines, over_time: Mapping[str, OverTime], over_plan: AbstractSet[Term]
    ) -> None:
        self._lines, self._over_time, self._over_plan = lines, over_time, over_plan

    def counts(self, terms: Iterable[Term]) -> list[LineCounts]:
        """Return the counts of a line, in the order of items."""
        by_item = grouped(terms, _item_counted)
        return [
            LineCounts(
                item=item,
                activities=_number(of_item, "activities"),
                occurrences=_number(of_item, "occurrences"),
                by_year=[
                    LineYearCounts(
                        year=year,
                        activities=_number(of_year, "activities"),
                        occurrences=_number(of_year, "occurrences"),
                        pointers=list(dict.fromkeys(term.pointer for term in of_year)),
                    )
                    for year, of_year in sorted(grouped(of_item, _year).items())
                ],
            )
            for item, of_item in sorted(by_item.items(), key=lambda one: self._lines.items[one[0]])
        ]

    def figures(self, terms: Iterable[Term], *, only_adding: bool) -> list[LineFigure]:
        """Return the amounts of a line; `only_adding` leaves out what adds over no units."""
        return [
            LineFigure(
                item=figure.item,
                indicator=figure.indicator,
                origin=origin_of(figure),
                value=self.value(found),
                by_year=amounts_by_year(found),
                value_from=self.value_from(figure, found),
            )
            for figure, found in sorted(
                grouped(terms, figure_of).items(), key=lambda one: self._lines.place(one[0])
            )
            if not only_adding or self._lines.adds_over_units(figure.indicator)
        ]

    def money(self, terms: Iterable[Term]) -> list[MoneyOverYears]:
        """Return the money of a line, in the order of items and sources."""
        return [
            MoneyOverYears(
                item=spent.item,
                source=spent.source,
                value=self.value(found),
                by_year=amounts_by_year(found),
            )
            for spent, found in sorted(
                grouped(terms, _money).items(),
                key=lambda one: self._lines.of_money((one[0].item, one[0].source)),
            )
        ]

    def units(
        self, figure: Figure, terms: Iterable[Term], names: Mapping[str, str]
    ) -> list[UnitOverYears]:
        """Return each unit's own values of a figure, by unit."""
        return [
            UnitOverYears(
                unit=unit,
                name=names[unit],
                value=self.value(found),
                by_year=amounts_by_year(found),
                value_from=self.value_from(figure, found),
            )
            for unit, found in sorted(grouped(terms, _unit).items())
        ]

    def value(self, terms: Iterable[Term]) -> str:
        """Return what terms make over the plan."""
        return written(added(term.amount for term in terms if term in self._over_plan))

    def value_from(self, figure: Figure, terms: Iterable[Term]) -> list[SummarySource] | None:
        """Return where the value over the plan comes from, where it is not all of the terms."""
        if rule_of(figure, self._over_time) == "sum":
            return None
        chosen = sorted(
            (term.year, term.unit, term.pointer) for term in terms if term in self._over_plan
        )
        return [SummarySource(year=year, pointer=pointer) for year, _, pointer in chosen]


def grouped(terms: Iterable[Term], key: Callable[[Term], Key | None]) -> dict[Key, list[Term]]:
    """Return terms by a key, in their order; those of the key None are left out."""
    found: dict[Key, list[Term]] = {}
    for term in terms:
        one = key(term)
        if one is not None:
            found.setdefault(one, []).append(term)
    return found


def amounts_by_year(terms: Iterable[Term]) -> list[YearAmount]:
    """Return the amounts of terms that add over units, year by year."""
    return [
        YearAmount(
            year=year,
            value=written(added(term.amount for term in found)),
            pointers=[term.pointer for term in found],
        )
        for year, found in sorted(grouped(terms, _year).items())
    ]


def _number(terms: Sequence[Term], column: str) -> int:
    counted = (term for term in terms if isinstance(term.what, Counted))
    return int(added(term.amount for term in counted if _column(term) == column) or Decimal(0))


def _column(term: Term) -> str | None:
    return term.what.column if isinstance(term.what, Counted) else None


def _item_counted(term: Term) -> str | None:
    return term.what.item if isinstance(term.what, Counted) else None


def figure_of(term: Term) -> Figure | None:
    """Return what indicator's figure a term is, or None."""
    return term.what if isinstance(term.what, Figure) else None


def _money(term: Term) -> Money | None:
    return term.what if isinstance(term.what, Money) else None


def _year(term: Term) -> int:
    return term.year


def _unit(term: Term) -> str:
    return term.unit
