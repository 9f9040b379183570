"""Activity reports: stored once, checked against plan, register and catalogue, found again."""

import threading
import unicodedata
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from app.domain.period import LOCAL_TIME
from tests.support.api import TLS, Api, Portal
from tests.support.makers import BINH_SON, FOCAL_UNIT, PLAN, a_content, an_activity
from tests.support.problems import faults, refused, rows

ACTIVITIES = "/v1/activity-reports"
TU_NGHIA = "gso-528"
PROVINCE = "gso-51"
NEW_PROVINCE = "gso-51-2025-07-01"


def _natural(unit: str, external_id: str) -> str:
    return f"/v1/units/{unit}/activity-reports/portal/{external_id}"


def _created(response: httpx.Response) -> dict[str, Any]:
    assert response.status_code == 201, response.text
    said: dict[str, Any] = response.json()
    assert said["outcome"] == "created"
    return said


def _read(accepted: dict[str, Any]) -> dict[str, Any]:
    """Return what a report reads like that was answered so when it was sent."""
    told = ("outcome", "dry_run", "outdated")
    return {name: value for name, value in accepted.items() if name not in told}


def _unchanged(response: httpx.Response) -> dict[str, Any]:
    assert response.status_code == 200, response.text
    said: dict[str, Any] = response.json()
    assert said["outcome"] == "unchanged"
    return said


FULL: dict[str, Any] = {
    "external_id": "full-1",
    "content_themes": ["II.1.3", "II.1.1"],
    "ended_on": "2021-09-12",
    "occurrences": 4,
    "description": "Dòng một.\nDòng hai.\tHết.",
    "languages": ["vi", "hre"],
    "integrated": True,
    "measures": [
        {"indicator": "posts", "value": "3", "origin": "repost"},
        {"indicator": "posts", "value": "12"},
        {"indicator": "followers", "value": "1500"},
    ],
    "expenditure": [
        {"source": "state_budget_district", "amount": 1_500_000},
        {"source": "other_lawful", "amount": 0},
    ],
    "participants": ["so-tttt", "21238"],
    "evidence": [
        {"url": "https://binhson.quangngai.gov.vn/tin/1", "sha256": "ab" * 32},
        {"url": "https://binhson.quangngai.gov.vn/tin/%C4%91%E1%BA%A3ng"},
    ],
}


def test_a_report_is_answered_as_it_is_stored(api: Api) -> None:
    portal = api.portal(BINH_SON)
    response = portal.post(ACTIVITIES, an_activity(**FULL))
    said = _created(response)
    assert response.headers["location"] == f"{ACTIVITIES}/{said['id']}"
    expected = {
        **an_activity(**FULL),
        "unit": BINH_SON,
        "revision": 1,
        "content_themes": ["II.1.1", "II.1.3"],
        "languages": ["hre", "vi"],
        "measures": [
            {"indicator": "followers", "value": "1500", "origin": "original"},
            {"indicator": "posts", "value": "12", "origin": "original"},
            {"indicator": "posts", "value": "3", "origin": "repost"},
        ],
        "expenditure": [
            {"source": "other_lawful", "amount": 0},
            {"source": "state_budget_district", "amount": 1_500_000},
        ],
        "participants": ["body-so-tttt", "gso-21238"],
        "evidence": [
            {"url": "https://binhson.quangngai.gov.vn/tin/%C4%91%E1%BA%A3ng", "sha256": None},
            {"url": "https://binhson.quangngai.gov.vn/tin/1", "sha256": "ab" * 32},
        ],
        "on_behalf": None,
        "withdrawn": False,
        "reported": False,
        "outside_assignment": False,
        "warnings": [],
        "received_at": "2021-11-22T02:00:00.000000Z",
    }
    assert {name: said[name] for name in expected} == expected
    assert set(said) == {*expected, "id", "body_sha256", "outcome", "dry_run", "outdated"}
    said = _read(said)
    assert portal.get(response.headers["location"]).json() == said
    assert portal.get(_natural("524", "full-1")).json() == said
    assert portal.get(_natural(BINH_SON, "full-1")).json() == said
    assert portal.get(ACTIVITIES).json() == {"items": [said], "next": None}


def test_a_single_activity_ends_on_its_day_and_happened_once(reader: Portal) -> None:
    said = _created(reader.post(ACTIVITIES, an_activity()))
    assert (said["ended_on"], said["occurrences"]) == ("2021-09-10", 1)
    assert (said["languages"], said["integrated"], said["format"]) == (["vi"], False, "news")


def test_the_same_again_is_the_same_record(api: Api) -> None:
    portal, body = api.portal(BINH_SON), an_activity(**FULL)
    first = _created(portal.post(ACTIVITIES, body))
    stored = rows(api.engine)
    api.set_clock(datetime(2021, 11, 23, tzinfo=UTC))
    for again in (body, {**body, "unit": BINH_SON}):
        assert _unchanged(portal.post(ACTIVITIES, again)) == {**first, "outcome": "unchanged"}
    content = {k: v for k, v in body.items() if k not in ("unit", "source_system", "external_id")}
    for unit in ("524", BINH_SON):
        put = _unchanged(portal.put(_natural(unit, "full-1"), content))
        assert put == {**first, "outcome": "unchanged"}
    assert rows(api.engine) == stored


def test_the_order_of_a_list_and_the_spelling_of_a_number_make_no_other_body(api: Api) -> None:
    portal = api.portal(BINH_SON)
    item = {"plan_item": "III.1.c", "channel": "loudspeaker"}
    minutes = [
        {"indicator": "loudspeaker_minutes", "value": "1.50"},
        {"indicator": "loudspeaker_sessions", "value": "007"},
    ]
    body = an_activity(**{**FULL, **item, "measures": minutes})
    first = _created(portal.post(ACTIVITIES, body))
    assert [row["value"] for row in first["measures"]] == ["1.5", "7"]
    other = {
        **body,
        "measures": [
            {"indicator": "loudspeaker_sessions", "value": "7.0", "origin": "original"},
            {"indicator": "loudspeaker_minutes", "value": "1.5"},
        ],
        **{
            name: list(reversed(body[name]))
            for name in ("content_themes", "languages", "expenditure", "evidence")
        },
        "participants": ["gso-21238", "body-so-tttt", "21238"],
        "title": f"  {body['title']} ",
    }
    assert _unchanged(portal.post(ACTIVITIES, other))["id"] == first["id"]
    refused(
        portal.post(
            ACTIVITIES,
            {**other, "measures": [{"indicator": "loudspeaker_minutes", "value": "1.4"}]},
        ),
        409,
        "report_exists",
    )


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"title": "Khác"}, "title"),
        ({"title": "ĐĂNG TIN", "channel": "zalo"}, "channel, title"),
        ({"occurred_on": "2021-09-09"}, "ended_on, occurred_on"),
        ({"measures": [{"indicator": "posts", "value": "4"}]}, "measures"),
        ({"measures": [{"indicator": "posts", "value": "3", "origin": "repost"}]}, "measures"),
        ({"content_themes": []}, "content_themes"),
        ({"format": ...}, "format"),
        ({"evidence": [{"url": "https://a.vn/1"}]}, "evidence"),
        ({"participants": ["so-tttt"]}, "participants"),
        ({"description": "Thêm"}, "description"),
    ],
    ids=str,
)
def test_another_content_under_the_same_key_is_refused_with_what_differs(
    shared: Api, reader: Portal, changes: dict[str, Any], fields: str
) -> None:
    body = an_activity()
    first = _created(reader.post(ACTIVITIES, body))
    stored = rows(shared.engine)
    other = {name: value for name, value in {**body, **changes}.items() if value is not ...}
    response = reader.post(ACTIVITIES, other)
    refused(response, 409, "report_exists")
    assert response.json()["detail"].endswith(f": {fields}.")
    assert rows(shared.engine) == stored
    first = _read(first)
    assert reader.get(_natural("524", body["external_id"])).json() == first


def test_a_natural_key_is_of_one_unit_and_one_system(api: Api) -> None:
    portal, body = api.portal(BINH_SON), an_activity(external_id="r-1")
    ids = {
        _created(portal.post(ACTIVITIES, body))["id"],
        _created(portal.post(ACTIVITIES, {**body, "source_system": "paper"}))["id"],
        _created(portal.post(ACTIVITIES, {**body, "unit": "21040"}))["id"],
        _created(api.portal(TU_NGHIA).post(ACTIVITIES, {**body, "unit": "528"}))["id"],
        _created(portal.put(_natural("524", "R-1"), a_content()))["id"],
    }
    assert len(ids) == 5


def test_a_record_put_under_its_key_is_found_there(api: Api) -> None:
    portal = api.portal(BINH_SON)
    path = _natural("524", "a.b_c:d~e-1")
    refused(portal.get(path), 404, "not_found")
    response = portal.put(path, a_content())
    said = _created(response)
    assert said["external_id"] == "a.b_c:d~e-1"
    assert response.headers["location"] == f"{ACTIVITIES}/{said['id']}"
    assert portal.get(path).json()["id"] == said["id"]
    refused(portal.put(path, a_content(title="Khác")), 428, "precondition_required")


def test_text_is_stored_in_normal_form(reader: Portal) -> None:
    portal = reader
    composed = "Tuyên truyền Nghị quyết Đại hội XX ở Sơn Tịnh"
    apart = unicodedata.normalize("NFD", composed)
    assert apart != composed
    body = an_activity(title=apart, description=f"{apart}\n{apart}")
    said = _created(portal.post(ACTIVITIES, body))
    assert (said["title"], said["description"]) == (composed, f"{composed}\n{composed}")
    same = {**body, "title": composed, "description": f"{composed}\n{composed}"}
    assert _unchanged(portal.post(ACTIVITIES, same))["id"] == said["id"]


def test_a_code_is_the_body_that_bore_it_on_the_day(api: Api) -> None:
    api.set_clock(datetime(2025, 8, 29, 9, tzinfo=LOCAL_TIME))
    body = an_activity(unit="21238", external_id="r-1", content_themes=["II.2.1"])
    before = {**body, "occurred_on": "2024-05-01"}
    after = {**body, "occurred_on": "2025-08-01"}
    district, commune = api.portal(TU_NGHIA), api.portal("gso-21238-2025-07-01")
    old = _created(district.post(ACTIVITIES, before))
    new = _created(commune.post(ACTIVITIES, after))
    assert (old["unit"], new["unit"]) == ("gso-21238", "gso-21238-2025-07-01")
    assert (old["outside_assignment"], new["outside_assignment"]) == (False, False)
    refused(commune.post(ACTIVITIES, before), 403, "unit_not_yours")
    refused(district.post(ACTIVITIES, after), 403, "unit_not_yours")
    # Under its natural key it is found by the code on a day, or by its own key at any time.
    assert district.get(_natural("21238", "r-1"), on="2024-12-31").json()["id"] == old["id"]
    assert district.get(_natural("gso-21238", "r-1")).json()["id"] == old["id"]
    assert commune.get(_natural("21238", "r-1")).json()["id"] == new["id"]
    refused(commune.get(_natural("21238", "r-1"), on="2024-12-31"), 404, "not_found")
    # A key is no code: it names one body, on its own days only.
    wrong = faults(commune.post(ACTIVITIES, {**before, "unit": "gso-21238-2025-07-01"}))
    assert wrong == {"/unit": "unit_not_in_being"}
    permitted = refused(commune.post(ACTIVITIES, {**after, "unit": "524"}), 422, "invalid")
    assert permitted[0]["permitted"] == [BINH_SON]


# Days


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"ended_on": "2021-09-09", "occurrences": 2}, {"/ended_on": "days_reversed"}),
        (
            {"ended_on": "2022-01-01", "occurrences": 2},
            {"/ended_on": "summary_crosses_window"},
        ),
        ({"occurred_on": "2020-12-31"}, {"/occurred_on": "day_outside_plan"}),
        ({"occurred_on": "2026-01-01"}, {"/occurred_on": "day_outside_plan"}),
    ],
    ids=str,
)
def test_a_summary_stays_in_its_year_and_the_plan(
    api: Api, changes: dict[str, Any], found: dict[str, str]
) -> None:
    api.set_clock(datetime(2026, 2, 1, tzinfo=UTC))
    unit = "so-y-te" if changes.get("occurred_on", "") > "2025" else "524"
    # Huyện Bình Sơn's own keys do not write any more: its steward does.
    portal = api.portal("body-so-y-te" if unit == "so-y-te" else "gso-21040-2025-07-01")
    before = rows(api.engine)
    assert faults(portal.post(ACTIVITIES, an_activity(unit=unit, **changes))) == found
    assert rows(api.engine) == before


def test_the_first_and_the_last_day_of_the_plan_are_in_it(api: Api) -> None:
    api.set_clock(datetime(2026, 2, 1, tzinfo=UTC))
    portal = api.portal("body-so-y-te")
    for day in ("2021-01-01", "2025-12-31"):
        body = an_activity(unit="so-y-te", occurred_on=day, content_themes=[])
        _created(portal.post(ACTIVITIES, body))
    whole_year = {"occurred_on": "2025-01-01", "ended_on": "2025-12-31", "occurrences": 12}
    body = an_activity(unit="so-y-te", content_themes=["II.2.1"], **whole_year)
    assert _created(portal.post(ACTIVITIES, body))["occurrences"] == 12


def test_a_summary_does_not_cross_a_handover(api: Api) -> None:
    api.set_clock(datetime(2025, 8, 1, tzinfo=UTC))
    portal = api.portal(TU_NGHIA)
    body = an_activity(
        unit="528", occurred_on="2025-06-30", occurrences=2, content_themes=["II.2.1"]
    )
    crossing = portal.post(ACTIVITIES, {**body, "ended_on": "2025-07-01"})
    assert faults(crossing) == {"/ended_on": "summary_crosses_handover"}
    assert "2025-07-01)" in crossing.json()["errors"][0]["detail"]
    _created(portal.post(ACTIVITIES, {**body, "ended_on": "2025-06-30"}))
    staying = {**body, "unit": "so-y-te", "ended_on": "2025-07-01"}
    _created(api.portal("body-so-y-te").post(ACTIVITIES, staying))


@pytest.mark.parametrize(
    ("at", "day", "taken"),
    [
        ("2021-11-22T16:59:59.999000Z", "2021-11-22", True),
        ("2021-11-22T16:59:59.999000Z", "2021-11-23", False),
        ("2021-11-22T17:00:00Z", "2021-11-23", True),
        ("2021-11-22T17:00:00Z", "2021-11-24", False),
    ],
)
def test_today_is_the_local_day_and_tomorrow_is_refused(
    api: Api, at: str, day: str, *, taken: bool
) -> None:
    portal = api.portal(BINH_SON)
    api.set_clock(datetime.fromisoformat(at))
    response = portal.post(ACTIVITIES, an_activity(occurred_on=day))
    if taken:
        _created(response)
    else:
        assert faults(response) == {"/occurred_on": "day_in_future"}
    api.set_clock(datetime.fromisoformat(at))
    summary = an_activity(occurred_on="2021-11-01", ended_on=day, occurrences=3)
    again = portal.post(ACTIVITIES, summary)
    assert (again.status_code == 201) == taken
    assert taken or faults(again) == {"/ended_on": "day_in_future"}


# Assignments and themes


@pytest.mark.parametrize(
    ("key", "unit", "item", "outside"),
    [
        (BINH_SON, "524", "III.1.b", False),
        (BINH_SON, "21040", "III.1.b", False),  # a district's assignment covers its communes
        (BINH_SON, "524", "V.6.1", False),
        (BINH_SON, "524", "III.1.a", True),
        (BINH_SON, "21040", "V.7.1", True),
        ("body-bao-quang-ngai", "bao-quang-ngai", "III.1.a", False),
        ("body-so-tttt", "so-tttt", "III.1.a", False),  # it coordinates there
        ("body-so-y-te", "so-y-te", "V.6.1", True),
        ("body-ban-tuyen-giao", "ban-tuyen-giao", "V.1.1", False),  # requested
        ("body-ban-tuyen-giao", "ban-tuyen-giao", "III.1.b", True),  # a party body is in no group
    ],
)
def test_work_outside_an_assignment_is_stored_and_marked(
    shared: Api, key: str, unit: str, item: str, *, outside: bool
) -> None:
    body = an_activity(unit=unit, plan_item=item, measures=[])
    said = _created(shared.portal(key).post(ACTIVITIES, body))
    assert said["outside_assignment"] is outside


@pytest.mark.parametrize(
    ("day", "themes", "warnings"),
    [
        ("2021-05-23", ["II.1.1"], ["theme_outside_phase"]),
        ("2021-05-24", ["II.1.1"], []),
        ("2021-05-24", ["II.1.1", "II.2.1"], ["theme_outside_phase"]),
        ("2021-11-22", ["II.2.3"], ["theme_outside_phase"]),
        ("2021-05-23", [], []),
    ],
)
def test_a_theme_outside_its_phase_is_stored_with_a_warning(
    reader: Portal, day: str, themes: list[str], warnings: list[str]
) -> None:
    body = an_activity(occurred_on=day, content_themes=themes)
    said = _created(reader.post(ACTIVITIES, body))
    assert (said["warnings"], said["content_themes"]) == (warnings, themes)


# Measures and money


def _measure(value: str, indicator: str = "posts", origin: str = "original") -> dict[str, str]:
    return {"indicator": indicator, "value": value, "origin": origin}


@pytest.mark.parametrize(
    ("item", "measures", "found"),
    [
        ("III.1.b", [_measure("1.5")], {"/measures/0/value": "too_many_decimals"}),
        (
            "III.1.c",
            [_measure("1.25", "loudspeaker_minutes")],
            {"/measures/0/value": "too_many_decimals"},
        ),
        ("III.1.b", [_measure("1", "articles")], {"/measures/0/indicator": "unknown_indicator"}),
        (
            "III.1.b",
            [_measure("1", "followers", "repost")],
            {"/measures/0/origin": "no_reposts"},
        ),
        ("III.1.b", [_measure("1"), _measure("1")], {"/measures/1/indicator": "given_twice"}),
        (
            "III.1.b",
            [_measure("1"), _measure("2"), _measure("3", origin="repost")],
            {"/measures/1/indicator": "given_twice"},
        ),
        *(
            ("III.1.b", [_measure(value)], {"/measures/0/value": "string_pattern_mismatch"})
            for value in ("1e3", "-1", "+1", ".5", "1.", "1,5", "NaN", "Infinity", " 1", "1\n")
        ),
        *(
            ("III.1.b", [_measure(value)], {"/measures/0/value": "string_pattern_mismatch"})
            for value in ("1234567890123", "0.1234567", "", "٣", "1_000", "0x1")
        ),
        ("III.1.b", [_measure("1", origin="shared")], {"/measures/0/origin": "literal_error"}),
    ],
    ids=str,
)
def test_a_measure_is_what_its_indicator_takes(
    shared: Api, reader: Portal, item: str, measures: list[Any], found: dict[str, str]
) -> None:
    before = rows(shared.engine)
    body = an_activity(plan_item=item, measures=measures)
    assert faults(reader.post(ACTIVITIES, body)) == found
    assert rows(shared.engine) == before


def test_measures_are_exact(reader: Portal) -> None:
    values = {"0": "0", "0.0": "0", "999999999999": "999999999999", "10": "10", "1.000000": "1"}
    for sent, answered in values.items():
        said = _created(reader.post(ACTIVITIES, an_activity(measures=[_measure(sent)])))
        assert said["measures"] == [_measure(answered)]
    body = an_activity(plan_item="III.1.c", measures=[_measure("37.5", "loudspeaker_minutes")])
    assert _created(reader.post(ACTIVITIES, body))["measures"][0]["value"] == "37.5"


@pytest.mark.parametrize(
    ("amount", "code"),
    [
        (0, None),
        (2**53 - 1, None),
        (-1, "greater_than_equal"),
        (2**53, "less_than_equal"),
        (10**30, "less_than_equal"),
        (1.5, "int_type"),
    ],
)
def test_money_is_whole_and_exactly_readable(reader: Portal, amount: Any, code: str | None) -> None:
    body = an_activity(expenditure=[{"source": "other_lawful", "amount": amount}])
    response = reader.post(ACTIVITIES, body)
    if code is None:
        assert _created(response)["expenditure"][0]["amount"] == amount
    else:
        assert faults(response) == {"/expenditure/0/amount": code}


def test_a_source_is_named_once_and_usable_on_the_day(api: Api) -> None:
    api.set_clock(datetime(2025, 8, 29, tzinfo=UTC))
    twice = [{"source": "other_lawful", "amount": 1}, {"source": "other_lawful", "amount": 2}]
    body = an_activity(expenditure=twice)
    found = faults(api.portal(BINH_SON).post(ACTIVITIES, body))
    assert found == {"/expenditure/1/source": "given_twice"}
    district = [{"source": "state_budget_district", "amount": 1}]
    after = an_activity(
        unit="21238", occurred_on="2025-07-01", expenditure=district, languages=["bdq"]
    )
    response = api.portal("gso-21238-2025-07-01").post(ACTIVITIES, after)
    assert faults(response) == {"/expenditure/0/source": "unknown_code"}


def test_participants_are_named_by_code_on_the_day_or_by_key(api: Api) -> None:
    api.set_clock(datetime(2025, 8, 29, tzinfo=UTC))
    portal = api.portal(BINH_SON)
    body = an_activity(participants=["21238", "gso-528", "so-vhttdl", "body-so-vhttdl", "528"])
    said = _created(portal.post(ACTIVITIES, body))
    assert said["participants"] == ["body-so-vhttdl", "gso-21238", "gso-528"]
    wrong = an_activity(participants=["99999", "gso-21238-2025-07-01", "528"])
    found = {f["pointer"]: f for f in refused(portal.post(ACTIVITIES, wrong), 422, "invalid")}
    assert {pointer: fault["code"] for pointer, fault in found.items()} == {
        "/participants/0": "unknown_unit",
        "/participants/1": "unit_not_in_being",
    }


# Lists


def test_a_list_is_narrowed_by_each_filter(api: Api) -> None:
    portal = api.portal(BINH_SON)
    sent = [
        an_activity(external_id="a"),
        an_activity(external_id="b", occurred_on="2021-09-11", channel="zalo"),
        an_activity(external_id="c", plan_item="V.6.1", content_themes=["II.1.2", "II.1.8"]),
        an_activity(external_id="d", unit="21040", content_themes=[]),
        an_activity(external_id="a", source_system="paper", occurred_on="2021-10-01"),
    ]
    ids = [_created(portal.post(ACTIVITIES, body))["id"] for body in sent]
    expected: list[tuple[dict[str, str], list[int]]] = [
        ({}, [0, 1, 2, 3, 4]),
        ({"plan": PLAN}, [0, 1, 2, 3, 4]),
        ({"plan": "khac"}, []),
        ({"plan_item": "V.6.1"}, [2]),
        ({"plan_item": "V.6"}, []),
        ({"unit": "524"}, [0, 1, 2, 4]),
        ({"unit": "gso-21040"}, [3]),
        ({"unit": "524", "on": "2021-01-01"}, [0, 1, 2, 4]),
        ({"occurred_from": "2021-09-11"}, [1, 4]),
        ({"occurred_to": "2021-09-11"}, [0, 2, 3]),
        ({"occurred_from": "2021-09-11", "occurred_to": "2021-10-01"}, [1]),
        ({"channel": "zalo"}, [1]),
        ({"content_theme": "II.1.1"}, [0, 1, 4]),
        ({"content_theme": "II.1.2"}, [2]),
        ({"content_theme": "II.1"}, []),
        ({"source_system": "paper"}, [4]),
        ({"external_id": "a"}, [0, 4]),
        ({"external_id": "a", "source_system": "portal", "unit": "524"}, [0]),
    ]
    for query, places in expected:
        page = portal.get(ACTIVITIES, **query).json()
        assert [row["id"] for row in page["items"]] == [ids[place] for place in places], query
        assert page["next"] is None


def test_pages_hold_every_report_once_in_the_order_of_receipt(api: Api) -> None:
    portal = api.portal(BINH_SON)
    ids = []
    for minute in range(7):
        api.set_clock(datetime(2021, 11, 22, 3, minute, tzinfo=UTC))
        ids.append(_created(portal.post(ACTIVITIES, an_activity()))["id"])
    seen: list[str] = []
    response = portal.get(ACTIVITIES, limit=3, channel="facebook")
    while True:
        page = response.json()
        seen += [row["id"] for row in page["items"]]
        if page["next"] is None:
            assert "link" not in response.headers
            break
        link = response.links["next"]["url"]
        assert page["next"] in link
        assert "channel=facebook" in link
        _created(portal.post(ACTIVITIES, an_activity(channel="zalo")))  # moves nothing
        response = portal.request("GET", link)
    assert seen == ids


# At the same time


def test_of_sixteen_that_send_the_same_record_exactly_one_makes_it(api: Api) -> None:
    portal, body = api.portal(BINH_SON), an_activity(**FULL)
    content = {k: v for k, v in body.items() if k not in ("unit", "source_system", "external_id")}
    together = threading.Barrier(16)
    answers: list[httpx.Response] = []

    def send(number: int) -> None:
        with httpx.Client(verify=TLS, base_url=api.http.base_url, timeout=30) as http:
            own = Portal(http, portal.secret)
            together.wait()
            if number % 2:
                answers.append(own.post(ACTIVITIES, body))
            else:
                answers.append(own.put(_natural("524", "full-1"), content))

    threads = [threading.Thread(target=send, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status_code for answer in answers) == [200] * 15 + [201]
    assert len({answer.json()["id"] for answer in answers}) == 1
    stored = rows(api.engine)
    assert (stored["activity_report"], stored["activity_revision"]) == (1, 1)
    assert (stored["activity_measure"], stored["activity_expenditure"]) == (3, 2)


def test_of_sixteen_that_send_different_contents_one_is_stored_whole(api: Api) -> None:
    portal = api.portal(BINH_SON)
    together = threading.Barrier(16)
    answers: list[httpx.Response] = []

    def send(number: int) -> None:
        body = an_activity(external_id="r-race", title=f"Tin số {number}")
        with httpx.Client(verify=TLS, base_url=api.http.base_url, timeout=30) as http:
            together.wait()
            answers.append(Portal(http, portal.secret).post(ACTIVITIES, body))

    threads = [threading.Thread(target=send, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    made = [answer for answer in answers if answer.status_code == 201]
    assert len(made) == 1
    for answer in answers:
        if answer.status_code != 201:
            refused(answer, 409, "report_exists")
            assert answer.json()["detail"].endswith(": title.")
    stored = rows(api.engine)
    assert (stored["activity_report"], stored["activity_revision"]) == (1, 1)
    read = portal.get(_natural("524", "r-race")).json()
    assert read["title"] == made[0].json()["title"]


def test_the_focal_unit_reads_but_does_not_write_for_others(api: Api) -> None:
    made = _created(api.portal(BINH_SON).post(ACTIVITIES, an_activity()))
    focal = api.portal(FOCAL_UNIT)
    assert focal.get(f"{ACTIVITIES}/{made['id']}").status_code == 200
    refused(focal.post(ACTIVITIES, an_activity()), 403, "unit_not_yours")
    refused(focal.put(_natural("524", "r-x"), a_content()), 403, "unit_not_yours")


def test_a_line_ending_of_windows_is_a_line_ending(api: Api) -> None:
    sent = an_activity(description="Dòng một\r\nDòng hai")
    answer = api.portal(BINH_SON).post("/v1/activity-reports", sent)
    assert answer.json()["description"] == "Dòng một\nDòng hai"
