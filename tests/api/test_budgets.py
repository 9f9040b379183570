"""Estimates: what may be stated, by whom, when; nothing is overwritten, nobody else sees them."""

from collections.abc import Callable
from typing import Any, Final

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from app.domain.fields import MAX_MONEY
from app.domain.principal import Scope
from tests.support.api import Api, Portal
from tests.support.auditing import all_entries
from tests.support.budgeting import (
    DECISION,
    ESTIMATES,
    FINANCE,
    NEWSPAPER,
    an_estimate,
    begun,
    local,
    stated,
)
from tests.support.makers import BINH_SON, FOCAL_UNIT, OFFICE, PLAN
from tests.support.problems import faults, refused
from tests.support.racing import at_once

STATION: Final = "body-dai-ptth"  # ends on 19/5/2025


def amounts(estimate: dict[str, Any]) -> dict[str, str]:
    return {one["stage"]: one["amount"] for one in estimate["figures"]}


# What is stated


def test_each_stage_is_stated_for_its_own_and_all_that_was_said_is_kept(api: Api) -> None:
    portal = api.portal(NEWSPAPER)
    place = begun(portal, chapter="470", category="160", subcategory="171")
    stated(portal, place, "allocated", "400000000", **DECISION)
    stated(portal, place, "adjusted", "420000000", **DECISION)
    api.set_clock(local(2023, 2, 1, 8))
    again = stated(portal, place, "adjusted", "425000000", reason="Bổ sung", **DECISION)
    assert amounts(again) == {
        "proposed": "450000000",
        "allocated": "400000000",
        "adjusted": "425000000",
    }
    assert (again["chapter"], again["category"], again["subcategory"]) == ("470", "160", "171")
    said = portal.get(f"{place}/figures").json()["items"]
    assert [(one["number"], one["stage"], one["amount"]) for one in said] == [
        (1, "proposed", "450000000"),
        (2, "allocated", "400000000"),
        (3, "adjusted", "420000000"),
        (4, "adjusted", "425000000"),
    ]
    assert said[3]["reason"] == "Bổ sung"
    assert again["actions"] == ["proposed", "allocated", "adjusted", "executed"]


def test_the_database_refuses_to_change_or_delete_a_figure(api: Api) -> None:
    begun(api.portal(NEWSPAPER))
    for statement in ("UPDATE budget_figure SET amount = 1", "DELETE FROM budget_figure"):
        with pytest.raises(IntegrityError, match="is_append_only"), api.engine.begin() as one:
            one.execute(sa.text(statement))


def test_the_same_again_changes_nothing_and_something_else_is_refused(api: Api) -> None:
    portal = api.portal(NEWSPAPER)
    place = begun(portal)
    entries = len(all_entries(api.engine))
    assert portal.post(ESTIMATES, an_estimate()).status_code == 200
    same = portal.put(f"{place}/figures/proposed", {"amount": "450000000"})
    assert (same.status_code, same.headers["ETag"]) == (200, '"1"')
    assert len(all_entries(api.engine)) == entries
    refused(portal.post(ESTIMATES, an_estimate(amount="1")), 409, "budget_estimate_exists")
    assert begun(portal, chapter="470") != place, "another classification is another estimate"


def test_a_figure_is_stated_anew_with_if_match_and_a_reason(api: Api) -> None:
    portal = api.portal(NEWSPAPER)
    place = f"{begun(portal)}/figures/proposed"
    refused(portal.put(place, {"amount": "1"}), 428, "precondition_required")
    refused(portal.put(place, {"amount": "1"}, If_Match='"2"'), 412, "revision_changed")
    answer = portal.put(place, {"amount": "1"}, If_Match='"1"')
    assert faults(answer) == {"/reason": "figure_reason_needed"}
    answer = portal.put(place, {"amount": "0", "reason": "Thôi"}, If_Match='"1"')
    assert (answer.status_code, answer.headers["ETag"]) == (200, '"2"')


def test_amounts_are_whole_dong_below_2_to_the_53_as_strings(api: Api) -> None:
    portal = api.portal(NEWSPAPER)
    for wrong in (5, 5.0, "5.0", "-1", "05", "1e3", str(MAX_MONEY + 1), ""):
        refused(portal.post(ESTIMATES, an_estimate(amount=wrong)), 422, "invalid")
    found = portal.get(begun(portal, amount=str(MAX_MONEY))).json()
    assert amounts(found) == {"proposed": str(MAX_MONEY)}


def test_a_stage_needs_what_it_stands_on_or_a_reason(api: Api) -> None:
    portal = api.portal(NEWSPAPER)
    answer = portal.post(ESTIMATES, an_estimate(stage="adjusted", **DECISION))
    told = refused(answer, 409, "budget_stage_not_allowed")
    assert told[0]["code"] == "stage_needs_allocation"
    assert told[0]["permitted"] == ["proposed", "allocated"]
    assert faults(portal.post(ESTIMATES, an_estimate(stage="allocated"))) == {
        "/reason": "allocation_reason_needed",
        "/document_number": "figure_decision_needed",
    }
    place = begun(portal, stage="allocated", reason="Giao bổ sung đầu năm", **DECISION)
    for stage, code in (("executed", "stage_year_not_begun"), ("settled", "stage_needs_execution")):
        answer = portal.put(f"{place}/figures/{stage}", {"amount": "1"}, If_Match="*")
        assert refused(answer, 409, "budget_stage_not_allowed")[0]["code"] == code
    api.set_clock(local(2022, 12, 31, 12))
    stated(portal, place, "executed", "1")
    answer = portal.put(f"{place}/figures/settled", {"amount": "1"}, If_Match="*")
    told = refused(answer, 409, "budget_stage_not_allowed")
    assert told[0]["code"] == "stage_year_not_over"
    api.set_clock(local(2023, 1, 1, 0))
    stated(portal, place, "settled", "1")


def test_more_executed_than_allocated_is_taken_with_a_warning(api: Api) -> None:
    portal = api.portal(NEWSPAPER)
    place = begun(portal)
    stated(portal, place, "allocated", "400", **DECISION)
    api.set_clock(local(2022, 6, 1, 8))
    assert stated(portal, place, "executed", "400")["warnings"] == []
    over = stated(portal, place, "executed", "401", reason="Phát sinh")
    assert over["warnings"] == ["executed_above_allocation"]
    raised = stated(portal, place, "adjusted", "401", **DECISION)
    assert raised["warnings"] == []
    other = portal.get(begun(portal, source="other_lawful", stage="executed", amount="7")).json()
    assert other["warnings"] == ["executed_without_allocation"]


# The first year, the plan's years, the budget year's own calendar


def test_of_2021_nothing_is_estimated_and_what_was_executed_is_taken(api: Api) -> None:
    portal = api.portal(NEWSPAPER)
    for stage in ("proposed", "allocated", "adjusted"):
        body = an_estimate(budget_year=2021, stage=stage, reason="x", **DECISION)
        answer = portal.post(ESTIMATES, body)
        told = refused(answer, 422, "no_estimates_this_year")
        assert "IV.2" in answer.json()["detail"]
        assert told[0]["permitted"] == ["executed"]
    place = begun(portal, budget_year=2021, stage="executed", amount="12000000")
    assert portal.get(place).json()["warnings"] == []
    answer = portal.put(f"{place}/figures/proposed", {"amount": "1"}, If_Match="*")
    refused(answer, 422, "no_estimates_this_year")
    api.set_clock(local(2022, 1, 10, 8))
    assert amounts(stated(portal, place, "settled", "12000000"))["settled"] == "12000000"


@pytest.mark.parametrize("year", [2020, 2026])
def test_years_outside_of_the_plan_are_refused(api: Api, year: int) -> None:
    answer = api.portal(NEWSPAPER).post(ESTIMATES, an_estimate(budget_year=year))
    refused(answer, 422, "budget_year_outside_plan")


def test_a_year_is_proposed_from_its_calendars_opening_in_the_year_before(api: Api) -> None:
    portal = api.portal(NEWSPAPER)
    api.set_clock(local(2022, 5, 31, 23, 59))
    answer = portal.post(ESTIMATES, an_estimate(budget_year=2023))
    told = refused(answer, 409, "budget_stage_not_allowed")
    assert told[0]["code"] == "stage_not_open"
    api.set_clock(local(2022, 6, 1))
    begun(portal, budget_year=2023)


# Who drafts, and who sees


def test_only_a_lead_unit_drafts_for_an_item_from_its_own_sources(api: Api) -> None:
    portal = api.portal(NEWSPAPER)
    told = refused(portal.post(ESTIMATES, an_estimate(plan_item="III.1.c")), 422, "invalid")
    (fault,) = told
    assert fault["code"] == "not_lead_of_item"
    assert "III.1.a" in fault["permitted"]
    assert "III.1.c" not in fault["permitted"]
    answer = portal.post(ESTIMATES, an_estimate(source="state_budget_commune"))
    told = refused(answer, 422, "invalid")
    assert told[0]["permitted"] == ["state_budget_province", "other_lawful"]
    focal = api.portal(FOCAL_UNIT)  # it coordinates III.1.a, and does not lead it
    told = refused(focal.post(ESTIMATES, an_estimate()), 422, "invalid")
    assert told[0]["code"] == "not_lead_of_item"
    district = api.portal(BINH_SON)
    begun(district, plan_item="III.1.c", source="state_budget_district")
    commune = api.portal("gso-21040")  # it stands under a district, which leads
    begun(commune, plan_item="III.1.c", source="state_budget_commune")


def test_another_units_estimate_is_not_there_but_for_its_finance_authority(api: Api) -> None:
    place = begun(api.portal(NEWSPAPER))
    finance = api.portal(FINANCE)
    assert finance.get(place).json()["actions"] == []
    assert len(finance.get(ESTIMATES, plan=PLAN).json()["items"]) == 1
    answer = finance.put(f"{place}/figures/proposed", {"amount": "1"}, If_Match="*")
    refused(answer, 403, "budget_not_yours")
    for other in (STATION, BINH_SON, FOCAL_UNIT, OFFICE):
        portal = api.portal(other)
        refused(portal.get(place), 404, "not_found")
        refused(portal.get(f"{place}/figures"), 404, "not_found")
        refused(portal.put(f"{place}/figures/proposed", {"amount": "1"}), 404, "not_found")
        assert portal.get(ESTIMATES).json()["items"] == []
    named = api.portal(STATION).post(ESTIMATES, an_estimate(unit="bao-quang-ngai"))
    refused(named, 403, "budget_not_yours")
    begun(api.portal(BINH_SON), plan_item="III.1.c", source="state_budget_district")
    assert len(finance.get(ESTIMATES).json()["items"]) == 1, "districts have their own authority"


def test_an_ended_units_estimates_are_stated_by_its_steward(api: Api) -> None:
    station, steward = api.portal(STATION), api.portal(NEWSPAPER)
    api.set_clock(local(2024, 6, 20, 8))
    place = begun(station, budget_year=2025)
    refused(steward.get(place), 404, "not_found")
    api.set_clock(local(2025, 6, 1, 8))
    answer = station.put(f"{place}/figures/executed", {"amount": "5"}, If_Match="*")
    refused(answer, 403, "steward_files")
    answers_for = [
        row["steward"]
        for row in steward.get("/v1/stewardships", unit=STATION, on="2025-06-01").json()["items"]
    ]
    (by,) = answers_for
    steward = api.portal(by)
    stated(steward, place, "executed", "5")
    settled = stated(steward, place, "settled", "5")  # its year ended with it
    assert {one["unit"] for one in settled["figures"]} == {STATION, by}
    begun(steward, unit=STATION, budget_year=2025, plan_item="V.7.1", stage="executed")


def test_drafting_takes_its_scope(api: Api) -> None:
    portal = api.portal(NEWSPAPER, Scope.READ_BUDGETS)
    refused(portal.post(ESTIMATES, an_estimate()), 403, "scope_missing")


def test_of_two_who_state_at_once_one_is_told_of_the_other(api: Api) -> None:
    portal = api.portal(NEWSPAPER)
    place = f"{begun(portal)}/figures"

    def send(amount: str) -> Callable[[Portal], int]:
        body = {"amount": amount, "reason": "Sửa"}
        return lambda one: one.put(f"{place}/proposed", body, If_Match='"1"').status_code

    assert sorted(at_once(api, portal, send("1"), send("2"))) == [200, 412]
    assert [one["number"] for one in portal.get(place).json()["items"]] == [1, 2]
