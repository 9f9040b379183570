"""What a worker does with its jobs, whatever happens to it. Every worker is a real process."""

import os
import signal

import pytest

from tests.worker.conftest import Database, Workers, wait_until


def test_a_job_is_done_once_however_often_it_is_asked_for(
    database: Database, workers: Workers
) -> None:
    for _ in range(2):
        database.ask("count", "a", "2", "0", workflow_id="same")
    workers.start()
    assert database.settle("same") == "SUCCESS"
    database.ask("count", "a", "2", "0", workflow_id="same")
    assert database.settle(database.ask("count", "b", "1", "0")) == "SUCCESS"
    assert database.effects("a") == ["1", "2"]


def test_work_of_a_killed_worker_goes_on_where_it_was(database: Database, workers: Workers) -> None:
    job = database.ask("count", "a", "6", "0.2")
    workers.start()
    wait_until(lambda: len(database.effects("a")) >= 2)
    workers.kill(database.processes("a")[0])
    done = len(database.effects("a"))
    assert done < 6
    workers.start()
    assert database.settle(job) == "SUCCESS"
    assert database.effects("a") == ["1", "2", "3", "4", "5", "6"]
    assert len(set(database.processes("a"))) == 2


def test_a_stopped_worker_leaves_no_process_and_its_work_for_the_next(
    database: Database, workers: Workers
) -> None:
    job = database.ask("count", "a", "3", "4")
    first = workers.start()
    wait_until(lambda: database.status(job) == "PENDING")
    first.send_signal(signal.SIGINT)
    assert first.wait(timeout=8) == 0
    with pytest.raises(ProcessLookupError):
        os.kill(first.pid, 0)
    assert database.status(job) == "PENDING"


def test_a_step_that_fails_is_rolled_back_tried_again_and_given_up(
    database: Database, workers: Workers
) -> None:
    workers.start()
    job = database.ask("fail", "a")
    assert database.settle(job) == "ERROR"
    assert database.effects("a") == ["no way"]
    assert workers.logged().count("step attempt of") == 2


def test_an_ended_job_can_be_run_again_and_is_forgotten_when_it_is_old(
    database: Database, workers: Workers
) -> None:
    workers.start()
    job = database.ask("count", "a", "2", "0")
    assert database.settle(job) == "SUCCESS"
    assert database.settle(database.ask("mend", job)) == "SUCCESS"
    wait_until(lambda: database.effects("a") == ["1", "2", "1", "2"])
    assert database.settle(job) == "SUCCESS"
    assert database.settle(database.ask("forget")) == "SUCCESS"
    assert database.status(job) is None


def test_a_job_that_kills_its_worker_is_given_up_in_the_end(
    sqlite: Database, sqlite_workers: Workers
) -> None:
    job = sqlite.ask("kill", "a")
    assert sqlite_workers.launch().wait(timeout=15) == -signal.SIGKILL
    sqlite.pretend(job, "recovery_attempts", 5)
    assert sqlite_workers.launch().wait(timeout=15) == -signal.SIGKILL
    sqlite_workers.start()
    assert sqlite.settle(job) == "MAX_RECOVERY_ATTEMPTS_EXCEEDED"
    assert sqlite.effects("a") == ["started"]
    sqlite.settle(sqlite.ask("mend", "no such job"))
    assert sqlite.effects("given up") == ["a"]


def test_the_clock_starts_a_job_once_for_each_planned_instant(
    sqlite: Database, sqlite_workers: Workers
) -> None:
    sqlite_workers.start(TICK="yes")
    wait_until(lambda: len(sqlite.effects("tick")) >= 2)
    ticks = sqlite.effects("tick")
    assert len(ticks) == len(set(ticks))


def test_a_second_worker_on_the_same_file_is_refused(
    sqlite: Database, sqlite_workers: Workers
) -> None:
    first = sqlite_workers.start()
    second = sqlite_workers.launch(WORKER_ID="two")
    assert second.wait(timeout=60) == 1
    assert f"another worker (process {first.pid}) runs on" in sqlite_workers.logged()


def test_an_idle_worker_stops_at_once_and_logs_no_more_than_that(
    database: Database, workers: Workers
) -> None:
    worker = workers.start()
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(timeout=5) == 0
    name = "local" if database.url.startswith("sqlite") else "one"
    assert workers.events() == [f"worker ready ({name})", "worker stops"]
