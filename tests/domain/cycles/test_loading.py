"""The reporting file: what it says is recorded once, and never over the province's decisions."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from app.db import unit_of_work
from app.domain.activities.service import Precondition
from app.domain.assignments.roles import unit_roles
from app.domain.cycles.bodies import (
    AmendmentBody,
    Basis,
    CycleBody,
    ExemptionBody,
    ExtensionBody,
    StewardshipBody,
)
from app.domain.cycles.changing import change_cycle
from app.domain.cycles.handing_over import hand_over
from app.domain.cycles.queries import get_cycle, roster
from app.domain.cycles.reporting_file import ReportingFile
from app.domain.cycles.roster import amend_row, exempt, extend
from app.domain.cycles.service import load_reporting, read_reporting
from app.domain.cycles.stewardships import stewardships
from app.domain.errors import ReferenceDataRefused
from app.domain.period import start_of_day
from app.domain.plans.queries import get_plan
from app.domain.principal import Principal
from app.setup import REPORTING_FILE
from tests.support.auditing import all_entries
from tests.support.commands import Outcome, run_app
from tests.support.makers import BINH_SON, FOCAL_UNIT, PLAN
from tests.support.problems import rows
from tests.support.processes import environment_of

AT = datetime(2025, 12, 1, tzinfo=UTC)
FOCAL = Principal(UUID(int=7), FOCAL_UNIT, frozenset(), province_wide=True)
ANY = Precondition(any_revision=True)
DECIDED: dict[str, Basis] = {
    "gso-21238-2025-07-01": "requested",
    "gso-23530-2025-07-01": "ordered",
}
SHIPPED: dict[str, Any] = json.loads(REPORTING_FILE.read_text(encoding="utf-8"))


def _load(session: Session, said: dict[str, Any]) -> dict[str, Any]:
    reporting = ReportingFile.model_validate(said)
    return load_reporting(session, plan=get_plan(session, PLAN), reporting=reporting, at=AT)


def _cycle_of(said: dict[str, Any], year: int) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in said["cycles"] if one["year"] == year)
    return found


@pytest.fixture
def said() -> dict[str, Any]:
    """Return a copy of the shipped file that a test may change."""
    copy: dict[str, Any] = json.loads(json.dumps(SHIPPED))
    return copy


def _decide_everything(session: Session) -> None:
    """Decide on a cycle, on four rows and a stewardship otherwise than what is shipped."""
    year = {"plan": PLAN, "code": "2025"}
    why = "Quyết định"
    body = CycleBody(
        window_from=date(2025, 1, 1),
        window_to=date(2025, 12, 16),
        due_at=start_of_day(date(2025, 12, 5)),
        reason=why,
    )
    change_cycle(session, **year, body=body, expected=ANY, by=FOCAL, at=AT)
    exempt(session, **year, unit=BINH_SON, body=ExemptionBody(reason=why), by=FOCAL, at=AT)
    later = ExtensionBody(extended_to=start_of_day(date(2025, 9, 1)), reason=why)
    extend(session, **year, unit="528", body=later, by=FOCAL, at=AT)
    for unit, basis in DECIDED.items():
        amendment = AmendmentBody(basis=basis, reason=why)
        amend_row(session, **year, unit=unit, body=amendment, expected=ANY, by=FOCAL, at=AT)
    handed = StewardshipBody(unit="524", steward="21238", valid_from=date(2025, 10, 1), reason=why)
    hand_over(session, body=handed, by=FOCAL, at=AT)


def test_what_the_province_decided_is_never_overwritten(
    engine: Engine, said: dict[str, Any]
) -> None:
    with unit_of_work(engine) as session:
        _decide_everything(session)
    with unit_of_work(engine, write=False) as session:
        before = get_cycle(session, plan=PLAN, code="2025")
        listed = roster(session, cycle_id=before.id)
        held = [row.model_dump() for row in stewardships(session, units=[BINH_SON])]
    counted = rows(engine)
    with unit_of_work(engine) as session:
        outcome = _load(session, said)
    assert {change for found in outcome.values() for change in found} == {"unchanged"}
    assert rows(engine) == counted
    with unit_of_work(engine, write=False) as session:
        assert get_cycle(session, plan=PLAN, code="2025") == before
        assert roster(session, cycle_id=before.id) == listed
        assert [row.model_dump() for row in stewardships(session, units=[BINH_SON])] == held
    by_unit = {row.unit.unit_key: row for row in listed}
    assert {unit: by_unit[unit].basis for unit in DECIDED} == DECIDED
    assert by_unit["gso-21025-2025-07-01"].covers.end == date(2025, 12, 16)


def test_another_date_in_the_file_moves_rows_but_those_decided(
    engine: Engine, said: dict[str, Any]
) -> None:
    due, new = start_of_day(date(2025, 11, 30)), start_of_day(date(2025, 12, 5))
    with unit_of_work(engine) as session:
        year = {"plan": PLAN, "code": "2025"}
        amendment = AmendmentBody(basis="requested", reason="Quyết định")
        amend_row(session, **year, unit="so-gddt", body=amendment, expected=ANY, by=FOCAL, at=AT)
    _cycle_of(said, 2025)["due_before"] = "2025-12-05"
    with unit_of_work(engine) as session:
        first, again = _load(session, said), _load(session, said)
        cycle = get_cycle(session, plan=PLAN, code="2025")
        found = {row.unit.unit_key: row for row in roster(session, cycle_id=cycle.id)}
    assert cycle.due_at == new
    assert first["2025"]["changed"] > 100
    assert set(again["2025"]) == {"unchanged"}
    assert found["body-so-gddt"].due_at == due
    assert found["gso-21238-2025-07-01"].due_at == new
    assert found["body-so-y-te"].due_at == new
    assert found[BINH_SON].due_at == start_of_day(date(2025, 8, 1))


def test_another_assumption_takes_the_place_of_the_one_before(
    engine: Engine, said: dict[str, Any]
) -> None:
    kon_tum = said["amendments"][-1]
    assert kon_tum["basis"] == "not_required"
    kon_tum |= {"basis": "requested", "reason": "Được đề nghị."}
    with unit_of_work(engine) as session:
        outcome = _load(session, said)
        cycle = get_cycle(session, plan=PLAN, code="2025")
        requested = [
            row
            for row in roster(session, cycle_id=cycle.id)
            if row.basis == "requested" and row.unit.level == "commune"
        ]
    assert outcome["2025"]["changed"] == len(requested) == 40
    assert {row.provenance for row in requested} == {"assumption"}


def test_a_cycle_that_is_not_open_stays_so(engine: Engine, said: dict[str, Any]) -> None:
    said["cycles"].append({**_cycle_of(said, 2025), "year": 2026})
    counted = rows(engine)
    with unit_of_work(engine) as session:
        outcome = _load(session, said)
    assert set(outcome) == {"2021", "2022", "2023", "2024", "2025", "stewardships"}
    assert rows(engine) == counted


def test_a_window_that_leaves_rows_no_day_or_overlaps_is_refused(
    engine: Engine, said: dict[str, Any]
) -> None:
    window = _cycle_of(said, 2025)["window"]
    for change, reason in (
        ({"from": "2025-02-01"}, "leaves rows no day: body-ban-tuyen-giao"),
        ({"from": "2024-12-01"}, "2025: It overlaps the yearly cycle 2024"),
    ):
        window |= change
        with (
            pytest.raises(ReferenceDataRefused, match=reason),
            unit_of_work(engine) as session,
        ):
            _load(session, said)


# The operator's commands


@contextmanager
def _file(folder: Path, said: dict[str, Any]) -> Iterator[Path]:
    file = folder / "reporting.json"
    file.write_text(json.dumps(said, ensure_ascii=False), encoding="utf-8")
    yield file


def _run(engine: Engine, *arguments: str | Path) -> Outcome:
    url = engine.url.render_as_string(hide_password=False)
    return run_app(url, *arguments, CLOCK_OFFSET=environment_of(url)["CLOCK_OFFSET"])


def test_load_reporting_says_what_came_of_it(
    engine: Engine, said: dict[str, Any], tmp_path: Path
) -> None:
    counted = rows(engine)
    shipped = _run(engine, "load-reporting")
    assert (shipped.code, shipped.err) == (0, "")
    assert shipped.out.splitlines()[-2:] == [
        "cycle 2025: roster rows: 122 unchanged",
        "stewardships: 23 unchanged",
    ]
    assert rows(engine) == counted
    said["plan"] = "khac"
    with _file(tmp_path, said) as file:
        other = _run(engine, "load-reporting", file)
    assert other == Outcome(
        1, "", "refused: The data file reporting.json is refused: it is of the plan khac\n"
    )
    (entry,) = [one for one in all_entries(engine) if one.action == "reporting.loaded"]
    assert (entry.target_id, entry.unit_key) == (PLAN, None)


def test_a_role_is_assigned_from_a_day_on(engine: Engine) -> None:
    arguments = ("roles", "assign", "--role", "focal_unit", "--reason", "QĐ 1")
    given = _run(engine, *arguments, "--unit", "so-vhttdl", "--from", "2024-01-01")
    assert given == Outcome(
        0, "focal_unit: body-so-vhttdl from 2024-01-01 until 2025-03-01 (added)\n", ""
    )
    again = _run(engine, *arguments, "--unit", "so-vhttdl", "--from", "2024-01-01")
    assert again.out.endswith("(unchanged)\n")
    later = _run(engine, *arguments, "--unit", "so-nnmt", "--from", "2025-03-01")
    assert later.out == "focal_unit: body-so-nnmt-2025-03-01 from 2025-03-01 (changed)\n"
    for unit, day in (("so-nnmt", "2025-02-28"), ("khong-co", "2025-02-28")):
        refused = _run(engine, *arguments, "--unit", unit, "--from", day)
        assert (refused.code, refused.out) == (1, "")
        assert refused.err.startswith("refused: ")
    with unit_of_work(engine, write=False) as session:
        found = unit_roles(session, plan=PLAN, role="focal_unit")
        assert [(row.unit_key, row.valid_from, row.valid_to) for row in found] == [
            (FOCAL_UNIT, None, date(2024, 1, 1)),
            ("body-so-vhttdl", date(2024, 1, 1), date(2025, 3, 1)),
            ("body-so-nnmt-2025-03-01", date(2025, 3, 1), None),
        ]
        assert [row.reason for row in found] == [None, "QĐ 1", "QĐ 1"]
    entries = [one for one in all_entries(engine) if one.action == "unit_role.assigned"]
    assert len(entries) == 3


def test_the_shipped_file_is_of_the_plan(session: Session) -> None:
    plan = get_plan(session, PLAN)
    assert read_reporting(REPORTING_FILE, plan=plan).plan == PLAN
