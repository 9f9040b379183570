"""Activity totals by the units of any day: exact, of visible reports only, and nothing guessed."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from app.api.totals.schemas import REASONS
from app.db import unit_of_work
from app.domain.activities import totals
from app.domain.period import LOCAL_TIME
from app.domain.units.hierarchy import Reason
from tests.support.api import Api, Portal
from tests.support.makers import BINH_SON, OFFICE, PLAN, an_activity
from tests.support.problems import faults, refused

ACTIVITIES: Final = "/v1/activity-reports"
IN_2026: Final = datetime(2026, 3, 2, 9, tzinfo=LOCAL_TIME)
MERGED: Final = "2025-07-01"
MERGED_PROVINCE: Final = "gso-51-2025-07-01"
TU_NGHIA, SONG_VE, NGHIA_MY = "gso-528", "gso-21238", "gso-21286"
VE_GIANG: Final = "gso-21238-2025-07-01"
TRA_BUI: Final = "gso-21142"
Sums = dict[tuple[str, str], Decimal]

SENT: Final[tuple[tuple[str, str, str], ...]] = (
    # the code of a unit, a day on which it bears it, and the unit's key
    ("524", "2024-05-06", BINH_SON),
    ("524", "2025-06-30", BINH_SON),
    ("528", "2024-05-06", TU_NGHIA),
    ("536", "2024-05-06", "gso-536"),
    ("21548", "2025-08-01", "gso-21548-2025-07-01"),
    ("21286", "2024-05-06", NGHIA_MY),
    ("21238", "2024-12-31", SONG_VE),
    ("21238", "2025-06-30", SONG_VE),
    ("21238", "2025-07-01", VE_GIANG),
    ("21280", "2021-10-01", "gso-21280"),
    ("21142", "2024-05-06", TRA_BUI),
    ("21109", "2025-09-01", "gso-21109-2025-07-01"),
    ("so-tttt", "2025-02-28", "body-so-tttt"),
    ("so-khdt", "2025-02-28", "body-so-khdt"),
    ("so-tai-chinh", "2025-03-01", "body-so-tai-chinh"),
    ("51", "2025-06-30", "gso-51"),
)
NATURAL: Final = ("source_system", "external_id")
ITEMS: Final = {"III.1.b": ("posts", "3"), "III.1.c": ("loudspeaker_minutes", "1.5")}


def _said(number: int, unit: str, day: str, item: str) -> dict[str, Any]:
    indicator, value = ITEMS[item]
    measures = [{"indicator": indicator, "value": str(Decimal(value) + number)}]
    if item == "III.1.b":
        measures.append({"indicator": "followers", "value": "1000"})
        measures.append({"indicator": "posts", "value": "7", "origin": "repost"})
    return an_activity(
        unit=unit,
        plan_item=item,
        occurred_on=day,
        ended_on=day,
        occurrences=number + 2,
        measures=measures,
        content_themes=[],
        expenditure=[{"source": "other_lawful", "amount": 10**6 + number}],
        on_behalf={"incoming_number": "12/CV", "incoming_on": "2026-02-27"},
    )


@pytest.fixture(scope="module")
def sent(shared: Api) -> list[dict[str, Any]]:
    """Return reports of real units on both sides of the reform, one of them corrected since."""
    shared.set_clock(IN_2026)
    portal = shared.portal("body-so-vhttdl")
    made = []
    for number, (unit, day, key) in enumerate(SENT):
        for item in ITEMS:
            response = portal.post(ACTIVITIES, _said(number, unit, day, item))
            assert response.status_code == 201, response.text
            assert response.json()["unit"] == key
            made.append(response.json())
    said = _said(50, "524", "2024-05-07", "III.1.b") | {"reason": "Ghi nhầm số"}
    content = {name: said[name] for name in said if name not in ("unit", *NATURAL)}
    corrected = portal.put(f"{ACTIVITIES}/{made[0]['id']}", content, If_Match='"1"')
    assert corrected.status_code == 200, corrected.text
    made[0] = corrected.json()
    withdrawn = portal.post(ACTIVITIES, _said(99, "524", "2024-05-06", "III.1.b")).json()
    gone = portal.post(
        f"{ACTIVITIES}/{withdrawn['id']}/withdraw", {"reason": "Trùng"}, If_Match='"1"'
    )
    assert gone.status_code == 200, gone.text
    return made


@pytest.fixture(scope="module")
def office(shared: Api) -> Portal:
    """Return the office of the People's Committee, which sees all."""
    shared.set_clock(IN_2026)
    return shared.portal(OFFICE)


def _read(portal: Portal, **query: Any) -> dict[str, Any]:
    response = portal.get("/v1/activity-totals", **{"plan": PLAN, **query})
    assert response.status_code == 200, response.text
    said: dict[str, Any] = response.json()
    return said


def _of_reports(reports: Iterable[dict[str, Any]]) -> Sums:
    """Add reports up in plain Python, by item and what is counted; nothing of followers."""
    sums: Sums = defaultdict(Decimal)
    for report in reports:
        item = report["plan_item"]
        sums[item, "activities"] += 1
        sums[item, "occurrences"] += report["occurrences"]
        for one in report["measures"]:
            if one["indicator"] != "followers":
                sums[item, f"{one['indicator']} {one['origin']}"] += Decimal(one["value"])
        for one in report["expenditure"]:
            sums[item, one["source"]] += one["amount"]
    return dict(sums)


def _of_items(*tables: list[dict[str, Any]]) -> Sums:
    """Add the items of several lines up likewise."""
    sums: Sums = defaultdict(Decimal)
    for said in (row for table in tables for row in table):
        item = said["plan_item"]
        sums[item, "activities"] += said["activities"]
        sums[item, "occurrences"] += said["occurrences"]
        for one in said["measures"]:
            sums[item, f"{one['indicator']} {one['origin']}"] += Decimal(one["sum"])
        for one in said["expenditure"]:
            sums[item, one["source"]] += one["amount"]
    return dict(sums)


def _lines(said: dict[str, Any], part: str) -> dict[str, Sums]:
    found = {line["unit"]: _of_items(line["items"]) for line in said[part]}
    assert list(found) == sorted(found)
    assert len(found) == len(said[part])
    return found


def _by(reports: list[dict[str, Any]], **placed: str) -> dict[str, Sums]:
    """Return reports added up by unit; `placed` names another unit than the one that reported."""
    groups: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for report in reports:
        groups[placed.get(report["unit"], report["unit"])].append(report)
    return {unit: _of_reports(group) for unit, group in groups.items()}


def test_as_reported_each_unit_has_what_it_reported(
    office: Portal, sent: list[dict[str, Any]]
) -> None:
    said = _read(office)
    assert said["units_on"] == "as_reported"
    assert _lines(said, "lines") == _by(sent)
    assert said["unmapped"] == []
    assert _of_items(said["totals"]) == _of_reports(sent)
    assert said["left_out"] == [{"indicator": "followers", "values": len(SENT)}]
    assert {line["parent"] for line in said["lines"]} == {None}
    assert said == _read(office, units_on="as_reported")
    named = {line["unit"]: (line["name"], line["level"]) for line in said["lines"]}
    assert named[SONG_VE] == ("Thị trấn Sông Vệ", "commune")
    assert named[VE_GIANG] == ("Xã Vệ Giang", "commune")
    assert named["body-so-tttt"][1] is None


LATER: Final = {
    "gso-536": "gso-21548-2025-07-01",
    NGHIA_MY: VE_GIANG,
    SONG_VE: VE_GIANG,
    "gso-21280": VE_GIANG,
    "body-so-khdt": "body-so-tai-chinh",
    "gso-51": MERGED_PROVINCE,
}


def test_by_the_units_of_a_later_day(office: Portal, sent: list[dict[str, Any]]) -> None:
    said = _read(office, units_on=MERGED)
    lost = (BINH_SON, TU_NGHIA, TRA_BUI, "body-so-tttt")
    assert _lines(said, "lines") == _by([x for x in sent if x["unit"] not in lost], **LATER)
    assert _lines(said, "unmapped") == _by([x for x in sent if x["unit"] in lost])
    told = {line["unit"]: (line["reason"], line["within"]) for line in said["unmapped"]}
    assert told == {
        BINH_SON: ("no_successor", MERGED_PROVINCE),
        TU_NGHIA: ("no_successor", MERGED_PROVINCE),
        TRA_BUI: ("divided", MERGED_PROVINCE),
        "body-so-tttt": ("divided", MERGED_PROVINCE),
    }
    parents = {line["unit"]: line["parent"] for line in said["lines"]}
    assert parents.pop(MERGED_PROVINCE) is None
    assert set(parents.values()) == {MERGED_PROVINCE}


def test_by_the_units_of_an_earlier_day(office: Portal, sent: list[dict[str, Any]]) -> None:
    said = _read(office, units_on="2024-12-31")
    told = {line["unit"]: (line["reason"], line["within"]) for line in said["unmapped"]}
    assert told == {
        VE_GIANG: ("several_predecessors", TU_NGHIA),
        "gso-21109-2025-07-01": ("several_predecessors", "gso-51"),
    }
    back = {"gso-21548-2025-07-01": "gso-536"}
    assert _lines(said, "lines") == _by([x for x in sent if x["unit"] not in told], **back)
    parents = {line["unit"]: line["parent"] for line in said["lines"]}
    assert (parents[SONG_VE], parents[TU_NGHIA]) == (TU_NGHIA, "gso-51")


@pytest.mark.parametrize(
    "units_on", ["as_reported", "2024-12-31", "2025-06-30", MERGED, "2026-12-31"]
)
def test_what_is_done_on_the_last_and_the_first_day_counts_once(
    office: Portal, sent: list[dict[str, Any]], units_on: str
) -> None:
    days = {"occurred_from": "2025-06-30", "occurred_to": "2025-07-02"}
    said = _read(office, units_on=units_on, **days)
    both = [line for part in ("lines", "unmapped") for line in said[part]]
    found = {
        line["unit"]: line["items"][0]["activities"]
        for line in both
        if line["unit"] in (SONG_VE, VE_GIANG)
    }
    late = units_on >= MERGED and units_on != "as_reported"
    assert found == ({VE_GIANG: 2} if late else {SONG_VE: 1, VE_GIANG: 1})


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    units_on=st.none() | st.dates(date(2020, 1, 1), date(2027, 12, 31)),
    bounds=st.lists(st.dates(date(2021, 1, 1), date(2026, 1, 1)), max_size=2).map(sorted),
)
def test_whatever_day_and_days_are_asked_the_sums_are_those_reported(
    office: Portal, sent: list[dict[str, Any]], units_on: date | None, bounds: list[date]
) -> None:
    query = dict(zip(("occurred_from", "occurred_to"), map(str, bounds), strict=False))
    said = _read(office, units_on=str(units_on or "as_reported"), **query)
    kept = _of_reports(
        report
        for report in sent
        if query.get("occurred_from", "") <= report["occurred_on"]
        and report["occurred_on"] < query.get("occurred_to", "9")
    )
    assert _of_items(said["totals"]) == kept
    parts = [line["items"] for part in ("lines", "unmapped") for line in said[part]]
    assert _of_items(*parts) == kept


def test_a_key_adds_up_only_what_it_may_see(
    shared: Api, office: Portal, sent: list[dict[str, Any]]
) -> None:
    inside = {TU_NGHIA, SONG_VE, NGHIA_MY, "gso-21280"}
    district = [report for report in sent if report["unit"] in inside]
    said = _read(shared.portal(TU_NGHIA))
    assert _lines(said, "lines") == _by(district)
    assert _of_items(said["totals"]) == _of_reports(district)
    # Succession gives no rights: on Vệ Giang's line its own key sees only its own.
    own = _read(shared.portal(VE_GIANG), units_on=MERGED)
    assert _lines(own, "lines") == {VE_GIANG: _of_reports(x for x in sent if x["unit"] == VE_GIANG)}
    assert own["unmapped"] == []
    one = _read(office, unit="21238", on="2025-01-01", units_on=MERGED)
    assert _lines(one, "lines") == {VE_GIANG: _of_reports(x for x in sent if x["unit"] == SONG_VE)}


def test_sums_are_exact_beyond_what_an_integer_column_holds(api: Api) -> None:
    api.set_clock(datetime(2025, 5, 6, 9, tzinfo=LOCAL_TIME))
    portal = api.portal(TU_NGHIA)
    for unit in ("21238", "21238", "21280"):
        body = an_activity(
            unit=unit,
            occurred_on="2025-05-05",
            content_themes=[],
            plan_item="III.1.c",
            measures=[{"indicator": "loudspeaker_minutes", "value": "1.5"}],
            expenditure=[{"source": "other_lawful", "amount": 2**53 - 1}],
        )
        assert portal.post(ACTIVITIES, body).status_code == 201
    with unit_of_work(api.engine) as session:
        session.connection().execute(
            text("UPDATE activity_measure SET amount = :most"), {"most": 2**63 - 1}
        )
    (line,) = _read(portal, units_on=MERGED)["lines"]
    whole, tenth = divmod(3 * (2**63 - 1), 10)
    (item,) = line["items"]
    assert item["measures"][0]["sum"] == f"{whole}.{tenth}"
    assert item["expenditure"] == [{"source": "other_lawful", "amount": 3 * (2**53 - 1)}]


def test_nothing_is_added_that_does_not_add_up(api: Api) -> None:
    portal = api.portal(BINH_SON)
    assert portal.post(ACTIVITIES, an_activity()).status_code == 201
    for column in ("over_units = 'none'", "over_units = 'sum', over_time = 'max'"):
        with unit_of_work(api.engine) as session:
            session.connection().execute(
                text(f"UPDATE indicator_version SET {column} WHERE indicator_code = 'posts'")  # noqa: S608
            )
        found = _read(portal)
        assert found["totals"][0]["measures"] == []
        assert found["left_out"] == [{"indicator": "posts", "values": 1}]


def test_what_is_wrong_is_told(shared: Api, office: Portal) -> None:
    path = "/v1/activity-totals"
    empty = _read(shared.portal("gso-529"), units_on="2025-03-01")
    assert empty == {
        "units_on": "2025-03-01",
        "lines": [],
        "unmapped": [],
        "totals": [],
        "left_out": [],
    }
    refused(office.get(path, plan="khac"), 404, "not_found")
    refused(office.get(path, plan=PLAN, unit="99999"), 404, "not_found")
    assert faults(office.get(path)) == {"?plan": "missing"}
    for wrong, code in {
        "today": "day_format",
        "": "day_format",
        "2025-02-30": "day_unknown",
    }.items():
        assert faults(office.get(path, plan=PLAN, units_on=wrong)) == {"?units_on": code}
    assert faults(office.get(path, plan=PLAN, month="1")) == {"?month": "extra_forbidden"}
    assert set(REASONS) == set(get_args(Reason))


def test_too_large_an_answer_is_refused(
    office: Portal, sent: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Of a report on III.1.b four sums are read (two of posts, followers, expenditure), and itself.
    days = {"occurred_from": "2021-10-01", "occurred_to": "2021-10-02"}
    monkeypatch.setattr(totals, "MOST_LINES", 8)
    assert len(_read(office, **days)["lines"]) == 1
    monkeypatch.setattr(totals, "MOST_LINES", 7)
    refusal = office.get("/v1/activity-totals", plan=PLAN, **days)
    assert faults(refusal) == {"?occurred_from": "too_much_to_reconcile"}
