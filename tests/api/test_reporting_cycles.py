"""Reporting cycles over HTTP: extra ones, and the province's changes of any."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import httpx
import pytest

from app.db import unit_of_work
from app.domain.cycles.queries import window_of
from app.domain.period import LOCAL_TIME, Period
from app.domain.principal import Scope
from tests.support.api import A_WORKING_DAY, Api, Portal
from tests.support.deciding import (
    CYCLES,
    WHY,
    YEAR_2021,
    YEAR_2025,
    a_change,
    a_stewardship,
    an_amendment,
    an_extension,
    an_extra_cycle,
    an_outage,
)
from tests.support.makers import BINH_SON, FOCAL_UNIT, OFFICE, PLAN
from tests.support.problems import faults, refused
from tests.support.racing import at_once

PROVINCE = "gso-51"
DUE = "2021-11-29T17:00:00.000000Z"
LATER = "2021-12-04T17:00:00.000000Z"
EVERY_DECISION: list[Callable[[Portal], httpx.Response]] = [
    lambda p: p.post(CYCLES, an_extra_cycle()),
    lambda p: p.put(YEAR_2021, a_change(), If_Match="*"),
    lambda p: p.post(f"{YEAR_2021}/roster", an_amendment(unit="21040")),
    lambda p: p.put(f"{YEAR_2021}/roster/524", an_amendment(), If_Match="*"),
    lambda p: p.post(f"{YEAR_2021}/roster/524/exempt", WHY),
    lambda p: p.post(f"{YEAR_2021}/roster/524/extend", an_extension()),
    lambda p: p.post(f"{YEAR_2021}/outages", an_outage()),
    lambda p: p.post(f"{YEAR_2021}/outages/1/withdraw", {"reason": "Nhầm"}),
    lambda p: p.post("/v1/stewardships", a_stewardship()),
]


@pytest.fixture(scope="module")
def focal(shared: Api) -> Portal:
    return shared.portal(FOCAL_UNIT)


def _roster(portal: Portal, cycle: str, **query: Any) -> dict[str, dict[str, Any]]:
    found = portal.get(f"{cycle}/roster", limit=500, **query).json()["items"]
    return {row["unit"]: row for row in found}


def _put(portal: Portal, cycle: str, body: dict[str, Any], **headers: str) -> httpx.Response:
    headers.setdefault("If_Match", portal.get(cycle).headers["ETag"])
    return portal.put(cycle, body, **headers)


# Who decides


@pytest.mark.parametrize("decide", EVERY_DECISION)
def test_only_the_province_decides(reader: Portal, decide: Callable[..., httpx.Response]) -> None:
    refused(decide(reader), 403, "not_province")


def test_the_scope_is_needed_as_well(shared: Api) -> None:
    without = [scope for scope in Scope if scope != Scope.MANAGE_CYCLES]
    response = shared.portal(FOCAL_UNIT, *without).post(CYCLES, an_extra_cycle())
    refused(response, 403, "scope_missing")


@pytest.mark.parametrize("unit", [FOCAL_UNIT, OFFICE, PROVINCE])
def test_the_focal_unit_the_office_and_the_province_decide(shared: Api, unit: str) -> None:
    body = an_extra_cycle(code=f"cua-{unit}")
    made = shared.portal(unit).post(CYCLES, body)
    assert made.status_code == 201, made.text
    assert (made.json()["actor"], made.json()["provenance"]) == (unit, "decision")


def test_a_role_ends_on_its_day(api: Api) -> None:
    former, next_ = api.portal(FOCAL_UNIT), api.portal("body-so-vhttdl")
    refused(next_.post(CYCLES, an_extra_cycle()), 403, "not_province")
    api.set_clock(datetime(2025, 3, 1, tzinfo=LOCAL_TIME))
    refused(former.post(CYCLES, an_extra_cycle()), 403, "not_province")
    assert next_.post(CYCLES, an_extra_cycle()).status_code == 201


# Extra cycles


def test_an_extra_cycle_is_opened_with_a_row_for_each_unit(focal: Portal) -> None:
    made = focal.post(CYCLES, an_extra_cycle(code="mot"))
    assert made.status_code == 201
    cycle = made.json()
    assert made.headers["Location"] == f"{CYCLES}/{PLAN}.mot"
    assert made.headers["ETag"] == f'"{cycle["version"]}"'
    assert (cycle["key"], cycle["kind"], cycle["year"]) == (f"{PLAN}.mot", "on_request", 2022)
    assert (cycle["items"], cycle["opens_at"]) == (["III.1.b"], None)
    assert (cycle["due_at"], cycle["document"]) == ("2022-04-09T17:00:00.000000Z", "1234/UBND-KGVX")
    assert cycle["outcome"] == "created"
    read = focal.get(made.headers["Location"])
    assert read.json() == {name: value for name, value in cycle.items() if name != "outcome"}
    assert read.headers["ETag"] == made.headers["ETag"]
    rows = _roster(focal, made.headers["Location"])
    assert set(rows) == {BINH_SON, "body-so-gddt"}
    for row in rows.values():
        assert (row["basis"], row["reason"]) == ("requested", WHY["reason"])
        assert (row["covers_from"], row["covers_to"]) == ("2022-01-01", "2022-04-01")
        assert (row["due_at"], row["actor"]) == (cycle["due_at"], FOCAL_UNIT)
        assert (row["provenance"], row["document"]) == ("decision", WHY["document"])


def test_the_same_again_changes_nothing_and_another_one_is_refused(focal: Portal) -> None:
    body = an_extra_cycle(code="hai", units=["524", "528"])
    first = focal.post(CYCLES, body).json()
    reordered = {**body, "units": ["gso-528", "gso-524", "524"]}
    for again in (body, reordered):
        response = focal.post(CYCLES, again)
        assert (response.status_code, response.json()["outcome"]) == (200, "unchanged")
        assert response.json()["version"] == first["version"]
    for change in (
        {"due_at": "2022-04-11T00:00:00+07:00"},
        {"units": ["524"]},
        {"kind": "periodic"},
        {"items": None},
        {"name": "Khác"},
    ):
        refused(focal.post(CYCLES, body | change), 409, "cycle_exists")
    changed = {name: body[name] for name in ("window_from", "window_to", "items", "name")}
    moved = changed | {"due_at": "2022-05-01T00:00:00+07:00"} | WHY
    assert _put(focal, f"{CYCLES}/{PLAN}.hai", moved).status_code == 200
    late = focal.post(CYCLES, body)
    assert (late.status_code, late.json()["due_at"]) == (200, "2022-04-30T17:00:00.000000Z")


def test_a_group_is_asked_with_the_units_it_selects_on_the_first_day(focal: Portal) -> None:
    body = an_extra_cycle(
        code="nhom",
        kind="periodic",
        units=["so-gddt"],
        unit_group="cac-dia-phuong",
        window_from="2025-07-01",
        window_to="2025-10-01",
        due_at="2025-10-10T00:00:00+07:00",
    )
    made = focal.post(CYCLES, body)
    assert made.status_code == 201, made.text
    rows = _roster(focal, made.headers["Location"])
    assert len(rows) == 57
    assert {row["level"] for row in rows.values()} == {None, "commune"}


def test_a_row_covers_the_days_on_which_its_unit_is_in_being(focal: Portal) -> None:
    body = an_extra_cycle(
        code="giao-thoi",
        units=["524", "gso-21238-2025-07-01", "so-gddt"],
        window_from="2025-06-01",
        window_to="2025-08-01",
        due_at="2025-08-10T00:00:00+07:00",
    )
    rows = _roster(focal, focal.post(CYCLES, body).headers["Location"])
    assert {unit: (row["covers_from"], row["covers_to"]) for unit, row in rows.items()} == {
        BINH_SON: ("2025-06-01", "2025-07-01"),
        "gso-21238-2025-07-01": ("2025-07-01", "2025-08-01"),
        "body-so-gddt": ("2025-06-01", "2025-08-01"),
    }


def test_a_code_means_the_unit_that_bears_it_on_the_windows_first_day(focal: Portal) -> None:
    for code, first, last, unit in (
        ("cu", "2025-06-01", "2025-07-01", "gso-21238"),
        ("moi", "2025-07-01", "2025-08-01", "gso-21238-2025-07-01"),
    ):
        window = {"window_from": first, "window_to": last}
        body = an_extra_cycle(code=code, units=["21238"], due_at="2025-09-01T00:00:00Z", **window)
        made = focal.post(CYCLES, body)
        assert made.status_code == 201, made.text
        assert set(_roster(focal, made.headers["Location"])) == {unit}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"plan": "khac"}, {"/plan": "unknown_plan"}),
        ({"code": "2022"}, {"/code": "code_is_a_year"}),
        ({"code": "Quy_1"}, {"/code": "string_pattern_mismatch"}),
        ({"kind": "yearly"}, {"/kind": "literal_error"}),
        ({"window_to": "2022-01-01"}, {"/window_to": "window_empty"}),
        ({"window_to": "2026-01-02"}, {"/window_to": "window_outside_plan"}),
        (
            {"window_from": "2020-12-31", "units": ["gso-524"]},
            {"/window_from": "window_outside_plan"},
        ),
        ({"opens_at": "2022-04-10T00:00:00+07:00"}, {"/due_at": "due_before_opening"}),
        ({"items": ["III.1.b", "IV.1"]}, {"/items/1": "unknown_plan_item"}),
        ({"items": []}, {"/items": "too_short"}),
        ({"units": []}, {"/units": "nobody_asked"}),
        ({"units": ["524", "khong-co"]}, {"/units/1": "unknown_unit"}),
        ({"units": ["gso-21238-2025-07-01"]}, {"/units/0": "unit_not_in_being"}),
        ({"unit_group": "khong-co"}, {"/unit_group": "unknown_unit_group"}),
        ({"unit_group": "cac-don-vi-lien-quan"}, {"/unit_group": "group_selects_nobody"}),
        ({"due_at": "2022-04-10T00:00:00"}, {"/due_at": "instant_format"}),
        ({"due_at": "2022-04-10"}, {"/due_at": "instant_format"}),
        ({"due_at": 1649523600}, {"/due_at": "instant_format"}),
        ({"due_at": "2022-02-30T00:00:00Z"}, {"/due_at": "instant_unknown"}),
        ({"reason": " "}, {"/reason": "blank_text"}),
    ],
)
def test_what_cannot_be_is_refused_where_it_is_said(
    focal: Portal, change: dict[str, Any], expected: dict[str, str]
) -> None:
    assert faults(focal.post(CYCLES, an_extra_cycle(code="sai") | change)) == expected
    refused(focal.get(f"{CYCLES}/{PLAN}.sai"), 404, "not_found")


def test_an_extra_cycle_never_feeds_a_yearly_one(shared: Api, focal: Portal) -> None:
    body = an_extra_cycle(code="khong-nam", window_from="2021-12-01", window_to="2022-02-01")
    assert focal.post(CYCLES, body).status_code == 201
    with unit_of_work(shared.engine, write=False) as session:
        for day, year in ((date(2021, 12, 5), 2021), (date(2022, 1, 5), 2022)):
            found = window_of(session, plan=PLAN, on=day)
            assert found == Period(date(year, 1, 1), date(year + 1, 1, 1))


def test_cycles_are_narrowed_by_kind(focal: Portal) -> None:
    focal.post(CYCLES, an_extra_cycle(code="loai", kind="periodic"))
    kinds = {
        kind: {row["kind"] for row in focal.get(CYCLES, kind=kind).json()["items"]}
        for kind in ("yearly", "periodic")
    }
    assert kinds == {"yearly": {"yearly"}, "periodic": {"periodic"}}
    years = focal.get(CYCLES, kind="yearly").json()["items"]
    assert [row["code"] for row in years] == ["2021", "2022", "2023", "2024", "2025"]
    assert faults(focal.get(CYCLES, kind="x")) == {"?kind": "literal_error"}


def test_of_two_who_open_one_at_once_one_does(api: Api) -> None:
    focal = api.portal(FOCAL_UNIT)
    answers = at_once(api, focal, *[lambda p: p.post(CYCLES, an_extra_cycle())] * 4)
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 201]
    assert len(_roster(focal, f"{CYCLES}/{PLAN}.quy-1-2022")) == 2


# Changes


def test_a_due_instant_moves_the_rows_that_had_it(api: Api) -> None:
    focal = api.portal(FOCAL_UNIT)
    own = an_amendment(due_at="2021-12-02T00:00:00+07:00")
    focal.put(f"{YEAR_2021}/roster/528", own, If_Match="*")
    focal.post(f"{YEAR_2021}/roster/525/extend", an_extension(extended_to="2021-12-03T00:00:00Z"))
    focal.post(f"{YEAR_2021}/roster/527/extend", an_extension())
    before = focal.get(YEAR_2021)
    changed = _put(focal, YEAR_2021, a_change())
    assert (changed.status_code, changed.json()["outcome"]) == (200, "changed")
    assert changed.headers["ETag"] == f'"{changed.json()["version"]}"' != before.headers["ETag"]
    assert (changed.json()["provenance"], changed.json()["actor"]) == ("decision", FOCAL_UNIT)
    rows = _roster(focal, YEAR_2021)
    assert rows["gso-528"]["due_at"] == "2021-12-01T17:00:00.000000Z"
    assert {row["due_at"] for unit, row in rows.items() if unit != "gso-528"} == {LATER}
    assert rows["gso-525"]["extended_to"] is None, "the due instant has reached it"
    assert rows["gso-527"]["extended_to"] == "2021-12-09T17:00:00.000000Z"
    assert rows[BINH_SON]["reason"] != WHY["reason"], "the row's own reason stays"
    assert rows[BINH_SON]["actor"] == FOCAL_UNIT


def test_what_was_known_can_be_read_again(api: Api) -> None:
    focal = api.portal(FOCAL_UNIT)
    then = (A_WORKING_DAY - timedelta(days=1)).isoformat()
    assert _put(focal, YEAR_2021, a_change()).status_code == 200
    assert focal.get(YEAR_2021, known_at=then).json()["due_at"] == DUE
    assert focal.get(YEAR_2021).json()["due_at"] == LATER
    assert {row["due_at"] for row in _roster(focal, YEAR_2021, known_at=then).values()} == {DUE}
    assert {row["due_at"] for row in _roster(focal, YEAR_2021).values()} == {LATER}
    early = "2020-01-01T00:00:00Z"
    refused(focal.get(YEAR_2021, known_at=early), 404, "not_found")
    assert _roster(focal, YEAR_2021, known_at=early) == {}
    assert faults(focal.get(YEAR_2021, known_at="2021-01-01")) == {"?known_at": "instant_format"}


def test_a_window_moves_the_days_that_came_of_it(api: Api) -> None:
    focal = api.portal(FOCAL_UNIT)
    own = an_amendment(covers_from="2025-02-01", covers_to="2025-09-01")
    assert focal.put(f"{YEAR_2025}/roster/so-gddt", own, If_Match="*").status_code == 200
    times = {
        "opens_at": None,
        "due_at": "2025-11-30T00:00:00+07:00",
        "supplement_due_at": None,
        **WHY,
    }
    body = {"window_from": "2025-01-15", "window_to": "2025-12-16", **times}
    assert _put(focal, YEAR_2025, body).status_code == 200
    rows = _roster(focal, YEAR_2025)
    days = {unit: (row["covers_from"], row["covers_to"]) for unit, row in rows.items()}
    assert days[BINH_SON] == ("2025-01-15", "2025-07-01")
    assert days["gso-21238-2025-07-01"] == ("2025-07-01", "2025-12-16")
    assert days["body-so-y-te"] == ("2025-01-15", "2025-12-16")
    assert days["body-so-gddt"] == ("2025-02-01", "2025-09-01")
    assert rows[BINH_SON]["due_at"] == "2025-07-31T17:00:00.000000Z", "its own"
    with unit_of_work(api.engine, write=False) as session:
        window = window_of(session, plan=PLAN, on=date(2025, 3, 1))
    assert window == Period(date(2025, 1, 15), date(2025, 12, 16))


def test_rows_that_would_be_left_no_day_are_named(focal: Portal) -> None:
    before = _roster(focal, YEAR_2025)
    body = a_change(
        window_from="2025-02-15",
        window_to="2026-01-01",
        due_at="2025-11-30T00:00:00+07:00",
        supplement_due_at=None,
    )
    response = _put(focal, YEAR_2025, body)
    assert faults(response) == {"/window_from": "rows_outside_window"}
    assert "body-ban-tuyen-giao" in response.json()["errors"][0]["detail"]
    assert _roster(focal, YEAR_2025) == before


def test_the_same_again_is_unchanged_and_another_version_is_refused(focal: Portal) -> None:
    cycle = f"{CYCLES}/{PLAN}.2022"
    body = a_change(
        window_from="2022-01-01",
        window_to="2023-01-01",
        due_at="2022-12-01T00:00:00+07:00",
        opens_at=None,
        supplement_due_at=None,
    )
    first = focal.get(cycle).headers["ETag"]
    refused(focal.put(cycle, body), 428, "precondition_required")
    changed = focal.put(cycle, body, If_Match=first)
    assert changed.json()["outcome"] == "changed"
    for headers in ({}, {"If_Match": first}, {"If_Match": changed.headers["ETag"]}):
        again = focal.put(cycle, body, **headers)
        assert (again.status_code, again.json()["outcome"]) == (200, "unchanged")
        assert again.headers["ETag"] == changed.headers["ETag"]
    refused(focal.put(cycle, body | {"reason": "Khác"}, If_Match=first), 412, "revision_changed")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"window_to": "2022-01-02"}, {"/window_from": "window_overlaps"}),
        ({"window_to": "2021-01-01"}, {"/window_to": "window_empty"}),
        ({"window_from": "2020-12-31"}, {"/window_from": "window_outside_plan"}),
        ({"due_at": "2021-01-01T00:00:00+07:00"}, {"/due_at": "due_before_opening"}),
        (
            {"supplement_due_at": "2021-12-05T00:00:00+07:00"},
            {"/supplement_due_at": "supplement_before_due"},
        ),
        ({"items": ["III.1.b"]}, {"/items": "extra_cycles_only"}),
        ({"name": "Năm 2021"}, {"/name": "extra_cycles_only"}),
    ],
)
def test_a_yearly_cycle_cannot_be_everything(
    focal: Portal, change: dict[str, Any], expected: dict[str, str]
) -> None:
    before = focal.get(YEAR_2021).json()
    assert faults(_put(focal, YEAR_2021, a_change() | change)) == expected
    assert focal.get(YEAR_2021).json() == before


def test_an_extra_cycle_is_changed_as_a_whole(focal: Portal) -> None:
    place = focal.post(CYCLES, an_extra_cycle(code="doi")).headers["Location"]
    body = {
        "window_from": "2021-12-01",
        "window_to": "2022-04-01",
        "due_at": "2022-04-10T00:00:00+07:00",
        "name": "Khác",
        **WHY,
    }
    changed = _put(focal, place, body)
    assert changed.status_code == 200, "it may overlap yearly ones"
    assert (changed.json()["name"], changed.json()["items"]) == ("Khác", None)
    assert _roster(focal, place)[BINH_SON]["covers_from"] == "2021-12-01"
    for wrong, expected in (
        ({"name": None}, {"/name": "cycle_name_needed"}),
        (
            {"supplement_due_at": "2022-05-01T00:00:00+07:00"},
            {"/supplement_due_at": "yearly_cycles_only"},
        ),
        ({"items": ["IX.9"]}, {"/items/0": "unknown_plan_item"}),
    ):
        assert faults(_put(focal, place, body | wrong)) == expected


def test_of_two_who_change_a_cycle_at_once_none_is_lost(api: Api) -> None:
    focal = api.portal(FOCAL_UNIT)
    tag = focal.get(YEAR_2021).headers["ETag"]
    bodies = [a_change(due_at=f"2021-12-0{day}T00:00:00+07:00") for day in (5, 6, 7, 8)]
    answers = at_once(
        api, focal, *[lambda p, b=body: p.put(YEAR_2021, b, If_Match=tag) for body in bodies]
    )
    assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412]
    (won,) = (answer.json() for answer in answers if answer.status_code == 200)
    assert focal.get(YEAR_2021).json()["due_at"] == won["due_at"]
    assert {row["due_at"] for row in _roster(focal, YEAR_2021).values()} == {won["due_at"]}


def test_windows_that_are_moved_at_once_do_not_come_to_overlap(api: Api) -> None:
    focal = api.portal(FOCAL_UNIT)
    years = [f"{CYCLES}/{PLAN}.{year}" for year in (2022, 2023)]
    rest = {"due_at": "2023-11-30T00:00:00+07:00", **WHY}
    shrunk = {"window_from": "2023-02-01", "window_to": "2024-01-01", **rest}
    assert _put(focal, years[1], shrunk).status_code == 200
    answers = at_once(
        api,
        focal,
        lambda p: p.put(
            years[0],
            {"window_from": "2022-01-01", "window_to": "2023-02-01", **rest},
            If_Match="*",
        ),
        lambda p: p.put(
            years[1],
            {"window_from": "2023-01-01", "window_to": "2024-01-01", **rest},
            If_Match="*",
        ),
    )
    assert sorted(answer.status_code for answer in answers) == [200, 422]
