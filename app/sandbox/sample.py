"""The sandbox's keys and sample data: four units post, with a report in every state."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, Final

from sqlmodel import Session

from app.demo import papers
from app.demo.activity import Body, activities
from app.demo.people import FOCAL, Reporter, reporters
from app.demo.portal import Line, at_once
from app.demo.progress import Course
from app.demo.stage import YEAR, Stage
from app.domain.access.service import create_key
from app.domain.principal import Scope
from app.setup import PLAN

DISTRICT: Final = "524"
DEPARTMENT: Final = "so-gddt"
WAITING: Final = "525"
ACCEPTED: Final = "527"
PROFILES: Final = {DISTRICT: "officer", DEPARTMENT: "portal", FOCAL: "province"}
"""Whose key is printed, and what it is for."""

OF_EACH: Final = 24
_COMMENT: Final = (
    "Đề nghị bổ sung số lượt người dự của các hội nghị và nêu rõ nguyên nhân của khó khăn."
)
_SEEDING: Final = (Scope.WRITE_ACTIVITIES, Scope.DRAFT_SUBMISSIONS, Scope.SUBMIT_SUBMISSIONS)


@dataclass(frozen=True)
class Keys:
    """The keys that are printed, and those that post the sample; by the unit's code, in memory."""

    printed: Mapping[str, str]
    seeding: Mapping[str, str]


def people() -> dict[str, Reporter]:
    """Return the units of the sandbox by their code."""
    wanted = {*PROFILES, WAITING, ACCEPTED}
    return {one.code: one for one in reporters() if one.code in wanted}


def make_keys(session: Session, at: datetime, scopes: Mapping[str, Iterable[Scope]]) -> Keys:
    """Make the keys; `scopes` are those of each profile."""

    def key(code: str, held: Iterable[Scope], label: str, life: timedelta) -> str:
        _, secret = create_key(
            session,
            unit=people()[code].key,
            scopes=held,
            label=label,
            at=at,
            expires_at=at + life,
        )
        return secret

    return Keys(
        printed={
            code: key(code, scopes[profile], f"sandbox: {profile}", timedelta(days=90))
            for code, profile in PROFILES.items()
        },
        seeding={
            code: key(code, _SEEDING, "sandbox: sample data", timedelta(hours=1))
            for code in (DISTRICT, DEPARTMENT, WAITING, ACCEPTED)
        },
    )


def give_sample(stage: Stage, keys: Keys, course: Course, *, on: date) -> None:
    """Post activity, and leave a report as draft, one waiting, one returned, one accepted."""
    data_to = on - timedelta(days=1)
    posted = {code: _until(code, data_to) for code in keys.seeding}
    lines = {code: Line(stage.http, secret) for code, secret in keys.seeding.items()}
    with course.step(
        "Hoạt động mẫu · sample activity", total=sum(map(len, posted.values()))
    ) as tick:
        at_once(
            (
                partial(lines[code].post, "/v1/activity-reports", body, due=201)
                for code, bodies in posted.items()
                for body in bodies
            ),
            tick,
        )
    with course.step("Báo cáo mẫu · sample reports"):
        drafts = {
            code: _draft(lines[code], code, data_to=data_to, count=len(bodies))
            for code, bodies in posted.items()
        }
        for code in (DEPARTMENT, WAITING, ACCEPTED):
            said = papers.document(people()[code], on=on, data_to=data_to)
            lines[code].post(f"{drafts[code]}/submit", said, due=200)
        focal = Line(stage.http, keys.printed[FOCAL])
        focal.post(f"{drafts[DEPARTMENT]}/return", {"comments": [{"text": _COMMENT}]}, due=200)
        focal.post(f"{drafts[ACCEPTED]}/accept", due=200)


def _until(code: str, data_to: date) -> list[Body]:
    """Return the first activities of a unit, none of them later than a day."""
    bodies = activities()[code]
    ended = [str(body.get("ended_on", body["occurred_on"])) for body in bodies]
    found = [body for body, day in zip(bodies, ended, strict=True) if day <= data_to.isoformat()]
    return found[:OF_EACH]


def _draft(line: Line, code: str, *, data_to: date, count: int) -> str:
    """Draft a unit's yearly report; return its path."""
    narrative = papers.narrative(people()[code], data_to=data_to, count=count)
    body: dict[str, Any] = {"plan": PLAN, "year": YEAR, "narrative": narrative}
    answer = line.post("/v1/submissions", body, due=201)
    return f"/v1/submissions/{answer.json()['id']}"
