"""Two units that decide at the same time: one after the other, and one row is the current one."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import Session, select

from app.db import unit_of_work
from app.domain.access.service import authenticate
from app.domain.errors import DomainError
from app.domain.joint.links import confirm, join, separate
from app.domain.joint.models import JointLink, Participation
from app.domain.joint.participation import Decision, decide
from app.domain.principal import Principal
from app.domain.recorded import known
from app.domain.reference import Memory
from tests.support.api import A_WORKING_DAY, Api
from tests.support.makers import BINH_SON, FOCAL_UNIT, an_activity

EDUCATION = "body-so-gddt"


@dataclass
class Scene:
    """Two reports of one activity, of which the first names the second's unit."""

    api: Api
    theirs: UUID
    own: UUID

    def by(self, unit: str) -> Principal:
        secret = self.api.portal(unit).secret
        with unit_of_work(self.api.engine, write=False) as session:
            return authenticate(session, Memory(), secret=secret, at=A_WORKING_DAY)[0]

    def current(self) -> list[JointLink]:
        with unit_of_work(self.api.engine, write=False) as session:
            return list(session.exec(select(JointLink).where(*known(JointLink))))


@pytest.fixture
def scene(api: Api) -> Scene:
    theirs = api.portal(BINH_SON).post(
        "/v1/activity-reports", an_activity(participants=["so-gddt"])
    )
    own = api.portal(EDUCATION).post("/v1/activity-reports", an_activity(unit="so-gddt"))
    return Scene(api, UUID(theirs.json()["id"]), UUID(own.json()["id"]))


@contextmanager
def meanwhile(scene: Scene, act: Callable[[Session], Any]) -> Iterator[list[str]]:
    """Let another act in a transaction of its own; it is seen to wait for this one's end."""
    told: list[str] = []

    def work() -> None:
        try:
            with unit_of_work(scene.api.engine) as session:
                act(session)
        except DomainError as refusal:
            told.append(refusal.text.code)
        else:
            told.append("done")

    other = threading.Thread(target=work)
    other.start()
    other.join(0.3)
    assert other.is_alive(), "the second did not wait for the first"
    yield told
    other.join(20)
    assert not other.is_alive()


def test_two_claims_make_one_link_that_is_confirmed(scene: Scene) -> None:
    education, district = scene.by(EDUCATION), scene.by(BINH_SON)
    pair, at = (scene.theirs, scene.own), A_WORKING_DAY
    with Session(scene.api.engine, expire_on_commit=False) as session:
        join(session, reports=pair, reason=None, by=education, at=at)

        def claim(other: Session) -> None:
            back = (scene.own, scene.theirs)
            made = join(other, reports=back, reason=None, by=district, at=at - timedelta(seconds=1))
            assert made.changed

        with meanwhile(scene, claim) as told:
            session.commit()
    assert told == ["done"]
    (link,) = scene.current()
    assert (link.state, link.claimed_by, link.unit_key) == ("confirmed", EDUCATION, BINH_SON)
    assert link.recorded_at == at  # asked before the claim was made, and decided after it


def test_the_same_claim_twice_makes_one_row(scene: Scene) -> None:
    education, pair = scene.by(EDUCATION), (scene.theirs, scene.own)
    with Session(scene.api.engine, expire_on_commit=False) as session:
        join(session, reports=pair, reason=None, by=education, at=A_WORKING_DAY)

        def again(other: Session) -> None:
            made = join(other, reports=pair, reason=None, by=education, at=A_WORKING_DAY)
            assert not made.changed

        with meanwhile(scene, again) as told:
            session.commit()
    assert told == ["done"]
    with unit_of_work(scene.api.engine, write=False) as session:
        assert len(session.exec(select(JointLink)).all()) == 1


@pytest.mark.parametrize("first", ["confirm", "separate"])
def test_of_a_confirmation_and_a_withdrawal_the_second_is_refused(scene: Scene, first: str) -> None:
    education, district = scene.by(EDUCATION), scene.by(BINH_SON)
    with unit_of_work(scene.api.engine) as session:
        pair = (scene.theirs, scene.own)
        made = join(session, reports=pair, reason=None, by=education, at=A_WORKING_DAY)
    link = made.link.current.link_id

    def act(name: str) -> Callable[[Session], Any]:
        if name == "confirm":
            return lambda db: confirm(db, link_id=link, by=district, at=A_WORKING_DAY)
        return lambda db: separate(db, link_id=link, reason="Nhầm", by=education, at=A_WORKING_DAY)

    second = "separate" if first == "confirm" else "confirm"
    with Session(scene.api.engine, expire_on_commit=False) as session:
        act(first)(session)
        with meanwhile(scene, act(second)) as told:
            session.commit()
    assert told == ["joint_link_action_not_allowed"]
    (now,) = scene.current()
    assert now.state == ("confirmed" if first == "confirm" else "separated")


def test_two_words_of_one_unit_leave_one_that_stands(scene: Scene) -> None:
    education = scene.by(EDUCATION)

    def word(session: Session, decision: Decision) -> None:
        decide(
            session,
            report_id=scene.theirs,
            unit=None,
            decision=decision,
            reason="Sở không tham gia",
            own_report=None,
            by=education,
            at=A_WORKING_DAY,
        )

    with Session(scene.api.engine, expire_on_commit=False) as session:
        word(session, "confirmed")
        with meanwhile(scene, lambda other: word(other, "disputed")) as told:
            session.commit()
    assert told == ["done"]
    with unit_of_work(scene.api.engine, write=False) as session:
        (now,) = session.exec(select(Participation).where(*known(Participation))).all()
        assert now.decision == "disputed"
        assert len(session.exec(select(Participation)).all()) == 2


def test_what_was_known_at_an_instant_can_be_read(scene: Scene) -> None:
    education, focal = scene.by(EDUCATION), scene.by(FOCAL_UNIT)
    days = [A_WORKING_DAY + timedelta(days=day) for day in range(4)]
    with unit_of_work(scene.api.engine) as session:
        pair = (scene.own, scene.theirs)
        made = join(session, reports=pair, reason=None, by=education, at=days[1])
        link = made.link.current.link_id
        confirm(session, link_id=link, by=focal, at=days[2])
        separate(session, link_id=link, reason="Khác buổi", by=focal, at=days[3])
    with unit_of_work(scene.api.engine, write=False) as session:
        states = [
            session.exec(select(JointLink.state).where(*known(JointLink, at=day))).all()
            for day in days
        ]
    assert states == [[], ["claimed"], ["confirmed"], ["separated"]]
