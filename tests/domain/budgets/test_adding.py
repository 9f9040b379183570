"""Adding up a consolidation: compared with sums worked out by hand, in any order of the lines."""

import json
from collections.abc import Mapping
from typing import Any, Final

from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.budgets.adding import Facts, StatedLine, compared, consolidated, rate
from app.domain.budgets.document import BudgetManifest, UnitStanding
from app.domain.budgets.stages import ORDER

_NOTHING: Final = BudgetManifest(
    purpose="sandbox", plan_sha256="0" * 64, calendar=None, dossiers=[], activity_reports=[]
)


def a_line(
    stated: Mapping[str, int],
    unit: str = "a",
    item: str = "III.1.a",
    source: str = "state_budget_province",
    category: str = "",
) -> StatedLine:
    return StatedLine(unit, item, source, "", category, "", stated)


def _made(lines: list[StatedLine], **changes: Any) -> dict[str, Any]:
    said: dict[str, Any] = {
        "plan": "p",
        "budget_year": 2022,
        "version": 1,
        "authority": "f",
        "frozen_at": "2021-12-01T00:00:00.000000Z",
        "executed_only": False,
        "manifest": _NOTHING,
        "units": [],
        "lines": lines,
    }
    made: dict[str, Any] = json.loads(consolidated(Facts(**{**said, **changes})))
    return made


def _figures(**stated: str) -> dict[str, str | None]:
    return {**dict.fromkeys(ORDER), **stated}


def test_totals_are_those_worked_out_by_hand_and_nothing_stated_is_not_zero() -> None:
    made = _made(
        [
            a_line({"proposed": 100, "allocated": 80, "executed": 79}, category="160"),
            a_line({"proposed": 50}, item="V.7.1"),
            a_line({"allocated": 30, "adjusted": 0}, unit="b", source="other_lawful"),
        ]
    )
    assert made["total"] == {
        "key": None,
        "lines": 3,
        "figures": _figures(proposed="150", allocated="110", adjusted="0", executed="79"),
    }
    assert made["by_item"] == [
        {
            "key": "III.1.a",
            "lines": 2,
            "figures": _figures(proposed="100", allocated="110", adjusted="0", executed="79"),
        },
        {"key": "V.7.1", "lines": 1, "figures": _figures(proposed="50")},
    ]
    assert [(one["key"], one["lines"]) for one in made["by_unit"]] == [("a", 2), ("b", 1)]
    assert [one["key"] for one in made["by_source"]] == ["other_lawful", "state_budget_province"]
    assert [one["key"] for one in made["by_classification"]] == ["…-160-…", "…-…-…"]


def test_executed_is_compared_with_the_adjusted_else_the_allocated_else_the_proposed() -> None:
    lines = [
        a_line({"proposed": 9, "allocated": 8, "adjusted": 6, "executed": 2}, category="160"),
        a_line({"proposed": 9, "allocated": 3, "executed": 1}, category="161"),
        a_line({"proposed": 7}, unit="b"),
        a_line({"executed": 4}, unit="c"),
        a_line({"allocated": 0, "executed": 4}, unit="d"),
    ]
    activity = ("e", "III.1.a", "other_lawful")
    found = compared(lines, {activity: 11, ("c", "III.1.a", "state_budget_province"): 3})
    said = [
        (
            one.unit,
            one.estimated,
            one.estimated_by,
            one.executed,
            one.difference,
            one.rate,
            one.reported_in_activity,
        )
        for one in found
    ]
    assert said == [
        ("a", "9", ["allocated", "adjusted"], "3", "-6", "0.333333", None),
        ("b", "7", ["proposed"], None, None, None, None),
        ("c", None, [], "4", None, None, "3"),
        ("d", "0", ["allocated"], "4", "4", None, None),
        ("e", None, [], None, None, None, "11"),
    ]


def test_what_activity_reports_say_is_added_to_nothing() -> None:
    lines, told = [a_line({"executed": 4})], {("a", "III.1.a", "state_budget_province"): 3}
    assert _made(lines)["total"] == _made(lines, reported=told)["total"]


def test_a_rate_is_rounded_half_up_and_exact_beyond_what_floats_hold() -> None:
    assert [rate(2, 3), rate(1, 8), rate(0, 5), rate(1, 2_000_000)] == [
        "0.666667",
        "0.125000",
        "0.000000",
        "0.000001",
    ]
    assert rate(2**53 - 1, 2**53 - 1) == "1.000000"
    assert rate(10**30 + 1, 1) == f"{10**30 + 1}.000000"
    assert rate(5, 0) is None


_LINES = st.lists(
    st.builds(
        a_line,
        st.dictionaries(st.sampled_from(ORDER[:4]), st.integers(0, 2**53 - 1), min_size=1),
        unit=st.sampled_from("abc"),
        item=st.sampled_from(("III.1.a", "V.7.1")),
        source=st.sampled_from(("other_lawful", "state_budget_province")),
        category=st.sampled_from(("", "160", "161")),
    ),
    max_size=12,
    unique_by=lambda line: line.order,
)


@settings(deadline=None, max_examples=60)
@given(lines=_LINES, order=st.randoms())
def test_the_bytes_are_the_same_in_any_order_and_each_breakdown_adds_up(
    lines: list[StatedLine], order: Any
) -> None:
    mixed = [*lines]
    order.shuffle(mixed)
    made = _made(lines)
    assert _made(mixed) == made
    for stage in ORDER:
        whole = sum(int(one["figures"][stage] or 0) for one in made["lines"])
        for name in ("by_item", "by_source", "by_unit", "by_classification"):
            parts = sum(int(one["figures"][stage] or 0) for one in made[name])
            assert parts == whole == int(made["total"]["figures"][stage] or 0), name


def test_the_required_are_all_that_stand() -> None:
    units = [
        UnitStanding(
            unit=str(place),
            name="x",
            owed=True,
            state=state,
            timeliness=None,
            revision=None,
            sha256=None,
        )
        for place, state in enumerate(("missing", "consolidated", "in_review", "missing"))
    ]
    coverage = _made([], units=units)["coverage"]
    counts = {name: count for name, count in coverage.items() if name != "units"}
    assert counts == {
        "required": 4,
        "consolidated": 1,
        "in_review": 1,
        "returned": 0,
        "missing": 2,
    }
