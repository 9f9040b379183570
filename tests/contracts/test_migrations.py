"""From the first release, with rows in it, to this one: nothing is lost, all has its place."""

from datetime import UTC, date, datetime
from uuid import UUID

import sqlalchemy as sa
from alembic import command

from app.db import make_engine, unit_of_work
from app.domain.plans.service import load_plan
from app.domain.units.service import load_register
from app.migrate import alembic_config, migrate
from app.setup import PLAN_FILE, REFERENCE
from tests.support.makers import BINH_SON, PLAN

AT = datetime(2021, 11, 1, tzinfo=UTC)
KEY, REPORT = UUID(int=1), UUID(int=2)
REVISIONS = (UUID(int=4), UUID(int=3))
OLD_ROWS: dict[str, dict[str, object]] = {
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
        load_plan(session, file=PLAN_FILE, at=AT)
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
    assert stamp == 1
    engine.dispose()
