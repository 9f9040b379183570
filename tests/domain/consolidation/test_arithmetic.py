"""Adding up is order-free, and says what one pass over all of the activity says."""

import json
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields
from datetime import date, timedelta
from typing import Final, TypeVar

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.consolidation.arithmetic import (
    DIMENSIONS,
    OVERLAPPING,
    ActivityFact,
    Cell,
    Figure,
    MeasureFact,
    OverTime,
    Rollup,
    amounts,
    fold,
    merge,
)
from app.domain.consolidation.rollup_json import RollupReader, from_json, to_json

OVER_TIME: Final[dict[str, OverTime]] = {
    "posts": "sum",
    "minutes": "sum",
    "visitors": "sum",
    "followers": "latest",
    "moods": "latest",
    "screens": "max",
    "reach": "max",
}
NOT_OVER_UNITS: Final = {"visitors", "moods", "reach"}
TOTAL: Final = Cell("total", "total")
A_FACT: Final = ActivityFact(
    unit="gso-524",
    item="III.1.b",
    occurred_on=date(2021, 3, 10),
    ended_on=date(2021, 3, 10),
    occurrences=1,
    channel="facebook",
    format="news",
    languages=("vi",),
    themes=("II.1.1",),
    integrated=False,
)

K = TypeVar("K")
adding = settings(max_examples=50, deadline=None)


def adds_over_units(indicator: str) -> bool:
    return indicator not in NOT_OVER_UNITS


def a_fact(**changes: object) -> ActivityFact:
    return ActivityFact(**{**vars(A_FACT), **changes})


def measured(indicator: str, amount: int, **changes: object) -> ActivityFact:
    return a_fact(measures=(MeasureFact(indicator, "original", amount),), **changes)


def shown(facts: Iterable[ActivityFact]) -> dict[tuple[Figure, Cell], int]:
    return amounts(fold(facts, OVER_TIME), additive=adds_over_units)


def figure(indicator: str, item: str = "III.1.b") -> Figure:
    return Figure(item, indicator, "original")


def subset(*members: str) -> st.SearchStrategy[tuple[str, ...]]:
    return st.sets(st.sampled_from(members)).map(lambda chosen: tuple(sorted(chosen)))


@st.composite
def activity(draw: st.DrawFn) -> ActivityFact:
    # Few members and few days, so that values of one series meet on one day now and then.
    day = date(2021, 1, 29) + timedelta(days=draw(st.integers(0, 5)))
    amount = st.integers(0, 9) | st.integers(2**53, 2**70)
    measures = draw(
        st.lists(
            st.tuples(
                st.sampled_from(sorted(OVER_TIME)), st.sampled_from(["original", "repost"]), amount
            ),
            max_size=3,
            unique_by=lambda row: row[:2],
        )
    )
    money = draw(st.dictionaries(st.sampled_from(["budget", "other"]), amount, max_size=2))
    return ActivityFact(
        unit=draw(st.sampled_from(["gso-1", "gso-2", "body-3"])),
        item=draw(st.sampled_from(["III.1.b", "III.3"])),
        occurred_on=day,
        ended_on=day + timedelta(days=draw(st.integers(0, 4))),
        occurrences=draw(st.integers(1, 5)),
        channel=draw(st.sampled_from(["facebook", "zalo"])),
        format=draw(st.sampled_from([None, "news", "video_clip"])),
        languages=draw(subset("vi", "hre", "cua")),
        themes=draw(subset("II.1.1", "II.1.2")),
        integrated=draw(st.booleans()),
        measures=tuple(MeasureFact(*row) for row in measures),
        expenditure=tuple(money.items()),
    )


many = st.lists(activity(), max_size=7)


@adding
@given(facts=many, numbers=st.lists(st.integers(0, 3), min_size=7, max_size=7))
def test_merging_the_folds_of_any_parts_is_one_pass_over_all(
    facts: list[ActivityFact], numbers: list[int]
) -> None:
    parts = [
        fold([fact for fact, n in zip(facts, numbers, strict=False) if n == part], OVER_TIME)
        for part in range(4)
    ]
    assert merge(parts) == fold(facts, OVER_TIME)


@adding
@given(parts=st.lists(many, max_size=4), seed=st.randoms(use_true_random=False))
def test_merging_is_free_of_order(parts: list[list[ActivityFact]], seed: random.Random) -> None:
    rollups = [fold(part, OVER_TIME) for part in parts]
    shuffled = seed.sample(rollups, len(rollups))
    assert merge(shuffled) == merge(rollups)
    assert to_json(merge(shuffled)) == to_json(merge(rollups))


@adding
@given(one=many, two=many, three=many)
def test_merging_is_free_of_grouping(
    one: list[ActivityFact], two: list[ActivityFact], three: list[ActivityFact]
) -> None:
    a, b, c = (fold(part, OVER_TIME) for part in (one, two, three))
    assert merge([merge([a, b]), c]) == merge([a, merge([b, c])]) == merge([a, b, c])


@adding
@given(facts=many)
def test_an_empty_rollup_adds_nothing(facts: list[ActivityFact]) -> None:
    rollup = fold(facts, OVER_TIME)
    assert merge([Rollup(), rollup]) == merge([rollup, Rollup()]) == merge([rollup]) == rollup
    assert merge([]) == fold([], OVER_TIME) == Rollup()


@adding
@given(facts=many)
def test_merging_leaves_its_parts_alone(facts: list[ActivityFact]) -> None:
    rollup, other = fold(facts, OVER_TIME), fold([measured("posts", 1)], OVER_TIME)
    before = to_json(rollup)
    merge([rollup, other, rollup])
    assert to_json(rollup) == before


@adding
@given(facts=many)
def test_a_rollup_comes_back_from_its_bytes(facts: list[ActivityFact]) -> None:
    rollup = fold(facts, OVER_TIME)
    again = from_json(to_json(rollup))
    assert again == rollup
    assert to_json(again) == to_json(rollup)
    for table in fields(Rollup):
        pairs = zip(
            sorted(getattr(again, table.name).items()),
            sorted(getattr(rollup, table.name).items()),
            strict=True,
        )
        assert all(type(one[1]) is type(two[1]) for one, two in pairs)


@adding
@given(facts=many, seed=st.randoms(use_true_random=False))
def test_equal_rollups_have_equal_bytes_and_others_do_not(
    facts: list[ActivityFact], seed: random.Random
) -> None:
    content = to_json(fold(facts, OVER_TIME))
    assert to_json(fold(seed.sample(facts, len(facts)), OVER_TIME)) == content
    assert to_json(fold([*facts, a_fact()], OVER_TIME)) != content


def test_a_rollup_is_canonical_json() -> None:
    content = to_json(fold([measured("posts", 2**70, themes=("II.1.2", "II.1.1"))], OVER_TIME))
    assert rfc8785.dumps(json.loads(content)) == content
    assert str(2**70).encode() in content


def test_a_rollup_of_another_schema_is_refused() -> None:
    content = to_json(Rollup()).replace(b"baocao/rollup/2", b"baocao/rollup/3")
    with pytest.raises(ValueError, match="baocao/rollup/3"):
        from_json(content)


@adding
@given(facts=many)
def test_a_rollup_of_the_first_schema_is_still_read(facts: list[ActivityFact]) -> None:
    rollup = fold(facts, OVER_TIME)
    assert from_json(of_the_first_schema(rollup)) == rollup


def of_the_first_schema(rollup: Rollup) -> bytes:
    """Return a rollup as the service stored it at first."""
    rows: dict[str, list[list[str]]] = {
        "counts": [[i, *cell, *map(str, n)] for (i, cell), n in rollup.counts.items()],
        "sums": [[*f, *cell, str(n)] for (f, cell), n in rollup.sums.items()],
        "latest": [
            [*f, *s, d.day.isoformat(), str(d.amount)] for (f, s), d in rollup.latest.items()
        ],
        "peaks": [[*f, *s, str(n)] for (f, s), n in rollup.peaks.items()],
        "money": [[i, m, *cell, str(n)] for (i, m, cell), n in rollup.money.items()],
    }
    named = {name: sorted(lines) for name, lines in rows.items()}
    return rfc8785.dumps({"schema": "baocao/rollup/1", **named})


@adding
@given(parts=st.lists(many, max_size=4))
def test_one_reader_reads_many_rollups_and_mixes_nothing(parts: list[list[ActivityFact]]) -> None:
    reader = RollupReader()
    rollups = [fold(part, OVER_TIME) for part in parts]
    assert [reader.read(to_json(rollup)) for rollup in rollups] == rollups


@adding
@given(facts=many)
def test_amounts_of_some_dimensions_are_those_of_all_in_their_cells(
    facts: list[ActivityFact],
) -> None:
    rollup, table = fold(facts, OVER_TIME), shown(facts)
    for only in (("total", "unit"), ("channel",), ("month", "theme")):
        assert amounts(rollup, additive=adds_over_units, only=only) == {
            key: n for key, n in table.items() if key[1].dimension in only
        }


@adding
@given(facts=many)
def test_members_of_a_dimension_that_does_not_overlap_add_up_to_the_total(
    facts: list[ActivityFact],
) -> None:
    rollup = fold(facts, OVER_TIME)
    for dimension in set(DIMENSIONS) - OVERLAPPING:
        members = {key: n for key, n in rollup.sums.items() if key[1].dimension == dimension}
        totals = {key[0]: n for key, n in rollup.sums.items() if key[1] == TOTAL}
        assert _added((key[0], n) for key, n in members.items()) == totals
        assert _added(
            ((item, source), n)
            for (item, source, cell), n in rollup.money.items()
            if cell.dimension == dimension
        ) == {
            (item, source): n for (item, source, cell), n in rollup.money.items() if cell == TOTAL
        }
        for field in range(2):
            assert _added(
                (item, count[field])
                for (item, cell), count in rollup.counts.items()
                if cell.dimension == dimension
            ) == {
                item: count[field] for (item, cell), count in rollup.counts.items() if cell == TOTAL
            }


@adding
@given(facts=many)
def test_members_of_an_overlapping_dimension_add_up_to_no_less_than_the_total(
    facts: list[ActivityFact],
) -> None:
    rollup = fold(facts, OVER_TIME)
    for dimension in OVERLAPPING:
        added = _added(
            (key[0], n) for key, n in rollup.sums.items() if key[1].dimension == dimension
        )
        totals = {key[0]: n for key, n in rollup.sums.items() if key[1] == TOTAL}
        assert added.keys() == totals.keys()
        assert all(added[key] >= totals[key] for key in totals)


@adding
@given(facts=many)
def test_sums_are_what_plain_adding_gives_in_every_cell(facts: list[ActivityFact]) -> None:
    expected: dict[tuple[Figure, Cell], int] = {}
    for fact in facts:
        cells = {TOTAL, Cell("unit", fact.unit), Cell("channel", fact.channel)}
        cells.add(Cell("format", "none" if fact.format is None else fact.format))
        cells.add(Cell("integrated", {True: "yes", False: "no"}[fact.integrated]))
        cells.add(Cell("month", fact.occurred_on.isoformat()[:7]))
        cells |= {Cell("language", code) for code in (fact.languages or ["none"])}
        cells |= {Cell("theme", code) for code in (fact.themes or ["none"])}
        for measure in fact.measures:
            if OVER_TIME[measure.indicator] != "sum":
                continue
            for cell in cells:
                if measure.indicator == "visitors" and cell.dimension != "unit":
                    continue
                key = Figure(fact.item, measure.indicator, measure.origin), cell
                expected[key] = expected.get(key, 0) + measure.amount
    found = {key: n for key, n in shown(facts).items() if OVER_TIME[key[0].indicator] == "sum"}
    assert found == expected


@adding
@given(facts=many)
def test_latest_is_the_last_value_of_a_units_channel_and_adds_over_them(
    facts: list[ActivityFact],
) -> None:
    def last(values: Sequence[tuple[ActivityFact, int]]) -> int:
        day = max(fact.ended_on for fact, _ in values)
        return max(amount for fact, amount in values if fact.ended_on == day)

    expected = _of_series(facts, "latest", lambda fact: (fact.unit, fact.channel), last)
    found = {key: n for key, n in shown(facts).items() if OVER_TIME[key[0].indicator] == "latest"}
    assert found == expected


@adding
@given(facts=many)
def test_max_is_the_largest_value_of_a_unit_and_adds_over_units(facts: list[ActivityFact]) -> None:
    def largest(values: Sequence[tuple[ActivityFact, int]]) -> int:
        return max(amount for _, amount in values)

    expected = _of_series(facts, "max", lambda fact: fact.unit, largest)
    found = {key: n for key, n in shown(facts).items() if OVER_TIME[key[0].indicator] == "max"}
    assert found == expected


@adding
@given(facts=many)
def test_what_does_not_add_over_units_is_shown_of_units_only(facts: list[ActivityFact]) -> None:
    table = shown(facts)
    assert {cell.dimension for figure, cell in table if figure.indicator in NOT_OVER_UNITS} <= {
        "unit"
    }
    said = {(f.unit, m.indicator) for f in facts for m in f.measures}
    assert {
        (cell.member, figure.indicator) for figure, cell in table if cell.dimension == "unit"
    } == said


def test_a_later_value_replaces_a_larger_one_also_from_another_month() -> None:
    table = shown(
        [
            measured("followers", 900, occurred_on=date(2021, 3, 1), ended_on=date(2021, 3, 1)),
            measured("followers", 850, occurred_on=date(2021, 4, 2), ended_on=date(2021, 4, 2)),
            measured("followers", 100, channel="zalo"),
            measured("followers", 7, unit="gso-21001"),
        ]
    )
    assert table[figure("followers"), TOTAL] == 850 + 100 + 7
    assert table[figure("followers"), Cell("unit", "gso-524")] == 850 + 100
    assert table[figure("followers"), Cell("channel", "facebook")] == 850 + 7
    assert table[figure("followers"), Cell("month", "2021-03")] == 900 + 100 + 7
    assert table[figure("followers"), Cell("month", "2021-04")] == 850


def test_of_two_values_of_one_day_the_larger_counts_whichever_comes_first() -> None:
    pair = [measured("followers", 12), measured("followers", 15)]
    for facts in (pair, pair[::-1]):
        assert shown(facts)[figure("followers"), TOTAL] == 15


def test_a_summary_gives_its_value_on_its_last_day() -> None:
    long = measured("followers", 40, occurred_on=date(2021, 2, 1), ended_on=date(2021, 6, 30))
    short = measured("followers", 30, occurred_on=date(2021, 5, 1), ended_on=date(2021, 5, 1))
    assert shown([long, short])[figure("followers"), TOTAL] == 40


def test_a_units_peak_is_one_number_whatever_its_channels() -> None:
    table = shown(
        [
            measured("screens", 5, channel="electronic_board"),
            measured("screens", 3, channel="television"),
            measured("screens", 2, unit="gso-21001"),
        ]
    )
    assert table[figure("screens"), TOTAL] == 5 + 2
    assert table[figure("screens"), Cell("channel", "television")] == 3
    assert table[figure("screens"), Cell("month", "2021-03")] == 5 + 2


def test_a_value_of_nought_is_a_value() -> None:
    table = shown([measured("posts", 0), measured("followers", 0), measured("screens", 0)])
    assert [table[figure(code), TOTAL] for code in ("posts", "followers", "screens")] == [0, 0, 0]


def test_a_summarys_measures_count_once_and_its_occurrences_as_often_as_it_says() -> None:
    rollup = fold([measured("posts", 30, occurrences=12)], OVER_TIME)
    assert rollup.sums[figure("posts"), TOTAL] == 30
    assert rollup.counts["III.1.b", TOTAL] == (1, 12)


def test_reposts_stand_apart_from_originals() -> None:
    both = (MeasureFact("posts", "original", 3), MeasureFact("posts", "repost", 40))
    table = shown([a_fact(measures=both)])
    assert table[Figure("III.1.b", "posts", "original"), TOTAL] == 3
    assert table[Figure("III.1.b", "posts", "repost"), TOTAL] == 40


def _of_series(
    facts: Iterable[ActivityFact],
    over_time: OverTime,
    series: Callable[[ActivityFact], K],
    decide: Callable[[Sequence[tuple[ActivityFact, int]]], int],
) -> dict[tuple[Figure, Cell], int]:
    """Return each cell's sum over its series, of what one value decides for the series there."""
    values: dict[tuple[Figure, Cell], dict[K, list[tuple[ActivityFact, int]]]] = {}
    for fact in facts:
        for measure in fact.measures:
            if OVER_TIME[measure.indicator] != over_time:
                continue
            cells = [Cell("unit", fact.unit)]
            if measure.indicator not in NOT_OVER_UNITS:
                month = fact.ended_on.isoformat()[:7]
                cells += [TOTAL, Cell("channel", fact.channel), Cell("month", month)]
            for cell in cells:
                key = Figure(fact.item, measure.indicator, measure.origin), cell
                values.setdefault(key, {}).setdefault(series(fact), []).append(
                    (fact, measure.amount)
                )
    return {
        key: sum(decide(found) for found in by_series.values()) for key, by_series in values.items()
    }


def _added(pairs: Iterable[tuple[K, int]]) -> dict[K, int]:
    added: dict[K, int] = {}
    for key, amount in pairs:
        added[key] = added.get(key, 0) + amount
    return added
