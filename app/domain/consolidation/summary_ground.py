"""Where what units did in each year stands among the units of a day: pure code."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from app.domain.consolidation.hierarchy_view import UnitHead, place_within
from app.domain.consolidation.summary_terms import YearlyReport
from app.domain.period import Period
from app.domain.units.hierarchy import Hierarchy, Placed

UnitsOn = date | Literal["as_reported"]


@dataclass(frozen=True)
class Ground:
    """By the units of which day it is shown: where each unit's year stands among them.

    `heads` and `parents` are of the units of that day; as reported, all is the reports' own.
    """

    units_on: UnitsOn
    register_sha256: str | None
    placed: Mapping[tuple[int, str], Placed]
    heads: Mapping[str, UnitHead]
    parents: Mapping[str, str]


AS_REPORTED: Final = Ground("as_reported", None, {}, {}, {})


def place_years(
    reports: Iterable[YearlyReport], hierarchy: Hierarchy, units_on: date
) -> dict[tuple[int, str], Placed]:
    """Return where what each unit did in each year stands among the units of a day.

    What is known by the year only has a place where it is the same for all of its days.
    """
    place = hierarchy.view(units_on)
    found = {}
    for yearly in reports:
        cycle = yearly.report["cycle"]
        window = Period(*(date.fromisoformat(cycle[end]) for end in ("window_from", "window_to")))
        for line in yearly.report["by_hierarchy"]["lines"]:
            days = hierarchy.steps(line["unit"], window)
            found[yearly.year, line["unit"]] = place_within(place, line["unit"], days)
    return found
