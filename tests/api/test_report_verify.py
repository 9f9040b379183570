"""A saved report is verified: changed anywhere, it is caught there; reformatted, it is told so."""

import copy
import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import pytest
import rfc8785
from sqlalchemy import Engine, text
from sqlmodel import Session, select
from typer.testing import CliRunner

from app.cli import cli
from app.db import make_engine, unit_of_work
from app.domain.consolidation.build import build
from app.domain.consolidation.checking import check_alone
from app.domain.consolidation.figures import Part, Shown, figures
from app.domain.consolidation.findings import Check, suspects
from app.domain.consolidation.inputs import gather
from app.domain.consolidation.models import (
    ConsolidatedReport,
    ConsolidationRequest,
    StoredRollup,
)
from app.domain.consolidation.rollup_json import from_json
from app.domain.consolidation.saved import Unreadable, read_saved
from app.domain.consolidation.verifying import Against, check_against
from tests.conftest import Databases
from tests.domain.consolidation.test_arithmetic import of_the_first_schema
from tests.support.api import running_api
from tests.support.commands import Outcome, run_app
from tests.support.told import a_told_year, asked

Json = dict[str, Any]


@dataclass(frozen=True)
class Told:
    """A database with a report of a small year, and the report's bytes."""

    engine: Engine
    content: bytes
    by_day: bytes  # the same by the units of another day

    @property
    def said(self) -> Json:
        found: Json = json.loads(self.content)
        return found


@pytest.fixture(scope="module")
def told(databases: Databases) -> Iterator[Told]:
    with databases.loaded() as url, running_api(url) as api:
        focal = a_told_year(api)
        plain, by_day = asked(api, focal), asked(api, focal, units_on="2025-07-01")
        yield Told(api.engine, focal.get(plain).content, focal.get(by_day).content)


def alone(said: Json | bytes) -> list[Check]:
    return check_alone(read_saved(said if isinstance(said, bytes) else rfc8785.dumps(said)))


def unseen(done: int, total: int) -> None:
    """Show nobody how far it is."""


def against(told: Told, said: Json | bytes) -> Against:
    saved = read_saved(said if isinstance(said, bytes) else rfc8785.dumps(said))
    with unit_of_work(told.engine, write=False) as session:
        return check_against(session, saved=saved, progress=unseen)


def failures(checks: list[Check]) -> dict[str, list[str]]:
    return {one.rule.code: [f.pointer for f in one.failed] for one in checks if one.failed}


def named(checks: list[Check]) -> set[str]:
    """Return every pointer that a failure names, as wrong or as a term of what should be."""
    failed = [one for check in checks for one in check.failed]
    return {pointer for one in failed for pointer in (one.pointer, *one.terms)}


def put(said: Json, pointer: str, value: Any) -> Json:
    """Return a copy of a report that says something else at a pointer."""
    changed: Any = copy.deepcopy(said)
    *steps, last = pointer.split("/")[1:]
    at = changed
    for step in steps:
        at = at[int(step)] if isinstance(at, list) else at[step]
    at[int(last) if isinstance(at, list) else last] = value
    found: Json = changed
    return found


def one_more(said: Json, figure: Shown) -> Json:
    """Return a copy of a report with one more at a figure."""
    written = figure.value or "0"
    whole, _, part = written.partition(".")
    more = f"{int(whole) + 1}.{part}" if part else str(int(whole) + 1)
    counted = figure.column not in ("counted", "credited", "value")
    return put(said, figure.pointer, int(more) if counted else more)


def of_each_kind(said: Json) -> list[Shown]:
    """Return the first and the last figure of each kind."""
    kinds: dict[tuple[Any, ...], list[Shown]] = {}
    for one in figures(said):
        kind = (one.part, one.column, one.dimension, one.source is None, one.indicator is None)
        kinds.setdefault(kind, []).append(one)
    return [one for ones in kinds.values() for one in ({0: ones[0], -1: ones[-1]}).values()]


def test_what_was_not_changed_holds_in_every_view(told: Told) -> None:
    for content in (told.content, told.by_day):
        found = against(told, content)
        assert failures([*alone(content), *found.checks]) == {}
        assert all(check.tried for check in found.checks)
    assert str(against(told, told.content).version) == (
        "version 1 of tuyen-truyen-2021-2025.2021, draft"
    )


def test_a_changed_figure_of_each_kind_is_caught_at_its_pointer(told: Told) -> None:
    said = told.said
    sampled = of_each_kind(said)
    assert {one.part for one in sampled} == set(get_args(Part)) - {"unmapped"}
    beyond_sums = set()
    for one in sampled:
        checks = alone(one_more(said, one))
        if one.pointer not in named(checks):
            beyond_sums.add((one.part, one.dimension))
        elif one.part in ("total", "total_unit", "left_out", "coverage"):
            assert one.pointer in suspects(checks)
    # Those that overlap are only held within bounds; the database knows them all.
    assert beyond_sums == {("expectation", None), ("breakdown", "language"), ("breakdown", "theme")}
    for one in {(one.part, one.dimension): one for one in sampled}.values():
        found = failures(against(told, one_more(said, one)).checks)
        assert found == {"stored": [one.pointer], "rebuilt": [one.pointer]}


def test_by_the_units_of_another_day_unmapped_lines_count_too(told: Told) -> None:
    said = json.loads(told.by_day)
    unmapped = [one for one in figures(said) if one.part == "unmapped"]
    assert {one.column for one in unmapped} == {"activities", "occurrences", "value"}
    for one in unmapped:
        assert one.pointer in named(alone(one_more(said, one)))


def test_a_view_that_was_made_to_fit_itself_is_caught_by_the_database(told: Told) -> None:
    said, pointers = told.said, []
    for one in figures(told.said):
        if one.indicator == "posts" and one.part != "left_out" and one.value is not None:
            said = put(said, one.pointer, str(2 * int(one.value)))
            pointers += [one.pointer] if one.value != "0" else []
    assert failures(alone(said)) == {}
    assert len(pointers) > 10
    found = failures(against(told, said).checks)
    assert sorted(found.pop("stored")) == sorted(found.pop("rebuilt")) == sorted(pointers)
    assert found == {}


ROSTER = "/coverage/roster/0"
NOT_FIGURES: dict[str, tuple[Any, set[str]]] = {
    "/narratives/0/narrative/results": ("Đã sửa.", set()),
    "/plan/title": ("Kế hoạch khác", set()),
    "/by_unit/0/name": ("Sở khác", {"lists"}),
    "/missing/0/basis": ("requested", {"lists"}),
    f"{ROSTER}/name": ("Sở khác", {"hashes", "lists"}),
    f"{ROSTER}/timeliness": ("late", {"hashes"}),
    "/indicators/0/over_time": ("max", {"hashes"}),
    "/manifest/inputs/0/sha256": ("ab" * 32, {"inputs"}),
    "/manifest/inputs/0/rollup_sha256": ("ab" * 32, set()),
    "/manifest/inputs/0/revision": (7, {"inputs"}),
    "/manifest/roster_sha256": ("ab" * 32, {"hashes"}),
    "/manifest/known_at": ("2021-11-22T03:00:00.000001Z", set()),
    "/cycle/edition": ("final", {"edition"}),
    "/joint/0/counts/0/counted_with": (1, {"joint"}),
    "/proposals/0/proposals/0/text": ("Tăng kinh phí.", {"proposals"}),
    "/gaps/items_without_activity/0/assigned": (99, {"gaps"}),
    "/gaps/assignments_without_report/0/why": ("returned", {"gaps"}),
    "/counts/0/coverage/ordered/nil": (9, {"item_coverage"}),
    "/coverage/ordered/required": ("33", {"shape"}),
    "/counts/0/activities": (-1, {"counted", "breakdowns"}),
    "/totals/0/counted": ("1" * 61, {"shape"}),
}


@pytest.mark.parametrize("pointer", NOT_FIGURES)
def test_anything_else_that_was_changed_is_caught_too(told: Told, pointer: str) -> None:
    value, rules = NOT_FIGURES[pointer]
    changed = put(told.said, pointer, value)
    assert failures(alone(changed)).keys() >= rules
    found = failures(against(told, changed).checks)
    assert found["stored"] == found["rebuilt"] == [pointer]
    if pointer.startswith("/manifest/inputs"):
        assert found.keys() & {"frozen", "rollups"}


def test_lines_taken_out_or_put_in_are_named_where_they_stood(told: Told) -> None:
    said = told.said
    gone = copy.deepcopy(said)
    gone["totals"].pop(2)
    assert failures(against(told, gone).checks)["stored"] == ["/totals/2"]
    assert "placed" in failures(alone(gone))
    more = copy.deepcopy(said)
    more["narratives"].insert(1, more["narratives"][0])
    assert failures(against(told, more).checks)["stored"] == ["/narratives/1"]
    assert failures(alone(more)).keys() == {"lists"}
    further = put(said, "/manifest/basis", "accepted") | {"note": "Đã kiểm tra"}
    assert failures(alone(further)) == {"shape": ["/note"]}
    assert failures(against(told, further).checks)["stored"] == ["/note"]


def test_reformatted_is_not_changed_and_what_is_no_report_is_said(told: Told) -> None:
    pretty = json.dumps(told.said, ensure_ascii=False, indent=2).encode()
    for content in (pretty, b"\xef\xbb\xbf" + told.content, told.content + b"\n"):
        saved = read_saved(content)
        assert saved.reformatted
        assert saved.canonical == told.content
    assert not read_saved(told.content).reformatted
    twice = told.content[:-1] + b',"schema":"baocao/consolidated-report/2"}'
    for content in (told.content[:-1], b"", b"[1]", twice, b'{"schema":"x"}', b"\xff", b"{}"):
        with pytest.raises(Unreadable):
            read_saved(content)


@contextmanager
def forged(told: Told, *statements: str, **params: Any) -> Iterator[Session]:
    """Change the database behind everybody's back; take it back in the end."""
    with told.engine.connect() as connection, Session(connection) as session:
        for statement in statements:
            assert connection.execute(text(statement), params).rowcount > 0
        yield session
        session.rollback()
        connection.rollback()


def within(session: Session, content: bytes) -> dict[str, list[str]]:
    saved = read_saved(content)
    found = check_against(session, saved=saved, progress=unseen)
    return failures(found.checks)


def test_what_was_changed_in_the_database_is_caught_at_the_input(told: Told) -> None:
    inputs = [row["unit"] for row in told.said["manifest"]["inputs"]]
    place = f"/manifest/inputs/{inputs.index('gso-524')}"
    with forged(told, "UPDATE activity_measure SET amount = amount + 1 WHERE amount = 120") as one:
        found = within(one, told.content)
        assert found.pop("rollups") == [f"{place}/rollup_sha256"]
        assert found.keys() == {"rebuilt"}  # joined reports are read anew
    with forged(told, "UPDATE activity_revision SET body_sha256 = :none", none="0" * 64) as one:
        assert f"{place}/sha256" in within(one, told.content)["frozen"]
    with forged(told, "UPDATE rollup SET content = :none", none=b"{}") as one:
        assert within(one, told.content).keys() == {"rollups", "rebuilt"}
    with forged(told, "UPDATE consolidated_report SET content = :none", none=b"{}") as one:
        assert within(one, told.content)["stored"]


def test_rollups_that_a_former_release_stored_hold(told: Told) -> None:
    touch = "UPDATE rollup SET built_at = built_at"
    with forged(told, touch) as session:
        for stored in session.exec(select(StoredRollup)).all():
            stored.content = of_the_first_schema(from_json(stored.content))
            stored.sha256 = hashlib.sha256(stored.content).hexdigest()
        session.flush()
        first = select(ConsolidatedReport).where(ConsolidatedReport.version == 1)
        report = session.exec(first).one()
        request = session.get_one(ConsolidationRequest, report.id)
        built = build(gather(session, request=request)).model_dump(mode="json", by_alias=True)
        report.content = rfc8785.dumps(built)
        report.sha256 = hashlib.sha256(report.content).hexdigest()
        session.flush()
        assert report.content != told.content
        assert within(session, report.content) == {}


def test_of_a_former_schema_hash_and_database_are_compared(told: Told) -> None:
    former = rfc8785.dumps(told.said | {"schema": "baocao/consolidated-report/1"})
    put_in = "UPDATE consolidated_report SET content = :content, sha256 = :sha256 WHERE version = 1"
    saved = read_saved(former)
    assert not saved.current
    with forged(told, put_in, content=former, sha256=saved.sha256) as one:
        assert within(one, former) == {}
    assert failures(against(told, former).checks) == {"stored": ["/schema"]}


def test_a_report_of_another_database_is_not_known(told: Told, databases: Databases) -> None:
    with databases.loaded() as url:
        other = make_engine(url)
        found = against(Told(other, b"", b""), told.content)
        other.dispose()
    assert found.version is None
    assert failures(found.checks) == {"stored": [""]}


def test_the_command_says_what_holds_and_what_does_not(told: Told, tmp_path: Path) -> None:
    url = told.engine.url.render_as_string(hide_password=False)
    file, changed = tmp_path / "report.json", tmp_path / "changed.json"
    file.write_bytes(told.content)
    sha256 = read_saved(told.content).sha256
    holds = run_app(url, "report", "verify", file, "--sha256", sha256)
    assert holds.code == 0, holds.out + holds.err
    assert last(holds).startswith("ĐÚNG / HOLDS: it is version 1 of tuyen-truyen-2021-2025.2021")
    changed.write_bytes(rfc8785.dumps(put(told.said, "/totals/0/credited", "1")))
    broken = run_app(url, "report", "verify", changed)
    assert broken.code == 1
    assert "✗ stored  /totals/0/credited: says 1, should be " in broken.out
    assert last(broken).startswith("SAI / BROKEN: ")


def last(outcome: Outcome) -> str:
    return outcome.out.rstrip().rpartition("\n")[2]


@pytest.mark.parametrize(
    ("content", "options", "code", "verdict"),
    [
        ("whole", ("--no-database",), 0, "in itself"),
        ("whole", (), 2, "the database cannot be read"),
        ("whole", ("--no-database", "--sha256", "ab" * 32), 1, "its SHA-256 is"),
        ("pretty", ("--no-database",), 0, "reformatted"),
        ("half", ("--no-database",), 1, "it is not JSON"),
        ("former", ("--no-database",), 2, "of schema 1 only hash and database can be compared"),
    ],
)
def test_the_exit_code_tells_broken_from_not_checked(
    told: Told,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    content: str,
    options: tuple[str, ...],
    code: int,
    verdict: str,
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/nothing.sqlite3")
    files = {
        "whole": told.content,
        "pretty": json.dumps(told.said, indent=1).encode(),
        "half": told.content[: len(told.content) // 2],
        "former": rfc8785.dumps(told.said | {"schema": "baocao/consolidated-report/1"}),
    }
    file = tmp_path / "report.json"
    file.write_bytes(files[content])
    done = CliRunner().invoke(cli, ["report", "verify", str(file), *options])
    assert (done.exit_code, verdict in done.stdout.splitlines()[-1]) == (code, True), done.stdout
