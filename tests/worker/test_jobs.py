"""A job belongs to the transaction that asked for it, and its tables to nobody else."""

from uuid import uuid4

import pytest
import sqlalchemy as sa
from dbos import error

from app import jobs
from app.db import unit_of_work
from tests.worker.conftest import Database


class Abandoned(Exception):
    pass


def test_a_rollback_leaves_no_job(database: Database) -> None:
    def abandoned() -> None:
        with unit_of_work(database.engine) as session:
            session.execute(sa.text("INSERT INTO effect VALUES ('row', 'x', 0)"))
            jobs.enqueue_rollup(session, revision_id=uuid4())
            raise Abandoned

    with pytest.raises(Abandoned):
        abandoned()
    assert database.effects("row") == []
    assert database.jobs() == {}


def test_a_commit_leaves_the_row_and_its_job(database: Database) -> None:
    revision, request = uuid4(), uuid4()
    with unit_of_work(database.engine) as session:
        session.execute(sa.text("INSERT INTO effect VALUES ('row', 'x', 0)"))
        jobs.enqueue_rollup(session, revision_id=revision)
        jobs.enqueue_consolidation(
            session, request_id=request, plan="tuyen-truyen", cycle="2021", version=3
        )
    assert database.effects("row") == ["x"]
    assert database.jobs() == {
        f"rollup:{revision}": ("ENQUEUED", f'{{"namedArgs":{{}},"positionalArgs":["{revision}"]}}'),
        "consolidate:tuyen-truyen:2021:v3": (
            "ENQUEUED",
            f'{{"namedArgs":{{}},"positionalArgs":["{request}"]}}',
        ),
    }


def test_the_same_id_again_is_harmless_in_its_transaction(database: Database) -> None:
    revision = uuid4()
    for value in ("first", "second"):
        with unit_of_work(database.engine) as session:
            jobs.enqueue_rollup(session, revision_id=revision)
            jobs.enqueue_rollup(session, revision_id=revision)
            session.execute(
                sa.text("INSERT INTO effect VALUES ('row', :value, 0)"), {"value": value}
            )
    assert database.effects("row") == ["first", "second"]
    assert list(database.jobs()) == [f"rollup:{revision}"]


def test_an_id_of_another_kind_of_job_is_refused(database: Database) -> None:
    with unit_of_work(database.engine) as session:
        jobs.enqueue(session, jobs.ROLLUP, "1", workflow_id="taken")
    with (
        pytest.raises(error.DBOSConflictingWorkflowError),
        unit_of_work(database.engine) as session,
    ):
        jobs.enqueue(session, jobs.CONSOLIDATION, "1", workflow_id="taken")


def test_migrating_again_changes_nothing(database: Database) -> None:
    jobs.migrate(database.url)


def test_exactly_the_engines_tables_are_the_engines(database: Database) -> None:
    found = sa.inspect(database.engine)
    ours = {t for t in found.get_table_names() if not jobs.is_engine_table(t)}
    assert ours == {"effect"}
    if database.engine.dialect.name == "sqlite":
        assert set(found.get_table_names()) - ours == jobs.ENGINE_TABLES
    else:
        theirs = found.get_table_names(schema=jobs.ENGINE_SCHEMA)
        assert set(theirs) >= jobs.ENGINE_TABLES
        assert all(jobs.is_engine_table(table, jobs.ENGINE_SCHEMA) for table in theirs)
