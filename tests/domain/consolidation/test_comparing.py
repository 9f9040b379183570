"""Two versions compared: what differs, by how much, and because of whom."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.consolidation.build import PROVINCIAL_BODY
from app.domain.consolidation.comparing import (
    Cause,
    Causes,
    Changed,
    Side,
    Standing,
    changed_figures,
    changed_inputs,
)
from app.domain.consolidation.figures import figures
from app.domain.consolidation.shares import shares
from tests.domain.consolidation.made_reports import LEVELS, Year, a_fact, facts, measured, years

some = settings(max_examples=40, deadline=None)
MARCH = date(2021, 3, 1)


def sides(before: Year, after: Year) -> tuple[Side, Side]:
    one, other = before.report(), after.report()
    units = changed_inputs(Side(one), Side(other))
    return _side(before, one, units), _side(after, other, units)


def _side(year: Year, report: dict[str, Any], units: list[str]) -> Side:
    return Side(
        report,
        {
            unit: shares(
                year.rollup(unit),
                unit=unit,
                indicators=report["indicators"],
                level_of=lambda key: LEVELS.get(key, PROVINCIAL_BODY),
            )
            for unit in units
            if unit in year.handed_in
        },
    )


@st.composite
def two_versions(draw: st.DrawFn) -> tuple[Year, Year]:
    """Draw a version, and one in which some of it is otherwise."""
    before = draw(years(2021))
    handed_in = dict(before.handed_in)
    for unit in ("gso-1", "gso-2", "body-3"):
        change = draw(st.sampled_from(["keep", "keep", "drop", "write"]))
        if change == "drop":
            handed_in.pop(unit, None)
        elif change == "write":
            handed_in[unit] = draw(st.lists(facts(unit, 2021), max_size=3))
    places = [(unit, n) for unit, rows in handed_in.items() for n in range(len(rows))]
    joined = [places[:2], places[2:4]] if len(places) > 3 and draw(st.booleans()) else []
    return before, Year(2021, handed_in, joined, revision=2)


@some
@given(year=years(2021))
def test_a_report_does_not_differ_from_itself(year: Year) -> None:
    one, other = sides(year, year)
    assert list(changed_figures(one, other)) == []
    assert changed_inputs(one, other) == []


@some
@given(versions=two_versions())
def test_before_and_difference_are_after_and_causes_add_up_to_it(
    versions: tuple[Year, Year],
) -> None:
    one, other = sides(*versions)
    causes = Causes(one, other)
    changed = list(changed_figures(one, other))
    names = {row.figure.name for row in changed}
    for row in changed:
        told = causes.of(row)
        assert told, row
        assert {cause.kind for cause in told} <= {"submission", "joint", "roster", "merged"}
        # Nobody here hands in another's series, so nothing is left that only merging explains.
        assert all(cause.kind != "merged" for cause in told), (row, told)
        if row.difference is None:
            continue
        had, has = (Decimal(side.value or 0) if side else 0 for side in (row.before, row.after))
        assert had + Decimal(row.difference) == has
        parts = [Decimal(cause.difference or 0) for cause in told]
        assert sum(parts) == Decimal(row.difference), (row, told)
    for side in (one, other):
        same = {shown.name: shown.value for shown in figures(side.report)}
        for name in same.keys() - names:
            assert one.figures[name][1].value == other.figures[name][1].value


def told(before: Year, after: Year, **which: str) -> tuple[Changed, list[Cause]]:
    """Return the one changed figure of that description, and its causes."""
    one, other = sides(before, after)
    found = [
        row
        for row in changed_figures(one, other)
        if all(getattr(row.figure, name) == value for name, value in which.items())
    ]
    assert len(found) == 1, found
    return found[0], list(Causes(one, other).of(found[0]))


def a_year(**changes: Any) -> Year:
    """Return a year of which every figure is small: two districts with one meeting each."""
    first = a_fact("gso-1", MARCH, item="III.2", measures=measured(posts=5))
    second = a_fact("gso-21", MARCH, item="III.2", measures=measured(posts=3, minutes=15))
    return replace(Year(2021, {"gso-1": [first], "gso-2": [second]}, silent=["body-3"]), **changes)


def test_a_figure_is_told_with_both_values_places_and_what_each_cause_made_of_it() -> None:
    before = a_year()
    third = a_fact("body-3", MARCH, item="III.2", measures=measured(posts=7))
    ours = [*before.handed_in["gso-1"], a_fact("gso-11", MARCH, measures=measured(posts=2))]
    after = a_year(
        handed_in={"gso-1": ours, "gso-2": before.handed_in["gso-2"], "body-3": [third]},
        joined=[[("gso-1", 0), ("gso-2", 0)]],
        silent=[],
    )
    row, because = told(before, after, part="total", column="counted", item="III.2")
    # 5 + 3, and then 5 + 3 + 7 of which 3 are the same.
    assert (row.difference, row.figure.indicator) == ("4", "posts")
    assert row.before == Standing("8", ("/totals/0/counted",))
    assert row.after == Standing("12", ("/totals/1/counted",))
    assert because == [Cause("submission", "body-3", "7"), Cause("joint", None, "-3")]
    _, because = told(before, after, part="total", column="credited", item="III.2")
    assert because == [Cause("submission", "body-3", "7")]
    row, because = told(before, after, part="hierarchy", column="value", unit="gso-11")
    assert (row.before, row.difference, because) == (
        None,
        "2",
        [Cause("submission", "gso-1", "2")],
    )
    row, because = told(
        before,
        after,
        part="breakdown",
        column="activities",
        dimension="level",
        member="commune",
        item="III.2",
    )
    assert (row.difference, because) == ("-1", [Cause("joint", None, "-1")])
    row, because = told(before, after, part="coverage", column="accepted", member="ordered")
    assert (row.difference, because) == ("1", [Cause("roster", "body-3", "1")])
    row, because = told(before, after, part="coverage", column="missing", member="ordered")
    assert (row.difference, because) == ("-1", [Cause("roster", "body-3", "-1")])


def test_what_does_not_add_over_units_differs_without_a_number() -> None:
    before = a_year()
    reached = a_fact("gso-11", MARCH, measures=measured(reach=900))
    after = a_year(handed_in={**before.handed_in, "gso-1": [*before.handed_in["gso-1"], reached]})
    row, because = told(before, after, part="total", column="counted", indicator="reach")
    assert (row.before, row.after and row.after.value, row.difference) == (None, None, None)
    row, because = told(before, after, part="total_unit", indicator="reach")
    assert (row.figure.unit, row.difference) == ("gso-11", "900")
    assert because == [Cause("submission", "gso-1", "900")]


def test_a_later_value_of_another_submission_is_told_as_merged() -> None:
    """Two submissions hold followers of one unit: the later ones count."""
    early = a_fact("gso-21", MARCH, measures=measured(followers=100))
    late = a_fact("gso-21", date(2021, 4, 1), measures=measured(followers=120))
    before = Year(2021, {"gso-2": [early]})
    row, because = told(
        before,
        Year(2021, {"gso-2": [early], "body-3": [late]}),
        part="total",
        column="counted",
        indicator="followers",
    )
    assert row.difference == "20"
    assert because == [Cause("submission", "body-3", "120"), Cause("merged", None, "-100")]
