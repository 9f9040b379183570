"""The worker's sealer: behind the writers, through outages, with others, and gone at the end."""

import threading
import time
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import Engine

from app.db import unit_of_work
from app.domain.audit.seal import GENESIS, head
from app.domain.audit.verify import Verified, verify
from tests.support.auditing import noted
from tests.support.processes import running_worker, wait_until
from worker.sealer import SEALERS, sealing


def _sealed(engine: Engine) -> int:
    with unit_of_work(engine, write=False) as session:
        return head(session).seq


def _threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name == "sealer"]


def test_what_is_written_is_sealed_within_seconds(engine: Engine) -> None:
    with sealing(engine, SEALERS):
        noted(engine, "thing.a")
        wait_until(lambda: _sealed(engine) == 1, within=10)
        noted(engine, "thing.b", "thing.c")
        wait_until(lambda: _sealed(engine) == 3, within=10)
    assert _threads() == []


def test_an_idle_sealer_stops_at_once(engine: Engine) -> None:
    with sealing(engine, SEALERS):
        assert _threads() == ["sealer"]
        started = time.monotonic()
    assert time.monotonic() - started < 0.5
    assert _threads() == []


def test_several_sealers_make_one_chain(engine: Engine) -> None:
    with sealing(engine, SEALERS), sealing(engine, SEALERS), sealing(engine, SEALERS):
        for number in range(30):
            noted(engine, f"thing.n{number}")
            time.sleep(0.05)
        wait_until(lambda: _sealed(engine) == 30, within=15)
    with unit_of_work(engine, write=False) as session:
        found = verify(session)
    assert isinstance(found, Verified), found
    assert found.count == 30


def test_an_outage_is_said_once_and_outlived(
    engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", logger="worker.sealer")
    with engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE audit_seal RENAME TO audit_seal_away"))
    with sealing(engine, SEALERS):
        noted(engine, "thing.a")
        time.sleep(3.2)
        with engine.begin() as connection:
            connection.execute(sa.text("ALTER TABLE audit_seal_away RENAME TO audit_seal"))
        wait_until(lambda: _sealed(engine) == 1, within=10)
        wait_until(lambda: "sealing goes on" in caplog.messages, within=10)
    said = [message.partition(",")[0] for message in caplog.messages]
    assert said == ["sealing fails", "sealing goes on"]


def test_the_real_worker_seals(engine: Engine, tmp_path: Path) -> None:
    noted(engine, "thing.a")
    with unit_of_work(engine, write=False) as session:
        assert head(session).chain_sha256 == GENESIS
    url = engine.url.render_as_string(hide_password=False)
    with running_worker(url, tmp_path / "worker.log") as worker:
        wait_until(lambda: _sealed(engine) == 1)
        worker.process.terminate()
        assert worker.process.wait(timeout=8) == 0
