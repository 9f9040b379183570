"""A plan over its years: totals, lines by the units of any day, and what is missing."""

import random
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.consolidation.hierarchy_view import UnitHead
from app.domain.consolidation.plan_summary import SummaryInputs, summarize
from app.domain.consolidation.report_heads import PlanHead
from app.domain.consolidation.summary_ground import AS_REPORTED, Ground, place_years
from app.domain.consolidation.summary_terms import YearlyReport
from app.domain.period import Period
from app.domain.units.hierarchy import Hierarchy, KnownUnit, Placed, Succession
from tests.domain.consolidation.made_reports import (
    DECIMALS,
    HIERARCHY,
    ITEMS,
    LEVELS,
    NOT_OVER_UNITS,
    OVER_TIME,
    PERIODS,
    Year,
    a_fact,
    measured,
    years,
)

Row = dict[str, Any]
some = settings(max_examples=30, deadline=None)
PLAN_YEARS = (2021, 2022, 2023, 2024, 2025)
DAYS = [date(2020, 6, 1), date(2021, 6, 1), date(2023, 3, 1), date(2025, 6, 30), date(2025, 7, 1)]


def yearly(year: Year, *, issued: bool = False) -> YearlyReport:
    return YearlyReport(year.year, f"p.{year.year}", 1, "a" * 64, issued, year.report())


def inputs(reports: list[YearlyReport], units_on: date | None = None) -> SummaryInputs:
    ground = AS_REPORTED
    if units_on is not None:
        ground = Ground(
            units_on,
            "b" * 64,
            place_years(reports, HIERARCHY, units_on),
            {unit: UnitHead(unit, LEVELS.get(unit)) for unit in PERIODS},
            {},
        )
    return SummaryInputs(
        plan=PlanHead(slug="p", title="P", issuer="UBND", number=None, issued_on=None),
        plan_sha256="c" * 64,
        items=[*ITEMS, "IV.1", "V.1"],
        funding_rules={"IV.1"},
        purpose="sandbox",
        years=PLAN_YEARS,
        reports=reports,
        ground=ground,
    )


def summary(*of: Year, units_on: date | None = None) -> Row:
    """Return the summary's JSON."""
    made = summarize(inputs([yearly(year) for year in of], units_on))
    return made.model_dump(mode="json", by_alias=True)


@st.composite
def some_years(draw: st.DrawFn) -> list[Year]:
    return [draw(years(year)) for year in PLAN_YEARS if draw(st.booleans())]


def number(value: Any) -> Decimal:
    return Decimal(value or 0)


def at(document: Any, pointer: str) -> Any:
    """Return what stands at a JSON Pointer."""
    for step in pointer.split("/")[1:]:
        document = document[int(step)] if isinstance(document, list) else document[step]
    return document


@some
@given(of=some_years(), units_on=st.sampled_from([None, *DAYS]), mixing=st.randoms())
def test_it_is_the_same_bytes_in_whatever_order_the_years_come(
    of: list[Year], units_on: date | None, mixing: random.Random
) -> None:
    mixed = mixing.sample(of, len(of))
    assert rfc8785.dumps(summary(*of, units_on=units_on)) == rfc8785.dumps(
        summary(*mixed, units_on=units_on)
    )


def credited(told: Row) -> Row:
    """Return by figure what the lines add up to, mapped or not."""
    found: dict[str, Decimal] = {}

    def add(key: str, amount: Any) -> None:
        found[key] = found.get(key, Decimal(0)) + number(amount)

    for line in (*told["lines"], *told["unmapped"]):
        for row in line["figures"]:
            if row["indicator"] not in NOT_OVER_UNITS:
                add(f"{row['item']}/{row['indicator']}/{row['origin']}", row["value"])
        for row in line["expenditure"]:
            add(f"{row['item']}/{row['source']}", row["value"])
        for row in line["counts"]:
            add(f"{row['item']}/activities", row["activities"])
            add(f"{row['item']}/occurrences", row["occurrences"])
    return found


@some
@given(of=some_years(), units_on=st.sampled_from([None, *DAYS]))
def test_lines_add_up_to_what_is_credited_whichever_day_it_is(
    of: list[Year], units_on: date | None
) -> None:
    told = summary(*of, units_on=units_on)
    expected = {
        f"{row['item']}/{row['indicator']}/{row['origin']}": number(row["credited"])
        for row in told["totals"]
        if row["credited"] is not None
    }
    expected |= {
        f"{row['item']}/{row['source']}": number(row["value"]) for row in told["expenditure"]
    }
    for row in told["counts"]:
        expected[f"{row['item']}/activities"] = Decimal(row["credited_activities"])
        expected[f"{row['item']}/occurrences"] = Decimal(row["credited_occurrences"])
    assert credited(told) == expected


Figure = tuple[str, str, str]


def raw(year: Year) -> dict[tuple[Figure, str], int]:
    """Return what each unit did in a year, straight from its activity, scaled."""
    series: dict[tuple[Figure, str], list[tuple[date, int, str]]] = {}
    for fact in (fact for rows in year.handed_in.values() for fact in rows):
        for m in fact.measures:
            key = ((fact.item, m.indicator, m.origin), fact.unit)
            series.setdefault(key, []).append((fact.ended_on, m.amount, fact.channel))
    found = {}
    for key, values in series.items():
        rule = OVER_TIME[key[0][1]]
        if rule == "latest":
            last = {channel: (day, amount) for day, amount, channel in sorted(values)}
            found[key] = sum(amount for _, amount in last.values())
        else:
            found[key] = (sum if rule == "sum" else max)(amount for _, amount, _ in values)
    return found


@some
@given(of=some_years())
def test_what_goes_over_the_years_is_what_raw_activity_says(of: list[Year]) -> None:
    """Sums over all activity; of a unit the last year's values, or the largest of all."""
    over: dict[tuple[Figure, str], list[int]] = {}
    for year in of:
        for key, amount in raw(year).items():
            over.setdefault(key, []).append(amount)
    expected: dict[Figure, Decimal] = {}
    for (figure, _), amounts in over.items():
        if figure[1] not in NOT_OVER_UNITS:
            rule = OVER_TIME[figure[1]]
            last, whole = amounts[-1], (sum if rule == "sum" else max)(amounts)
            value = Decimal(last if rule == "latest" else whole)
            value = value.scaleb(-DECIMALS.get(figure[1], 0))
            expected[figure] = expected.get(figure, Decimal(0)) + value
    assert {
        (row["item"], row["indicator"], row["origin"]): number(row["credited"])
        for row in summary(*of)["totals"]
        if row["indicator"] not in NOT_OVER_UNITS
    } == expected


@some
@given(of=some_years(), units_on=st.sampled_from([None, *DAYS]))
def test_every_pointer_leads_to_what_is_added(of: list[Year], units_on: date | None) -> None:
    reports = {year.year: year.report() for year in of}
    told = summary(*of, units_on=units_on)
    rows = [
        row
        for line in (*told["lines"], *told["unmapped"])
        for row in (*line["figures"], *line["expenditure"])
    ]
    for row in (*rows, *told["expenditure"], *(u for t in told["totals"] for u in t["units"])):
        for one in row["by_year"]:
            found = [number(at(reports[one["year"]], pointer)) for pointer in one["pointers"]]
            assert sum(found) == number(one["value"])
        sources = row.get("value_from")
        if sources is None:
            assert sum(number(one["value"]) for one in row["by_year"]) == number(row["value"])
        else:
            found = [number(at(reports[one["year"]], one["pointer"])) for one in sources]
            assert sum(found) == number(row["value"])
    for row in told["totals"]:
        for one in row["by_year"]:
            line = at(reports[one["year"]], one["pointer"])
            assert (line["counted"], line["credited"]) == (one["counted"], one["credited"])
    for row in told["counts"]:
        for one in row["by_year"]:
            assert at(reports[one["year"]], one["pointer"])["activities"] == one["activities"]


def five_years() -> list[Year]:
    """Return a department, its successor, and a district, over a few years."""
    day = {year: date(year, 2, 1) for year in PLAN_YEARS}
    return [
        Year(
            2021,
            {
                "body-3": [a_fact("body-3", day[2021], measures=measured(posts=4, followers=100))],
                "gso-1": [
                    a_fact("gso-11", day[2021], measures=measured(followers=50, screens=9)),
                    a_fact("gso-1", day[2021], measures=measured(reach=70, posts=4)),
                ],
            },
            joined=[[("body-3", 0), ("gso-1", 1)]],
        ),
        Year(
            2022,
            {
                "body-3": [a_fact("body-3", day[2022], measures=measured(posts=1, followers=110))],
                "gso-1": [a_fact("gso-11", day[2022], measures=measured(screens=7, reach=30))],
            },
        ),
        Year(2024, {"body-4": [a_fact("body-4", day[2024], measures=measured(followers=120))]}),
    ]


def test_each_rule_over_time_is_followed_and_missing_years_are_said() -> None:
    told = summary(*five_years())
    assert [(row["year"], row["standing"]) for row in told["years"]] == [
        (2021, "not_issued"),
        (2022, "not_issued"),
        (2023, "missing"),
        (2024, "not_issued"),
        (2025, "missing"),
    ]
    assert told["manifest"]["missing"] == [2023, 2025]
    totals = {row["indicator"]: row for row in told["totals"]}
    # 4 and 4 are one activity; then 1.
    assert (totals["posts"]["counted"], totals["posts"]["credited"]) == ("5", "9")
    # body-3 last said 110, gso-11 50, body-4 120.
    assert (totals["followers"]["counted"], totals["followers"]["credited"]) == ("280", "280")
    assert [one["counted"] for one in totals["followers"]["by_year"]] == ["150", "110", "120"]
    assert [one["year"] for one in totals["followers"]["value_from"]] == [2021, 2022, 2024]
    assert totals["screens"]["counted"] == "9"
    assert totals["reach"]["counted"] is None
    assert [(u["unit"], u["value"]) for u in totals["reach"]["units"]] == [
        ("gso-1", "70"),
        ("gso-11", "30"),
    ]
    assert told["gaps"] == [
        {"item": "III.2", "assigned": False},
        {"item": "III.3", "assigned": True},
        {"item": "V.1", "assigned": False},
    ]


def test_lines_follow_units_to_the_day_and_nothing_is_guessed() -> None:
    told = summary(*five_years(), units_on=date(2025, 7, 1))
    lines = {row["unit"]: row for row in told["lines"]}
    values = {
        unit: {row["indicator"]: row["value"] for row in line["figures"]}
        for unit, line in lines.items()
    }
    # What does not add over units stands on no line of another day.
    assert values == {
        "body-4": {"posts": "5", "followers": "230"},
        "gso-101": {"followers": "50", "screens": "9"},
    }
    followers = next(r for r in lines["body-4"]["figures"] if r["indicator"] == "followers")
    assert [(one["year"], one["value"]) for one in followers["by_year"]] == [
        (2021, "100"),
        (2022, "110"),
        (2024, "120"),
    ]
    (former,) = told["unmapped"]
    assert (former["unit"], former["reason"], former["within"]) == (
        "gso-1",
        "no_successor",
        "gso-51",
    )
    assert [(row["indicator"], row["value"]) for row in former["figures"]] == [("posts", "4")]


def test_a_unit_whose_place_changes_within_a_year_is_unmapped_for_that_year_alone() -> None:
    """It was one unit of that day, until in May 2022 it took in another."""
    began, grew = date(2020, 7, 1), date(2022, 5, 1)
    register = Hierarchy(
        units=[
            KnownUnit("gso-11", Period(None, began), "commune"),
            KnownUnit("gso-12", Period(None, grew), "commune"),
            KnownUnit("gso-101", Period(began, None), "commune"),
        ],
        parentages=[],
        successions=[
            Succession("gso-11", "gso-101", began, "whole"),
            Succession("gso-12", "gso-101", grew, "whole"),
        ],
    )
    reports = [
        yearly(Year(year, {"gso-101": [a_fact("gso-101", date(year, 2, 1))]}))
        for year in (2021, 2022, 2023)
    ]
    assert place_years(reports, register, date(2020, 1, 1)) == {
        (2021, "gso-101"): Placed("gso-11"),
        (2022, "gso-101"): Placed(None, "moved_within_window"),
        (2023, "gso-101"): Placed(None, "several_predecessors"),
    }


def test_an_issued_report_is_said_to_be_one() -> None:
    reports = [yearly(five_years()[0], issued=True)]
    told = summarize(replace(inputs(reports), years=[2021]))
    assert [row.standing for row in told.years] == ["issued"]
    assert told.manifest.inputs[0].issued
