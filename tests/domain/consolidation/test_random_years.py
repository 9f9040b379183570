"""Random years: the report is one and the same in whatever order, and its parts fit each other."""

import random
from dataclasses import replace
from typing import Any, TypeVar

import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.consolidation.build import Inputs, build
from app.domain.consolidation.checking_sums import check_sums
from app.domain.consolidation.figures import figure_at, figures
from tests.domain.consolidation.made_reports import Year, years

T = TypeVar("T")
any_year = st.sampled_from([2021, 2023, 2025]).flatmap(years)


def shuffled(rows: list[T], chance: random.Random) -> list[T]:
    """Return the rows in another order."""
    return chance.sample(rows, len(rows))


def in_another_order(inputs: Inputs, chance: random.Random) -> Inputs:
    """Return the same inputs as another worker, or another database, may read them."""
    return replace(
        inputs,
        roster=shuffled(list(inputs.roster), chance),
        contributions=shuffled(list(inputs.contributions), chance),
        joined=[shuffled(list(group), chance) for group in shuffled(list(inputs.joined), chance)],
    )


def content(inputs: Inputs) -> bytes:
    return rfc8785.dumps(build(inputs).model_dump(mode="json", by_alias=True))


@settings(max_examples=60, deadline=None)
@given(any_year, st.randoms(use_true_random=False))
def test_the_bytes_are_the_same_in_whatever_order(year: Year, chance: random.Random) -> None:
    assert content(in_another_order(year.inputs(), chance)) == content(year.inputs())


@settings(max_examples=60, deadline=None)
@given(any_year)
def test_the_parts_of_a_report_add_up(year: Year) -> None:
    said = year.report()
    assert [check for check in check_sums(said) if check.failed] == []
    coverage = said["coverage"]["ordered"]
    assert coverage["required"] == sum(
        coverage[name] for name in ("accepted", "in_review", "returned", "missing")
    )
    assert coverage["accepted"] == len(year.handed_in)


@settings(max_examples=60, deadline=None)
@given(any_year)
def test_each_figure_has_a_pointer_and_a_name_of_its_own(year: Year) -> None:
    said = year.report()
    shown = list(figures(said))
    assert len({one.pointer for one in shown}) == len(shown)
    alone = [one.name for one in shown if one.part != "left_out"]
    assert len(set(alone)) == len(alone)
    for one in shown[:: max(1, len(shown) // 5)]:
        place: Any = said
        for step in one.pointer.split("/")[1:]:
            place = place[int(step)] if isinstance(place, list) else place[step]
        assert (None if place is None else str(place)) == one.value
        assert figure_at(said, one.pointer) == one
