"""Dossiers and their consolidation: frozen, returned, corrected, late, numbered, never changed."""

import base64
import hashlib
import io
import json
from typing import Any, Final

import pytest
import rfc8785
import sqlalchemy as sa
from python_calamine import CalamineWorkbook
from sqlalchemy.exc import IntegrityError

from tests.support.api import Api, Portal
from tests.support.budget_writes import AUTHORITY, CALENDAR
from tests.support.budgeting import (
    CONSOLIDATIONS,
    DECISION,
    DOSSIERS,
    ESTIMATES,
    FINANCE,
    NEWSPAPER,
    a_dossier,
    a_dossier_document,
    an_estimate,
    begun,
    consolidated,
    local,
    stated,
    submitted,
)
from tests.support.makers import (
    BINH_SON,
    FOCAL_UNIT,
    OFFICE,
    PLAN,
    a_document,
    a_draft,
    an_activity,
)
from tests.support.problems import faults, refused
from tests.support.reviewing import done

STATION: Final = "body-dai-ptth"
CALENDARS: Final = "/v1/budget-calendars"
BYTES: Final[set[str]] = set()
AUTHORITIES: Final = "/v1/budget-authorities"


def proposed(portal: Portal, dossier: dict[str, Any]) -> list[str]:
    return [one["amount"] for line in dossier["lines"] for one in line["figures"]]


def built(portal: Portal, year: int = 2022, **changes: Any) -> dict[str, Any]:
    """Build a version; return it as it is pulled."""
    made = done(portal.post(CONSOLIDATIONS, {"plan": PLAN, "budget_year": year, **changes}), 201)
    return done(portal.get(f"{CONSOLIDATIONS}/{made['id']}"))


def counts(document: dict[str, Any]) -> dict[str, int]:
    return {name: count for name, count in document["coverage"].items() if name != "units"}


def standing(document: dict[str, Any], unit: str) -> dict[str, Any]:
    (found,) = (one for one in document["coverage"]["units"] if one["unit"] == unit)
    return dict(found)


# A dossier's way


def test_a_dossier_is_frozen_returned_revised_consolidated_and_corrected(api: Api) -> None:
    portal, finance = api.portal(NEWSPAPER), api.portal(FINANCE)
    estimate = begun(portal)
    place = a_dossier(portal)
    assert portal.get(place).json()["actions"] == ["submit"]
    submitted(portal, place)
    stated(portal, estimate, "proposed", "440000000", reason="Rà soát")
    first = finance.get(place).json()
    assert (first["state"], first["authority"], first["level"]) == (
        "submitted",
        FINANCE,
        "province",
    )
    assert first["actions"] == ["return", "consolidate"]
    assert proposed(finance, first) == ["450000000"]
    done(finance.post(f"{place}/return", {"comments": ["Giảm 10 triệu."]}))
    returned = portal.get(place).json()
    assert (returned["comments"], returned["actions"]) == (["Giảm 10 triệu."], ["revise"])
    done(portal.post(f"{place}/revise"))
    consolidated(portal, finance, place)
    done(portal.post(f"{place}/correct", {"reason": "Sót mục V.7.1"}))
    begun(portal, plan_item="V.7.1", amount="5")
    submitted(portal, place)
    states = [
        (one["revision"], one["state"], one["reason"])
        for one in portal.get(f"{place}/revisions").json()["items"]
    ]
    assert states == [
        (1, "returned", None),
        (2, "consolidated", None),
        (3, "submitted", "Sót mục V.7.1"),
    ]
    done(finance.post(f"{place}/consolidate"))
    held = [
        proposed(portal, portal.get(f"{place}/revisions/{number}").json()) for number in (1, 2, 3)
    ]
    assert held == [["450000000"], ["440000000"], ["440000000", "5"]]
    second = portal.get(f"{place}/revisions/2").json()
    assert second["state"] == "superseded"
    hashes = {portal.get(f"{place}/revisions/{one}").json()["sha256"] for one in (1, 2, 3)}
    assert len(hashes) == 3


def test_what_can_not_be_done_says_what_can(api: Api) -> None:
    portal, finance = api.portal(NEWSPAPER), api.portal(FINANCE)
    place = a_dossier(portal)
    answer = portal.post(f"{place}/submit", a_dossier_document())
    assert faults(answer) == {"": "no_figures_stated"}
    begun(portal)
    told = refused(portal.post(f"{place}/revise"), 409, "budget_action_not_allowed")
    assert told[0]["permitted"] == ["submit"]
    refused(finance.post(f"{place}/submit", a_dossier_document()), 403, "budget_not_yours")
    submitted(portal, place)
    refused(portal.post(f"{place}/consolidate"), 403, "not_finance_authority")
    done(finance.post(f"{place}/consolidate"))
    told = refused(finance.post(f"{place}/consolidate"), 409, "budget_action_not_allowed")
    assert told[0]["permitted"] == []
    party = api.portal("body-ban-tuyen-giao")
    answer = party.post(f"{a_dossier(party)}/submit", a_dossier_document())
    refused(answer, 409, "no_finance_authority")
    for other in (STATION, BINH_SON, FOCAL_UNIT, OFFICE):
        stranger = api.portal(other)
        refused(stranger.get(place), 404, "not_found")
        refused(stranger.post(f"{place}/consolidate"), 404, "not_found")
        assert stranger.get(DOSSIERS).json()["items"] == []


def test_a_district_is_presumed_the_authority_of_its_level(api: Api) -> None:
    portal = api.portal(BINH_SON)
    begun(portal, plan_item="III.1.c", source="state_budget_district")
    place = consolidated(portal, portal)
    found = portal.get(place).json()
    assert (found["state"], found["authority"], found["level"]) == (
        "consolidated",
        BINH_SON,
        "district",
    )
    refused(api.portal(FINANCE).get(place), 404, "not_found")


# Finance authorities and calendars are data


def test_another_finance_authority_takes_over_all_of_a_units_dossiers(api: Api) -> None:
    portal, finance, focal = api.portal(NEWSPAPER), api.portal(FINANCE), api.portal(FOCAL_UNIT)
    begun(portal)
    place = submitted(portal)
    body = {**AUTHORITY, "unit": "bao-quang-ngai", "authority": "vp-ubnd"}
    refused(portal.post(AUTHORITIES, body), 403, "not_finance_authority")
    assert focal.post(AUTHORITIES, body).status_code == 201
    assert focal.post(AUTHORITIES, body).status_code == 200
    refused(finance.get(place), 404, "not_found")
    done(api.portal(OFFICE).post(f"{place}/consolidate"))
    known = focal.get(AUTHORITIES, unit=NEWSPAPER).json()["items"]
    assert [(one["authority"], one["valid_to"], one["provenance"]) for one in known] == [
        (FINANCE, "2021-06-01", "assumption"),
        ("body-vp-ubnd", None, "decision"),
    ]


def test_a_calendar_is_shipped_as_an_assumption_and_changed_by_those_who_may(api: Api) -> None:
    finance, focal = api.portal(FINANCE), api.portal(FOCAL_UNIT)
    shipped = focal.get(CALENDARS).json()["items"]
    assert [(one["budget_year"], one["provenance"]) for one in shipped] == [
        (year, "assumption") for year in range(2022, 2026)
    ]
    place = f"{CALENDARS}/{PLAN}/2023"
    refused(api.portal(NEWSPAPER).put(place, CALENDAR), 403, "not_finance_authority")
    refused(finance.put(place, CALENDAR), 428, "precondition_required")
    changed = done(finance.put(place, CALENDAR, If_Match='"1"'))
    assert (changed["version"], changed["provenance"], changed["actor"]) == (2, "decision", FINANCE)
    assert done(focal.put(place, CALENDAR))["version"] == 2
    wrong = {**CALENDAR, "freeze_at": "2023-01-01T00:00:00+07:00", "due_at": CALENDAR["opens_at"]}
    assert faults(finance.put(place, wrong, If_Match="*")) == {
        "/due_at": "budget_calendar_order",
        "/freeze_at": "budget_calendar_year",
    }
    answer = finance.put(f"{CALENDARS}/{PLAN}/2021", CALENDAR, If_Match="*")
    assert faults(answer)[""] == "budget_calendar_not_asked"


# The consolidation


def test_what_comes_after_the_freeze_goes_into_the_next_version(api: Api) -> None:
    newspaper, station, finance = (api.portal(one) for one in (NEWSPAPER, STATION, FINANCE))
    begun(newspaper)
    api.set_clock(local(2021, 11, 15, 23, 59, 59))
    on_time = consolidated(newspaper, finance)
    begun(station, amount="30")
    api.set_clock(local(2021, 11, 30, 23, 59, 59))
    late = submitted(station)
    answer = finance.post(CONSOLIDATIONS, {"plan": PLAN, "budget_year": 2022})
    refused(answer, 409, "budget_not_frozen")
    api.set_clock(local(2021, 12, 1))
    focal = api.portal(FOCAL_UNIT)
    begun(focal, plan_item="V.2.1", amount="7")
    after = consolidated(focal, finance)
    timely = [finance.get(one).json()["timeliness"] for one in (on_time, late, after)]
    assert timely == ["on_time", "late", "after_freeze"]
    first = built(finance)
    assert (first["version"], first["frozen_at"]) == (1, "2021-11-30T17:00:00.000000Z")
    assert first["total"]["figures"]["proposed"] == "450000000"
    assert standing(first, STATION)["state"] == "in_review"
    assert standing(first, FOCAL_UNIT)["state"] == "missing"
    done(finance.post(f"{late}/return", {"comments": ["Làm rõ."]}))
    api.set_clock(local(2021, 12, 2))
    second = built(finance)
    assert second["total"]["figures"]["proposed"] == "450000007"
    assert standing(second, STATION)["state"] == "returned"
    assert [one["unit"] for one in second["manifest"]["dossiers"]] == [NEWSPAPER, FOCAL_UNIT]
    found = counts(second)
    assert found["required"] == sum(found[name] for name in found if name != "required")
    assert (found["consolidated"], found["returned"], found["in_review"]) == (2, 1, 0)
    assert found["missing"] > 10
    assert not [one for one in second["coverage"]["units"] if one["unit"].startswith("gso")]


def test_a_version_never_changes_and_is_hashed_and_answered_to_the_byte(api: Api) -> None:
    portal, finance = api.portal(NEWSPAPER), api.portal(FINANCE)
    begun(portal)
    dossier = consolidated(portal, finance)
    api.set_clock(local(2021, 12, 1))
    made = done(finance.post(CONSOLIDATIONS, {"plan": PLAN, "budget_year": 2022}), 201)
    place = f"{CONSOLIDATIONS}/{made['id']}"
    pulled = finance.request("GET", place, headers={"Accept-Encoding": "identity"})
    digest = hashlib.sha256(pulled.content)
    BYTES.add(digest.hexdigest())
    assert len(BYTES) == 1, "both databases make the same bytes"
    assert pulled.headers["ETag"] == f'"{digest.hexdigest()}"' == f'"{made["sha256"]}"'
    encoded = base64.b64encode(digest.digest()).decode()
    assert pulled.headers["Repr-Digest"] == f"sha-256=:{encoded}:"
    assert rfc8785.dumps(json.loads(pulled.content)) == pulled.content
    held = {"Accept-Encoding": "identity", "If-None-Match": pulled.headers["ETag"]}
    same = finance.request("GET", place, headers=held)
    assert same.status_code == 304
    (taken,) = pulled.json()["manifest"]["dossiers"]
    assert taken["sha256"] == finance.get(dossier).json()["sha256"]
    done(portal.post(f"{dossier}/correct", {"reason": "Giảm"}))
    consolidated(portal, finance, dossier)  # what was taken before is superseded from now on
    at_freeze = {"plan": PLAN, "budget_year": 2022, "frozen_at": made["frozen_at"]}
    again = finance.post(CONSOLIDATIONS, at_freeze)
    assert (again.status_code, again.json()["version"]) == (200, 1), "the same as of the freeze"
    assert built(finance)["version"] == 2
    assert finance.get(place).json() == pulled.json()
    with pytest.raises(IntegrityError, match="is_append_only"), api.engine.begin() as connection:
        connection.execute(sa.text("UPDATE budget_consolidation SET version = 9"))


def test_the_consolidation_is_built_by_the_authority_and_seen_by_the_province(api: Api) -> None:
    finance = api.portal(FINANCE)
    place = (
        f"{CONSOLIDATIONS}/"
        + done(finance.post(CONSOLIDATIONS, {"plan": PLAN, "budget_year": 2021}), 201)["id"]
    )
    for unit in (FOCAL_UNIT, OFFICE):
        assert api.portal(unit).get(place).status_code == 200
        assert len(api.portal(unit).get(CONSOLIDATIONS).json()["items"]) == 1
    for unit in (NEWSPAPER, BINH_SON):
        portal = api.portal(unit)
        refused(portal.get(place), 404, "not_found")
        assert portal.get(CONSOLIDATIONS).json()["items"] == []
    for unit in (NEWSPAPER, BINH_SON, FOCAL_UNIT):
        body = {"plan": PLAN, "budget_year": 2021}
        refused(api.portal(unit).post(CONSOLIDATIONS, body), 403, "not_finance_authority")
    for frozen_at, code in (
        ("2021-11-30T00:00:00Z", "freeze_in_future"),
        ("2021-01-01T00:00:00Z", "freeze_goes_back"),
    ):
        body = {"plan": PLAN, "budget_year": 2021, "frozen_at": frozen_at}
        assert faults(finance.post(CONSOLIDATIONS, body)) == {"/frozen_at": code}


def test_executed_stands_beside_the_estimate_and_beside_what_was_reported(api: Api) -> None:
    """2022 of the newspaper: 400 allocated, 300 executed; its activity report says 290."""
    portal, finance, focal = api.portal(NEWSPAPER), api.portal(FINANCE), api.portal(FOCAL_UNIT)
    estimate = begun(portal, amount="450")
    stated(portal, estimate, "allocated", "400", **DECISION)
    api.set_clock(local(2022, 11, 20, 8))
    stated(portal, estimate, "executed", "300")
    for amount, source in (
        (200, "state_budget_province"),
        (90, "state_budget_province"),
        (8, "other_lawful"),
    ):
        activity = an_activity(
            unit="bao-quang-ngai",
            plan_item="III.1.a",
            occurred_on="2022-09-10",
            channel="newspaper",
            content_themes=["II.2.1"],
            measures=[],
            expenditure=[{"source": source, "amount": amount}],
        )
        done(portal.post("/v1/activity-reports", activity), 201)
    report = portal.post("/v1/submissions", a_draft(year=2022)).headers["Location"]
    document = a_document(document_on="2022-11-20", data_to="2022-11-20")
    done(portal.post(f"{report}/submit", document))
    consolidated(portal, finance)
    assert built(finance)["comparisons"] == [], "the first version is that of the freeze"
    assert [one["reported_in_activity"] for one in built(finance)["comparisons"]] == [None]
    done(focal.post(f"{report}/accept"))
    made = built(finance)
    other, state = made["comparisons"]
    assert state == {
        "unit": NEWSPAPER,
        "item": "III.1.a",
        "source": "state_budget_province",
        "estimated": "400",
        "estimated_by": ["allocated"],
        "executed": "300",
        "difference": "-100",
        "rate": "0.750000",
        "reported_in_activity": "290",
    }
    assert (other["source"], other["estimated"], other["executed"]) == ("other_lawful", None, None)
    assert other["reported_in_activity"] == "8"
    assert made["total"]["figures"]["executed"] == "300"
    (told,) = made["manifest"]["activity_reports"]
    assert (told["unit"], told["sha256"]) == (NEWSPAPER, portal.get(report).json()["sha256"])


def test_of_2021_nobody_owes_a_dossier_and_what_is_sent_is_in(api: Api) -> None:
    portal, finance = api.portal(NEWSPAPER), api.portal(FINANCE)
    done(portal.post(ESTIMATES, an_estimate(budget_year=2021, stage="executed", amount="9")), 201)
    place = a_dossier(portal, budget_year=2021)
    consolidated(portal, finance, place)
    assert finance.get(place).json()["timeliness"] is None
    made = built(finance, 2021)
    assert counts(made) == {
        "required": 1,
        "consolidated": 1,
        "in_review": 0,
        "returned": 0,
        "missing": 0,
    }
    assert made["executed_only"] is True
    assert made["lines"][0]["warnings"] == []
    assert made["comparisons"][0]["rate"] is None


def test_files_hold_the_figures_of_the_json(api: Api) -> None:
    portal, finance = api.portal(NEWSPAPER), api.portal(FINANCE)
    begun(portal, amount="9007199254740991", category="160")
    begun(portal, plan_item="V.7.1", amount="5")
    consolidated(portal, finance)
    api.set_clock(local(2021, 12, 1))
    made = done(finance.post(CONSOLIDATIONS, {"plan": PLAN, "budget_year": 2022}), 201)
    place = f"{CONSOLIDATIONS}/{made['id']}"
    text = finance.get(place, format="csv")
    assert text.headers["content-type"] == "text/csv; charset=utf-8"
    assert text.headers["X-Report-SHA256"] == made["sha256"]
    lines = text.content.decode("utf-8-sig").splitlines()
    assert "Tổng,,,,,Đề xuất,9007199254740996" in lines
    assert (
        "Chi tiết,body-bao-quang-ngai,III.1.a,state_budget_province,…-160-…,Đề xuất,"
        "9007199254740991" in lines
    )
    accept = {"Accept": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
    book = finance.request("GET", place, headers=accept)
    assert finance.get(place, format="xlsx").content == book.content
    sheets = CalamineWorkbook.from_filelike(io.BytesIO(book.content))
    assert sheets.sheet_names == ["Tổng hợp", "Thực hiện - dự toán", "Chi tiết", "Hồ sơ"]
    detail = sheets.get_sheet_by_name("Chi tiết").to_python()
    assert [(row[1], row[3], row[4]) for row in detail[1:]] == [
        ("III.1.a", "…-160-…", "9007199254740991"),  # more digits than a spreadsheet keeps
        ("V.7.1", "…-…-…", 5.0),
    ]
    refused(finance.request("GET", place, headers={"Accept": "image/png"}), 406, "not_acceptable")
