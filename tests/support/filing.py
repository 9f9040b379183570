"""Units that hand in their reports of 2021, with activity stored through the domain."""

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import httpx
from sqlalchemy import Engine

from app.db import unit_of_work
from app.domain.access.service import authenticate, create_key
from app.domain.activities.body import ActivityBody
from app.domain.activities.service import accept
from app.domain.principal import Scope
from app.domain.reference import Memory
from tests.support.api import A_WORKING_DAY, Portal
from tests.support.makers import FOCAL_UNIT, OFFICE, a_document, a_draft, an_activity

DISTRICTS = tuple(f"gso-{code}" for code in (522, 524, 525, *range(527, 537)))
DEPARTMENTS = (
    "body-ban-dan-toc",
    "body-bql-kkt",
    "body-so-cong-thuong",
    "body-so-gddt",
    "body-so-gtvt",
    "body-so-khcn",
    "body-so-khdt",
    "body-so-ldtbxh",
    "body-so-ngoai-vu",
    "body-so-nnptnt",
    "body-so-noi-vu",
    "body-so-tai-chinh",
    "body-so-tnmt",
    "body-so-tttt",
    "body-so-tu-phap",
    "body-so-vhttdl",
    "body-so-xay-dung",
    "body-so-y-te",
    "body-thanh-tra",
    "body-vp-ubnd",
)
_MEASURES = ("posts", "views", "followers", "reach", "staff_shares")


@dataclass(frozen=True)
class Filing:
    """The keys of units on one database."""

    engine: Engine

    def key_of(self, unit: str) -> str:
        """Make a key with every scope for a unit."""
        with unit_of_work(self.engine) as session:
            _, secret = create_key(
                session,
                unit=unit,
                scopes=tuple(Scope),
                label="test",
                at=A_WORKING_DAY - timedelta(days=300),
                expires_at=A_WORKING_DAY + timedelta(days=4000),
            )
        return secret

    def report(self, secret: str, bodies: Iterable[dict[str, Any]]) -> None:
        """Store activity reports through the domain, in one transaction."""
        with unit_of_work(self.engine) as session:
            by, reference = authenticate(session, Memory(), secret=secret, at=A_WORKING_DAY)
            for body in bodies:
                checked = ActivityBody.model_validate(body)
                accept(session, reference, body=checked, by=by, at=A_WORKING_DAY)

    def hand_in(self, http: httpx.Client, units: Sequence[str], *, activities: int) -> Portal:
        """Have units report activity, submit over HTTP, and be accepted; return the focal unit."""
        focal, office = (Portal(http, self.key_of(unit)) for unit in (FOCAL_UNIT, OFFICE))
        for unit in units:
            portal = Portal(http, self.key_of(unit))
            self.report(portal.secret, some_activities(unit, activities))
            drafted = portal.post("/v1/submissions", a_draft())
            assert drafted.status_code == 201, drafted.text
            place = drafted.headers["Location"]
            submitted = portal.post(f"{place}/submit", a_document())
            assert submitted.status_code == 200, submitted.text
            reviewer = office if unit == FOCAL_UNIT else focal
            accepted = reviewer.post(f"{place}/accept")
            assert accepted.status_code == 200, accepted.text
        return focal


def some_activities(unit: str, number: int) -> Iterator[dict[str, Any]]:
    """Return so many activity reports of a unit, the same every time."""
    pick = random.Random(unit)
    for n in range(number):
        yield an_activity(
            unit=unit,
            external_id=f"{unit}.{n}",
            occurred_on=str(date(2021, 1, 5) + timedelta(days=pick.randrange(300))),
            channel=pick.choice(["facebook", "zalo", "youtube"]),
            languages=pick.sample(["vi", "hre"], pick.randint(1, 2)),
            measures=[
                {"indicator": code, "value": str(pick.randrange(1000))}
                for code in pick.sample(_MEASURES, 2)
            ],
            expenditure=[{"source": "state_budget_province", "amount": pick.randrange(10**9)}],
        )
