"""Bulk requests on a bad line: sent again, broken off, gone on with, and racing with others."""

import random
import signal
import socket
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlmodel import col, func, select

from app.db import make_engine, unit_of_work
from app.domain.activities.models import ActivityReport, ActivityRevision
from app.domain.audit.models import AuditEntry
from app.domain.batches.models import Batch, BatchRow
from app.domain.batches.service import LEASE
from app.processes import start_api, stop
from tests.conftest import Databases
from tests.support.api import A_WORKING_DAY, TLS, Api, Portal
from tests.support.bulk import (
    BATCHES,
    WITHDRAWALS,
    batch_of,
    batches,
    counted,
    lines,
    outcomes,
    reports,
    send,
    taken,
)
from tests.support.filing import Filing
from tests.support.makers import BINH_SON, an_activity
from tests.support.problems import refused, rows
from tests.support.processes import environment_of, wait_until
from tests.support.racing import at_once

ACTIVITIES = "/v1/activity-reports"


def _many(number: int, prefix: str = "r") -> list[dict[str, Any]]:
    return [an_activity(external_id=f"{prefix}-{n}") for n in range(number)]


# Under an Idempotency-Key


@pytest.mark.parametrize("mode", ["partial", "atomic"])
@pytest.mark.parametrize("dry_run", ["true", "false"])
def test_the_same_file_under_the_same_key_is_the_same_batch(
    api: Api, mode: str, dry_run: str
) -> None:
    portal, bodies = api.portal(BINH_SON), [*_many(3), {"unit": "524"}]
    query = {"mode": mode, "dry_run": dry_run}
    answers = [send(portal, bodies, key="k-1", **query) for _ in range(3)]
    before = rows(api.engine)
    api.set_clock(A_WORKING_DAY + timedelta(days=1))
    answers.append(send(portal, bodies, key="k-1", **query))
    assert {answer.status_code for answer in answers} == {422 if mode == "atomic" else 201}
    (place,) = {answer.headers["location"] for answer in answers}
    if mode == "partial":
        assert all(answer.json() == answers[0].json() for answer in answers)
    else:
        refused(answers[-1], 422, "batch_refused")
    assert rows(api.engine) == before
    assert [f"{BATCHES}/{one['id']}" for one in batches(portal)] == [place]
    other = send(portal, bodies, key="k-2", **query)
    assert other.headers["location"] != place


def test_the_key_is_for_one_request_only(api: Api) -> None:
    portal, bodies = api.portal(BINH_SON), _many(2)
    first = taken(send(portal, bodies, key="k-1"), created=2)
    before = rows(api.engine)
    code = "idempotency_key_reused"
    refused(send(portal, bodies[:1], key="k-1"), 422, code)
    refused(send(portal, lines(bodies) + b"\n", key="k-1"), 422, code)
    refused(send(portal, bodies, key="k-1", mode="atomic"), 422, code)
    refused(send(portal, bodies, key="k-1", dry_run=True), 422, code)
    refused(send(portal, bodies, key="k-1", to=WITHDRAWALS), 422, code)
    refused(portal.post(ACTIVITIES, bodies[0], Idempotency_Key="k-1"), 422, code)
    for bad in ("", "a b", "x" * 129, "a\tb"):
        refused(send(portal, bodies, key=bad), 400, "idempotency_key_missing")
    assert rows(api.engine) == before
    # Another key of the same unit has Idempotency-Keys of its own.
    again = taken(send(api.portal(BINH_SON), bodies, key="k-1"), unchanged=2)
    assert again["id"] != first["id"]
    single = an_activity()
    portal.post(ACTIVITIES, single, Idempotency_Key="k-single")
    refused(send(portal, [single], key="k-single"), 422, code)


def test_a_file_that_was_refused_whole_leaves_its_key_free(api: Api) -> None:
    portal = api.portal(BINH_SON)
    refused(send(portal, b"", key="k-1"), 422, "invalid")
    taken(send(portal, _many(1), key="k-1"), created=1)


def test_without_a_key_the_same_file_is_another_batch_that_changes_nothing(api: Api) -> None:
    portal, bodies = api.portal(BINH_SON), _many(3)
    first = taken(send(portal, bodies), created=3)
    second = taken(send(portal, bodies), unchanged=3)
    assert first["id"] != second["id"]
    ids = [[row["report_id"] for row in outcomes(portal, one["id"])] for one in (first, second)]
    assert ids[0] == ids[1]


@pytest.mark.parametrize("mode", ["partial", "atomic"])
def test_requests_under_one_key_at_the_same_time_are_one_batch(api: Api, mode: str) -> None:
    portal, bodies = api.portal(BINH_SON), _many(1500)
    answers = at_once(api, portal, *[lambda own: send(own, bodies, key="k-1", mode=mode)] * 6)
    for answer in answers:
        if answer.status_code != 201:
            refused(answer, 409, "idempotency_key_in_progress")
            assert answer.headers["retry-after"] == "1"
    done = [answer.json()["id"] for answer in answers if answer.status_code == 201]
    if mode == "atomic":  # on SQLite one waits for the other
        waits = api.engine.dialect.name == "sqlite"
        assert (len(done) == len(answers)) == waits
    assert len(set(done)) == 1
    assert send(portal, bodies, key="k-1", mode=mode).json()["id"] == done[0]
    (batch,) = batches(portal)
    counted(batch, created=1500)
    assert len(reports(portal)) == 1500


# Broken off


def _began(api: Api, portal: Portal, bodies: list[dict[str, Any]], *, done: int) -> UUID:
    """Leave a batch as a process leaves it that is killed after so many rows."""
    first = taken(send(portal, bodies, key="k-1"), created=len(bodies))
    batch_id = UUID(first["id"])
    with unit_of_work(api.engine) as session:
        batch = session.get_one(Batch, batch_id)
        batch.state, batch.finished_at = "running", None
        batch.touched_at = A_WORKING_DAY.astimezone(UTC)
        batch.rows_done = batch.created = done
        session.add(batch)
        tail = select(BatchRow).where(BatchRow.batch_id == batch_id, BatchRow.number > done)
        for row in session.exec(tail).all():
            session.delete(row)
    return batch_id


def test_a_batch_under_way_is_in_progress_until_its_lease_ends(api: Api) -> None:
    portal, bodies = api.portal(BINH_SON), _many(1200)
    batch_id = str(_began(api, portal, bodies, done=1000))
    api.set_clock(A_WORKING_DAY + LEASE - timedelta(milliseconds=1))
    refused(send(portal, bodies, key="k-1"), 409, "idempotency_key_in_progress")
    assert batch_of(portal, batch_id)["state"] == "running"
    assert [one["state"] for one in batches(portal)] == ["running"]
    api.set_clock(A_WORKING_DAY + LEASE)
    broken = batch_of(portal, batch_id)
    assert (broken["state"], broken["finished_at"]) == ("interrupted", None)
    counted(broken, created=1000)
    assert [one["state"] for one in batches(portal)] == ["interrupted"]
    refused(send(portal, bodies[:-1], key="k-1"), 422, "idempotency_key_reused")
    resumed = taken(send(portal, bodies, key="k-1"), created=1000, unchanged=200)
    assert resumed["id"] == batch_id
    assert resumed["received_at"] == broken["received_at"] < resumed["finished_at"]
    assert [row["row"] for row in outcomes(portal, batch_id)] == list(range(1, 1201))


def test_a_batch_that_broke_off_behind_its_last_row_is_ended_by_its_next_request(
    api: Api,
) -> None:
    portal, bodies = api.portal(BINH_SON), _many(50)
    batch_id = str(_began(api, portal, bodies, done=50))
    api.set_clock(A_WORKING_DAY + LEASE)
    assert taken(send(portal, bodies, key="k-1"), created=50)["id"] == batch_id


def test_of_many_requests_that_go_on_with_a_broken_batch_one_does(api: Api) -> None:
    portal, bodies = api.portal(BINH_SON), _many(2600)
    batch_id = str(_began(api, portal, bodies, done=1000))
    api.set_clock(A_WORKING_DAY + 2 * LEASE)
    answers = at_once(api, portal, *[lambda own: send(own, bodies, key="k-1")] * 5)
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert 201 in {answer.status_code for answer in answers}
    batch = taken(send(portal, bodies, key="k-1"), created=1000, unchanged=1600)
    assert batch["id"] == batch_id
    assert [row["row"] for row in outcomes(portal, batch_id)] == list(range(1, 2601))
    with unit_of_work(api.engine, write=False) as session:
        entries = select(AuditEntry.action).where(AuditEntry.target_id == batch_id)
        assert session.exec(entries).all() == ["batch.received"]


# Killed


@dataclass
class _Process:
    """The API as a process on a port of its own."""

    process: subprocess.Popen[bytes]
    http: httpx.Client

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


@contextmanager
def _running(url: str, log: Path, *, at: datetime) -> Iterator[_Process]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    environment = environment_of(url, at=at)
    process = start_api(host="127.0.0.1", port=port, environment=environment, log=log)
    try:
        with httpx.Client(verify=TLS, base_url=f"http://127.0.0.1:{port}", timeout=120) as http:
            wait_until(lambda: _answers(http))
            yield _Process(process, http)
    finally:
        stop(process)


def _answers(http: httpx.Client) -> bool:
    try:
        return http.get("/readyz").status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


def test_a_killed_batch_goes_on_where_it_broke_and_every_row_counts_once(
    databases: Databases, tmp_path: Path
) -> None:
    bodies = _many(8000)
    for place in range(500, len(bodies), 1000):
        bodies[place]["channel"] = "telegraph"
    log = tmp_path / "api.log"
    with databases.loaded() as url:
        engine = make_engine(url)
        secret = Filing(engine).key_of(BINH_SON)
        with _running(url, log, at=A_WORKING_DAY) as doomed:
            batch_id = _killed_amid(doomed, engine, secret, bodies)
        with _running(url, log, at=A_WORKING_DAY) as heir:  # the lease holds on
            portal = Portal(heir.http, secret)
            assert batch_of(portal, batch_id)["state"] == "running"
            refused(send(portal, bodies, key="k-1"), 409, "idempotency_key_in_progress")
        later = A_WORKING_DAY + timedelta(minutes=5)
        with _running(url, log, at=later) as one, _running(url, log, at=later) as other:
            portal = Portal(one.http, secret)
            broken = batch_of(portal, batch_id)
            assert broken["state"] == "interrupted"
            done = broken["counts"]["rows"]
            assert 0 < done < len(bodies)
            assert done % 1000 == 0
            assert len(outcomes(portal, batch_id)) == done
            both = [Portal(process.http, secret) for process in (one, other)]
            with ThreadPoolExecutor(2) as pool:
                sent = list(pool.map(lambda own: send(own, bodies, key="k-1"), both))
            statuses = sorted(answer.status_code for answer in sent)
            assert statuses in ([201, 201], [201, 409]), [answer.text for answer in sent]
            batch = taken(send(portal, bodies, key="k-1"), created=7992, rejected=8)
            assert batch["id"] == batch_id
            _every_row_once(portal, batch_id, bodies)
        with unit_of_work(engine, write=False) as session:
            statement = select(ActivityReport.external_id, func.count()).group_by(
                ActivityReport.external_id
            )
            stored = dict(session.exec(statement).all())
            assert stored == {
                body["external_id"]: 1 for body in bodies if body["channel"] == "facebook"
            }
            assert session.exec(select(func.count(col(ActivityRevision.id)))).one() == 7992
            assert session.exec(select(func.count(col(Batch.id)))).one() == 1
            entries = select(AuditEntry.action).where(AuditEntry.target_id == batch_id)
            assert session.exec(entries).all() == ["batch.received"]
        engine.dispose()


def _killed_amid(doomed: _Process, engine: Any, secret: str, bodies: list[dict[str, Any]]) -> str:
    """Kill a process in the midst of a bulk request; return the batch's id."""
    portal = Portal(doomed.http, secret)

    def lost() -> None:
        with suppress(httpx.TransportError):
            send(portal, bodies, key="k-1")

    sending = threading.Thread(target=lost)
    sending.start()

    def begun() -> bool:
        with unit_of_work(engine, write=False) as session:
            return (session.exec(select(Batch.rows_done)).first() or 0) >= 2000

    wait_until(begun)
    doomed.kill()
    sending.join(30)
    with unit_of_work(engine, write=False) as session:
        batch = session.exec(select(Batch)).one()
        assert batch.state == "running"
        return str(batch.id)


def _every_row_once(portal: Portal, batch_id: str, bodies: list[dict[str, Any]]) -> None:
    found = outcomes(portal, batch_id)
    assert [(row["row"], row["external_id"]) for row in found] == [
        (number, body["external_id"]) for number, body in enumerate(bodies, 1)
    ]
    expected = Counter(
        "created" if body["channel"] == "facebook" else "rejected" for body in bodies
    )
    assert Counter(row["outcome"] for row in found) == expected


# Dropped lines


def _dropped(api: Api, portal: Portal, content: bytes, *, claimed: int | None, key: str) -> None:
    """Send a bulk request's bytes on a bare socket, and close it without reading an answer."""
    host, port = api.http.base_url.host, api.http.base_url.port or 80
    length = "Transfer-Encoding: chunked" if claimed is None else f"Content-Length: {claimed}"
    head = (
        f"POST {BATCHES} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {portal.secret}\r\n"
        f"Content-Type: application/jsonl\r\nIdempotency-Key: {key}\r\n{length}\r\n\r\n"
    )
    with socket.create_connection((host, port)) as line:
        line.sendall(head.encode() + content)
        time.sleep(0.05)
        line.shutdown(socket.SHUT_RDWR)


def test_a_batch_whose_answer_was_lost_can_be_read(api: Api) -> None:
    portal, bodies = api.portal(BINH_SON), [*_many(2500), {"unit": "524"}]
    content = lines(bodies)
    _dropped(api, portal, content, claimed=len(content), key="k-1")
    wait_until(lambda: [one["state"] for one in batches(portal)] == ["finished"])
    (listed,) = batches(portal)
    batch = batch_of(portal, listed["id"])
    counted(batch, created=2500, rejected=1)
    assert [row["row"] for row in batch["rejected_rows"]] == [2501]
    assert len(outcomes(portal, batch["id"], outcome="created")) == 2500
    assert send(portal, bodies, key="k-1").json() == batch
    assert len(reports(portal)) == 2500


@pytest.mark.parametrize("how", ["length", "chunks"])
def test_a_file_of_which_only_a_part_arrives_stores_nothing(
    api: Api, how: str, capsys: pytest.CaptureFixture[str]
) -> None:
    portal, bodies = api.portal(BINH_SON), _many(500)
    content = lines(bodies)
    before = rows(api.engine)
    half = content[: content.index(b"\n", len(content) // 2) + 1]  # whole lines, a whole file?
    if how == "chunks":
        half = f"{len(half):x}\r\n".encode() + half + b"\r\n"
    claimed = len(content) if how == "length" else None
    _dropped(api, portal, half, claimed=claimed, key="k-1")
    time.sleep(0.5)
    assert batches(portal) == []
    assert rows(api.engine) == before
    assert "unexpected" not in capsys.readouterr().out
    taken(send(portal, bodies, key="k-1"), created=500)


# Races


def _shuffled(bodies: Sequence[dict[str, Any]], seed: int) -> list[dict[str, Any]]:
    shuffled = list(bodies)
    random.Random(seed).shuffle(shuffled)
    return shuffled


@pytest.mark.parametrize("modes", [("partial",) * 4, ("atomic",) * 4, ("atomic", "partial") * 2])
def test_the_same_new_records_in_several_batches_and_alone_are_stored_once(
    api: Api, modes: tuple[str, ...]
) -> None:
    portal, bodies = api.portal(BINH_SON), _many(1500)

    def bulk(place: int) -> Callable[[Portal], httpx.Response]:
        own = _shuffled(bodies, place)
        return lambda portal: send(portal, own, mode=modes[place])

    singles = [lambda own, body=body: own.post(ACTIVITIES, body) for body in bodies[::250]]
    answers = at_once(api, portal, *(bulk(place) for place in range(4)), *singles)
    alone = [answer.json()["outcome"] for answer in answers[4:] if answer.status_code < 300]
    assert len(alone) == len(singles), [answer.text for answer in answers[4:]]
    assert {answer.status_code for answer in answers[:4]} == {201}, answers[:4]
    counts = [answer.json()["counts"] for answer in answers[:4]]
    assert all(one["rows"] == 1500 and one["rejected"] == 0 for one in counts)
    created = sum(one["created"] for one in counts) + alone.count("created")
    assert created == 1500
    ids = [
        {row["external_id"]: row["report_id"] for row in outcomes(portal, answer.json()["id"])}
        for answer in answers[:4]
    ]
    assert ids[0] == ids[1] == ids[2] == ids[3]
    assert {one["external_id"]: one["id"] for one in reports(portal)} == ids[0]


@pytest.mark.parametrize("modes", [("partial",) * 3, ("atomic",) * 3])
def test_different_contents_of_the_same_new_records_race_and_one_of_each_wins(
    api: Api, modes: tuple[str, ...]
) -> None:
    portal = api.portal(BINH_SON)
    bodies = _many(1200)

    def version(place: int) -> list[dict[str, Any]]:
        # Twice in the file: what loses the race loses it in all its rows.
        said = [{**body, "title": f"Bản {place}"} for body in bodies]
        return [*_shuffled(said, place), *said[:100], *[{**b, "title": "Khác"} for b in said[:50]]]

    sent = [version(place) for place in range(3)]
    answers = at_once(
        api,
        portal,
        *(
            lambda own, file=file, mode=mode: send(own, file, mode=mode)
            for file, mode in zip(sent, modes, strict=True)
        ),
    )
    assert all(answer.status_code in (201, 422) for answer in answers), answers
    found = [batch_of(portal, answer.headers["location"].rpartition("/")[2]) for answer in answers]
    assert all(one["counts"]["rows"] == 1350 for one in found)
    if modes[0] == "atomic":
        assert all(one["state"] == "refused" for one in found)  # the last fifty contradict
        assert reports(portal) == []
        return
    assert sum(one["counts"]["created"] for one in found) == 1200
    titles = Counter(one["title"] for one in reports(portal))
    assert sum(titles.values()) == 1200
    for place, one in enumerate(found):
        assert one["counts"]["created"] == titles[f"Bản {place}"]


@pytest.mark.parametrize("mode", ["partial", "atomic"])
def test_corrections_of_the_same_reports_in_other_orders_race_and_none_is_lost(
    api: Api, mode: str
) -> None:
    portal, bodies = api.portal(BINH_SON), _many(1300)
    taken(send(portal, bodies), created=1300)

    def version(place: int) -> list[dict[str, Any]]:
        why = {"expected_revision": 1, "reason": "Đua", "title": f"Bản {place}"}
        return _shuffled([{**body, **why} for body in bodies], place)

    files = [version(place) for place in range(4)]
    files[0].sort(key=lambda body: str(body["external_id"]))
    files[1].sort(key=lambda body: str(body["external_id"]), reverse=True)
    answers = at_once(
        api,
        portal,
        *(
            lambda own, file=file: send(own, file, on_existing="update", mode=mode)
            for file in files
        ),
    )
    assert all(answer.status_code in (201, 422) for answer in answers), [
        answer.text for answer in answers
    ]
    places = [answer.headers["location"].rpartition("/")[2] for answer in answers]
    counts = [batch_of(portal, place)["counts"] for place in places]
    assert sum(one["updated"] for one in counts) == 1300
    assert all(sum(one[name] for name in one if name != "rows") == 1300 for one in counts)
    now = reports(portal)
    assert {one["revision"] for one in now} == {2}
    titles = Counter(one["title"] for one in now)
    assert {
        f"Bản {place}": one["updated"] for place, one in enumerate(counts) if one["updated"]
    } == titles
    if mode == "atomic":
        assert sorted(answer.status_code for answer in answers) == [201, 422, 422, 422]


@pytest.mark.parametrize("mode", ["partial", "atomic"])
def test_withdrawals_and_corrections_of_the_same_reports_race_and_none_is_lost(
    api: Api, mode: str
) -> None:
    portal, bodies = api.portal(BINH_SON), _many(1200)
    taken(send(portal, bodies), created=1200)
    why = {"expected_revision": 1, "reason": "Đua"}
    withdrawn = [{"id": one["id"], **why} for one in reports(portal)]
    corrected = [{**body, **why, "title": "Mới"} for body in bodies]
    answers = at_once(
        api,
        portal,
        lambda own: send(own, withdrawn, to=WITHDRAWALS, mode=mode),
        lambda own: send(own, withdrawn[::-1], to=WITHDRAWALS, mode=mode),
        lambda own: send(own, _shuffled(withdrawn, 1), to=WITHDRAWALS, mode=mode),
        lambda own: send(own, corrected[::-1], on_existing="update", mode=mode),
    )
    assert all(answer.status_code in (201, 422) for answer in answers), [
        answer.text for answer in answers
    ]
    places = [answer.headers["location"].rpartition("/")[2] for answer in answers]
    counts = [batch_of(portal, place)["counts"] for place in places]
    assert sum(one["updated"] for one in counts) == 1200
    now = reports(portal)
    assert {one["revision"] for one in now} == {2}
    assert sum(one["withdrawn"] for one in now) == sum(one["updated"] for one in counts[:3])


def test_a_single_request_is_answered_beside_a_long_bulk_request(api: Api) -> None:
    portal, bodies = api.portal(BINH_SON), _many(5000)
    with (
        ThreadPoolExecutor(1) as pool,
        httpx.Client(verify=TLS, base_url=api.http.base_url, timeout=120) as line,
    ):
        bulk = pool.submit(lambda: send(Portal(line, portal.secret), bodies))
        waited = []
        while not bulk.done():
            began = time.monotonic()
            assert portal.post(ACTIVITIES, an_activity()).status_code == 201
            waited.append(time.monotonic() - began)
    taken(bulk.result(), created=5000)
    assert len(waited) > 3
    assert max(waited) < 10
