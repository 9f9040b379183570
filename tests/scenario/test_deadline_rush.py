"""200 units submit within one minute before the deadline, spread over several processes.

On PostgreSQL only: many API processes and workers on one database are what it is there for; on
SQLite there is one of each.
"""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import Any

import httpx

from app.db import unit_of_work
from tests.scenario import rush_checks
from tests.scenario.rush import APIS, STRAGGLER, UNITS, Rush, rushing
from tests.support.databases import PostgresDatabases
from tests.support.makers import a_document
from tests.support.problems import refused
from tests.support.processes import wait_until

CLIENTS = 16
BEFORE = timedelta(seconds=40)  # the rush begins so long before the due instant
Sent = tuple[str, int, str | None]  # unit, API process, Idempotency-Key


def test_200_units_submit_in_the_last_minute_and_each_has_one_receipt_and_one_rollup(
    postgresql_databases: PostgresDatabases, tmp_path: Path
) -> None:
    assert len(UNITS) == 200
    with postgresql_databases.loaded() as url, rushing(url, tmp_path) as rush:
        rush.open_cycle()
        rush.begin_drafts()
        due_at = (rush.now() + BEFORE).replace(microsecond=0)
        rush.set_due(due_at)
        receipts = rushed(rush)
        wait_until(lambda: sum(done_by(rush).values()) >= len(UNITS))
        with unit_of_work(rush.engine, write=False) as session:
            units = rush_checks.check_receipts(session, receipts, due_at=due_at)
            rush_checks.check_rollups(session, units)
            rush_checks.check_frozen_once(session)
            rush_checks.check_jobs(session, units)
        time.sleep(max((due_at - rush.now()).total_seconds(), 0))
        late = submit(rush, (STRAGGLER, 2, None)).json()
        assert late["timeliness"] == "late"
        assert datetime.fromisoformat(late["received_at"]) >= due_at
        wait_until(lambda: sum(done_by(rush).values()) > len(UNITS))
        assert {"worker-1", "worker-2"} <= set(done_by(rush))
        rush_checks.check_logs(rush)


def requests() -> Iterator[list[Sent]]:
    """Yield what is sent for each unit: most once, some twice at once to two processes.

    Every fifth has a bad line and sends again under its Idempotency-Key; every seventh sends
    again without one.
    """
    for number, unit in enumerate(UNITS):
        key = f"receipt-{unit}" if number % 5 == 0 else None
        once: Sent = (unit, number % APIS, key)
        again: Sent = (unit, (number + 1) % APIS, key)
        yield [once, again] if number % 5 == 0 or number % 7 == 0 else [once]


def rushed(rush: Rush) -> dict[str, dict[str, Any]]:
    """Submit for all units from many threads; return each unit's one receipt."""
    every = list(requests())
    sent = list(chain.from_iterable(every))
    with ThreadPoolExecutor(CLIENTS + 1) as clients:
        killed = clients.submit(kill_one_worker, rush)
        answers = iter(list(clients.map(lambda one: submit(rush, one), sent)))
        killed.result()
    receipts = {}
    for group in every:
        unit, _, key = group[0]
        told = [next(answers) for _ in group]
        receipts[unit] = the_receipt(told, key=key)
    return receipts


def submit(rush: Rush, sent: Sent) -> httpx.Response:
    """Submit, under an Idempotency-Key again and again until the first request is through."""
    unit, api, key = sent
    headers = {} if key is None else {"Idempotency-Key": key}
    while True:
        answer = rush.portal(unit, api=api).post(
            f"{rush.drafts[unit]}/submit", a_document(document_number=f"1/BC-{unit}"), **headers
        )
        if answer.status_code != 409 or answer.json()["code"] != "idempotency_key_in_progress":
            return answer
        time.sleep(0.05)


def the_receipt(answers: list[httpx.Response], *, key: str | None) -> dict[str, Any]:
    """Return the one receipt among the answers; the others tell it again, or are refused."""
    good = [answer for answer in answers if answer.status_code == 200]
    if key is None:
        assert len(good) == 1, [answer.text for answer in answers]
        for answer in answers:
            if answer not in good:
                refused(answer, 409, "action_not_allowed")
    else:
        assert len(good) == len(answers), [answer.text for answer in answers]
        assert len({answer.content for answer in good}) == 1
        replayed = [answer.headers.get("Idempotency-Replayed") for answer in good]
        assert sorted(map(str, replayed)) == sorted(["None", "true"])
    receipt: dict[str, Any] = good[0].json()
    return receipt


def kill_one_worker(rush: Rush) -> None:
    """Kill a worker in the midst, once it has done some rollups."""
    wait_until(lambda: done_by(rush).get("worker-2", 0) >= 5)
    rush.kill_worker("worker-2")


def done_by(rush: Rush) -> dict[str, int]:
    """Return how many rollups each worker has done."""
    with unit_of_work(rush.engine, write=False) as session:
        return rush_checks.done_by(session)
