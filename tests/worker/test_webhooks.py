"""Webhooks as they come in: real workers, a real receiver, both databases."""

import os
import signal
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import col, select

from app.db import unit_of_work
from app.domain.webhooks.delivery import LEASE
from app.domain.webhooks.models import WebhookDelivery
from app.processes import start_worker, stop
from tests.support.api import A_WORKING_DAY, Api, Portal, running_api
from tests.support.databases import PostgresDatabases
from tests.support.makers import BINH_SON, FOCAL_UNIT, PLAN
from tests.support.processes import environment_of, wait_until
from tests.support.receiving import Answer, Receiver, receiving
from tests.support.reviewing import accepted, answering, done, returned, submitted
from tests.support.webhook_writes import WEBHOOKS, a_webhook
from tests.worker.test_mail import ask

SECRET = "the operator's own secret, as long as it should be"
SETTINGS = {"WEBHOOK_SECRET": SECRET, "WEBHOOK_HTTP": "1", "WEBHOOK_NETWORKS": "127.0.0.0/8"}
AT = A_WORKING_DAY


@contextmanager
def delivering(
    url: str, log: Path, *, at: datetime = AT, name: str = "one", **settings: str
) -> Iterator[subprocess.Popen[bytes]]:
    """Run `python -m worker` until the block ends."""
    known = {**environment_of(url, at=at), **SETTINGS, "WORKER_ID": name, **settings}
    process = start_worker(environment=known, log=log)
    try:
        yield process
    finally:
        stop(process)
        print(log.read_text(encoding="utf-8"))  # noqa: T201 - pytest shows it where a test fails


@contextmanager
def telling(database_url: str) -> Iterator[Api]:
    """Run the app, which may tell receivers on this machine."""
    settings: dict[str, Any] = {
        "webhook_secret": SECRET,
        "webhook_http": True,
        "webhook_networks": "127.0.0.0/8",
    }
    with running_api(database_url, **settings) as running:
        yield running


@pytest.fixture
def told(database_url: str) -> Iterator[Api]:
    with telling(database_url) as running:
        yield running


def register(portal: Portal, receiver: Receiver, *events: str) -> dict[str, Any]:
    body = a_webhook(url=receiver.url(), events=list(events or ["submission.returned"]))
    return done(portal.post(WEBHOOKS, body), 201)


def send_test(portal: Portal, webhook: dict[str, Any]) -> str:
    """Have a test sent; return the message's id."""
    return str(done(portal.post(f"{WEBHOOKS}/{webhook['id']}/test"), 202)["message"])


def log_of(portal: Portal, webhook: dict[str, Any], **query: str) -> list[dict[str, Any]]:
    answer = portal.get(f"{WEBHOOKS}/{webhook['id']}/deliveries", **query)
    found: list[dict[str, Any]] = done(answer)["items"]
    return found


def states(engine: Engine) -> Counter[str]:
    with unit_of_work(engine, write=False) as session:
        return Counter(session.exec(select(WebhookDelivery.state)))


def hurry(engine: Engine) -> None:
    """Let the time of whatever waits have come."""
    with unit_of_work(engine) as session:
        for row in session.exec(select(WebhookDelivery).where(WebhookDelivery.state == "waiting")):
            row.next_attempt_at = AT
            session.add(row)


def test_a_unit_is_told_of_the_review_and_signed_so_also_through_a_change_of_secret(
    told: Api, database_url: str, tmp_path: Path
) -> None:
    district, focal = told.portal(BINH_SON), told.portal(FOCAL_UNIT)
    with receiving() as receiver, delivering(database_url, tmp_path / "log"):
        wanted = ("submission.returned", "submission.accepted")
        first = register(district, receiver, *wanted)
        place = submitted(district)
        comments = returned(focal, place, "Bổ sung số liệu.")
        wait_until(lambda: len(receiver.received) == 1)
        second = done(district.post(f"{WEBHOOKS}/{first['id']}/rotate-secret"))
        answering(district, place, comments)
        submitted(district, place, document_number="216/BC-UBND")
        done(focal.post(f"{place}/accept"))
        wait_until(lambda: states(told.engine) == Counter(delivered=2))
    back, taken = receiver.received
    assert back.said["type"] == "submission.returned"
    assert back.said["data"] == {
        "submission": place.rpartition("/")[2],
        "revision": 1,
        "cycle": f"{PLAN}.2021",
        "plan": PLAN,
        "year": 2021,
        "unit": BINH_SON,
        "path": place,
    }
    assert (taken.said["type"], taken.said["data"]["revision"]) == ("submission.accepted", 2)
    assert back.signed_with(first["secret"])
    assert not back.signed_with(second["secret"])
    assert taken.signed_with(first["secret"])
    assert taken.signed_with(second["secret"])
    (latest, oldest) = log_of(district, first)
    assert (oldest["message"], oldest["state"]) == (back.id, "delivered")
    (attempt,) = oldest["attempts"]
    assert (attempt["status"], attempt["fault"], attempt["next_attempt_at"]) == (204, None, None)
    assert latest["created_at"] > oldest["created_at"]
    later = AT + timedelta(hours=25)
    with receiving() as receiver, delivering(database_url, tmp_path / "later", at=later):
        body = a_webhook(url=receiver.url(), events=list(wanted))
        done(district.put(f"{WEBHOOKS}/{first['id']}", body))
        message = send_test(district, first)
        wait_until(lambda: receiver.ids == [message])
    (received,) = receiver.received
    assert not received.signed_with(first["secret"])
    assert received.signed_with(second["secret"])


def test_what_fails_is_tried_again_and_a_slow_receiver_holds_up_no_other(
    told: Api, database_url: str, tmp_path: Path
) -> None:
    district, focal = told.portal(BINH_SON), told.portal(FOCAL_UNIT)
    with (
        receiving() as slow,
        receiving() as failing,
        delivering(database_url, tmp_path / "log", WEBHOOK_TIMEOUT="8"),
    ):
        slow.usual = Answer(after=60)
        failing.answers = [Answer(500), Answer(503)]
        one, other = register(district, slow), register(focal, failing)
        send_test(district, one)
        wait_until(lambda: len(slow.received) == 1)
        message = send_test(focal, other)
        wait_until(lambda: len(failing.received) == 1)
        assert len(slow.received) == 1, "it still waits for the slow one"
        wait_until(lambda: len(failing.received) == 2, within=15)  # after some five seconds
        wait_until(lambda: log_of(focal, other)[0]["attempts"][-1]["status"] == 503)
        hurry(told.engine)
        wait_until(lambda: len(failing.received) == 3)
        wait_until(lambda: log_of(focal, other, state="delivered") != [])
        wait_until(lambda: log_of(district, one)[0]["attempts"][0]["fault"] == "timeout")
    assert failing.ids == [message] * 3
    statuses = [attempt["status"] for attempt in log_of(focal, other)[0]["attempts"]]
    assert statuses == [500, 503, 204]
    read = done(focal.get(f"{WEBHOOKS}/{other['id']}"))
    assert (read["failing_since"], read["last_delivered_at"] is None) == (None, False)
    assert done(district.get(f"{WEBHOOKS}/{one['id']}"))["failing_since"] is not None


def test_two_workers_deliver_each_message_once(
    postgresql_databases: PostgresDatabases, tmp_path: Path
) -> None:
    # Of a SQLite file there is one worker: the second is refused.
    with (
        postgresql_databases.loaded() as database_url,
        telling(database_url) as told,
        receiving() as receiver,
    ):
        units = [told.portal(unit) for unit in (BINH_SON, FOCAL_UNIT, "gso-529", "gso-528")]
        receiver.usual = Answer(after=0.02)
        webhooks = [(portal, register(portal, receiver)) for portal in units]
        told_ids = [send_test(*one) for one in webhooks for _ in range(10)]
        with (
            delivering(database_url, tmp_path / "one", name="one"),
            delivering(database_url, tmp_path / "two", name="two"),
        ):
            wait_until(lambda: states(told.engine) == Counter(delivered=40))
    assert Counter(receiver.ids) == Counter(told_ids)


def test_a_worker_that_dies_before_it_notes_lets_the_same_message_be_sent_again(
    told: Api, database_url: str, tmp_path: Path
) -> None:
    district = told.portal(BINH_SON)
    with receiving() as receiver:
        receiver.answers = [Answer(after=60)]
        webhook = register(district, receiver)
        message = send_test(district, webhook)
        with delivering(database_url, tmp_path / "log") as doomed:
            wait_until(lambda: len(receiver.received) == 1)
            os.kill(doomed.pid, signal.SIGKILL)
            doomed.wait()
        after = AT + LEASE + timedelta(minutes=1)
        with delivering(database_url, tmp_path / "log", at=after):
            wait_until(lambda: states(told.engine) == Counter(delivered=1))
    assert receiver.ids == [message] * 2
    assert len({one.body for one in receiver.received}) == 1
    (delivery,) = log_of(district, webhook)
    ends = [(one["number"], one["status"], one["fault"]) for one in delivery["attempts"]]
    assert ends == [(1, None, None), (2, 204, None)]


def test_gone_disables_it_and_enabled_again_it_gets_what_it_missed_and_what_is_replayed(
    told: Api, database_url: str, tmp_path: Path
) -> None:
    district, focal = told.portal(BINH_SON), told.portal(FOCAL_UNIT)
    with receiving() as receiver, delivering(database_url, tmp_path / "log"):
        webhook = register(district, receiver, "submission.accepted")
        place = f"{WEBHOOKS}/{webhook['id']}"
        receiver.answers = [Answer(410)]
        first = send_test(district, webhook)
        wait_until(lambda: done(district.get(place))["state"] == "disabled")
        assert done(district.get(place))["disabled_reason"] == "gone"
        assert district.post(f"{place}/test").json()["code"] == "webhook_disabled"
        accepted(district, focal)
        done(district.post(f"{place}/enable"))
        wait_until(lambda: states(told.engine) == Counter(delivered=2))
        assert receiver.ids.count(first) == 2
        (missed,) = (one for one in receiver.received if one.id != first)
        assert missed.said["type"] == "submission.accepted"
        newest, _ = log_of(district, webhook)
        done(district.post(f"{place}/deliveries/{newest['id']}/replay"), 202)
        wait_until(lambda: receiver.ids.count(missed.id) == 2)
        wait_until(lambda: states(told.engine) == Counter(delivered=2))
        since = {"since": "2021-11-22T00:00:00+07:00"}
        assert done(district.post(f"{place}/replay", since), 202) == {"deliveries": 2}
        wait_until(lambda: len(receiver.received) == 6)
        assert done(district.post(f"{place}/remove"))["state"] == "removed"
        assert district.post(f"{place}/enable").json()["code"] == "webhook_removed"
    assert Counter(receiver.ids) == Counter({first: 3, missed.id: 3})


def test_the_worker_sends_into_no_network_that_is_not_its_own_to_permit(
    told: Api, database_url: str, tmp_path: Path
) -> None:
    district = told.portal(BINH_SON)
    with (
        receiving() as receiver,
        delivering(database_url, tmp_path / "log", WEBHOOK_NETWORKS="10.0.0.0/8"),
    ):
        webhook = register(district, receiver)
        send_test(district, webhook)
        wait_until(lambda: log_of(district, webhook)[0]["attempts"] != [])
        wait_until(lambda: log_of(district, webhook)[0]["attempts"][0]["fault"] is not None)
        assert log_of(district, webhook)[0]["attempts"][0]["fault"] == "url_refused"
    assert receiver.received == []


def test_a_cycle_opens_by_the_clock_and_is_told_once_to_its_roster(
    told: Api, database_url: str, tmp_path: Path
) -> None:
    district = told.portal(BINH_SON)
    opens = datetime.fromisoformat("2022-01-01T00:00:00+07:00")
    with receiving() as receiver:
        webhook = register(district, receiver, "reporting_cycle.opened")
        with delivering(database_url, tmp_path / "before", at=opens - timedelta(minutes=30)):
            ask(told.engine, "tell_opened", "housekeeping")
            message = send_test(district, webhook)
            wait_until(lambda: message in receiver.ids)
        told_before = [one.said["data"]["cycle"] for one in receiver.received if one.id != message]
        assert f"{PLAN}.2022" not in told_before
        with delivering(database_url, tmp_path / "after", at=opens + timedelta(minutes=1)):
            for _ in range(2):
                ask(told.engine, "tell_opened", "housekeeping")
            wait_until(lambda: receiver.received[-1].said["type"] == "reporting_cycle.opened")
            message = send_test(district, webhook)
            wait_until(lambda: message in receiver.ids)
    (opened,) = (
        one for one in receiver.received if one.said["data"].get("cycle") == f"{PLAN}.2022"
    )
    assert opened.said["timestamp"] == "2021-12-31T17:00:00.000000Z"
    assert opened.said["data"]["path"] == f"/v1/reporting-cycles/{PLAN}.2022"
    with unit_of_work(told.engine, write=False) as session:
        order = select(WebhookDelivery).order_by(col(WebhookDelivery.id))
        assert all(row.state == "delivered" for row in session.exec(order))
