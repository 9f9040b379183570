"""Random years: the terms of every figure add up to it, on whichever hierarchy it is shown."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import example, given, settings

from app.domain.consolidation.build import Inputs, build
from app.domain.consolidation.explaining import Explaining, total_of
from app.domain.consolidation.explaining_rules import rules
from app.domain.consolidation.figures import figures
from app.domain.consolidation.hierarchy_view import Placement, UnitHead, place_within
from app.domain.period import Period
from tests.domain.consolidation.made_reports import HIERARCHY, LEVELS, Year, a_fact, measured
from tests.domain.consolidation.test_random_years import any_year

A_DAY = date(2026, 1, 1)


def moved() -> Year:
    """Return a year in which a commune did something for the one district, then the other."""
    rows = [
        a_fact("gso-11", date(2021, month, 1), measures=measured(posts=1, followers=n, reach=n))
        for month, n in ((2, 5), (3, 3))
    ]
    return Year(2021, {"gso-1": rows[:1], "gso-2": rows[1:]})


def on_a_day(year: Year) -> Inputs:
    """Return a year's inputs, to be shown by the units of a later day."""
    inputs, place = year.inputs(), HIERARCHY.view(A_DAY)
    window = Period(date(year.year, 1, 1), date(year.year + 1, 1, 1))
    placed = {
        unit: place_within(place, unit, HIERARCHY.steps(unit, window))
        for unit in inputs.placement.placed
    }
    named = {*placed, *(one.unit for one in placed.values() if one.unit)}
    heads = {unit: UnitHead(f"Đơn vị {unit}", LEVELS.get(unit)) for unit in named}
    return replace(inputs, placement=Placement(A_DAY, placed, heads, {}))


@settings(max_examples=60, deadline=None)
@given(any_year)
@example(moved())
def test_terms_add_up_to_each_figure(year: Year) -> None:
    for inputs in (year.inputs(), on_a_day(year)):
        said = build(inputs).model_dump(mode="json", by_alias=True)
        explaining = Explaining(said, inputs)
        for shown in figures(said):
            terms = explaining.terms(shown)
            assert list(rules(shown, said))
            if shown.value is None:
                units = said["totals"][int(shown.pointer.split("/")[2])]["units"]
                assert [(t.unit, t.stands_for) for t in terms] == [
                    (row["unit"], row["value"]) for row in units
                ]
            else:
                assert total_of(terms) == shown.value


def test_a_value_that_another_submission_holds_is_its_term() -> None:
    inputs = moved().inputs()
    said = build(inputs).model_dump(mode="json", by_alias=True)
    explaining = Explaining(said, inputs)
    shown = next(
        one
        for one in figures(said)
        if (one.part, one.column, one.indicator) == ("total", "counted", "followers")
    )
    (term,) = explaining.terms(shown)
    assert (term.submission, term.unit, term.amount) == ("gso-2", "gso-11", "3")
    apart = [
        (one.value, explaining.terms(one)[0].submission)
        for one in figures(said)
        if (one.part, one.indicator) == ("total_unit", "reach")
    ]
    assert apart == [("5", "gso-1"), ("3", "gso-2")]


def test_terms_that_do_not_add_up_are_an_error() -> None:
    inputs = moved().inputs()
    said = build(inputs).model_dump(mode="json", by_alias=True)
    shown = next(one for one in figures(said) if one.column == "activities")
    with pytest.raises(RuntimeError, match="terms of /counts/0/activities: 2, not 3"):
        Explaining(said, inputs).terms(replace(shown, value="3"))
