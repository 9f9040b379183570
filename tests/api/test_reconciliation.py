"""Reconciliation: what is stored, counted and added up as a portal would do it itself."""

import random
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text

from app.db import unit_of_work
from app.domain.activities import reconciliation
from tests.support.api import Api, Portal
from tests.support.makers import BINH_SON, FOCAL_UNIT, PLAN, a_content, an_activity
from tests.support.problems import faults, refused

ACTIVITIES = "/v1/activity-reports"
BINH_CHAU = "gso-21040"
SEED = 7
FOLLOWERS = {"followers", "reach"}  # they do not add up over time


def _read(portal: Portal, **query: Any) -> dict[str, Any]:
    response = portal.get("/v1/reconciliation", **{"plan": PLAN, **query})
    assert response.status_code == 200, response.text
    said: dict[str, Any] = response.json()
    return said


def _made(portal: Portal, **changes: Any) -> dict[str, Any]:
    response = portal.post(ACTIVITIES, an_activity(**changes))
    assert response.status_code == 201, response.text
    said: dict[str, Any] = response.json()
    return said


def _change(portal: Portal, report: dict[str, Any], verb: str, body: Any) -> None:
    path = f"{ACTIVITIES}/{report['id']}"
    response = portal.request(
        "PUT" if verb == "correct" else "POST",
        path if verb == "correct" else f"{path}/{verb}",
        json={**body, "reason": "Thử"},
        headers={"If-Match": f'"{report["revision"]}"'},
    )
    assert response.status_code == 200, response.text


def _some(chance: random.Random) -> dict[str, Any]:
    """Return what a report says, as chance will have it."""
    item = chance.choice(["III.1.b", "III.1.c", "III.1.a"])
    codes = {"III.1.b": ["posts", "followers", "reach"], "III.1.c": ["loudspeaker_minutes"]}
    several = chance.random() < 0.3
    day = date(2021, 7, 28) + timedelta(days=chance.randrange(8))
    return {
        "plan_item": item,
        "occurred_on": str(day),
        "ended_on": str(day + timedelta(days=3)) if several else ...,
        "occurrences": chance.randrange(2, 900) if several else ...,
        "measures": [
            {
                "indicator": code,
                "value": f"{chance.randrange(10**11)}.5"
                if code == "loudspeaker_minutes"
                else str(chance.randrange(10**12)),
                "origin": chance.choice(["original", "repost"]) if code == "posts" else "original",
            }
            for code in codes.get(item, [])
            if chance.random() < 0.7
        ],
        "expenditure": [
            {"source": source, "amount": chance.randrange(10**14)}
            for source in ("state_budget_district", "other_lawful")
            if chance.random() < 0.4
        ],
    }


def _sums(reports: list[dict[str, Any]]) -> dict[str, Any]:
    """Count and add up in plain Python what a portal knows of its reports."""
    counted = [report for report in reports if not report["withdrawn"]]
    values: dict[tuple[str, str], list[Decimal]] = defaultdict(list)
    money: dict[str, int] = defaultdict(int)
    for report in counted:
        for measure in report["measures"]:
            values[measure["indicator"], measure["origin"]].append(Decimal(measure["value"]))
        for one in report["expenditure"]:
            money[one["source"]] += one["amount"]
    return {
        "reports": len(counted),
        "withdrawn": len(reports) - len(counted),
        "on_behalf": sum(report["on_behalf"] is not None for report in counted),
        "outside_assignment": sum(report["outside_assignment"] for report in counted),
        "occurrences": sum(report["occurrences"] for report in counted),
        "measures": [
            {
                "indicator": code,
                "origin": origin,
                "values": len(found),
                "sum": None if code in FOLLOWERS else _text(sum(found)),
            }
            for (code, origin), found in sorted(values.items())
        ],
        "expenditure": [
            {"source": source, "amount": amount} for source, amount in sorted(money.items())
        ],
    }


def _text(value: Any) -> str:
    plain = f"{value:f}"
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def _expected(reports: list[dict[str, Any]]) -> dict[str, Any]:
    groups: dict[tuple[str, str, str], list[dict[str, Any]]] = defaultdict(list)
    for report in reports:
        groups[report["unit"], report["occurred_on"][:7], report["plan_item"]].append(report)
    return {
        "items": [
            {"unit": unit, "month": month, "plan_item": item, **_sums(found)}
            for (unit, month, item), found in sorted(groups.items())
        ],
        "totals": _sums(reports),
    }


def _stored(portal: Portal) -> list[dict[str, Any]]:
    page = portal.get(ACTIVITIES, limit=500).json()
    assert page["next"] is None
    reports: list[dict[str, Any]] = page["items"]
    return reports


def test_counts_and_sums_are_those_that_the_portal_has_itself(api: Api) -> None:
    portal, focal, chance = api.portal(BINH_SON), api.portal(FOCAL_UNIT), random.Random(SEED)
    behalf = {"incoming_number": "12/CV", "incoming_on": "2021-11-19"}
    for number in range(45):
        said, unit = _some(chance), chance.choice(["524", "21040"])
        if number % 7 == 0:
            _made(focal, unit=unit, on_behalf=behalf, **said)
            continue
        report = _made(portal, unit=unit, **said)
        fate = chance.choice(["stay", "correct", "withdraw", "withdraw", "reinstate"])
        if fate == "correct":
            _change(portal, report, "correct", a_content(**_some(chance)))
        elif fate != "stay":
            _change(portal, report, "withdraw", {})
        if fate == "reinstate":
            _change(portal, {**report, "revision": 2}, "reinstate", {})
    reports = _stored(portal)
    found = _read(portal)
    assert found == _expected(reports)
    assert _read(focal) == found
    totals = found["totals"]
    assert min(totals[name] for name in ("withdrawn", "on_behalf", "outside_assignment")) > 0
    assert {one["month"] for one in found["items"]} == {"2021-07", "2021-08"}
    assert {one["indicator"] for one in totals["measures"]} > FOLLOWERS
    bounds: list[tuple[dict[str, str], Any]] = [
        ({"occurred_from": "2021-08-01"}, lambda one: one["occurred_on"] >= "2021-08-01"),
        ({"occurred_to": "2021-08-01"}, lambda one: one["occurred_on"] < "2021-08-01"),
        (
            {"occurred_from": "2021-07-30", "occurred_to": "2021-07-31"},
            lambda one: one["occurred_on"] == "2021-07-30",
        ),
        ({"unit": "524"}, lambda one: one["unit"] == BINH_SON),
        ({"unit": BINH_CHAU, "on": "2021-01-01"}, lambda one: one["unit"] == BINH_CHAU),
        ({"source_system": "portal"}, lambda one: one["source_system"] == "portal"),
        ({"source_system": "paper"}, lambda one: one["source_system"] == "paper"),
    ]
    for query, kept in bounds:
        assert _read(portal, **query) == _expected([one for one in reports if kept(one)]), query


def test_a_key_counts_only_what_it_may_see(api: Api) -> None:
    portal, other = api.portal(BINH_SON), api.portal("gso-528")
    _made(portal)
    _made(portal, unit="21040")
    _made(other, unit="528")
    everyone = {
        unit: [one["unit"] for one in _read(api.portal(unit))["items"]]
        for unit in (BINH_SON, BINH_CHAU, "gso-528", FOCAL_UNIT)
    }
    assert everyone == {
        BINH_SON: [BINH_CHAU, BINH_SON],
        BINH_CHAU: [BINH_CHAU],
        "gso-528": ["gso-528"],
        FOCAL_UNIT: [BINH_CHAU, BINH_SON, "gso-528"],
    }


def test_sums_are_exact_beyond_what_an_integer_column_holds(api: Api) -> None:
    portal = api.portal(BINH_SON)
    for _ in range(3):
        _made(
            portal,
            plan_item="III.1.c",
            measures=[{"indicator": "loudspeaker_minutes", "value": "1.5"}],
            expenditure=[{"source": "other_lawful", "amount": 2**53 - 1}],
        )
    with unit_of_work(api.engine) as session:
        session.connection().execute(
            text("UPDATE activity_measure SET amount = :most"), {"most": 2**63 - 1}
        )
    (found,) = _read(portal)["items"]
    whole, tenth = divmod(3 * (2**63 - 1), 10)
    assert found["measures"][0]["sum"] == f"{whole}.{tenth}"
    assert found["expenditure"] == [{"source": "other_lawful", "amount": 3 * (2**53 - 1)}]


def test_in_the_totals_nothing_is_added_over_units_that_does_not_add_up(api: Api) -> None:
    portal = api.portal(BINH_SON)
    for unit in ("524", "21040"):
        _made(portal, unit=unit)
    with unit_of_work(api.engine) as session:
        session.connection().execute(
            text("UPDATE indicator_version SET over_units = 'none' WHERE indicator_code = 'posts'")
        )
    found = _read(portal)
    assert [one["measures"][0]["sum"] for one in found["items"]] == ["3", "3"]
    assert found["totals"]["measures"] == [
        {"indicator": "posts", "origin": "original", "values": 2, "sum": None}
    ]


def test_months_and_years_are_in_order(api: Api) -> None:
    api.set_clock(datetime(2023, 3, 1, tzinfo=UTC))
    portal = api.portal(BINH_SON)
    for day in ("2022-10-01", "2022-02-28", "2021-12-31", "2022-01-01"):
        _made(portal, occurred_on=day, content_themes=[])
    found = [one["month"] for one in _read(portal)["items"]]
    assert found == ["2021-12", "2022-01", "2022-02", "2022-10"]


def test_nothing_stored_is_an_answer_and_no_such_plan_is_not(api: Api) -> None:
    portal = api.portal(BINH_SON)
    assert _read(portal) == {"items": [], "totals": _sums([])}
    refused(portal.get("/v1/reconciliation", plan="khac"), 404, "not_found")
    refused(portal.get("/v1/reconciliation", plan=PLAN, unit="99999"), 404, "not_found")
    assert faults(portal.get("/v1/reconciliation")) == {"?plan": "missing"}
    assert faults(portal.get("/v1/reconciliation", plan=PLAN, month="1")) == {
        "?month": "extra_forbidden"
    }


def test_too_large_an_answer_is_refused(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    portal = api.portal(BINH_SON)
    for item in ("III.1.b", "III.1.c"):
        _made(portal, plan_item=item, measures=[])
    monkeypatch.setattr(reconciliation, "MOST_LINES", 2)
    assert len(_read(portal)["items"]) == 2
    monkeypatch.setattr(reconciliation, "MOST_LINES", 1)
    refusal = portal.get("/v1/reconciliation", plan=PLAN)
    assert faults(refusal) == {"?occurred_from": "too_much_to_reconcile"}
