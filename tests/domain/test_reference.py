"""Reference data is remembered for as long as it holds: a change is seen by the next request."""

import gc
import inspect
import json
import re
import weakref
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, event
from sqlmodel import Session

from app.db import make_engine, unit_of_work
from app.domain import reference as module
from app.domain.assignments.models import FOCAL_UNIT
from app.domain.catalogue.service import load_codes
from app.domain.instance import ReferenceStamp
from app.domain.models import METADATA
from app.domain.reference import Memory, Reference, current
from app.domain.units.service import load_register
from app.migrate import alembic_config
from app.setup import REFERENCE
from tests.support.api import A_WORKING_DAY, Api, Portal, running_api
from tests.support.makers import BINH_SON, PLAN, an_activity

ACTIVITIES = "/v1/activity-reports"
ON = date(2021, 9, 10)
CLOSED_AT = "2021-11-01 00:00:00.000000"
PAPER = {"incoming_number": "1", "incoming_on": "2021-11-19"}


def _reference_tables() -> tuple[str, ...]:
    revisions = ScriptDirectory.from_config(alembic_config()).walk_revisions()
    listed = [getattr(found.module, "REFERENCE_TABLES", ()) for found in revisions]
    assert len(listed) > 4
    return tuple(sorted(table for tables in listed for table in tables))


def _stamp(connection: sa.Connection) -> int:
    number: int = connection.execute(sa.text("SELECT version FROM reference_stamp")).scalar_one()
    return number


# The stamp


@pytest.mark.parametrize("table", [METADATA.tables[name] for name in _reference_tables()], ids=str)
def test_every_change_of_a_reference_table_is_counted(engine: Engine, table: sa.Table) -> None:
    first = next(iter(table.c))
    with engine.connect() as connection:
        changes: list[sa.Executable]
        if engine.dialect.name == "sqlite":  # a trigger for each row, so there must be some
            connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
            held = connection.execute(sa.select(table)).mappings().all()
            assert held
            again = sa.insert(table).values([dict(row) for row in held[:20]])
            changes = [sa.update(table).values({first: first}), sa.delete(table), again]
        else:
            none = sa.false()
            changes = [
                sa.update(table).values({first: first}).where(none),
                sa.delete(table).where(none),
                sa.insert(table).from_select(list(table.c), sa.select(table).where(none)),
                sa.text(f"TRUNCATE {table.name} CASCADE"),
            ]
        for change in changes:
            before = _stamp(connection)
            connection.execute(change)
            assert _stamp(connection) > before, change
        connection.rollback()


def _asked_of(session: Session) -> Iterator[tuple[str, Callable[[Reference], Any]]]:
    reference = current(session, Memory())
    unit = reference.unit("524", ON, "/unit")
    above = reference.above(unit, ON)
    item = "III.1.b"
    yield "plan", lambda r: r.plan(PLAN)
    yield "items", lambda r: r.items(PLAN)
    yield "themes", lambda r: r.themes(PLAN)
    yield "indicators", lambda r: r.indicators(PLAN)
    yield "codes", lambda r: r.codes("channel", ON)
    yield "unit", lambda r: r.unit("524", ON, "/unit")
    yield "unit_by_key", lambda r: r.unit_by_key(BINH_SON)
    yield "above", lambda r: r.above(unit, ON)
    yield "assigned", lambda r: r.assigned(plan=PLAN, item=item, above=above, on=ON)
    yield "holders", lambda r: r.holders(role=FOCAL_UNIT, on=ON, plan=PLAN)
    yield "sees_the_province", lambda r: r.sees_the_province(BINH_SON, ON)
    yield "window", lambda r: r.window(PLAN, ON)
    yield "stewards", lambda r: r.stewards(ON)
    yield "answers_for", lambda r: r.answers_for(BINH_SON, ON)


def test_all_that_is_remembered_is_of_tables_whose_changes_are_counted(session: Session) -> None:
    tables = {table.name for table in METADATA.sorted_tables}
    questions = dict(_asked_of(session))
    public = {name for name, _ in inspect.getmembers(Reference, inspect.isfunction)}
    assert {name for name in public if not name.startswith("_")} == set(questions)
    read: set[str] = set()

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        read.update(set(re.findall(r"\w+", statement)) & tables)

    reference = current(session, Memory())
    connection = session.connection()
    event.listen(connection, "before_cursor_execute", note)
    for name, ask in questions.items():
        before = len(read)
        ask(reference)
        assert len(read) > 0, (name, before)
    event.remove(connection, "before_cursor_execute", note)
    assert {"code_entry", "unit_version", "unit_role", "assignment"} <= read
    assert read <= set(_reference_tables())


def test_what_was_asked_is_not_asked_again_under_the_same_number(session: Session) -> None:
    memory = Memory()
    questions = dict(_asked_of(session))
    for ask in questions.values():
        ask(current(session, memory))
    statements: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    reference = current(session, memory)
    connection = session.connection()
    event.listen(connection, "before_cursor_execute", note)
    for ask in questions.values():
        ask(reference)
    event.remove(connection, "before_cursor_execute", note)
    assert statements == []


# Two processes' worth of apps on one database


@dataclass(frozen=True)
class Two:
    """Two apps on one database, each with its own memory, and what changes the data."""

    apps: tuple[Api, Api]
    engine: Engine

    def portals(self, unit: str) -> tuple[Portal, Portal]:
        """Return one key's portal at either app."""
        first = self.apps[0].portal(unit)
        return first, Portal(self.apps[1].http, first.secret)


@pytest.fixture
def two(database_url: str) -> Iterator[Two]:
    engine = make_engine(database_url)
    with running_api(database_url) as one, running_api(database_url) as other:
        yield Two((one, other), engine)
    engine.dispose()


def _answers(portals: tuple[Portal, ...], **changes: Any) -> list[tuple[int, Any]]:
    """Return what each app says to the same activity: its status, and the fault or the mark."""
    found = []
    for portal in portals:
        response = portal.post(ACTIVITIES, an_activity(**changes))
        said = response.json()
        if response.status_code == 201:
            found.append((201, said["outside_assignment"]))
        else:
            codes = [fault["code"] for fault in said.get("errors", [])] or [said["code"]]
            found.append((response.status_code, codes))
    return found


CHANGES: list[tuple[str, dict[str, Any], tuple[int, Any], str, tuple[int, Any]]] = [
    (
        "a code ends",
        {},
        (201, False),
        "UPDATE code_entry SET valid_to = '2021-09-10' WHERE code = 'facebook'",
        (422, ["unknown_code"]),
    ),
    (
        "a code is taken back",
        {},
        (201, False),
        "UPDATE code_entry SET superseded_at = :at WHERE code = 'facebook'",
        (422, ["unknown_code"]),
    ),
    (
        "an indicator is closed",
        {},
        (201, False),
        "UPDATE indicator_version SET superseded_at = :at WHERE indicator_code = 'posts'",
        (422, ["unknown_indicator"]),
    ),
    (
        "an indicator is deleted",
        {},
        (201, False),
        "DELETE FROM indicator_version WHERE indicator_code = 'posts'",
        (422, ["unknown_indicator"]),
    ),
    (
        "an assignment is closed",
        {"measures": []},
        (201, False),
        "UPDATE assignment SET superseded_at = :at WHERE item_code = 'III.1.b'",
        (201, True),
    ),
    (
        "a unit ends",  # its key may still write, for a time
        {"occurred_on": "2021-11-10"},
        (201, False),
        "UPDATE unit_version SET valid_to = '2021-11-10' WHERE unit_key = 'gso-524'",
        (422, ["unit_not_in_being"]),
    ),
    (
        "a unit changes its place",
        {"unit": "21040"},
        (201, False),
        "UPDATE unit_parentage SET parent_key = 'gso-528' WHERE unit_key = 'gso-21040'",
        (403, ["unit_not_yours"]),
    ),
    (
        "the plan ends sooner",
        {},
        (201, False),
        "UPDATE plan SET valid_to = '2021-09-10'",
        (422, ["day_outside_plan"]),
    ),
    (
        "a cycle's window is another",
        {"ended_on": "2021-09-20", "occurrences": 2},
        (201, False),
        "UPDATE reporting_cycle_version SET window_to = '2021-09-15' WHERE due_at < '2022-01-01'",
        (422, ["summary_crosses_window"]),
    ),
    (
        "a unit is given a role",
        {"on_behalf": PAPER, "unit": "528"},
        (422, ["on_behalf_not_possible"]),
        "UPDATE unit_role SET unit_key = 'gso-524' WHERE unit_key = 'body-so-tttt'",
        (201, False),
    ),
]


@pytest.mark.parametrize(
    ("changes", "before", "statement", "after"),
    [row[1:] for row in CHANGES],
    ids=[row[0] for row in CHANGES],
)
def test_the_next_request_at_either_app_sees_a_change(
    two: Two,
    changes: dict[str, Any],
    before: tuple[int, Any],
    statement: str,
    after: tuple[int, Any],
) -> None:
    portals = two.portals(BINH_SON)
    for _ in range(2):  # what is told the second time comes from the memory
        assert _answers(portals, **changes) == [before] * 2
    with two.engine.begin() as connection:
        given = {"at": CLOSED_AT} if ":at" in statement else {}
        assert connection.execute(sa.text(statement), given).rowcount > 0
    assert _answers(portals, **changes) == [after] * 2


def test_a_change_that_is_taken_back_is_seen_by_nobody(two: Two) -> None:
    portals = two.portals(BINH_SON)
    with two.engine.connect() as connection:
        connection.execute(sa.text("DELETE FROM code_entry"))
        if two.engine.dialect.name == "postgresql":  # SQLite's writers wait for one another
            assert _answers(portals) == [(201, False)] * 2
        connection.rollback()
    assert _answers(portals) == [(201, False)] * 2


def test_what_the_loaders_bring_is_seen_by_the_next_request(two: Two, tmp_path: Path) -> None:
    portals, later = two.portals(BINH_SON), A_WORKING_DAY + timedelta(hours=1)
    assert _answers(portals, channel="drone") == [(422, ["unknown_code"])] * 2
    told = json.loads((REFERENCE / "codes.json").read_text(encoding="utf-8"))
    channels = next(one["entries"] for one in told["lists"] if one["key"] == "channel")
    channels.append({**channels[0], "code": "drone"})
    file = tmp_path / "codes.json"
    file.write_text(json.dumps(told), encoding="utf-8")
    with unit_of_work(two.engine) as session:
        load_codes(session, file=file, at=later)
    assert _answers(portals, channel="drone") == [(201, False)] * 2
    with two.engine.connect() as connection:
        before = _stamp(connection)
    with unit_of_work(two.engine) as session:
        load_register(session, folder=REFERENCE / "register", at=later)
        load_codes(session, file=file, at=later)
    with two.engine.connect() as connection:
        assert _stamp(connection) == before, "the same files again change nothing"


def test_a_unit_that_loses_the_sight_of_the_province_sees_less_at_once(two: Two) -> None:
    made = two.apps[0].portal(BINH_SON).post(ACTIVITIES, an_activity()).json()
    portals = two.portals("body-so-tttt")
    path = f"{ACTIVITIES}/{made['id']}"
    assert [portal.get(path).status_code for portal in portals] == [200, 200]
    with two.engine.begin() as connection:
        connection.execute(
            sa.text("UPDATE unit_role SET unit_key = 'body-so-y-te' WHERE role = 'focal_unit'")
        )
    assert [portal.get(path).status_code for portal in portals] == [404, 404]


# The memory


def test_the_memory_has_an_end(session: Session) -> None:
    memory = Memory()
    stamp = session.get_one(ReferenceStamp, 1).version
    answers = memory.under(stamp).answers
    answers.update({("junk", number): number for number in range(module._MOST)})
    reference = current(session, memory)
    for day in range(1, 29):
        assert reference.codes("channel", date(2021, 9, day))
        assert len(answers) <= module._MOST
    assert ("codes", "channel", date(2021, 9, 28)) in answers


def test_what_was_remembered_under_an_older_number_is_let_go() -> None:
    memory = Memory()
    old = memory.under(1)
    old.answers["a",] = 1
    newest = memory.under(2)
    assert newest.answers == {}
    assert memory.under(2) is newest
    late = memory.under(1)
    assert late is not old
    assert (late.answers, memory.under(2)) == ({}, newest)
    gone = weakref.ref(old)
    del old
    gc.collect()
    assert gone() is None


class _Emptied(dict[tuple[Any, ...], Any]):
    """Answers that another thread throws away right after they were looked at."""

    def __contains__(self, question: object) -> bool:
        found = super().__contains__(question)
        self.clear()
        return found


def test_a_memory_may_be_emptied_while_it_is_asked(session: Session) -> None:
    memory = Memory()
    remembered = memory.under(session.get_one(ReferenceStamp, 1).version)
    remembered.answers = _Emptied()
    reference = current(session, memory)
    for _ in range(2):
        assert reference.codes("channel", ON)
