"""Comparing the plan's summary with its tables, line by line, and with the yearly reports."""

import hashlib
import json
from typing import Any

from tests.scenario import table
from tests.scenario.checks import by_first, named, numbers, sums
from tests.scenario.stage import Stage
from tests.scenario.summary_table import (
    AS_REPORTED,
    FOLLOWERS,
    FOLLOWERS_BY_YEAR,
    ON_THE_UNITS_OF_2026,
    REACH,
    UNMAPPED_IN_2026,
    WITHOUT_ACTIVITY,
)
from tests.scenario.units import UNITS
from tests.support.api import Portal
from tests.support.makers import PLAN

Summary = dict[str, Any]
NOTHING_UNMAPPED = ""
LAST = {edition.year: edition for edition in table.EDITIONS}


def check_summary(stage: Stage, reader: Portal) -> None:
    """Compare the summary of the plan, by the units that reported and by those of 2026."""
    place = f"/v1/plans/{PLAN}/summary"
    as_reported, of_2026 = (
        json.loads(reader.get(place, units_on=units_on).content)
        for units_on in ("as_reported", "2026-01-01")
    )
    for told in (as_reported, of_2026):
        _check_years(told, stage)
        _check_totals(told)
        assert [row["item"] for row in told["gaps"]] == WITHOUT_ACTIVITY.split()
    _check_lines(as_reported["lines"], AS_REPORTED)
    _check_lines(as_reported["unmapped"], NOTHING_UNMAPPED)
    _check_lines(of_2026["lines"], ON_THE_UNITS_OF_2026)
    _check_lines(of_2026["unmapped"], UNMAPPED_IN_2026)
    _check_two_years(reader, place, as_reported)


def _check_years(told: Summary, stage: Stage) -> None:
    """Of each year its last version went in, none of which was issued."""
    for year, inputs in zip(told["years"], told["manifest"]["inputs"], strict=True):
        last = LAST[year["year"]]
        assert (year["standing"], year["edition"]) == ("not_issued", last.edition)
        assert (year["ordered"], year["others"]) == (numbers(last.ordered), numbers(last.others))
        content = stage.pulled[last.year, last.version]
        digest = hashlib.sha256(content).hexdigest()
        assert (inputs["version"], inputs["sha256"]) == (last.version, digest)
    assert [year["year"] for year in told["years"]] == sorted(LAST)


def _check_totals(told: Summary) -> None:
    totals = {(row["item"], row["indicator"]): row for row in told["totals"]}
    followers, reach = (totals.pop(("III.1.b", code)) for code in ("followers", "reach"))
    for column in ("counted", "credited"):  # nothing in the five years was joined
        assert {
            key: (row[column], {str(one["year"]): one[column] for one in row["by_year"]})
            for key, row in totals.items()
        } == sums(table.GRAND_TOTALS)
        ((whole, parts),) = named(FOLLOWERS).values()
        assert followers[column] == whole
        assert {one["year"]: one[column] for one in followers["by_year"]} == FOLLOWERS_BY_YEAR
        assert reach[column] is None
    assert [one["year"] for one in followers["value_from"]] == [2021, 2023]
    assert len(parts) == len(followers["value_from"])
    ((_, parts),) = named(REACH).values()
    assert {one["unit"]: one["value"] for one in reach["units"]} == parts
    assert {
        (row["item"], row["source"]): (
            row["value"],
            {str(one["year"]): one["value"] for one in row["by_year"]},
        )
        for row in told["expenditure"]
    } == sums(table.GRAND_MONEY)
    for column in ("activities", "credited_activities"):
        assert {
            (row["item"], "activities"): (
                str(row[column]),
                {str(one["year"]): str(one[column]) for one in row["by_year"]},
            )
            for row in told["counts"]
        } == sums(table.GRAND_COUNTS)


def _check_lines(lines: list[Summary], expected: str) -> None:
    told = {}
    for line in lines:
        amounts = {(row["item"], row["indicator"], row["value"]) for row in line["figures"]}
        amounts |= {(row["item"], row["source"], row["value"]) for row in line["expenditure"]}
        amounts |= {(r["item"], "activities", str(r["activities"])) for r in line["counts"]}
        told[line["unit"]] = amounts
    assert told == {UNITS[unit]: amounts for unit, amounts in by_first(expected).items()}


def _check_two_years(reader: Portal, place: str, whole: Summary) -> None:
    """Two years side by side are those of the whole."""
    told = json.loads(reader.get(place, years="2021,2025").content)
    assert [row["year"] for row in told["years"]] == [2021, 2025]
    beside = {
        (row["item"], row["indicator"]): {one["year"]: one["counted"] for one in row["by_year"]}
        for row in told["totals"]
    }
    assert beside["III.1.b", "posts"] == {2021: "87", 2025: "52"}
    for row in whole["totals"]:
        years = {
            one["year"]: one["counted"] for one in row["by_year"] if one["year"] in (2021, 2025)
        }
        assert beside.get((row["item"], row["indicator"]), {}) == years
