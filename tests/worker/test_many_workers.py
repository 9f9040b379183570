"""Many workers on PostgreSQL: each has its own id, and the living do the work of the dead."""

import signal

from tests.worker.conftest import Database, Workers, wait_until


def test_an_id_that_is_not_ones_own_is_refused(
    postgres: Database, postgres_workers: Workers
) -> None:
    first = postgres_workers.start("one")
    second = postgres_workers.launch(WORKER_ID="one")
    nobody = postgres_workers.launch(WORKER_ID="local")
    assert (second.wait(timeout=60), nobody.wait(timeout=60)) == (1, 1)
    assert (
        'another live worker holds the id "one" in this database: give this one a WORKER_ID '
        "of its own" in postgres_workers.events()
    )
    assert any('WORKER_ID must not be "local"' in said for said in postgres_workers.events())
    assert first.poll() is None


def test_the_living_take_over_the_work_of_the_dead_but_not_what_killed_too_many(
    postgres: Database, postgres_workers: Workers
) -> None:
    work = postgres.ask("count", "work", "8", "0.2")
    doomed = postgres_workers.start("doomed")
    wait_until(lambda: len(postgres.effects("work")) >= 2)
    killer = postgres.ask("kill", "killer")
    assert doomed.wait(timeout=60) == -signal.SIGKILL
    postgres.pretend(killer, "attributes", '{"takeovers": 5}')
    others = postgres.ask("count", "others", "8", "0.9")
    postgres_workers.start("heir", "witness")
    assert postgres.settle(work) == postgres.settle(others) == "SUCCESS"
    assert postgres.effects("work") == [str(number) for number in range(1, 9)]
    assert len(set(postgres.processes("work"))) == 2
    assert len(set(postgres.processes("others"))) == 1
    assert f"took over {work} of dead worker doomed" in postgres_workers.logged()
    assert postgres_workers.logged().count("took over") == 1
    assert postgres.settle(killer) == "CANCELLED"
    assert f"{killer} ended 6 workers: given up" in postgres_workers.logged()
    postgres.settle(postgres.ask("mend", "no such job"))
    assert postgres.effects("given up") == ["killer"]


def test_two_workers_share_the_jobs_and_do_each_once(
    postgres: Database, postgres_workers: Workers
) -> None:
    postgres_workers.start("one", "two")
    asked = [postgres.ask("count", f"job {number}", "1", "0.3") for number in range(40)]
    for job in asked:
        assert postgres.settle(job) == "SUCCESS"
    assert all(postgres.effects(f"job {number}") == ["1"] for number in range(40))
    assert len(set(postgres.processes("job %"))) == 2
