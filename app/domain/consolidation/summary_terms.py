"""What each unit did in each year, as the yearly reports' JSON has it, and how years go together.

Pure code. A term is one figure of one unit of activity in one year, with its pointer.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, Literal

from app.domain.consolidation.arithmetic import Figure, OverTime

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Money:
    """What is spent: on an item, from a source."""

    item: str
    source: str


@dataclass(frozen=True)
class Counted:
    """What is counted: activity reports, or occurrences, of an item."""

    item: str
    column: Literal["activities", "occurrences"]


What = Figure | Money | Counted
COUNTS: Final[tuple[Literal["activities", "occurrences"], ...]] = ("activities", "occurrences")


@dataclass(frozen=True)
class YearlyReport:
    """A year's report of record: which version it is, and its JSON."""

    year: int
    cycle: str
    version: int
    sha256: str
    issued: bool
    report: Row


@dataclass(frozen=True)
class Term:
    """A figure of a unit in a year. The pointer of a count is that of its line."""

    year: int
    unit: str
    what: What
    amount: Decimal
    pointer: str


def terms_of(yearly: YearlyReport) -> Iterator[Term]:
    """Yield what each unit of activity did in a year, in the report's order.

    The units are those that reported: a year's report of record is never a view of another day.
    """
    for place, line in enumerate(yearly.report["by_hierarchy"]["lines"]):
        at, unit = f"/by_hierarchy/lines/{place}", line["unit"]
        for number, row in enumerate(line["counts"]):
            for column in COUNTS:
                what, amount = Counted(row["item"], column), Decimal(row[column])
                yield Term(yearly.year, unit, what, amount, f"{at}/counts/{number}")
        for number, row in enumerate(line["figures"]):
            figure = Figure(row["item"], row["indicator"], row["origin"])
            value, pointer = Decimal(row["value"]), f"{at}/figures/{number}/value"
            yield Term(yearly.year, unit, figure, value, pointer)
        for number, row in enumerate(line["expenditure"]):
            money, pointer = Money(row["item"], row["source"]), f"{at}/expenditure/{number}/value"
            yield Term(yearly.year, unit, money, Decimal(row["value"]), pointer)


def over_plan(terms: Iterable[Term], over_time: Mapping[str, OverTime]) -> set[Term]:
    """Return the terms whose amounts make the values over the plan.

    Of a unit's amounts that add over time these are all; of those that replace each other
    (`latest`) that of the last year; of those of which the largest counts (`max`) that one, of
    the first of equal years. Counts and money always add.
    """
    series: dict[tuple[str, What], list[Term]] = {}
    for term in terms:
        series.setdefault((term.unit, term.what), []).append(term)
    chosen: set[Term] = set()
    for (_, what), found in series.items():
        chosen |= _chosen(found, rule_of(what, over_time))
    return chosen


def rule_of(what: What, over_time: Mapping[str, OverTime]) -> OverTime:
    """Return how the amounts of several years go together."""
    return over_time[what.indicator] if isinstance(what, Figure) else "sum"


def _chosen(found: Sequence[Term], rule: OverTime) -> set[Term]:
    if rule == "sum":
        return set(found)
    if rule == "latest":
        return {max(found, key=lambda term: term.year)}
    return {max(found, key=lambda term: (term.amount, -term.year))}
