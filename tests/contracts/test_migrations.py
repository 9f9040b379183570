"""From the first release, with rows in it, to this one: nothing is lost, all has its place."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from alembic import command
from sqlalchemy.exc import IntegrityError

from app.db import make_engine, unit_of_work
from app.domain.units.service import load_register
from app.migrate import alembic_config, migrate
from app.setup import REFERENCE
from tests.support.makers import BINH_SON, PLAN

AT = datetime(2021, 11, 1, tzinfo=UTC)
KEY, REPORT = UUID(int=1), UUID(int=2)
REVISIONS = (UUID(int=4), UUID(int=3))
PLAN_ROW: dict[str, object] = {
    "slug": PLAN,
    "title": "Kế hoạch",
    "province_code": "51",
    "valid_from": date(2021, 1, 1),
    "valid_to": date(2026, 1, 1),
    "document": {},
    "document_sha256": "0" * 64,
    "loaded_at": AT,
}
OLD_ROWS: dict[str, dict[str, object]] = {
    "plan": PLAN_ROW,
    "plan_item": {
        "plan_slug": PLAN,
        "code": "III.1.b",
        "kind": "form",
        "ordinal": 1,
        "text": [],
        "readings": [],
        "valid_from": date(2021, 1, 1),
        "valid_to": date(2026, 1, 1),
    },
    "api_key": {
        "id": KEY,
        "sha256": "0" * 64,
        "label": "",
        "unit_key": BINH_SON,
        "scopes": " ",
        "created_at": AT,
        "expires_at": AT,
    },
    "activity_report": {
        "id": REPORT,
        "unit_key": BINH_SON,
        "source_system": "portal",
        "external_id": "r-1",
        "plan_slug": PLAN,
        "number": 2,
        "occurred_on": date(2021, 9, 10),
    },
}


def _revision(number: int) -> dict[str, object]:
    return {
        "id": REVISIONS[number - 1],
        "report_id": REPORT,
        "number": number,
        "plan_slug": PLAN,
        "item_code": "III.1.b",
        "themes": " ",
        "occurred_on": date(2021, 9, 10),
        "ended_on": date(2021, 9, 10),
        "occurrences": 1,
        "channel": "facebook",
        "title": "Tin",
        "languages": " vi ",
        "integrated": False,
        "participants": " gso-21238 ",
        "evidence": [],
        "outside_assignment": False,
        "theme_outside_phase": False,
        "body_sha256": str(number) * 64,
        "received_at": AT.replace(day=number),
        "received_by": KEY,
    }


def _bound(connection: sa.Connection, row: dict[str, object]) -> dict[str, object]:
    """Return a row as the database's own types take it: SQLite has no UUID."""
    if connection.dialect.name == "postgresql":
        return row
    return {name: value.hex if isinstance(value, UUID) else value for name, value in row.items()}


def test_what_the_first_release_stored_is_there_after_the_others(empty_url: str) -> None:
    engine = make_engine(empty_url)
    command.upgrade(alembic_config(engine), "0001")
    with unit_of_work(engine) as session:
        load_register(session, folder=REFERENCE / "register", at=AT)
    old = sa.MetaData()
    old.reflect(engine)
    with engine.begin() as connection:
        for table, row in OLD_ROWS.items():
            connection.execute(old.tables[table].insert(), _bound(connection, row))
        for number in (1, 2):
            row = _bound(connection, _revision(number))
            connection.execute(old.tables["activity_revision"].insert(), row)
    migrate(engine, purpose="sandbox", at=AT)
    new = sa.MetaData()
    new.reflect(engine)
    revision, change = new.tables["activity_revision"], new.tables["activity_change"]
    with engine.connect() as connection:
        placed = sa.select(revision.c.number, change.c.seq, revision.c.kind, revision.c.title)
        found = connection.execute(
            placed.join(change, change.c.revision_id == revision.c.id).order_by(change.c.seq)
        ).all()
        named = connection.execute(sa.select(new.tables["joint_naming"].c.unit_key)).scalars().all()
        stamp = connection.execute(sa.select(new.tables["reference_stamp"].c.version)).scalar_one()
    assert [tuple(row) for row in found] == [(1, 1, "created", "Tin"), (2, 2, "created", "Tin")]
    assert list(named) == ["gso-21238"]
    assert stamp >= 1  # PostgreSQL counts the statement that gives cycles their codes
    engine.dispose()


# The reporting year: from the release before it, with a year's rows

SUBMITTED, DRAFTED = UUID(int=11), UUID(int=12)


def _year_before() -> list[tuple[str, dict[str, object]]]:
    """Return rows of every table that migration 0005 alters, as 0004 has them."""
    known: dict[str, object] = {"recorded_at": AT, "superseded_at": None}
    found: list[tuple[str, dict[str, object]]] = [
        ("plan", PLAN_ROW),
        ("api_key", OLD_ROWS["api_key"]),
        (
            "unit_role",
            {
                "id": 1,
                "plan_slug": PLAN,
                "role": "focal_unit",
                "unit_key": BINH_SON,
                "provenance": "test",
                **known,
            },
        ),
    ]
    for number, year in ((7, 2021), (9, 2022)):
        window = {"window_from": date(year, 1, 1), "window_to": date(year + 1, 1, 1)}
        covers = {"covers_from": date(year, 1, 1), "covers_to": date(year + 1, 1, 1)}
        found += [
            ("reporting_cycle", {"id": number, "plan_slug": PLAN, "kind": "yearly", "year": year}),
            (
                "reporting_cycle_version",
                {
                    "id": number,
                    "cycle_id": number,
                    "due_at": AT,
                    "provenance": "assumption",
                    "reason": "r",
                    **window,
                    **known,
                },
            ),
            ("roster_row", {"id": number, "cycle_id": number, "unit_key": BINH_SON}),
            (
                "roster_row_version",
                {
                    "id": number,
                    "roster_row_id": number,
                    "basis": "ordered",
                    "reason": "r",
                    "due_at": AT,
                    "actor": "operator",
                    **covers,
                    **known,
                },
            ),
        ]
    return [*found, *_submissions_before()]


def _submissions_before() -> list[tuple[str, dict[str, object]]]:
    received: dict[str, object] = {"received_at": AT, "submitted_by": KEY, "filed_by": BINH_SON}
    drafted: dict[str, object] = {"received_at": None, "submitted_by": None, "filed_by": None}
    found: list[tuple[str, dict[str, object]]] = []
    for place, (row, state) in enumerate(((7, "submitted"), (9, "draft"))):
        number = (SUBMITTED, DRAFTED)[place]
        found += [
            ("submission", {"id": number, "roster_row_id": row, "number": 1, "created_at": AT}),
            (
                "submission_revision",
                {
                    "id": UUID(int=20 + place),
                    "submission_id": number,
                    "number": 1,
                    "state": state,
                    "content": "report",
                    "narrative": {},
                    "drafted_at": AT,
                    "drafted_by": KEY,
                    **(received if state == "submitted" else drafted),
                },
            ),
        ]
    return found


def _upgraded(url: str) -> sa.Engine:
    """Return an engine of a database that held those rows when it was migrated."""
    engine = make_engine(url)
    command.upgrade(alembic_config(engine), "0004")
    with unit_of_work(engine) as session:
        load_register(session, folder=REFERENCE / "register", at=AT)
    old = sa.MetaData()
    old.reflect(engine)
    with engine.begin() as connection:
        for table, row in _year_before():
            connection.execute(old.tables[table].insert(), _bound(connection, row))
    migrate(engine, purpose="sandbox", at=AT)
    return engine


def test_a_year_of_the_release_before_is_there_after_the_reporting_year(empty_url: str) -> None:
    engine = _upgraded(empty_url)
    assert _read(engine, "SELECT id, year, code, kind FROM reporting_cycle ORDER BY id") == [
        (7, 2021, "2021", "yearly"),
        (9, 2022, "2022", "yearly"),
    ]
    assert _read(
        engine,
        "SELECT cycle_id, actor, name, items, opens_at, supplement_due_at, document "
        "FROM reporting_cycle_version ORDER BY id",
    ) == [(number, "operator", None, None, None, None, None) for number in (7, 9)]
    assert _read(
        engine,
        "SELECT r.cycle_id, v.provenance, v.extended_to, v.closing, v.document "
        "FROM roster_row r JOIN roster_row_version v ON v.roster_row_id = r.id ORDER BY r.id",
    ) == [(number, "plan", None, False, None) for number in (7, 9)]
    assert _read(
        engine,
        "SELECT s.roster_row_id, s.submitted_number, r.kind, r.filed_as, r.reason "
        "FROM submission s JOIN submission_revision r ON r.submission_id = s.id "
        "ORDER BY s.roster_row_id",
    ) == [(7, 1, "report", "self", None), (9, None, "report", None, None)]
    assert _read(engine, "SELECT role, reason FROM unit_role") == [("focal_unit", None)]
    engine.dispose()


def test_what_refers_to_the_cycles_still_does_and_their_changes_are_counted(
    empty_url: str,
) -> None:
    """On SQLite the table was made anew: its triggers and what refers to it with it."""
    engine = _upgraded(empty_url)
    stamp = "SELECT version FROM reference_stamp"
    for statement in (
        (
            "INSERT INTO reporting_cycle (id, plan_slug, kind, year, code) "
            "SELECT 11, slug, 'on_request', 2022, 'x' FROM plan"
        ),
        "UPDATE reporting_cycle SET code = 'y' WHERE id = 11",
        "DELETE FROM reporting_cycle WHERE id = 11",
    ):
        ((before,),) = _read(engine, stamp)
        with engine.begin() as connection:
            connection.execute(sa.text(statement))
        assert _read(engine, stamp) == [(before + 1,)], statement
    for statement in (
        "DELETE FROM reporting_cycle WHERE id = 7",
        (
            "INSERT INTO reporting_cycle (id, plan_slug, kind, year, code) "
            "SELECT 12, slug, 'yearly', 2021, 'z' FROM plan"
        ),
        "INSERT INTO roster_row (id, cycle_id, unit_key) VALUES (13, 99, 'gso-528')",
    ):
        with pytest.raises(IntegrityError), engine.begin() as connection:
            connection.execute(sa.text(statement))
    engine.dispose()


def _read(engine: sa.Engine, statement: str) -> list[tuple[Any, ...]]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(sa.text(statement))]
