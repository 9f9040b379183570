"""The report itself says what its cycle lacks, and what became of the units' proposals."""

from typing import Any
from uuid import UUID

from tests.support.api import Api, Portal
from tests.support.consolidating import consolidate
from tests.support.makers import BINH_SON, FOCAL_UNIT, PLAN
from tests.support.reviewing import accepted, done, drafted, posted, submitted

PRESS = "body-bao-quang-ngai"
OWN_PLAN = {"kind": "own_plan", "plan_item": "V.6.2", "title": "Kế hoạch của huyện"}


def the_report(api: Api, focal: Portal) -> dict[str, Any]:
    asked = done(focal.post("/v1/consolidated-reports", {"plan": PLAN, "year": 2021}), 202)
    consolidate(api.engine, UUID(asked["id"]), at=api.now())
    return done(focal.get(f"/v1/consolidated-reports/{asked['id']}"))


def test_a_report_says_what_its_cycle_lacks(api: Api) -> None:
    district, focal = api.portal(BINH_SON), api.portal(FOCAL_UNIT)
    sessions = [{"indicator": "loudspeaker_sessions", "value": "3"}]
    posted(
        district,
        plan_item="III.1.c",
        channel="loudspeaker",
        languages=["vi"],
        measures=sessions,
    )
    nil = [{"plan_item": "III.4", "reason": "Chưa bố trí được kinh phí."}]
    place = submitted(district, drafted(district, deliverables=[OWN_PLAN], nil_items=nil))
    done(focal.post(f"{place}/accept"))
    accepted(api.portal(PRESS), focal, nil=True, nil_reason="Không phát sinh.")
    lacking = the_report(api, focal)["gaps"]
    without = lacking["assignments_without_report"]
    said = [(row["item"], row["why"]) for row in without if row["unit"] == BINH_SON]
    assert said == [
        (item, "nothing_said") for item in ("III.1.b", "III.2", "III.3", "III.5", "V.6.1")
    ]
    assert not [row for row in without if row["unit"] == PRESS]  # it signed that there was none
    assert {row["why"] for row in without if row["unit"] == "gso-527"} == {"missing"}
    lacks = [(row["unit"], row["kind"], row["item"]) for row in lacking["missing_deliverables"]]
    assert ("gso-527", "own_plan", "V.6.2") in lacks
    assert not [row for row in lacks if row[0] == BINH_SON]
    assert (PRESS, "dedicated_column", "III.1.a") in lacks
    inactive = {row["item"]: row for row in lacking["items_without_activity"]}
    assert "III.1.c" not in inactive
    assert (inactive["V.3.1"]["assigned"], inactive["V.6.2"]["deliverables"]) == (0, 1)
    assert lacking["themes_never_touched"][:2] == ["II.1.2", "II.1.3"]
    assert lacking["minority_languages_never_used"] == ["hre", "cua", "sed"]
    assert lacking["units_without_minority_language"] == [BINH_SON]


def test_a_report_shows_what_became_of_proposals_when_it_was_asked_for(api: Api) -> None:
    district, focal = api.portal(BINH_SON), api.portal(FOCAL_UNIT)
    made = {"proposals": [{"addressee": "UBND tỉnh", "text": "Bố trí kinh phí."}]}
    place = submitted(district, drafted(district, narrative=made))
    assert the_report(api, focal)["proposals"] == []  # it is not accepted yet
    done(focal.post(f"{place}/accept"))
    before = the_report(api, focal)["proposals"]
    (found,) = done(focal.get("/v1/proposals"))["items"]
    done(focal.put(f"/v1/proposals/{found['id']}", {"status": "declined", "answer": "Chưa có."}))
    after = the_report(api, focal)["proposals"]
    assert [group["addressee"] for group in after] == ["UBND tỉnh"]
    assert [before[0]["proposals"][0][name] for name in ("unit", "sha256", "status")] == [
        *(BINH_SON, found["sha256"], "open"),
    ]
    assert [after[0]["proposals"][0][name] for name in ("status", "answer")] == [
        *("declined", "Chưa có."),
    ]
