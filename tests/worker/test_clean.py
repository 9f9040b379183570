"""The worker's daily cleaning."""

from datetime import timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy import Engine
from sqlmodel import select

from app import jobs
from app.db import unit_of_work
from app.domain.access.service import create_key
from app.domain.idempotency.models import IdempotencyKey
from app.domain.idempotency.service import RETENTION, Asked, keep
from tests.support.api import A_WORKING_DAY
from tests.support.makers import BINH_SON
from tests.support.processes import running_worker, wait_until


def _kept(engine: Engine) -> set[str]:
    with unit_of_work(engine, write=False) as session:
        return set(session.exec(select(IdempotencyKey.key)))


def test_answers_under_old_idempotency_keys_are_forgotten(
    database_url: str, engine: Engine, tmp_path: Path
) -> None:
    with unit_of_work(engine) as session:
        row, _ = create_key(
            session,
            unit=BINH_SON,
            scopes=(),
            label="test",
            at=A_WORKING_DAY,
            expires_at=A_WORKING_DAY + timedelta(days=1),
        )
        key_id: UUID = row.id
        for key, age in (("old", timedelta(hours=1)), ("young", timedelta(hours=-1))):
            asked = Asked(key_id, key, "POST /v1/activity-reports", "0" * 64)
            keep(session, asked, at=A_WORKING_DAY - RETENTION - age, status=200, body=b"{}")
        clean = jobs.Job("clean", "housekeeping")
        jobs.enqueue(session, clean, "now", "", workflow_id="clean:now")
    assert _kept(engine) == {"old", "young"}
    with running_worker(database_url, tmp_path / "worker.log"):
        wait_until(lambda: _kept(engine) == {"young"})
