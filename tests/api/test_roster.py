"""Rosters over HTTP: who is on it, and the province's amendments."""

from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from app.domain.period import LOCAL_TIME
from tests.support.api import A_WORKING_DAY, Api, Portal
from tests.support.deciding import (
    CYCLES,
    WHY,
    YEAR_2021,
    YEAR_2025,
    a_change,
    an_amendment,
    an_extension,
    an_outage,
)
from tests.support.makers import BINH_SON, FOCAL_UNIT, OFFICE, PLAN
from tests.support.problems import faults, refused
from tests.support.racing import at_once

VE_GIANG = "gso-21238-2025-07-01"
DUE_2025 = "2025-11-29T17:00:00.000000Z"


@pytest.fixture(scope="module")
def focal(shared: Api) -> Portal:
    return shared.portal(FOCAL_UNIT)


def _row(portal: Portal, unit: str, cycle: str = YEAR_2021) -> dict[str, Any]:
    row: dict[str, Any] = portal.get(f"{cycle}/roster/{unit}").json()
    return row


def _versions(portal: Portal, unit: str, cycle: str = YEAR_2021) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = portal.get(f"{cycle}/roster/{unit}/versions").json()["versions"]
    return found


def _put(portal: Portal, unit: str, body: dict[str, Any], cycle: str) -> httpx.Response:
    place = f"{cycle}/roster/{unit}"
    return portal.put(place, body, If_Match=portal.get(place).headers["ETag"])


# Reading


def test_a_row_is_read_by_key_or_code_with_its_version_as_etag(focal: Portal) -> None:
    by_key = focal.get(f"{YEAR_2025}/roster/{BINH_SON}")
    assert focal.get(f"{YEAR_2025}/roster/524").json() == by_key.json()
    row = by_key.json()
    assert by_key.headers["ETag"] == f'"{row["version"]}"'
    assert (row["closing"], row["provenance"], row["actor"]) == (True, "assumption", "operator")
    assert (row["document"], row["extended_to"]) == (None, None)
    listed = focal.get(f"{YEAR_2025}/roster", limit=500).json()["items"]
    assert row in listed
    for unit in ("528-x", "gso-21004", "khong-co"):
        refused(focal.get(f"{YEAR_2025}/roster/{unit}"), 404, "not_found")


def test_the_steward_is_shown_once_the_unit_has_ended(api: Api) -> None:
    focal = api.portal(OFFICE)
    for at, steward in (
        (datetime(2025, 6, 30, 23, 59, tzinfo=LOCAL_TIME), None),
        (datetime(2025, 7, 1, tzinfo=LOCAL_TIME), "gso-21040-2025-07-01"),
    ):
        api.set_clock(at)
        assert _row(focal, BINH_SON, YEAR_2025)["steward"] == steward
        assert _row(focal, VE_GIANG, YEAR_2025)["steward"] is None


def test_rows_hang_on_the_unit_when_its_code_is_used_again(focal: Portal) -> None:
    """21238 is Thị trấn Sông Vệ until 1/7/2025, and Xã Vệ Giang after."""
    place = f"{YEAR_2025}/roster"
    assert _row(focal, "21238", YEAR_2025)["unit"] == VE_GIANG, "the only one on the roster"
    made = focal.post(place, an_amendment(unit="21238"))
    assert made.json()["unit"] == "gso-21238", "as the code is meant on the window's first day"
    assert (made.json()["covers_from"], made.json()["covers_to"]) == ("2025-01-01", "2025-07-01")
    refused(focal.get(f"{place}/21238"), 404, "not_found")
    assert focal.post(f"{place}/gso-21238/exempt", WHY).json()["basis"] == "not_required"
    assert _row(focal, VE_GIANG, YEAR_2025)["basis"] == "ordered"
    assert _row(focal, "gso-21238", YEAR_2025)["basis"] == "not_required"
    refused(
        focal.post(place, an_amendment(unit="21238", covers_from="2025-07-01")), 409, "row_exists"
    )


# Adding


def test_a_unit_is_added_once(focal: Portal) -> None:
    place = f"{YEAR_2021}/roster"
    body = an_amendment(unit="21040", due_at="2021-12-15T00:00:00+07:00")
    made = focal.post(place, body)
    assert made.status_code == 201
    assert made.headers["Location"] == f"{place}/gso-21040"
    row = made.json()
    assert focal.get(made.headers["Location"]).json() == row
    assert made.headers["ETag"] == f'"{row["version"]}"'
    assert (row["basis"], row["closing"], row["provenance"]) == ("requested", False, "decision")
    assert (row["covers_from"], row["covers_to"]) == ("2021-01-01", "2022-01-01")
    assert row["due_at"] == "2021-12-14T17:00:00.000000Z"
    assert (row["reason"], row["document"], row["actor"]) == (*WHY.values(), FOCAL_UNIT)
    refused(focal.post(place, body), 409, "row_exists")
    refused(focal.post(place, an_amendment(unit="524")), 409, "row_exists")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"unit": "khong-co"}, {"/unit": "unknown_unit"}),
        ({"unit": VE_GIANG}, {"/unit": "unit_outside_window"}),
        ({"unit": "so-nnmt"}, {"/unit": "unit_not_in_being"}),
        ({"covers_from": "2020-12-31"}, {"/covers_from": "covers_outside"}),
        ({"covers_to": "2022-01-02"}, {"/covers_to": "covers_outside"}),
        (
            {"covers_from": "2021-05-01", "covers_to": "2021-05-01"},
            {"/covers_to": "covers_empty"},
        ),
        ({"due_at": "2021-01-01T00:00:00+07:00"}, {"/due_at": "due_before_opening"}),
        ({"basis": "khac"}, {"/basis": "literal_error"}),
        ({"reason": None}, {"/reason": "string_type"}),
    ],
)
def test_a_row_cannot_be_everything(
    focal: Portal, change: dict[str, Any], expected: dict[str, str]
) -> None:
    body = an_amendment(unit="gso-21043") | change
    assert faults(focal.post(f"{YEAR_2021}/roster", body)) == expected


def test_covered_days_lie_in_the_units_period(focal: Portal) -> None:
    beyond = an_amendment(covers_to="2025-07-02")
    assert faults(_put(focal, BINH_SON, beyond, YEAR_2025)) == {"/covers_to": "covers_outside"}
    early = an_amendment(covers_from="2025-06-30")
    assert faults(_put(focal, VE_GIANG, early, YEAR_2025)) == {"/covers_from": "covers_outside"}


# Amending


def test_an_assumption_that_is_said_again_becomes_a_decision(focal: Portal) -> None:
    before = _row(focal, "gso-528", YEAR_2025)
    body = {
        name: before[name]
        for name in ("basis", "covers_from", "covers_to", "due_at", "closing", "reason")
    }
    confirmed = _put(focal, "528", body, YEAR_2025)
    assert (confirmed.status_code, confirmed.json()["outcome"]) == (200, "changed")
    assert confirmed.json()["provenance"] == "decision"
    same = {"provenance", "actor", "version", "outcome"}
    after = {name: value for name, value in confirmed.json().items() if name not in same}
    assert after == {name: value for name, value in before.items() if name not in same}


def test_an_amendment_takes_if_match(focal: Portal) -> None:
    place = f"{YEAR_2021}/roster/527"
    body = an_amendment(basis="ordered", closing=True)
    first = focal.get(place).headers["ETag"]
    refused(focal.put(place, body), 428, "precondition_required")
    refused(focal.put(place, body, If_Match='"999999"'), 412, "revision_changed")
    refused(focal.put(place, body | {"covers_to": "2030-01-01"}), 428, "precondition_required")
    changed = focal.put(place, body, If_Match=first)
    assert (changed.status_code, changed.json()["closing"]) == (200, True)
    for headers in ({}, {"If_Match": first}):
        again = focal.put(place, body, **headers)
        assert (again.status_code, again.json()["outcome"]) == (200, "unchanged")
        assert again.headers["ETag"] == changed.headers["ETag"]
    refused(focal.put(place, body | {"closing": False}, If_Match=first), 412, "revision_changed")


def test_of_two_who_amend_a_row_at_once_none_is_lost(api: Api) -> None:
    focal = api.portal(FOCAL_UNIT)
    place = f"{YEAR_2021}/roster/524"
    tag = focal.get(place).headers["ETag"]
    answers = at_once(
        api,
        focal,
        *[
            lambda p, n=number: p.put(place, an_amendment(reason=f"Lần {n}"), If_Match=tag)
            for number in range(4)
        ],
    )
    assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412]
    (won,) = (answer.json() for answer in answers if answer.status_code == 200)
    found = _versions(focal, BINH_SON)
    assert [row["reason"] for row in found][1:] == [won["reason"]]
    added = at_once(
        api,
        focal,
        *[lambda p: p.post(f"{YEAR_2021}/roster", an_amendment(unit="21040"))] * 3,
    )
    assert sorted(answer.status_code for answer in added) == [201, 409, 409]


# Exempting and extending


def test_an_exempt_unit_need_not_report(focal: Portal) -> None:
    place = f"{YEAR_2021}/roster/gso-525"
    first = focal.post(f"{place}/exempt", WHY)
    assert (first.status_code, first.json()["outcome"]) == (200, "changed")
    assert (first.json()["basis"], first.json()["reason"]) == ("not_required", WHY["reason"])
    again = focal.post(f"{place}/exempt", WHY)
    assert (again.status_code, again.json()["outcome"]) == (200, "unchanged")
    assert again.json()["version"] == first.json()["version"]
    assert len(_versions(focal, "525")) == 2
    refused(focal.post(f"{YEAR_2021}/roster/gso-21004/exempt", WHY), 404, "not_found")
    refused(focal.post(f"{CYCLES}/{PLAN}.x/roster/524/exempt", WHY), 404, "not_found")


def test_an_extension_is_later_than_the_due_instant_and_may_be_past(api: Api) -> None:
    focal = api.portal(FOCAL_UNIT)
    place = f"{YEAR_2021}/roster/gso-529/extend"
    due = "2021-11-29T17:00:00Z"
    for early in (due, "2021-11-30T00:00:00+07:00", "2021-11-01T00:00:00Z"):
        response = focal.post(place, an_extension(extended_to=early))
        assert faults(response) == {"/extended_to": "extension_not_later"}
    api.set_clock(A_WORKING_DAY + timedelta(days=90))
    barely = focal.post(place, an_extension(extended_to="2021-11-29T17:00:00.000001Z"))
    assert barely.json()["extended_to"] == "2021-11-29T17:00:00.000001Z"
    longer = focal.post(place, an_extension())
    assert longer.json()["extended_to"] == "2021-12-09T17:00:00.000000Z"
    again = focal.post(place, an_extension())
    assert (again.json()["outcome"], again.json()["version"]) == (
        "unchanged",
        longer.json()["version"],
    )
    row = _row(focal, "529")
    assert (row["due_at"], row["basis"]) == ("2021-11-29T17:00:00.000000Z", "ordered")


def test_an_amendment_keeps_an_extension_until_the_due_instant_reaches_it(focal: Portal) -> None:
    focal.post(f"{YEAR_2021}/roster/530/extend", an_extension())
    kept = _put(focal, "530", an_amendment(due_at="2021-12-09T00:00:00+07:00"), YEAR_2021)
    assert kept.json()["extended_to"] == "2021-12-09T17:00:00.000000Z"
    over = _put(focal, "530", an_amendment(due_at="2021-12-10T00:00:00+07:00"), YEAR_2021)
    assert over.json()["extended_to"] is None


# What was known


def test_versions_tell_when_by_whom_and_why(api: Api) -> None:
    focal, office = api.portal(FOCAL_UNIT), api.portal(OFFICE)
    focal.post(f"{YEAR_2021}/roster/524/extend", an_extension(reason="Bão số 9"))
    api.set_clock(A_WORKING_DAY + timedelta(days=1))
    office.post(f"{YEAR_2021}/roster/524/exempt", {"reason": "Miễn"})
    first, second, third = _versions(office, "524")
    assert [row["actor"] for row in (first, second, third)] == ["operator", FOCAL_UNIT, OFFICE]
    assert [row["reason"] for row in (second, third)] == ["Bão số 9", "Miễn"]
    assert [row["basis"] for row in (first, second, third)] == ["ordered"] * 2 + ["not_required"]
    assert (first["extended_to"], third["extended_to"]) == (None, second["extended_to"])
    assert first["superseded_at"] == second["recorded_at"]
    assert second["superseded_at"] == third["recorded_at"]
    assert third["superseded_at"] is None
    for known_at, version in (
        (first["recorded_at"], first),
        (second["recorded_at"], second),
        (third["recorded_at"], third),
    ):
        listed = office.get(f"{YEAR_2021}/roster", known_at=known_at, limit=500).json()["items"]
        (row,) = (row for row in listed if row["unit"] == BINH_SON)
        assert (row["version"], row["reason"]) == (version["version"], version["reason"])


# Outages


def test_an_outage_is_declared_and_withdrawn(focal: Portal, reader: Portal) -> None:
    place = f"{YEAR_2021}/outages"
    made = focal.post(place, an_outage())
    assert made.status_code == 201
    outage = made.json()
    assert (outage["began_at"], outage["withdrawn_at"]) == ("2021-11-21T13:00:00.000000Z", None)
    assert (outage["evidence"], outage["actor"]) == ("Nhật ký hệ thống", FOCAL_UNIT)
    again = focal.post(place, an_outage())
    assert (again.status_code, again.json()) == (200, outage)
    assert reader.get(place).json()["items"] == [outage]
    assert reader.get(f"{YEAR_2025}/outages").json()["items"] == []
    refused(
        focal.post(f"{YEAR_2025}/outages/{outage['id']}/withdraw", {"reason": "x"}),
        404,
        "not_found",
    )
    for number in ("99", "0", "x", str(2**40)):
        refused(focal.post(f"{place}/{number}/withdraw", {"reason": "x"}), 404, "not_found")
    withdrawn = [focal.post(f"{place}/{outage['id']}/withdraw", {"reason": "x"}) for _ in "12"]
    assert [response.status_code for response in withdrawn] == [200, 200]
    assert withdrawn[0].json() == withdrawn[1].json()
    assert withdrawn[0].json()["withdrawn_at"] is not None
    assert reader.get(place).json()["items"] == [withdrawn[0].json()]
    assert focal.post(place, an_outage()).status_code == 201, "declared anew"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"ended_at": "2021-11-21T20:00:00+07:00"}, {"/ended_at": "outage_ends_first"}),
        (
            {"ended_at": "2021-11-23T00:00:00+07:00"},
            {"/ended_at": "outage_not_over"},
        ),
        (
            {"accepts_until": "2021-11-21T22:59:59+07:00"},
            {"/accepts_until": "outage_accepts_outside"},
        ),
        (
            {"accepts_until": "2021-11-28T23:00:00.000001+07:00"},
            {"/accepts_until": "outage_accepts_outside"},
        ),
        ({"evidence": None}, {"/evidence": "string_type"}),
    ],
)
def test_an_outage_cannot_be_everything(
    focal: Portal, change: dict[str, Any], expected: dict[str, str]
) -> None:
    assert faults(focal.post(f"{YEAR_2021}/outages", an_outage() | change)) == expected
    latest = an_outage(accepts_until="2021-11-28T23:00:00+07:00")
    assert focal.post(f"{CYCLES}/{PLAN}.2022/outages", latest).status_code in (200, 201)


def test_a_cycles_due_instant_is_the_default_of_a_rows(focal: Portal) -> None:
    body = a_change(
        window_from="2023-01-01",
        window_to="2024-01-01",
        due_at="2023-12-05T00:00:00+07:00",
        opens_at=None,
        supplement_due_at=None,
    )
    cycle = f"{CYCLES}/{PLAN}.2023"
    focal.put(cycle, body, If_Match="*")
    made = focal.post(f"{cycle}/roster", an_amendment(unit="21040"))
    assert made.json()["due_at"] == "2023-12-04T17:00:00.000000Z"
    assert _row(focal, VE_GIANG, YEAR_2025)["due_at"] == DUE_2025
