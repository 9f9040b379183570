"""Stewardships and dated roles over HTTP."""

from datetime import datetime
from itertools import pairwise
from typing import Any

import pytest
from sqlmodel import col, select

from app.db import unit_of_work
from app.domain.cycles.models import Stewardship
from app.domain.cycles.stewardships import stewards
from app.domain.period import LOCAL_TIME, local_day
from tests.support.api import Api, Portal
from tests.support.deciding import a_stewardship
from tests.support.makers import BINH_SON, FOCAL_UNIT, OFFICE, PLAN
from tests.support.problems import faults, rows
from tests.support.racing import at_once

PLACE = "/v1/stewardships"
CHAU_O, VE_GIANG = "gso-21040-2025-07-01", "gso-21238-2025-07-01"


@pytest.fixture(scope="module")
def focal(shared: Api) -> Portal:
    return shared.portal(FOCAL_UNIT)


def _of(portal: Portal, unit: str, **query: str) -> list[tuple[str, str, str | None, str]]:
    found = portal.get(PLACE, unit=unit, **query).json()["items"]
    return [
        (row["steward"], row["valid_from"], row["valid_to"], row["provenance"]) for row in found
    ]


def test_what_is_shipped_is_listed(reader: Portal) -> None:
    found = reader.get(PLACE, limit=500).json()["items"]
    assert len(found) == 23
    assert {row["provenance"] for row in found} == {"assumption"}
    assert {row["document"] for row in found} == {None}
    ended = [("gso-21040-2025-07-01", "2025-07-01", None, "assumption")]
    for unit in (BINH_SON, "524", CHAU_O):
        assert _of(reader, unit) == ended
    assert _of(reader, "524", on="2025-06-30") == []
    assert _of(reader, "524", on="2025-07-01") == ended
    assert _of(reader, "khong-co") == []
    # Of two departments one unit is the steward.
    assert len(_of(reader, "so-nnmt")) == 2


def test_another_steward_closes_the_period_before(api: Api) -> None:
    focal = api.portal(FOCAL_UNIT)
    body = a_stewardship(steward="21238", valid_from="2025-10-01")
    made = focal.post(PLACE, body)
    assert (made.status_code, made.json()["outcome"]) == (201, "changed")
    assert (made.json()["unit"], made.json()["steward"]) == (BINH_SON, VE_GIANG)
    assert made.json()["actor"] == FOCAL_UNIT
    assert _of(focal, "524") == [
        (CHAU_O, "2025-07-01", "2025-10-01", "assumption"),
        (VE_GIANG, "2025-10-01", None, "decision"),
    ]
    again = focal.post(PLACE, body)
    assert (again.status_code, again.json()["outcome"]) == (200, "unchanged")
    assert again.json()["recorded_at"] == made.json()["recorded_at"]
    with unit_of_work(api.engine, write=False) as session:
        every = session.exec(
            select(Stewardship)
            .where(Stewardship.unit_key == BINH_SON)
            .order_by(col(Stewardship.id))
        ).all()
        assert [(row.valid_to is None, row.superseded_at is None) for row in every] == [
            (True, False),
            (False, True),
            (True, True),
        ], "what was known stays, closed"
        for day, steward in (("2025-09-30", CHAU_O), ("2025-10-01", VE_GIANG)):
            on = local_day(datetime.fromisoformat(f"{day}T12:00:00+07:00"))
            assert stewards(session, on=on)[BINH_SON] == steward


def test_a_decision_of_the_same_day_or_before_takes_the_place_of_others(api: Api) -> None:
    focal = api.portal(FOCAL_UNIT)
    focal.post(PLACE, a_stewardship(steward="21238", valid_from="2025-10-01"))
    confirmed = focal.post(PLACE, a_stewardship())
    assert (confirmed.status_code, confirmed.json()["outcome"]) == (201, "changed")
    assert _of(focal, "524") == [(CHAU_O, "2025-07-01", None, "decision")]


def test_a_steward_has_the_units_records_from_its_day_on(api: Api) -> None:
    api.set_clock(datetime(2025, 10, 1, tzinfo=LOCAL_TIME))
    office = api.portal(OFFICE)
    steward = api.portal(VE_GIANG)
    query = {"unit": BINH_SON, "plan": PLAN}
    before = steward.get("/v1/activity-reports", **query)
    office.post(PLACE, a_stewardship(steward=VE_GIANG, valid_from="2025-10-01"))
    after = steward.get("/v1/activity-reports", **query)
    assert (before.status_code, after.status_code) == (200, 200)
    with unit_of_work(api.engine, write=False) as session:
        assert stewards(session, on=local_day(api.now()))[BINH_SON] == VE_GIANG


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"valid_from": "2025-06-30", "steward": "so-nnptnt"}, {"/valid_from", "/steward"}),
        ({"valid_from": "2025-06-30", "steward": "so-gddt"}, {"/valid_from"}),
        ({"unit": "so-gddt"}, {"/valid_from"}),
        ({"unit": "khong-co"}, {"/unit"}),
        ({"steward": "khong-co"}, {"/steward"}),
        ({"steward": "524"}, {"/steward"}),
        ({"steward": "gso-21238"}, {"/steward"}),
        ({"unit": VE_GIANG}, {"/valid_from"}),
        ({"reason": None}, {"/reason"}),
        ({"valid_from": 20250701}, {"/valid_from"}),
    ],
)
def test_only_an_ended_unit_has_a_steward_and_only_one_in_being_is_it(
    shared: Api, focal: Portal, change: dict[str, Any], expected: set[str]
) -> None:
    before = rows(shared.engine)
    assert set(faults(focal.post(PLACE, a_stewardship() | change))) == expected
    assert rows(shared.engine) == before


def test_a_code_means_the_unit_that_ended(focal: Portal) -> None:
    """21238 is Thị trấn Sông Vệ until 1/7/2025, and Xã Vệ Giang after."""
    made = focal.post(PLACE, a_stewardship(unit="21238", steward="21238"))
    assert (made.json()["unit"], made.json()["steward"]) == ("gso-21238", VE_GIANG)
    assert (made.status_code, made.json()["outcome"]) == (201, "created")


def test_of_those_who_decide_at_once_one_answers_for_the_unit_each_day(api: Api) -> None:
    focal = api.portal(FOCAL_UNIT)
    bodies = [
        a_stewardship(steward=VE_GIANG, valid_from=f"2025-{month:02}-01") for month in (8, 9, 10)
    ]
    answers = at_once(api, focal, *[lambda p, b=body: p.post(PLACE, b) for body in bodies])
    assert [answer.status_code for answer in answers] == [201, 201, 201]
    periods = [row[1:3] for row in _of(focal, "524")]
    assert periods[-1][1] is None
    assert all(end == start for (_, end), (start, _) in pairwise(periods)), periods


def test_the_dated_roles_are_listed(reader: Portal) -> None:
    found = reader.get("/v1/unit-roles", plan=PLAN).json()["items"]
    assert [(row["role"], row["unit"], row["valid_from"], row["valid_to"]) for row in found] == [
        ("focal_unit", FOCAL_UNIT, None, "2025-03-01"),
        ("focal_unit", "body-so-vhttdl", "2025-03-01", None),
        ("peoples_committee_office", OFFICE, None, None),
    ]
    on = reader.get("/v1/unit-roles", role="focal_unit", on="2025-03-01").json()["items"]
    assert [row["unit"] for row in on] == ["body-so-vhttdl"]
    assert faults(reader.get("/v1/unit-roles", role="x")) == {"?role": "literal_error"}
