"""Comparing what the service says with the tables, line by line."""

import re
from decimal import Decimal
from typing import Any, Final

from tests.scenario.table import ACCEPTED_PERCENT, COMMUNES_WITHIN_DISTRICTS, Edition
from tests.scenario.units import UNITS

_WORDS: Final = re.compile(r"(\w+) (\d+)|(\d+)")
Report = dict[str, Any]
Figures = dict[tuple[str, str], tuple[str | None, dict[str, str]]]


def lines(table: str) -> list[list[str]]:
    """Return the lines of a table as words; a line that begins with + goes on."""
    joined = re.sub(r"\n\s+\+ ", " + ", table)
    return [line.split() for line in joined.splitlines() if line.strip()]


def sums(table: str) -> Figures:
    """Return by item and name the total and its parts; the table's own sums are right."""
    found: Figures = {}
    for item, name, total, equals, *parts in lines(table):
        assert equals == "=", (item, name)
        words = [word for word in parts if word != "+"]
        amounts = dict(zip(words[::2], words[1::2], strict=True))
        if total != "-":
            assert Decimal(total) == sum(map(Decimal, amounts.values())), (item, name)
        found[item, name] = (None if total == "-" else total, amounts)
    return found


def named(table: str) -> Figures:
    """Return the sums of a table whose parts are units', by their keys."""
    return {
        place: (total, {UNITS[unit]: amount for unit, amount in parts.items()})
        for place, (total, parts) in sums(table).items()
    }


def check_edition(expected: Edition, report: Report) -> None:
    """Compare one version of a year's report with its table."""
    which = f"version {expected.version} of {expected.year}"
    assert report["cycle"]["code"] == str(expected.year)
    assert report["cycle"]["edition"] == expected.edition, which
    assert told_figures(report["totals"], "indicator") == named(expected.figures), which
    assert told_figures(report["expenditure"], "source") == named(expected.money), which
    counts = [f"{row['item']} {row['activities']}" for row in report["counts"]]
    assert ", ".join(counts) == expected.counts, which
    _check_coverage(expected, report["coverage"])
    _check_rows(expected, report)
    if expected.levels:
        _check_breakdown(expected.levels, report["by_level"])
    if expected.months:
        _check_breakdown(expected.months, report["by_month"])


def told_figures(totals: list[Report], name: str) -> Figures:
    """Return a report's totals as a table has them."""
    assert {line.get("origin", "original") for line in totals} <= {"original"}
    return {
        (line["item"], line[name]): (
            line["value"] if "value" in line else line["counted"],
            {part["unit"]: part["value"] for part in line["units"]},
        )
        for line in totals
    }


def numbers(table: str) -> dict[str, int]:
    """Return the numbers of a coverage by name."""
    return {name: int(number) for name, number, _ in _WORDS.findall(table) if name}


def _check_coverage(expected: Edition, coverage: Report) -> None:
    for rates, table in (("ordered", expected.ordered), ("others", expected.others)):
        expected_numbers = numbers(table)
        assert coverage[rates] == expected_numbers
        reviews = ("accepted", "in_review", "returned", "missing")
        assert expected_numbers["required"] == sum(expected_numbers[one] for one in reviews)


def _check_rows(expected: Edition, report: Report) -> None:
    told = {
        row["unit"]: [
            row["review"],
            row["timeliness"],
            row["filed_as"],
            row["supplement"]["timeliness"] if row["supplement"] else "-",
        ]
        for row in report["coverage"]["roster"]
        if row["review"] != "missing"
    }
    assert told == {UNITS[unit]: words for unit, *words in lines(expected.rows)}
    accepted = {unit for unit, words in told.items() if words[0] == "accepted"}
    assert {part["unit"] for part in report["by_unit"]} == accepted
    assert len(report["manifest"]["inputs"]) == len(accepted)


def _check_breakdown(table: str, breakdown: Report) -> None:
    """Compare the members that the table names: all figures of each."""
    expected = by_first(table)
    told = {
        member["member"]: {
            (line["item"], line["indicator"], line["value"]) for line in member["figures"]
        }
        for member in breakdown["members"]
        if member["member"] in expected
    }
    assert told == expected


def check_status(expected: Edition, status: Report) -> None:
    """Compare how a year stands at last with its last version: who never sent is outstanding."""
    for rates, table in (("ordered", expected.ordered), ("others", expected.others)):
        told = {
            name: rate if name == "required" else rate["count"]
            for name, rate in status[rates].items()
        }
        due = numbers(table)
        assert told == due | {"outstanding": due["missing"], "not_due": 0}, expected.year
    percent = status["ordered"]["accepted"]["percent"]
    assert percent == ACCEPTED_PERCENT[expected.year], expected.year
    assert {
        row["unit"]: [row["review"], row["timeliness"], row["stands"]["filed_as"]]
        for row in status["rows"]
        if row["stands"]
    } == {UNITS[unit]: words[:3] for unit, *words in lines(expected.rows)}
    communes = {
        (row["unit"], commune["unit"], str(commune["activities"]))
        for row in status["rows"]
        for commune in row["communes"]
        if commune["activities"]
    }
    of_the_year = by_first(COMMUNES_WITHIN_DISTRICTS)[str(expected.year)]
    assert communes == {(UNITS[of], UNITS[one], number) for of, one, number in of_the_year}


def by_first(table: str) -> dict[str, set[tuple[str, ...]]]:
    """Return the lines of a table by their first word."""
    found: dict[str, set[tuple[str, ...]]] = {}
    for first, *rest in lines(table):
        found.setdefault(first, set()).add(tuple(rest))
    return found


def check_units_of_a_day(lines_of_units: list[Report], table: str) -> None:
    """Compare lines of activity totals, whole, with a table."""
    told = {
        line["unit"]: {
            (item["plan_item"], measure["indicator"], measure["sum"])
            for item in line["items"]
            for measure in item["measures"]
        }
        for line in lines_of_units
    }
    assert told == {UNITS[unit]: figures for unit, figures in by_first(table).items()}


def over_years(reports: list[Report], name: str) -> dict[tuple[str, str], Decimal]:
    """Add up the last versions of all years, as somebody does who has only their JSON."""
    found: dict[tuple[str, str], Decimal] = {}
    for report in reports:
        for line in report["totals" if name == "indicator" else "expenditure"]:
            value = line["value"] if "value" in line else line["counted"]
            if value is not None and line[name] != "followers":
                place = (line["item"], line[name])
                found[place] = found.get(place, Decimal(0)) + Decimal(value)
    return found


def grand(table: str) -> dict[tuple[str, str], Decimal]:
    """Return the totals of a table over the years."""
    return {place: Decimal(total or 0) for place, (total, _) in sums(table).items()}
