"""What was known at an instant never changes later: a random year, asked again when it is over."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from app.domain.period import instant_text
from tests.support.api import A_WORKING_DAY, Api, Portal
from tests.support.consolidating import consolidate
from tests.support.deciding import WHY, YEAR_2021, an_outage
from tests.support.makers import BINH_SON, FOCAL_UNIT, PLAN, a_document
from tests.support.reviewing import ACTIVITIES, answering, done, drafted, posted, returned

UNITS = (BINH_SON, "gso-533", "body-so-vhttdl")
STEPS = 120
BUILT_EVERY = 4


class Year:
    """A year in which units and the focal unit do what they may, in any order."""

    def __init__(self, api: Api, seed: int) -> None:
        self.api, self.chance = api, random.Random(seed)
        self.focal = api.portal(FOCAL_UNIT)
        self.portals = {unit: api.portal(unit) for unit in UNITS}
        self.posted: list[dict[str, Any]] = []
        self.places: dict[str, str] = {}

    def step(self) -> str:
        """Do one thing; return what."""
        deeds: list[Callable[[str, Portal], None]] = [
            *(self.post, self.post, self.correct, self.report, self.report, self.report),
            *(self.review, self.review, self.review, self.link, self.link),
            self.roster,
        ]
        unit = self.chance.choice(UNITS)
        deed = self.chance.choice(deeds)
        deed(unit, self.portals[unit])
        return deed.__name__

    def post(self, unit: str, portal: Portal) -> None:
        code = unit.removeprefix("gso-").removeprefix("body-")
        value = str(self.chance.randint(0, 50))
        measures = [
            {"indicator": "posts", "value": value},
            {"indicator": "followers", "value": "9"},
        ]
        naming = [one.removeprefix("gso-").removeprefix("body-") for one in UNITS if one != unit]
        day = f"2021-{self.chance.randint(2, 10):02}-10"
        body = {"unit": code, "measures": measures, "occurred_on": day, "participants": naming}
        self.posted.append(posted(portal, **body))

    def correct(self, unit: str, portal: Portal) -> None:
        own = [row for row in self.posted if row["unit"] == unit]
        if own:
            row = self.chance.choice(own)
            told = [{"indicator": "posts", "value": str(self.chance.randint(51, 99))}]
            patch = {"reason": "Ghi nhầm", "measures": told}
            done(portal.patch(f"{ACTIVITIES}/{row['id']}", patch, If_Match="*"))

    def report(self, unit: str, portal: Portal) -> None:
        place = self.places.get(unit) or drafted(portal)
        self.places[unit] = place
        actions = portal.get(place).json()["actions"]
        if "revise" in actions:
            asked = [row["id"] for row in portal.get(place).json()["comments"]]
            answering(portal, place, asked)
        elif "correct" in actions:
            done(portal.post(f"{place}/correct", {"reason": "Bổ sung"}))
        if "submit" in portal.get(place).json()["actions"]:
            done(
                portal.post(f"{place}/submit", a_document(document_number=f"{len(self.posted)}/BC"))
            )

    def review(self, unit: str, _portal: Portal) -> None:
        place = self.places.get(unit)
        if place and "accept" in self.focal.get(place).json()["actions"]:
            if self.chance.random() < 0.2:
                returned(self.focal, place)
            else:
                done(self.focal.post(f"{place}/accept"))

    def link(self, _unit: str, _portal: Portal) -> None:
        if len({row["unit"] for row in self.posted}) > 1:
            one = self.chance.choice(self.posted)
            other = self.chance.choice([row for row in self.posted if row["unit"] != one["unit"]])
            body = {"reports": [one["id"], other["id"]], "reason": "Cùng một hoạt động"}
            answer = self.focal.post("/v1/joint-links", body)
            assert answer.status_code in (200, 201), answer.text
            if self.chance.random() < 0.2:
                done(self.focal.post(f"/v1/joint-links/{answer.json()['id']}/separate", WHY_NOT))

    def roster(self, _unit: str, _portal: Portal) -> None:
        other = self.chance.choice(("gso-529", "gso-530", "gso-531"))
        for decision in self.chance.sample(("exempt", "require"), 2):
            self.focal.post(f"{YEAR_2021}/roster/{other}/{decision}", WHY)


WHY_NOT = {"reason": "Hai hoạt động khác nhau"}


def built(api: Api, focal: Portal, **wanted: Any) -> bytes:
    """Have a report built; return its bytes."""
    asked = done(
        focal.post("/v1/consolidated-reports", {"plan": PLAN, "year": 2021, **wanted}), 202
    )
    consolidate(api.engine, UUID(asked["id"]), at=api.now())
    return focal.get(f"/v1/consolidated-reports/{asked['id']}").content


@pytest.mark.parametrize("seed", [5])
def test_what_was_known_at_an_instant_never_changes_later(api: Api, seed: int) -> None:
    year, at = Year(api, seed), A_WORKING_DAY
    known: dict[datetime, bytes] = {}
    for number in range(STEPS):
        at += timedelta(hours=2)
        api.set_clock(at)
        year.step()
        if number % BUILT_EVERY == 0:
            at += timedelta(minutes=7)
            api.set_clock(at)  # the report is the very first thing that is asked at this instant
            known[at] = built(api, year.focal)
    at += timedelta(days=2)
    outage = an_outage(
        began_at="2021-11-29T20:00:00+07:00",
        ended_at="2021-11-30T02:00:00+07:00",
        accepts_until="2021-12-01T00:00:00+07:00",
    )
    api.set_clock(at)
    done(year.focal.post(f"{YEAR_2021}/outages", outage), 201)
    assert len(set(known.values())) == STEPS / BUILT_EVERY
    for told in (
        b'"joint":[{',
        b'"review":"returned"',
        b'"review":"accepted"',
        b'"kind":"correction"',
    ):
        assert any(told in one for one in known.values()), told
    api.set_clock(at + timedelta(days=30))
    for instant, then in known.items():
        assert built(api, year.focal, known_at=instant_text(instant)) == then, instant
