"""A roster that changed after reports were frozen: no consolidation counts an activity twice."""

from uuid import UUID

from tests.support.api import Api, Portal
from tests.support.consolidating import consolidate
from tests.support.deciding import WHY, YEAR_2021, an_amendment
from tests.support.makers import BINH_SON, FOCAL_UNIT, PLAN, a_document, a_draft, an_activity
from tests.support.problems import refused

COMMUNE = "gso-21040"
ASK = {"plan": PLAN, "year": 2021}


def _reported(portal: Portal, focal: Portal, *, begin: str = "/v1/submissions") -> str:
    """Have a unit submit, and be accepted; return the submission's place."""
    begun = portal.post(begin, a_draft() if begin.endswith("submissions") else {"reason": "Sửa"})
    place = str(begun.headers.get("Location") or begin.rpartition("/")[0])
    assert portal.post(f"{place}/submit", a_document()).status_code == 200
    assert focal.post(f"{place}/accept").status_code == 200
    return place


def _posts(api: Api, focal: Portal) -> str:
    asked = focal.post("/v1/consolidated-reports", ASK)
    assert asked.status_code == 202, asked.text
    consolidate(api.engine, UUID(asked.json()["id"]), at=api.now())
    report = focal.get(f"/v1/consolidated-reports/{asked.json()['id']}").json()
    (line,) = (row for row in report["totals"] if row["indicator"] == "posts")
    return str(line["counted"])


def test_a_row_that_comes_below_an_accepted_report_is_not_counted_twice(api: Api) -> None:
    district, commune, focal = (api.portal(unit) for unit in (BINH_SON, COMMUNE, FOCAL_UNIT))
    assert district.post("/v1/activity-reports", an_activity(unit="21040")).status_code == 201
    above = _reported(district, focal)
    assert _posts(api, focal) == "3"
    added = focal.post(f"{YEAR_2021}/roster", an_amendment(unit=COMMUNE))
    assert added.status_code == 201, added.text
    _reported(commune, focal)
    answer = focal.post("/v1/consolidated-reports", ASK)
    refused(answer, 409, "activity_counted_twice")
    (fault,) = answer.json()["errors"]
    assert fault["code"] == "activity_held_by_both"
    assert BINH_SON in fault["detail"]
    assert COMMUNE in fault["detail"]
    _reported(district, focal, begin=f"{above}/correct")
    assert _posts(api, focal) == "3"


def test_a_row_that_goes_after_its_report_was_accepted_is_not_counted_twice(api: Api) -> None:
    district, commune, focal = (api.portal(unit) for unit in (BINH_SON, COMMUNE, FOCAL_UNIT))
    focal.post(f"{YEAR_2021}/roster", an_amendment(unit=COMMUNE))
    assert commune.post("/v1/activity-reports", an_activity(unit="21040")).status_code == 201
    _reported(commune, focal)
    assert _posts(api, focal) == "3"
    exempted = focal.post(f"{YEAR_2021}/roster/{COMMUNE}/exempt", WHY)
    assert exempted.status_code == 200, exempted.text
    _reported(district, focal)
    refused(focal.post("/v1/consolidated-reports", ASK), 409, "activity_counted_twice")


def test_an_exempted_unit_does_not_submit_its_draft(api: Api) -> None:
    district, focal = api.portal(BINH_SON), api.portal(FOCAL_UNIT)
    place = district.post("/v1/submissions", a_draft()).headers["Location"]
    focal.post(f"{YEAR_2021}/roster/524/exempt", WHY)
    refused(district.post(f"{place}/submit", a_document()), 409, "not_on_roster")


def test_a_discarded_draft_makes_way_for_another(api: Api) -> None:
    district, focal = api.portal(BINH_SON), api.portal(FOCAL_UNIT)
    paper = {"unit": "524", "on_behalf": {"incoming_number": "9/Đ", "incoming_on": "2021-11-19"}}
    place = district.post("/v1/submissions", a_draft()).headers["Location"]
    refused(focal.post("/v1/submissions", a_draft(**paper)), 409, "submission_exists")
    assert district.request("DELETE", f"{place}/draft").status_code == 204
    refused(district.get(place), 404, "not_found")
    begun = focal.post("/v1/submissions", a_draft(**paper))
    assert begun.status_code == 201, begun.text


def test_a_correction_loses_no_reported_day(api: Api) -> None:
    district, focal = api.portal(BINH_SON), api.portal(FOCAL_UNIT)
    place = _reported(district, focal)
    assert district.post(f"{place}/correct", {"reason": "Sửa"}).status_code == 200
    earlier = district.post(f"{place}/submit", a_document(data_to="2021-11-19"))
    refused(earlier, 422, "invalid")
    assert earlier.json()["errors"][0]["code"] == "reported_days_lost"
    assert district.post(f"{place}/submit", a_document()).status_code == 200
