"""The migrated database: the models' own, with its names, its types and its guards."""

import re
import threading
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from app.db import make_engine, unit_of_work
from app.domain.assignments.models import UnitRole
from app.domain.cycles.models import Stewardship
from app.domain.models import METADATA
from app.domain.recorded import Recorded
from app.domain.units.models import Unit, UnitParentage, UnitVersion
from app.jobs import is_engine_table
from app.migrate import alembic_config
from tests.support.commands import run_app
from tests.support.makers import BINH_SON, PLAN

AT = datetime(2021, 6, 1, tzinfo=UTC)
PROVINCE = "gso-51"
Shape = dict[str, dict[str, Any]]


def _our_tables(engine: Engine) -> list[str]:
    names = inspect(engine).get_table_names()
    return sorted(n for n in names if n != "alembic_version" and not is_engine_table(n))


def _shape(engine: Engine) -> Shape:
    """Return everything that a database knows of our tables."""
    seen = inspect(engine)
    return {
        table: {
            "columns": {
                column["name"]: (str(column["type"]), column["nullable"], column["default"])
                for column in seen.get_columns(table)
            },
            "primary key": seen.get_pk_constraint(table),
            "foreign keys": _sorted(seen.get_foreign_keys(table)),
            "unique": _sorted(seen.get_unique_constraints(table)),
            "checks": _sorted(seen.get_check_constraints(table)),
            "indexes": _sorted(seen.get_indexes(table)),
        }
        for table in _our_tables(engine)
    }


def _sorted(found: Any) -> list[Any]:
    return sorted((_plain(row) for row in found), key=lambda row: str(row["name"]))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    return str(value)  # an index's condition is compared by its text


def test_migrations_and_models_agree_says_alembic(engine: Engine) -> None:
    command.check(alembic_config(engine))
    with engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE api_key ADD COLUMN one_too_many integer"))
    with pytest.raises(Exception, match="one_too_many"):
        command.check(alembic_config(engine))


def test_migrations_make_exactly_what_the_models_say(engine: Engine, empty_url: str) -> None:
    told = make_engine(empty_url)
    METADATA.create_all(told)
    expected = _shape(told)
    told.dispose()
    assert len(expected) > 25
    assert _shape(engine) == expected


def test_there_is_one_line_of_migrations_with_one_head() -> None:
    script = ScriptDirectory.from_config(alembic_config())
    assert len(script.get_heads()) == 1
    assert len(script.get_bases()) == 1
    revisions = list(script.walk_revisions())
    assert all(not revision.is_merge_point for revision in revisions)
    assert [revision.revision for revision in reversed(revisions)] == [
        f"{number:04}" for number in range(1, len(revisions) + 1)
    ]


def test_migrating_from_empty_works_and_again_changes_nothing(empty_url: str) -> None:
    first = run_app(empty_url, "migrate", "--purpose", "sandbox")
    assert (first.code, first.err) == (0, "")
    assert "is up to date (sandbox)" in first.out
    engine = make_engine(empty_url)
    before = (_shape(engine), _everything(engine))
    second = run_app(empty_url, "migrate")
    assert (second.code, second.out, second.err) == (0, first.out, "")
    assert (_shape(engine), _everything(engine)) == before
    other = run_app(empty_url, "migrate", "--purpose", "production")
    assert (other.code, other.err) == (
        1,
        "refused: this database was created as sandbox, not as production\n",
    )
    engine.dispose()


def _everything(engine: Engine) -> list[Any]:
    """Return the definition of every table, index, trigger and function, and the instance."""
    with engine.connect() as connection:
        instance = connection.execute(sa.text("SELECT * FROM instance")).all()
        if engine.dialect.name == "sqlite":
            listed = "SELECT type, name, sql FROM sqlite_master ORDER BY 1, 2"
        else:
            listed = """
                SELECT 'trigger', tgname, pg_get_triggerdef(oid) FROM pg_trigger
                WHERE NOT tgisinternal UNION ALL
                SELECT 'function', proname, pg_get_functiondef(p.oid) FROM pg_proc p
                JOIN pg_namespace n ON n.oid = pronamespace WHERE nspname IN ('public', 'dbos')
                UNION ALL SELECT 'table', c.table_name, c.column_name
                FROM information_schema.columns c WHERE table_schema IN ('public', 'dbos')
                ORDER BY 1, 2, 3"""
        found = connection.execute(sa.text(listed)).all()
    assert len(found) > 30
    return [*instance, *found]


def test_the_password_is_not_shown(postgres_url: str) -> None:
    url = sa.make_url(postgres_url).set(username="postgres", password="hush", database="nowhere")
    outcome = run_app(url.render_as_string(hide_password=False), "migrate")
    assert outcome.code != 0
    assert "hush" not in outcome.out + outcome.err


def test_every_constraint_and_index_has_its_conventional_name(engine: Engine) -> None:
    seen, counted = inspect(engine), 0
    for table in _our_tables(engine):
        kinds: dict[str, list[Any]] = {
            "pk": [seen.get_pk_constraint(table)],
            "fk": seen.get_foreign_keys(table),
            "uq": [*seen.get_unique_constraints(table)],
            "ck": seen.get_check_constraints(table),
            "(ix|uq)": seen.get_indexes(table),
        }
        for kind, found in kinds.items():
            for named in found:
                counted += 1
                pattern = rf"{kind}_{table}" if kind == "pk" else rf"{kind}_{table}_[a-z0-9_]+"
                assert re.fullmatch(pattern, str(named["name"])), (table, named["name"])
    assert counted > 100


def test_no_column_has_a_native_enum_type(engine: Engine) -> None:
    columns = [c for table in METADATA.sorted_tables for c in table.columns]
    assert len(columns) > 100
    enums = [column.type for column in columns if isinstance(column.type, sa.Enum)]
    assert not [enum for enum in enums if enum.native_enum]
    seen = inspect(engine)
    for table in _our_tables(engine):
        for column in seen.get_columns(table):
            assert not isinstance(column["type"], sa.Enum), (table, column["name"])
    if engine.dialect.name == "postgresql":
        with engine.connect() as connection:
            native = connection.execute(
                sa.text(
                    "SELECT typname FROM pg_type t JOIN pg_namespace n ON n.oid = typnamespace "
                    "WHERE typtype = 'e' AND nspname = 'public'"
                )
            )
            assert native.all() == []


def _version(session: Session, start: date | None, end: date | None) -> UnitVersion:
    """Return another unit that bears the code 524 for some days."""
    key = f"gso-524-{start}"
    if session.get(Unit, key) is None:
        session.add(Unit(key=key, first_recorded_at=AT))
        session.flush()
    return UnitVersion(
        unit_key=key,
        scheme="gso",
        code="524",
        name="Huyện khác",
        name_sort="h",
        name_search="h",
        kind="district",
        level="district",
        valid_from=start,
        valid_to=end,
        provenance="test",
        source="test",
        recorded_at=AT,
    )


def _parentage(session: Session, start: date | None, end: date | None) -> UnitParentage:
    return UnitParentage(
        unit_key=BINH_SON, parent_key=PROVINCE, valid_from=start, valid_to=end, recorded_at=AT
    )


def _role(session: Session, start: date | None, end: date | None) -> UnitRole:
    return UnitRole(
        plan_slug=PLAN,
        role="peoples_committee_office",
        unit_key=BINH_SON,
        valid_from=start,
        valid_to=end,
        provenance="test",
        recorded_at=AT,
    )


def _stewardship(session: Session, start: date | None, end: date | None) -> Stewardship:
    return Stewardship(
        unit_key="gso-21238",
        steward_key=BINH_SON,
        valid_from=start or date.min,
        valid_to=end,
        provenance="decision",
        reason="test",
        actor="test",
        recorded_at=AT,
    )


Maker = Callable[[Session, date | None, date | None], Recorded]
END = date(2025, 7, 1)  # Bình Sơn's last day and one; the other two are put to the same below
PERIODS = pytest.mark.parametrize(
    "make",
    [_version, _parentage, _role, _stewardship],
    ids=["code", "parentage", "role", "stewardship"],
)


@pytest.fixture
def ended(engine: Engine) -> Engine:
    """Return a database in which all four current rows end on 1/7/2025."""
    with unit_of_work(engine) as session:
        role = session.exec(
            select(UnitRole).where(col(UnitRole.role) == "peoples_committee_office")
        ).one()
        role.valid_to = END
        session.add(role)
        session.add(_stewardship(session, None, END))
    return engine


@PERIODS
@pytest.mark.parametrize(
    ("start", "end"),
    [
        (None, None),
        (None, date(2000, 1, 2)),
        (date(2021, 1, 1), date(2021, 1, 2)),
        (date(2025, 6, 30), None),
        (date(2025, 6, 30), date(2030, 1, 1)),
    ],
)
def test_the_database_refuses_overlapping_periods(
    ended: Engine, make: Maker, start: date | None, end: date | None
) -> None:
    with unit_of_work(ended, write=False) as session:
        session.add(make(session, start, end))
        with pytest.raises(IntegrityError, match="periods_do_not_overlap"):
            session.flush()


@PERIODS
def test_the_database_takes_periods_that_touch_and_refuses_to_stretch_one(
    ended: Engine, make: Maker
) -> None:
    with unit_of_work(ended) as session:
        row: Any = make(session, END, date(2026, 1, 1))
        session.add(row)
        session.flush()
        session.add(make(session, date(2026, 1, 1), None))
    with unit_of_work(ended, write=False) as session:
        row = session.merge(row)
        row.valid_from = date(2025, 6, 30)
        with pytest.raises(IntegrityError, match="periods_do_not_overlap"):
            session.flush()
    with unit_of_work(ended, write=False) as session:
        row = session.merge(row)
        row.valid_to = date(2026, 1, 2)
        with pytest.raises(IntegrityError, match="periods_do_not_overlap"):
            session.flush()


@PERIODS
def test_the_database_looks_at_rows_in_force_only(ended: Engine, make: Maker) -> None:
    with unit_of_work(ended) as session:
        row: Any = make(session, date(2021, 1, 1), date(2022, 1, 1))
        row.superseded_at = AT
        session.add(row)
    with unit_of_work(ended, write=False) as session:
        row = session.merge(row)
        row.superseded_at = None
        with pytest.raises(IntegrityError, match="periods_do_not_overlap"):
            session.flush()


@PERIODS
@pytest.mark.parametrize("first_commits", [True, False])
def test_of_two_at_the_same_time_the_second_sees_what_the_first_did(
    ended: Engine, make: Maker, *, first_commits: bool
) -> None:
    with unit_of_work(ended) as session:
        for start in (END, date(2025, 8, 1)):
            make(session, start, None)  # the units themselves are no part of the race
    refusals: list[str] = []

    def second() -> None:
        try:
            with unit_of_work(ended) as session:
                session.add(make(session, date(2025, 8, 1), None))
        except IntegrityError as refusal:
            refusals.append(str(refusal))
        else:
            refusals.append("none")

    other = threading.Thread(target=second)
    with Session(ended) as session:
        session.add(make(session, END, None))
        session.flush()
        other.start()
        other.join(0.3)
        assert other.is_alive(), "the second did not wait for the first"
        if first_commits:
            session.commit()
        else:
            session.rollback()
    other.join(20)
    assert len(refusals) == 1
    assert ("periods_do_not_overlap" in refusals[0]) == first_commits, refusals
