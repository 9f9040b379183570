"""The e-mail of notices: leased, tried again, given up."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from app.db import make_engine, unit_of_work
from app.domain.notices.delivery import (
    GIVE_UP_AFTER,
    LEASE,
    NEVER_SENT,
    Mail,
    claim,
    give_up_old,
    mark_failed,
    mark_sent,
    pause_after,
)
from app.domain.notices.mailboxes import remove_mailbox, set_mailbox
from app.domain.notices.models import NoticeDelivery, UnitMailbox
from app.domain.notices.service import remind
from app.domain.period import LOCAL_TIME
from tests.support.commands import run_app
from tests.support.databases import PostgresDatabases
from tests.support.makers import BINH_SON

AT = datetime(2021, 11, 23, 0, 5, tzinfo=LOCAL_TIME)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def posted(engine: Engine) -> Engine:
    """Return a database in which one e-mail waits."""
    return _with_one_mail(engine)


def _with_one_mail(engine: Engine) -> Engine:
    with unit_of_work(engine) as session:
        set_mailbox(session, unit=BINH_SON, address="binhson@x.gov.vn", at=AT)
        remind(session, at=AT)
    return engine


def _claim(engine: Engine, at: datetime) -> Mail | None:
    with unit_of_work(engine) as session:
        return claim(session, at=at)


def _row(engine: Engine) -> NoticeDelivery:
    with unit_of_work(engine, write=False) as session:
        return session.exec(select(NoticeDelivery)).one()


def _fail(engine: Engine, mail: Mail, at: datetime, error: str = "450 later") -> None:
    with unit_of_work(engine) as session:
        number = UUID(mail["notice_id"])
        mark_failed(session, notice_id=number, attempt=mail["attempt"], error=error, at=at)


def test_a_claim_is_a_lease(posted: Engine) -> None:
    mail = _claim(posted, AT)
    assert mail is not None
    assert (mail["address"], mail["attempt"]) == ("binhson@x.gov.vn", 1)
    assert _claim(posted, AT + LEASE - MINUTE) is None
    again = _claim(posted, AT + LEASE)  # its claimer died
    assert again is not None
    assert (again["notice_id"], again["attempt"]) == (mail["notice_id"], 2)
    _fail(posted, mail, AT + LEASE)  # the first one wakes up: the second's claim still holds
    row = _row(posted)
    assert (row.last_error, row.next_attempt_at) == (None, AT + 2 * LEASE)
    with unit_of_work(posted) as session:  # but what it sent is sent
        mark_sent(session, notice_id=row.notice_id, at=AT + LEASE)
    assert _claim(posted, AT + 2 * LEASE) is None
    assert (_row(posted).state, _row(posted).sent_at) == ("sent", AT + LEASE)


def test_two_at_the_same_time_claim_it_once(postgresql_databases: PostgresDatabases) -> None:
    with postgresql_databases.loaded() as url:
        engine = _with_one_mail(make_engine(url))
        with Session(engine) as first, Session(engine) as second:
            assert claim(first, at=AT) is not None
            assert claim(second, at=AT) is None  # and does not wait
            first.commit()
            second.rollback()
            assert claim(second, at=AT) is None
        engine.dispose()


def test_the_pauses_grow_from_a_minute_to_six_hours() -> None:
    minutes = [pause_after(number) // MINUTE for number in range(1, 12)]
    assert minutes == [1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360]
    assert pause_after(1_000_000) == timedelta(hours=6)


def test_it_is_given_up_after_three_days(posted: Engine) -> None:
    now, tries = AT, 0
    while (mail := _claim(posted, now)) is not None:
        tries += 1
        _fail(posted, mail, now, "550 " + "x" * 500)
        row = _row(posted)
        assert len(row.last_error or "") == 200
        now = row.next_attempt_at
        assert tries < 100
    assert tries == 20
    assert _row(posted).state == "failed"
    assert _row(posted).next_attempt_at > AT + GIVE_UP_AFTER
    assert _claim(posted, now + timedelta(days=30)) is None


def test_what_no_worker_could_send_is_given_up_and_not_sent_later(posted: Engine) -> None:
    with unit_of_work(posted) as session:
        assert give_up_old(session, at=AT + GIVE_UP_AFTER - MINUTE) == 0
    assert _claim(posted, AT + GIVE_UP_AFTER) is None
    with unit_of_work(posted) as session:
        assert give_up_old(session, at=AT + GIVE_UP_AFTER) == 1
    assert (_row(posted).state, _row(posted).last_error) == ("failed", NEVER_SENT)


def test_a_mailbox_that_is_set_later_gets_nothing_old_and_a_closed_one_nothing_new(
    engine: Engine,
) -> None:
    with unit_of_work(engine) as session:
        remind(session, at=AT)
        set_mailbox(session, unit=BINH_SON, address="a@x.gov.vn", at=AT)
        remind(session, at=AT)
        remove_mailbox(session, unit=BINH_SON, at=AT)
        assert remind(session, at=AT + timedelta(days=7)) > 30
        assert session.exec(select(NoticeDelivery)).all() == []


def test_mailboxes_are_set_listed_and_removed_by_commands(
    database_url: str, engine: Engine
) -> None:
    def run(*arguments: str) -> tuple[int, str]:
        done = run_app(database_url, "mailbox", *arguments, CLOCK_OFFSET="-P1800D")
        return done.code, done.out + done.err

    assert run("set", "524", "VanThu@BinhSon.gov.vn") == (0, "mailbox of gso-524: added\n")
    assert run("set", "gso-524", "VanThu@binhson.gov.vn") == (0, "mailbox of gso-524: unchanged\n")
    assert run("set", "524", "vp@binhson.gov.vn") == (0, "mailbox of gso-524: changed\n")
    code, listed = run("list")
    assert code == 0
    assert "UBND huyện Bình Sơn" in listed
    assert "vp@binhson.gov.vn" in listed
    assert "VanThu" not in listed
    for wrong in (
        "x",
        "a@b",
        "a b@x.vn",
        "a@x..vn",
        "a@-x.vn",
        ".a@x.vn",
        "a@x.vn,b@x.vn",
        "ấ@x.vn",
        "a" * 65 + "@x.vn",
        "a@x.vn\nBcc: b@x.vn",
    ):
        code, said = run("set", "524", wrong)
        assert code == 1, wrong
        assert "is no e-mail address" in said, wrong
    assert run("remove", "524") == (0, "mailbox of gso-524: removed\n")
    assert run("remove", "524")[0] == 1
    with unit_of_work(engine, write=False) as session:
        rows = session.exec(select(UnitMailbox).order_by(col(UnitMailbox.id))).all()
        assert [row.address for row in rows] == ["VanThu@binhson.gov.vn", "vp@binhson.gov.vn"]
        assert all(row.superseded_at is not None for row in rows)
