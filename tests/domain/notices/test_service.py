"""The outbox on both databases: each unit once on each occasion, whoever looks and how often."""

import threading
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from app.db import make_engine, unit_of_work
from app.domain.cycles.models import RosterRowVersion, Stewardship
from app.domain.notices.mailboxes import set_mailbox
from app.domain.notices.models import Notice, NoticeDelivery
from app.domain.notices.service import remind
from app.domain.period import LOCAL_TIME
from tests.support.api import Api
from tests.support.databases import PostgresDatabases
from tests.support.deciding import YEAR_2021, an_extension
from tests.support.makers import BINH_SON, FOCAL_UNIT, a_document, a_draft

SEVEN_DAYS_LEFT = datetime(2021, 11, 23, 0, 5, tzinfo=LOCAL_TIME)
LATE = datetime(2021, 11, 30, 0, 5, tzinfo=LOCAL_TIME)
ROWS_2021 = 38  # 33 that are ordered, 5 that are asked or assigned


def _remind(engine: Engine, at: datetime) -> int:
    with unit_of_work(engine) as session:
        return remind(session, at=at)


def _outbox(engine: Engine, **equal: Any) -> list[Notice]:
    with unit_of_work(engine, write=False) as session:
        statement = select(Notice).filter_by(**equal).order_by(col(Notice.seq))
        return list(session.exec(statement))


def test_whoever_looks_again_finds_nothing_new(engine: Engine) -> None:
    assert [_remind(engine, SEVEN_DAYS_LEFT) for _ in range(5)] == [ROWS_2021, 0, 0, 0, 0]
    assert [_remind(engine, LATE) for _ in range(5)] == [ROWS_2021, 0, 0, 0, 0]
    notices = _outbox(engine)
    assert [notice.seq for notice in notices] == list(range(1, 2 * ROWS_2021 + 1))
    assert len({(notice.unit_key, notice.occasion) for notice in notices}) == len(notices)
    assert {notice.occasion for notice in notices} == {"due_in_7", "late"}


def test_two_who_look_at_the_same_time_put_out_one_of_each(engine: Engine) -> None:
    came: list[int] = []
    together = threading.Barrier(2)

    def find() -> None:
        together.wait(20)
        came.append(_remind(engine, SEVEN_DAYS_LEFT))

    finders = [threading.Thread(target=find) for _ in range(2)]
    for finder in finders:
        finder.start()
    for finder in finders:
        finder.join(60)
    assert sorted(came) == [0, ROWS_2021]
    assert len(_outbox(engine)) == ROWS_2021


def test_one_who_waited_sees_what_the_one_before_put_out(
    postgresql_databases: PostgresDatabases,
) -> None:
    """Also under the isolation of the worker's steps, which looks at one instant only."""
    with postgresql_databases.loaded() as url:
        engine = make_engine(url)
        strict = engine.execution_options(isolation_level="SERIALIZABLE")
        came: list[int] = []

        def find() -> None:
            with Session(strict) as session:
                came.append(remind(session, at=SEVEN_DAYS_LEFT))
                session.commit()

        second = threading.Thread(target=find)
        with Session(strict) as session:
            assert remind(session, at=SEVEN_DAYS_LEFT) == ROWS_2021
            second.start()
            second.join(0.5)
            assert second.is_alive(), "the second did not wait for the first"
            session.commit()
        second.join(20)
        engine.dispose()
    assert came == [0]


def test_the_database_refuses_a_second_one(engine: Engine) -> None:
    _remind(engine, SEVEN_DAYS_LEFT)
    one = _outbox(engine)[0]
    again = Notice(**one.model_dump(exclude={"id", "seq"}), id=UUID(int=1), seq=99)
    with unit_of_work(engine, write=False) as session:
        session.add(again)
        with pytest.raises(IntegrityError):
            session.flush()


def test_what_was_handed_in_is_not_asked_for_and_its_supplement_is(api: Api) -> None:
    portal, focal = api.portal(BINH_SON), api.portal(FOCAL_UNIT)
    place = portal.post("/v1/submissions", a_draft()).headers["Location"]
    assert _remind(api.engine, SEVEN_DAYS_LEFT) == ROWS_2021  # a draft is not handed in
    assert portal.post(f"{place}/submit", a_document()).status_code == 200
    assert _remind(api.engine, LATE) == ROWS_2021 - 1
    assert _outbox(api.engine, unit_key=BINH_SON, occasion="late") == []
    supplement = datetime(2022, 1, 15, 12, tzinfo=LOCAL_TIME)
    assert _remind(api.engine, supplement) == 1
    (told,) = _outbox(api.engine, part="supplement")
    assert (told.unit_key, told.occasion) == (BINH_SON, "due_in_1")
    returned = focal.post(f"{place}/return", {"comments": [{"text": "Thiếu."}]})
    assert returned.status_code == 200, returned.text
    assert _remind(api.engine, supplement.replace(day=16)) == 0


def test_an_extension_begins_anew_for_the_new_instant(api: Api) -> None:
    assert _remind(api.engine, SEVEN_DAYS_LEFT) == ROWS_2021
    extended = api.portal(FOCAL_UNIT).post(f"{YEAR_2021}/roster/524/extend", an_extension())
    assert extended.status_code == 200, extended.text
    assert _remind(api.engine, LATE) == ROWS_2021 - 1 + 1
    told = [(one.occasion, one.due_at) for one in _outbox(api.engine, unit_key=BINH_SON)]
    assert told == [
        ("due_in_7", datetime(2021, 11, 30, tzinfo=LOCAL_TIME)),
        ("due_in_14", datetime(2021, 12, 10, tzinfo=LOCAL_TIME)),
    ]
    assert _remind(api.engine, LATE) == 0


def test_past_years_that_are_entered_late_remind_nobody(engine: Engine) -> None:
    assert _remind(engine, datetime(2026, 7, 1, 9, tzinfo=LOCAL_TIME)) == 0


def test_an_ended_unit_is_told_through_its_steward(engine: Engine) -> None:
    closing = datetime(2025, 4, 1, tzinfo=LOCAL_TIME)
    with unit_of_work(engine) as session:
        set_mailbox(session, unit="body-so-tttt", address="tttt@x.gov.vn", at=closing)
        set_mailbox(session, unit="body-so-vhttdl", address="vhttdl@x.gov.vn", at=closing)
    _remind(engine, datetime(2025, 3, 18, 9, tzinfo=LOCAL_TIME))
    (told,) = _outbox(engine, subject_unit="body-so-tttt")
    assert (told.unit_key, told.occasion, told.due_at) == ("body-so-vhttdl", "due_in_14", closing)
    assert told.text_vi.startswith("Kính gửi: Sở Văn hóa, Thể thao và Du lịch")
    with unit_of_work(engine, write=False) as session:
        (mail,) = session.exec(select(NoticeDelivery)).all()
    assert (mail.notice_id, mail.address) == (told.id, "vhttdl@x.gov.vn")


def test_a_unit_is_told_itself_until_it_ends_then_its_steward_or_nobody_else(
    engine: Engine,
) -> None:
    last_day, later = (datetime(2025, m, 7 * n, 12, tzinfo=LOCAL_TIME) for m, n in ((6, 4), (7, 3)))
    assert _outbox(engine, subject_unit=BINH_SON) == []
    with unit_of_work(engine) as session:  # as if closing reports were due before the end, twice
        closing = select(RosterRowVersion).where(col(RosterRowVersion.closing))
        rows = [row for row in session.exec(closing) if row.due_at > last_day]
        for row in rows:
            row.due_at = datetime(2025, 7, 10, tzinfo=LOCAL_TIME)
        gone = select(Stewardship).where(Stewardship.unit_key == "gso-525")
        session.exec(gone).one().superseded_at = last_day
    _remind(engine, last_day)
    _remind(engine, later)
    for unit, answering in ((BINH_SON, "gso-21040-2025-07-01"), ("gso-525", "gso-525")):
        told = [(one.occasion, one.unit_key) for one in _outbox(engine, subject_unit=unit)]
        assert told == [("due_in_14", unit), ("late", answering)]
