"""The plan's summary over HTTP: from which reports, for whom, by whose units, and its bytes."""

import base64
import hashlib
import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import rfc8785

from tests.support.api import A_WORKING_DAY, Api, Portal
from tests.support.consolidating import consolidate
from tests.support.makers import BINH_SON, FOCAL_UNIT, OFFICE, PLAN
from tests.support.problems import faults, refused
from tests.support.reviewing import accepted, done, posted

REPORTS = "/v1/consolidated-reports"
SUMMARY = f"/v1/plans/{PLAN}/summary"
ISSUE = {"document_number": "1/BC", "document_on": "2021-11-22", "signatory_title": "Chủ tịch"}
RECEIVER = "body-so-tai-chinh"


def built(api: Api, focal: Portal, hours: int, **wanted: Any) -> str:
    """Have a version built so many hours later; return its path."""
    api.set_clock(A_WORKING_DAY + timedelta(hours=hours))
    asked = done(focal.post(REPORTS, {"plan": PLAN, "year": 2021} | wanted), 202)
    consolidate(api.engine, UUID(asked["id"]), at=api.now())
    return f"{REPORTS}/{asked['id']}"


def issue(focal: Portal, office: Portal, place: str) -> None:
    """Bring a version on its whole way."""
    done(focal.put(f"{place}/assessment", {"text": "Đủ."}))
    done(focal.post(f"{place}/propose"))
    done(office.post(f"{place}/approve"))
    done(office.post(f"{place}/issue", ISSUE))


def posts(told: dict[str, Any]) -> str:
    """Return the posts over the plan."""
    (line,) = (row for row in told["totals"] if row["indicator"] == "posts")
    return str(line["counted"])


def test_an_issued_version_goes_before_a_newer_one_and_missing_years_are_said(api: Api) -> None:
    district, receiver, focal, office = (
        api.portal(unit) for unit in (BINH_SON, RECEIVER, FOCAL_UNIT, OFFICE)
    )
    done(
        focal.put(
            f"/v1/plans/{PLAN}/report-recipients",
            {"units": ["so-tai-chinh"], "reason": "Nơi nhận"},
        )
    )
    nothing = done(focal.get(SUMMARY))
    assert nothing["manifest"]["missing"] == [2021, 2022, 2023, 2024, 2025]
    assert (nothing["totals"], nothing["lines"]) == ([], [])
    assert "III.1.b" in [row["item"] for row in nothing["gaps"]]
    posted(district, measures=[{"indicator": "posts", "value": "5"}])
    accepted(district, focal)
    first = built(api, focal, 1)
    posted(district, measures=[{"indicator": "posts", "value": "7"}], external_id="r-2")
    built(api, focal, 2, units_on="2025-07-01")
    draft = done(focal.get(SUMMARY))
    assert draft["manifest"]["inputs"][0]["version"] == 1
    assert draft["years"][0]["standing"] == "not_issued"
    for portal in (receiver, district):
        refused(portal.get(SUMMARY), 404, "not_found")
    issue(focal, office, first)
    posted(api.portal("gso-533"), unit="533", external_id="r-3")
    built(api, focal, 3)
    for portal in (focal, receiver):
        told = done(portal.get(SUMMARY))
        (went_in,) = told["manifest"]["inputs"]
        assert (went_in["year"], went_in["version"], went_in["issued"]) == (2021, 1, True)
        assert went_in["sha256"] == focal.get(first).headers["X-Report-SHA256"]
        assert [row["standing"] for row in told["years"]] == ["issued", *["missing"] * 4]
        assert posts(told) == "5"
    refused(district.get(SUMMARY), 404, "not_found")
    refused(receiver.get("/v1/plans/khong-co/summary"), 404, "not_found")


def test_it_is_canonical_and_not_sent_again_to_who_has_it(api: Api) -> None:
    district, focal, office = (api.portal(unit) for unit in (BINH_SON, FOCAL_UNIT, OFFICE))
    posted(district)
    accepted(district, focal)
    place = built(api, focal, 1)
    plain = {"Accept-Encoding": "identity"}
    found = focal.request("GET", SUMMARY, headers=plain)
    digest = hashlib.sha256(found.content).hexdigest()
    assert found.headers["ETag"] == f'"{digest}"'
    assert found.headers["X-Summary-SHA256"] == digest
    encoded = base64.b64encode(bytes.fromhex(digest)).decode()
    assert found.headers["Repr-Digest"] == f"sha-256=:{encoded}:"
    assert rfc8785.dumps(json.loads(found.content)) == found.content
    api.set_clock(A_WORKING_DAY + timedelta(days=9))
    held = plain | {"If-None-Match": found.headers["ETag"]}
    again = office.request("GET", SUMMARY, headers=held)
    assert (again.status_code, again.content) == (304, b"")
    issue(focal, office, place)
    assert office.request("GET", SUMMARY, headers=held).status_code == 200


def test_what_districts_did_has_no_line_among_the_communes(api: Api) -> None:
    district, focal = api.portal(BINH_SON), api.portal(FOCAL_UNIT)
    for unit, value in (("524", "5"), ("21040", "7"), ("21055", "11")):
        posted(district, unit=unit, measures=[{"indicator": "posts", "value": value}])
    accepted(district, focal)
    built(api, focal, 1)
    plain = done(focal.get(SUMMARY, units_on="as_reported"))
    assert plain == done(focal.get(SUMMARY, years="2025,2024,2023,2022,2021"))
    assert [row["unit"] for row in plain["lines"]] == ["gso-21040", "gso-21055", BINH_SON]
    assert (plain["unmapped"], plain["manifest"]["register_sha256"]) == ([], None)
    then = done(focal.get(SUMMARY, units_on="2025-07-01", years="2021"))
    (former,) = then["unmapped"]
    assert (former["unit"], former["reason"], former["within"]) == (
        BINH_SON,
        "no_successor",
        "gso-51-2025-07-01",
    )
    values = [row["figures"][0]["value"] for row in (*then["lines"], former)]
    assert sum(map(int, values)) == int(posts(then)) == 23
    assert all(line["parent"] == "gso-51-2025-07-01" for line in then["lines"])
    assert [row["year"] for row in then["years"]] == [2021]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"years": "2021,2026"}, {"?years": "no_year_of_plan"}),
        ({"years": "2021;2022"}, None),
        ({"units_on": "hom-nay"}, None),
        ({"unit": "524"}, None),
    ],
)
def test_what_cannot_be_asked_is_refused(
    shared: Api, query: dict[str, str], expected: dict[str, str] | None
) -> None:
    found = faults(shared.portal(FOCAL_UNIT).get(SUMMARY, **query))
    assert set(found) == {f"?{name}" for name in query}
    assert expected is None or found == expected
