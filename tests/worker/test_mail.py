"""Reminders by e-mail: real workers, a real mail server, both databases."""

import json
import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine
from sqlmodel import col, select

from app import jobs
from app.db import unit_of_work
from app.domain.notices.delivery import LEASE, Mail
from app.domain.notices.mailboxes import set_mailbox
from app.domain.notices.models import Notice, NoticeDelivery
from app.domain.notices.service import remind
from app.domain.period import LOCAL_TIME
from app.processes import start_worker, stop
from app.settings import Settings
from tests.support.mail import Mailroom, running_mailroom
from tests.support.makers import BINH_SON
from tests.support.processes import environment_of, wait_until
from worker.liveness import WorkerRefused
from worker.mail import MailServer

AT = datetime(2021, 11, 23, 9, 0, tzinfo=LOCAL_TIME)
SENDER = "nhacviec@quangngai.gov.vn"
MAIL = Mail(
    notice_id="019d0000-0000-7000-8000-000000000000",
    attempt=1,
    address="vp@binhson.gov.vn",
    subject="Nhắc hạn: Báo cáo năm 2021 của UBND huyện Bình Sơn, trước 00:00 30/11/2021",
    text="Kính gửi: UBND huyện Bình Sơn\n\n.\nHết.",
    created_at="2021-11-23T02:00:00.000000Z",
    send_before="",
)


@contextmanager
def mailing_worker(
    url: str, log: Path, *, smtp: str, at: datetime = AT, **environment: str
) -> Iterator[subprocess.Popen[bytes]]:
    """Run `python -m worker` that hands its e-mail in there, until the block ends."""
    known = {"SMTP_URL": smtp, "SMTP_FROM": f"Hệ thống báo cáo <{SENDER}>", **environment}
    process = start_worker(environment=environment_of(url, at=at) | known, log=log)
    try:
        yield process
    finally:
        stop(process)
        print(log.read_text(encoding="utf-8"))  # noqa: T201 - pytest shows it where a test fails


def ask(engine: Engine, job: str, queue: str) -> str:
    """Have a job done at once that the clock would start."""
    number = f"{job}:{uuid4()}"
    with unit_of_work(engine) as session:
        jobs.enqueue(session, jobs.Job(job, queue), "now", "", workflow_id=number)
    return number


def deliver(engine: Engine) -> str:
    return ask(engine, "deliver", "mail")


def posts(engine: Engine) -> dict[str, NoticeDelivery]:
    """Return the e-mails by the recipient."""
    with unit_of_work(engine, write=False) as session:
        rows = select(Notice.unit_key, NoticeDelivery).join(
            NoticeDelivery, col(NoticeDelivery.notice_id) == Notice.id
        )
        return dict(session.exec(rows).all())


def give_mailboxes(engine: Engine, **addresses: str) -> None:
    with unit_of_work(engine) as session:
        for unit, address in addresses.items():
            set_mailbox(session, unit=unit.replace("_", "-"), address=address, at=AT)


def put_out(engine: Engine) -> None:
    with unit_of_work(engine) as session:
        assert remind(session, at=AT - timedelta(minutes=1)) == 38


def test_a_worker_finds_who_is_due_and_mails_each_once(
    database_url: str, engine: Engine, tmp_path: Path
) -> None:
    give_mailboxes(engine, gso_524="vp@binhson.gov.vn", gso_536="vp@lyson.gov.vn")
    with (
        running_mailroom() as room,
        mailing_worker(database_url, tmp_path / "log", smtp=room.url),
    ):
        ask(engine, "remind", "housekeeping")
        wait_until(lambda: len(posts(engine)) == 2)
        for _ in range(3):
            deliver(engine)
        wait_until(lambda: {post.state for post in posts(engine).values()} == {"sent"})
        ask(engine, "remind", "housekeeping")
        last = deliver(engine)
        wait_until(lambda: _ended(engine, last))
    assert sorted(one.rcpt_tos[0] for one in room.taken) == ["vp@binhson.gov.vn", "vp@lyson.gov.vn"]
    assert {one.mail_from for one in room.taken} == {SENDER}
    (message,) = (one for one in room.messages if one["To"] == "vp@binhson.gov.vn")
    post = posts(engine)[BINH_SON]
    assert (post.attempts, post.last_error) == (1, None)
    assert message["Message-ID"] == f"<notice.{post.notice_id}@quangngai.gov.vn>"
    assert message["Subject"] == (
        "Nhắc hạn: Báo cáo năm 2021 của UBND huyện Bình Sơn, trước 00:00 30/11/2021"
    )
    assert message["From"] == f"Hệ thống báo cáo <{SENDER}>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"].datetime.year == 2021
    assert message.get_content_type() == "text/plain"
    with unit_of_work(engine, write=False) as session:
        said = session.get_one(Notice, post.notice_id).text_vi
    assert message.get_content().strip() == said


def _ended(engine: Engine, number: str) -> bool:
    schema = f"{jobs.ENGINE_SCHEMA}." if engine.dialect.name == "postgresql" else ""
    with engine.connect() as connection:
        found = connection.exec_driver_sql(
            f"SELECT status FROM {schema}workflow_status WHERE workflow_uuid = '{number}'"  # noqa: S608
        )
        return found.scalar() == "SUCCESS"


def test_a_server_that_refuses_or_is_away_is_asked_again(
    database_url: str, engine: Engine, tmp_path: Path
) -> None:
    give_mailboxes(engine, gso_524="vp@binhson.gov.vn")
    put_out(engine)
    now, log = AT, tmp_path / "log"
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    for number, (answer, error) in enumerate(
        (
            (None, "ConnectionRefusedError: Connection refused"),
            ("450 4.2.1 Thử lại sau", "450 4.2.1 Thử lại sau"),
            ("550 5.1.1 no such mailbox", "550 5.1.1 no such mailbox"),
            ("DATA 451 busy", "451 busy"),
        ),
        start=1,
    ):
        with running_mailroom() as room:
            if answer is not None:
                room.answers, port = [answer], room.port
            smtp = f"smtp://127.0.0.1:{port}"
            with mailing_worker(database_url, log, smtp=smtp, at=now):
                deliver(engine)
                wait_until(lambda: posts(engine)[BINH_SON].last_error == error)  # noqa: B023
        post = posts(engine)[BINH_SON]
        assert (post.state, post.attempts) == ("waiting", number)
        pause = post.next_attempt_at - now
        assert (
            timedelta(minutes=2 ** (number - 1))
            <= pause
            < timedelta(minutes=2 ** (number - 1), seconds=59)
        )
        now = post.next_attempt_at
    with running_mailroom() as room, mailing_worker(database_url, log, smtp=room.url, at=now):
        deliver(engine)
        wait_until(lambda: posts(engine)[BINH_SON].state == "sent")
    assert (len(room.taken), posts(engine)[BINH_SON].last_error) == (1, None)


# The lease begins when the first worker claims, some seconds after it has started.
@pytest.mark.parametrize(
    "after", [timedelta(minutes=1), LEASE + timedelta(minutes=1)], ids=["in its lease", "later"]
)
def test_a_worker_killed_while_it_sends_loses_nothing(
    database_url: str, engine: Engine, tmp_path: Path, after: timedelta
) -> None:
    give_mailboxes(engine, gso_524="vp@binhson.gov.vn", gso_536="vp@lyson.gov.vn")
    put_out(engine)
    log = tmp_path / "log"
    with running_mailroom() as room:
        room.slowness = 60.0
        with mailing_worker(database_url, log, smtp=room.url) as doomed:
            deliver(engine)
            wait_until(lambda: len(room.taken) == 1)  # and the worker was not told so
            os.kill(doomed.pid, signal.SIGKILL)
            doomed.wait()
        room.slowness = 0.0
        assert {post.state for post in posts(engine).values()} == {"waiting"}
        # Nobody can know that it was taken, so it is sent again, as the same message.
        with mailing_worker(database_url, log, smtp=room.url, at=AT + after):
            deliver(engine)
            wait_until(lambda: {post.state for post in posts(engine).values()} == {"sent"})
    first, *others = [(one.rcpt_tos, one.content) for one in room.taken]
    assert len(others) == 2
    assert first in others
    assert {one.rcpt_tos[0] for one in room.taken} == {"vp@binhson.gov.vn", "vp@lyson.gov.vn"}
    assert len({message["Message-ID"] for message in room.messages}) == 2


def test_without_a_mail_server_nothing_is_sent_and_the_notices_are_there(
    database_url: str, engine: Engine, tmp_path: Path
) -> None:
    give_mailboxes(engine, gso_524="vp@binhson.gov.vn")
    with mailing_worker(database_url, tmp_path / "log", smtp="", SMTP_FROM=""):
        ask(engine, "remind", "housekeeping")
        wait_until(lambda: len(posts(engine)) == 1)
        last = deliver(engine)
        wait_until(lambda: _ended(engine, last))
    assert (posts(engine)[BINH_SON].state, posts(engine)[BINH_SON].attempts) == ("waiting", 0)


# Handing in one e-mail, without a database


def a_server(room: Mailroom, **changes: object) -> MailServer:
    known = {"host": "127.0.0.1", "port": room.port, "sender": SENDER, **changes}
    return MailServer(**known)  # type: ignore[arg-type]


def test_what_was_taken_is_sent_whatever_the_parting_is() -> None:
    with running_mailroom() as room:
        room.goodbye = "500 no"
        assert a_server(room).send(MAIL) == ("sent", "")
    assert room.messages[0].get_content() == f"{MAIL['text']}\n"


@pytest.mark.parametrize(
    ("changes", "came"),
    [
        ({"starttls": True}, ("unreachable", "SMTPNotSupportedError")),  # never in plain then
        ({"user": "a", "password": "hush"}, ("unreachable", "SMTPNotSupportedError")),
        ({"host": "localhost.invalid"}, None),
    ],
)
def test_what_the_server_cannot_do_is_no_reason_to_do_without(
    changes: dict[str, object], came: tuple[str, str] | None
) -> None:
    with running_mailroom() as room:
        answered = a_server(room, **changes).send(MAIL)
        assert came in (None, answered)
        assert answered[0] == "unreachable"
        assert "hush" not in "".join(answered)
    assert room.taken == []


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://mail.x.vn", ("mail.x.vn", 25, False, False, None, "")),
        ("smtp://mail.x.vn:587/?starttls=1", ("mail.x.vn", 587, False, True, None, "")),
        ("smtps://a%40x.vn:p%3A%2F%23@m.x.vn", ("m.x.vn", 465, True, False, "a@x.vn", "p:/#")),
    ],
)
def test_a_url_says_how_to_reach_the_server(url: str, expected: tuple[object, ...]) -> None:
    server = MailServer.of(Settings(smtp_url=SecretStr(url), smtp_from=SENDER))
    assert server is not None
    said = (server.host, server.port, server.tls, server.starttls, server.user, server.password)
    assert said == expected
    assert "p:/#" not in repr(server)


@pytest.mark.parametrize(
    ("url", "sender"),
    [
        ("http://u:hush@x.vn", SENDER),
        ("smtp://u:hush@", SENDER),
        ("smtp://u:hush@x.vn:port", SENDER),
        ("smtp://u:hush@x.vn?starttls=yes", SENDER),
        ("smtp://u:hush@x.vn?tls=1", SENDER),
        ("smtp://u:hush@x.vn/inbox", SENDER),
        ("smtp://u:hushế@x.vn", SENDER),
        ("smtp://u:hush[@x.vn", SENDER),
        ("smtp://u:hush@x.vn", None),
        ("smtp://u:hush@x.vn", "nobody"),
    ],
)
def test_a_wrong_setting_is_refused_without_the_password(url: str, sender: str | None) -> None:
    settings = Settings(smtp_url=SecretStr(url), smtp_from=sender)
    assert "hush" not in repr(settings)
    with pytest.raises(WorkerRefused) as refusal:
        MailServer.of(settings)
    assert "hush" not in str(refusal.value)
    assert refusal.value.__cause__ is None


def test_a_worker_with_a_wrong_setting_does_not_start(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with mailing_worker("sqlite:///none", log, smtp="smtp://u:hush@x.vn?x=1") as process:
        assert process.wait(timeout=60) == 1
    (line,) = log.read_text(encoding="utf-8").splitlines()
    assert json.loads(line)["event"].startswith("SMTP_URL must be smtp://")
    assert "hush" not in line
