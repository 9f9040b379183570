"""Five years on the real register, with restarts in between; the numbers are in `table.py`."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.scenario import by_districts, reform
from tests.scenario.checks import (
    check_edition,
    check_status,
    check_units_of_a_day,
    grand,
    over_years,
)
from tests.scenario.stage import Stage, ok, staged
from tests.scenario.summary_checks import check_summary
from tests.scenario.table import (
    EDITIONS,
    GRAND_COUNTS,
    GRAND_MONEY,
    GRAND_TOTALS,
    ON_THE_UNITS_OF_2026,
    UNMAPPED_IN_2026,
)
from tests.support.makers import PLAN


def test_five_years_come_out_as_worked_out_by_hand(database_url: str, tmp_path: Path) -> None:
    with staged(database_url, tmp_path) as stage:
        play(stage)
        assert set(stage.pulled) == {(one.year, one.version) for one in EDITIONS}
        for expected in EDITIONS:
            check_edition(expected, json.loads(stage.pulled[expected.year, expected.version]))
        check_nothing_issued_ever_changed(stage)
        check_grand_totals([json.loads(content) for content in last_versions(stage)])
        check_hierarchies(stage)
        check_summary(stage, stage.key(reform.FOCAL))
        for expected in {one.year: one for one in EDITIONS}.values():  # the last of each year
            place = f"/v1/reporting-cycles/{PLAN}.{expected.year}/status"
            check_status(expected, ok(stage.key(reform.FOCAL).get(place)))


def play(stage: Stage) -> None:
    """Play the five years, and the late loading of the first in the sixth."""
    places = by_districts.play_autumn_of_2021(stage)
    by_districts.play_deadline_of_2021(stage, places)
    by_districts.play_winter_of_2021(stage, places)
    binh_son = by_districts.play_2022(stage)
    by_districts.play_corrections_in_2023(stage, binh_son)
    by_districts.play_2023(stage)
    by_districts.play_2024(stage)
    reform.play_departments(stage)
    reform.play_station(stage)
    reform.play_districts(stage)
    reform.play_end_of_2025(stage)
    reform.play_late_loading(stage)
    assert stage.restarts == 16


def check_nothing_issued_ever_changed(stage: Stage) -> None:
    """Every version is the same bytes as when it was pulled, whatever came after it."""
    reader = stage.key(reform.FOCAL)
    for version, content in stage.pulled.items():
        assert reader.get(stage.paths[version]).content == content, version
    listed = ok(reader.get("/v1/consolidated-reports", limit=100))["items"]
    assert {(row["year"], row["version"]) for row in listed} == set(stage.pulled)


def last_versions(stage: Stage) -> list[bytes]:
    """Return the last version of each year."""
    return list({year: content for (year, _), content in sorted(stage.pulled.items())}.values())


def check_grand_totals(reports: list[dict[str, Any]]) -> None:
    """The years add up to the grand totals: what adds over time, money, and the activity."""
    assert over_years(reports, "indicator") == grand(GRAND_TOTALS)
    assert over_years(reports, "source") == grand(GRAND_MONEY)
    counts: dict[tuple[str, str], int] = {}
    for report in reports:
        for row in report["counts"]:
            place = (row["item"], "activities")
            counts[place] = counts.get(place, 0) + row["activities"]
    assert counts == grand(GRAND_COUNTS)


def check_hierarchies(stage: Stage) -> None:
    """The activity adds up to the grand totals by the units of the time and those of 2026."""
    reader = stage.key(reform.FOCAL)
    for units_on in ("as_reported", "2026-01-01"):
        told = ok(reader.get("/v1/activity-totals", plan=PLAN, units_on=units_on))
        sums = {
            (item["plan_item"], measure["indicator"]): Decimal(measure["sum"])
            for item in told["totals"]
            for measure in item["measures"]
        }
        assert sums == grand(GRAND_TOTALS), units_on
        assert told["left_out"] == [  # what replaces itself, or does not add over units
            {"indicator": "followers", "values": 6},
            {"indicator": "reach", "values": 2},
        ]
    check_units_of_a_day(told["lines"], ON_THE_UNITS_OF_2026)
    check_units_of_a_day(told["unmapped"], UNMAPPED_IN_2026)
