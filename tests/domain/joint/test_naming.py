"""Who is named is noted once, by whoever stores a revision and for what was stored before."""

from datetime import date
from uuid import UUID

import pytest
import sqlalchemy as sa
from alembic.script import ScriptDirectory
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from app.db import unit_of_work
from app.domain.activities.models import ActivityReport
from app.domain.joint.models import JointNaming
from app.domain.joint.naming import note_participants
from app.domain.joint.rules import JointActivityRefused, check_joinable
from app.migrate import alembic_config
from tests.support.api import Api
from tests.support.makers import BINH_SON, PLAN, an_activity

OTHERS = ("body-so-gddt", "gso-21238", "gso-528")


def _noted(session: Session) -> set[tuple[UUID, str]]:
    return {(row.report_id, row.unit_key) for row in session.exec(select(JointNaming))}


def _reports(api: Api, number: int) -> list[UUID]:
    portal = api.portal(BINH_SON)
    bodies = [an_activity(participants=[*OTHERS]) for _ in range(number)]
    return [UUID(portal.post("/v1/activity-reports", b).json()["id"]) for b in bodies]


def test_each_naming_is_noted_once_however_often_it_is_told(api: Api) -> None:
    one, two = _reports(api, 2)
    with unit_of_work(api.engine) as session:
        session.execute(sa.delete(JointNaming))
        note_participants(session, [(two, OTHERS[0]), (one, OTHERS[1]), (one, OTHERS[1])])
        note_participants(session, [(one, OTHERS[1]), (one, OTHERS[2])])
        note_participants(session, [])
    with unit_of_work(api.engine, write=False) as session:
        assert _noted(session) == {(two, OTHERS[0]), (one, OTHERS[1]), (one, OTHERS[2])}


def test_any_number_is_noted_at_once(api: Api) -> None:
    reports = _reports(api, 1)
    with unit_of_work(api.engine) as session:
        units = list(session.exec(sa.text("SELECT key FROM unit")).scalars())  # type: ignore[call-overload]
        assert len(units) > 200
        named = [(report, unit) for report in reports for unit in units]
        note_participants(session, named * 200)  # more than one statement has parameters for
    with unit_of_work(api.engine, write=False) as session:
        assert _noted(session) == set(named)


def test_only_units_and_reports_that_there_are_can_be_noted(api: Api) -> None:
    (report,) = _reports(api, 1)
    for named in [(report, "gso-0"), (UUID(int=7), OTHERS[0])]:
        with unit_of_work(api.engine, write=False) as session, pytest.raises(IntegrityError):
            note_participants(session, [named])


def test_the_migration_notes_what_was_named_before_it(api: Api) -> None:
    reports = _reports(api, 2)
    api.portal(BINH_SON).post("/v1/activity-reports", an_activity())
    migration = ScriptDirectory.from_config(alembic_config()).get_revision("0004")
    assert migration is not None
    with unit_of_work(api.engine) as session:
        session.execute(sa.delete(JointNaming))
        session.execute(sa.text(migration.module.NAMED_BEFORE))
    with unit_of_work(api.engine, write=False) as session:
        assert _noted(session) == {(report, unit) for report in reports for unit in OTHERS}


def test_reports_of_two_plans_are_no_one_activity(session: Session) -> None:
    def report(number: int, unit: str, plan: str) -> ActivityReport:
        return ActivityReport(
            id=UUID(int=number),
            unit_key=unit,
            source_system="portal",
            external_id=str(number),
            plan_slug=plan,
            number=1,
            occurred_on=date(2021, 9, 10),
        )

    one, two = report(1, BINH_SON, PLAN), report(2, OTHERS[0], "khac")
    with pytest.raises(JointActivityRefused) as refused:
        check_joinable(session, [one, two], "/reports")
    assert [fault.text.code for fault in refused.value.faults] == ["joint_other_plan"]
    two.plan_slug = PLAN
    check_joinable(session, [one, two], "/reports")
