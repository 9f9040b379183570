"""Outputs of joined reports count once in the province and are credited to each unit."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from tests.support.api import A_WORKING_DAY, Api, Portal
from tests.support.consolidating import consolidate
from tests.support.deciding import WHY, YEAR_2021
from tests.support.makers import BINH_SON, FOCAL_UNIT, OFFICE, PLAN
from tests.support.reviewing import accepted, done, posted

CULTURE = "body-so-vhttdl"
MO_DUC = "gso-533"
TALK: dict[str, Any] = {"plan_item": "III.2", "channel": "conference", "format": None}
ASK = {"plan": PLAN, "year": 2021}


def built(api: Api, focal: Portal, **wanted: Any) -> dict[str, Any]:
    """Have a report built; return it."""
    asked = focal.post("/v1/consolidated-reports", ASK | wanted)
    assert asked.status_code == 202, asked.text
    consolidate(api.engine, UUID(asked.json()["id"]), at=api.now())
    return done(focal.get(f"/v1/consolidated-reports/{asked.json()['id']}"))


def talk(unit: str, sessions: int, people: int, **changes: Any) -> dict[str, Any]:
    """Return what a unit reports of a conference, and what it cost the unit."""
    return {
        **TALK,
        "unit": unit.removeprefix("gso-").removeprefix("body-"),
        **({"occurrences": sessions, "ended_on": "2021-09-12"} if sessions > 1 else {}),
        "measures": [
            {"indicator": "sessions", "value": str(sessions)},
            {"indicator": "participants", "value": str(people)},
        ],
        "expenditure": [{"source": "other_lawful", "amount": 1_000_000}],
        **changes,
    }


def line(report: dict[str, Any], part: str, **which: Any) -> dict[str, Any]:
    """Return the one line of a part that is of that."""
    (found,) = (row for row in report[part] if which.items() <= row.items())
    return dict(found)


def test_joined_reports_count_once_and_are_credited_to_each_unit(api: Api) -> None:
    district, culture, focal = (api.portal(unit) for unit in (BINH_SON, CULTURE, FOCAL_UNIT))
    one = posted(district, **talk(BINH_SON, 3, 120, participants=["so-vhttdl"]))
    other = posted(culture, **talk(CULTURE, 2, 150))
    claimed = done(culture.post("/v1/joint-links", {"reports": [one["id"], other["id"]]}), 201)
    for portal in (district, culture):
        accepted(portal, focal)
    apart = built(api, focal)
    assert apart["joint"] == []  # claimed by one side only
    assert line(apart, "counts", item="III.2")["occurrences"] == 5
    api.set_clock(A_WORKING_DAY + timedelta(hours=1))
    done(district.post(f"/v1/joint-links/{claimed['id']}/confirm"))
    told = built(api, focal)
    counts = line(told, "counts", item="III.2")
    assert (counts["activities"], counts["occurrences"]) == (1, 3)
    assert (counts["credited_activities"], counts["credited_occurrences"]) == (2, 5)
    sessions = line(told, "totals", indicator="sessions")
    assert (sessions["counted"], sessions["credited"]) == ("3", "5")
    assert {part["unit"]: part["value"] for part in sessions["units"]} == {
        CULTURE: "2",
        BINH_SON: "3",
    }
    people = line(told, "totals", indicator="participants")
    assert (people["counted"], people["credited"]) == ("150", "270")
    assert line(told, "expenditure", item="III.2")["value"] == "2000000"
    (channel,) = told["by_channel"]["members"]
    assert {row["indicator"]: row["value"] for row in channel["figures"]} == {
        "sessions": "3",
        "participants": "150",
    }
    levels = {row["member"]: row for row in told["by_level"]["members"]}
    assert levels["district"]["counts"][0]["activities"] == 1
    assert levels["provincial_body"]["counts"][0]["activities"] == 0
    assert levels["provincial_body"]["figures"][0]["value"] == "0"
    (group,) = told["joint"]
    assert [row["unit"] for row in group["reports"]] == [CULTURE, BINH_SON]
    assert [
        (row["report"], row["counted_with"], row["occurrences"]) for row in group["counts"]
    ] == [(0, 1, 2)]
    assert {(r["indicator"], r["report"], r["value"]) for r in group["figures"]} == {
        ("sessions", 0, "2"),
        ("participants", 1, "120"),
    }


def test_a_report_of_the_time_before_the_link_shows_no_link(api: Api) -> None:
    district, other, focal = (api.portal(unit) for unit in (BINH_SON, MO_DUC, FOCAL_UNIT))
    pair = [
        posted(portal, **talk(unit, 1, 10))
        for portal, unit in ((district, BINH_SON), (other, MO_DUC))
    ]
    for portal in (district, other):
        accepted(portal, focal)
    before = A_WORKING_DAY + timedelta(minutes=30)
    api.set_clock(before)
    then = built(api, focal)
    api.set_clock(A_WORKING_DAY + timedelta(hours=1))
    link = {"reports": [row["id"] for row in pair], "reason": "Cùng một hội nghị"}
    done(focal.post("/v1/joint-links", link), 201)
    assert line(built(api, focal), "counts", item="III.2")["activities"] == 1
    known_at = then["manifest"]["known_at"]
    assert built(api, focal, known_at=known_at) == then


def test_a_view_of_what_was_known_is_the_same_to_the_byte(api: Api) -> None:
    district, other, focal = (api.portal(unit) for unit in (BINH_SON, MO_DUC, FOCAL_UNIT))
    posted(district)
    place = accepted(district, focal)
    api.set_clock(A_WORKING_DAY + timedelta(hours=1))
    first = focal.post("/v1/consolidated-reports", ASK).json()
    consolidate(api.engine, UUID(first["id"]), at=api.now())
    path = f"/v1/consolidated-reports/{first['id']}"
    then = focal.get(path)
    # Everything moves on: another report, a correction, the roster, an outage, the deadline.
    api.set_clock(A_WORKING_DAY + timedelta(hours=2))
    posted(other, unit="533")
    accepted(other, focal)
    posted(district, measures=[{"indicator": "posts", "value": "40"}])
    done(district.post(f"{place}/correct", {"reason": "Bổ sung"}))
    done(district.post(f"{place}/submit", {**_document(), "document_number": "9/BC"}))
    done(focal.post(f"{place}/accept"))
    year = f"/v1/plans/{PLAN}/cycles/2021"
    done(focal.post(f"{YEAR_2021}/roster/gso-529/exempt", WHY))
    now = built(api, focal)
    assert now["coverage"]["ordered"]["accepted"] == 2
    again = focal.post(
        "/v1/consolidated-reports", ASK | {"known_at": then.json()["manifest"]["known_at"]}
    ).json()
    consolidate(api.engine, UUID(again["id"]), at=api.now())
    seen = focal.get(f"/v1/consolidated-reports/{again['id']}")
    assert seen.content == then.content
    assert again["known_at"] == then.json()["manifest"]["known_at"]
    course = focal.get(f"/v1/consolidated-reports/{again['id']}/course").json()
    assert (course["state"], course["actions"]) == ("preview", [])
    latest = focal.get(f"{year}/consolidated-report").json()
    assert latest["manifest"]["known_at"] == now["manifest"]["known_at"]


def test_an_instant_that_will_not_do_is_refused(api: Api) -> None:
    focal = api.portal(FOCAL_UNIT)
    for known_at, code in (
        ("2021-11-22T09:00:00+07:00", "known_at_too_late"),
        ("2031-11-22T09:00:00+07:00", "known_at_too_late"),
        ("2020-01-01T00:00:00+07:00", "known_at_too_early"),
    ):
        answer = focal.post("/v1/consolidated-reports", ASK | {"known_at": known_at})
        assert answer.status_code == 422, answer.text
        assert [fault["code"] for fault in answer.json()["errors"]] == [code]


def test_a_view_by_the_units_of_another_day_conserves_what_is_credited(api: Api) -> None:
    district, office, focal = (api.portal(unit) for unit in (BINH_SON, OFFICE, FOCAL_UNIT))
    for unit, posts in (("524", "5"), ("21040", "7"), ("21055", "11")):
        posted(district, unit=unit, measures=[{"indicator": "posts", "value": posts}])
    accepted(district, focal)
    plain, then = built(api, focal), built(api, focal, units_on="2025-07-01")
    assert {row["unit"] for row in plain["by_hierarchy"]["lines"]} == {
        BINH_SON,
        "gso-21040",
        "gso-21055",
    }
    view = then["by_hierarchy"]
    assert view["units_on"] == then["manifest"]["units_on"] == "2025-07-01"
    values = [
        f["value"] for part in ("lines", "unmapped") for r in view[part] for f in r["figures"]
    ]
    assert sum(map(int, values)) == 23
    (former,) = view["unmapped"]
    assert (former["unit"], former["figures"][0]["value"]) == (BINH_SON, "5")
    assert (former["reason"], former["within"]) == ("no_successor", "gso-51-2025-07-01")
    assert all(row["unit"] not in ("gso-21040", "gso-21055") for row in view["lines"])
    rest = {
        name: value for name, value in plain.items() if name not in ("by_hierarchy", "manifest")
    }
    assert rest == {name: then[name] for name in rest}
    assert done(office.get(f"/v1/plans/{PLAN}/cycles/2021/consolidated-report")) == plain


def _document() -> dict[str, Any]:
    return {
        "document_number": "215/BC-UBND",
        "document_on": "2021-11-22",
        "signer_title": "Phó Chủ tịch",
        "data_to": "2021-11-20",
    }
