"""Adding up, in pure code: data in, data out, in any order.

A rollup holds the activity of one frozen submission revision, added up once. It is a commutative
monoid: `merge` is associative and order-free, `Rollup()` is its zero, and merging the rollups of
any parts equals one pass over all of the activity. Amounts are integers scaled by the
indicator's decimals; money is whole VND.

How an indicator adds over time decides which of three tables its amounts go to:

- `sum`: `sums`, one amount for each member of each dimension;
- `latest`: `latest`, the last value of each series (activity's unit, channel) and month;
- `max`: `peaks`, the largest value of each series (activity's unit) and month.

A day at which two values of one series meet keeps the larger: nothing else is order-free.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Literal, NamedTuple, TypeVar

TOTAL: Final = "total"
DIMENSIONS: Final = ("channel", "format", "integrated", "language", "month", "theme", "unit")
OVERLAPPING: Final = frozenset({"language", "theme"})  # one activity may stand under several
NONE: Final = "none"  # the member for activity that says nothing of a dimension

OverTime = Literal["sum", "latest", "max"]


class Figure(NamedTuple):
    """What is measured: an item's indicator, originals and reposts apart."""

    item: str
    indicator: str
    origin: str


class Cell(NamedTuple):
    """A member of a dimension; the total is the dimension `total` with the member `total`."""

    dimension: str
    member: str


class Series(NamedTuple):
    """Values that replace each other over time: one unit's, on one channel, in one month."""

    unit: str
    channel: str
    month: str


class Dated(NamedTuple):
    """A value and its day. The later one counts, and of one day the larger."""

    day: date
    amount: int


@dataclass(frozen=True)
class MeasureFact:
    """One measure of an activity, `amount` scaled."""

    indicator: str
    origin: str
    amount: int


@dataclass(frozen=True)
class ActivityFact:
    """One activity report as consolidation sees it: nothing but what is added up."""

    unit: str
    item: str
    occurred_on: date
    ended_on: date
    occurrences: int
    channel: str
    format: str | None
    languages: tuple[str, ...]
    themes: tuple[str, ...]
    integrated: bool
    measures: tuple[MeasureFact, ...] = ()
    expenditure: tuple[tuple[str, int], ...] = ()


class Count(NamedTuple):
    """How many activity reports, and how many occurrences they stand for."""

    activities: int
    occurrences: int


Key = TypeVar("Key")
Value = TypeVar("Value")


@dataclass(frozen=True)
class Rollup:
    """Activity added up: counts, sums, latest values, peaks and money, each by cell."""

    counts: Mapping[tuple[str, Cell], Count] = field(default_factory=dict)
    sums: Mapping[tuple[Figure, Cell], int] = field(default_factory=dict)
    latest: Mapping[tuple[Figure, Series], Dated] = field(default_factory=dict)
    peaks: Mapping[tuple[Figure, Series], int] = field(default_factory=dict)
    money: Mapping[tuple[str, str, Cell], int] = field(default_factory=dict)


def fold(activity: Iterable[ActivityFact], over_time: Mapping[str, OverTime]) -> Rollup:
    """Add activity up in one pass. `over_time` says how each indicator adds."""
    counts: dict[tuple[str, Cell], Count] = {}
    sums: dict[tuple[Figure, Cell], int] = {}
    latest: dict[tuple[Figure, Series], Dated] = {}
    peaks: dict[tuple[Figure, Series], int] = {}
    money: dict[tuple[str, str, Cell], int] = {}
    for fact in activity:
        cells = _cells(fact)
        for cell in cells:
            _put(counts, (fact.item, cell), Count(1, fact.occurrences), _add_counts)
            for source, amount in fact.expenditure:
                _put(money, (fact.item, source, cell), amount, int.__add__)
        for measure in fact.measures:
            figure = Figure(fact.item, measure.indicator, measure.origin)
            rule = over_time[measure.indicator]
            if rule == "sum":
                for cell in cells:
                    _put(sums, (figure, cell), measure.amount, int.__add__)
            elif rule == "latest":
                series = Series(fact.unit, fact.channel, _month(fact.ended_on))
                _put(latest, (figure, series), Dated(fact.ended_on, measure.amount), max)
            else:
                series = Series(fact.unit, fact.channel, _month(fact.ended_on))
                _put(peaks, (figure, series), measure.amount, max)
    return Rollup(counts, sums, latest, peaks, money)


def merge(rollups: Iterable[Rollup]) -> Rollup:
    """Merge rollups, in any order and any grouping, to the same result."""
    parts = list(rollups)
    return Rollup(
        counts=_joined((part.counts for part in parts), _add_counts),
        sums=_joined((part.sums for part in parts), int.__add__),
        latest=_joined((part.latest for part in parts), max),
        peaks=_joined((part.peaks for part in parts), max),
        money=_joined((part.money for part in parts), int.__add__),
    )


def amounts(
    rollup: Rollup, *, additive: Callable[[str], bool], only: Collection[str] = ()
) -> dict[tuple[Figure, Cell], int]:
    """Return every amount that a rollup shows, by figure and cell.

    Of an indicator that replaces itself over time (`latest`, `max`) there are the cells total,
    unit, channel and month; of one that does not add over units (`additive` says so of an
    indicator's code) only the units. `only` keeps the cells of some dimensions.
    """
    shown = dict(rollup.sums)
    if only:
        shown = {key: amount for key, amount in shown.items() if key[1].dimension in only}
    tables = (shown, rollup.latest, rollup.peaks)
    measured = {figure.indicator for table in tables for figure, _ in table}
    apart = {code for code in measured if not additive(code)}
    if apart:
        shown = {
            (figure, cell): amount
            for (figure, cell), amount in shown.items()
            if cell.dimension == "unit" or figure.indicator not in apart
        }
    by_series: dict[tuple[Figure, Cell], dict[tuple[str, str], Dated]] = {}
    for (figure, series), dated in rollup.latest.items():
        cells = _series_cells(series, only, apart=figure.indicator in apart)
        _spread(by_series, figure, cells, dated, identity=(series.unit, series.channel))
    for (figure, series), peak in rollup.peaks.items():
        cells = _series_cells(series, only, apart=figure.indicator in apart)
        _spread(by_series, figure, cells, Dated(date.min, peak), identity=(series.unit, ""))
    for place, values in by_series.items():
        shown[place] = sum(value.amount for value in values.values())
    return shown


def _series_cells(series: Series, only: Collection[str], *, apart: bool) -> list[Cell]:
    """Return the cells of a series that are shown; of one that stands apart the unit's."""
    cells = [Cell("unit", series.unit)]
    if not apart:
        cells += [
            Cell(TOTAL, TOTAL),
            Cell("channel", series.channel),
            Cell("month", series.month),
        ]
    return [cell for cell in cells if not only or cell.dimension in only]


def _spread(
    table: dict[tuple[Figure, Cell], dict[tuple[str, str], Dated]],
    figure: Figure,
    cells: Iterable[Cell],
    value: Dated,
    *,
    identity: tuple[str, str],
) -> None:
    """Put a value into its cells, where a later (or larger) one of its series replaces it."""
    for cell in cells:
        _put(table.setdefault((figure, cell), {}), identity, value, max)


def _cells(fact: ActivityFact) -> list[Cell]:
    """Return the cells an activity counts in; of an overlapping dimension there may be several."""
    return [
        Cell(TOTAL, TOTAL),
        Cell("unit", fact.unit),
        Cell("channel", fact.channel),
        Cell("format", fact.format or NONE),
        Cell("integrated", "yes" if fact.integrated else "no"),
        Cell("month", _month(fact.occurred_on)),
        *(Cell("language", language) for language in fact.languages or (NONE,)),
        *(Cell("theme", theme) for theme in fact.themes or (NONE,)),
    ]


def _month(day: date) -> str:
    return f"{day.year:04}-{day.month:02}"


def _add_counts(one: Count, other: Count) -> Count:
    return Count(one.activities + other.activities, one.occurrences + other.occurrences)


def _put(
    table: dict[Key, Value], key: Key, value: Value, join: Callable[[Value, Value], Value]
) -> None:
    table[key] = join(table[key], value) if key in table else value


def _joined(
    parts: Iterable[Mapping[Key, Value]], join: Callable[[Value, Value], Value]
) -> dict[Key, Value]:
    whole: dict[Key, Value] = {}
    for part in parts:
        if not whole:
            whole.update(part)
            continue
        for key, value in part.items():
            had = whole.get(key)
            whole[key] = value if had is None else join(had, value)
    return whole
