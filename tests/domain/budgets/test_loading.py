"""Finance authorities and calendars as shipped: loaded once, and no decision is overwritten."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from app.domain.budgets.loading import load_budgets
from app.domain.budgets.models import BudgetAuthority, BudgetCalendar
from app.domain.budgets.rights import authority_of
from app.domain.budgets.years import calendar_of
from app.domain.errors import ReferenceDataRefused
from app.domain.plans.queries import get_plan
from app.domain.recorded import known
from app.domain.units.queries import versions_of
from app.setup import BUDGET_FILE
from tests.support.auditing import all_entries
from tests.support.commands import run_app
from tests.support.makers import BINH_SON, PLAN

AT: Final = datetime(2021, 6, 1, tzinfo=UTC)


def load(session: Session, file: Path = BUDGET_FILE) -> dict[str, dict[str, int]]:
    found = load_budgets(session, plan=get_plan(session, PLAN), file=file, at=AT)
    return {name: dict(outcome) for name, outcome in found.items()}


def changed(tmp_path: Path, **changes: Any) -> Path:
    file = tmp_path / "budgets.json"
    shipped = json.loads(BUDGET_FILE.read_text(encoding="utf-8"))
    file.write_text(json.dumps({**shipped, **changes}), encoding="utf-8")
    return file


def test_the_same_again_changes_nothing(session: Session) -> None:
    found = load(session)
    assert found["budget calendars"] == {"unchanged": 4}
    assert set(found["finance authorities"]) == {"unchanged"}


def test_the_operator_loads_a_file_by_a_command_that_the_audit_knows(
    database_url: str, engine: Engine
) -> None:
    outcome = run_app(database_url, "load-budgets")
    assert (outcome.code, outcome.err) == (0, "")
    assert "budget calendars: 4 unchanged" in outcome.out
    assert all_entries(engine)[-1].action == "budgets.loaded"


def test_every_provincial_body_has_an_authority_and_a_district_is_its_own(
    session: Session,
) -> None:
    keys = {
        "body-so-tttt",
        "body-so-nnmt-2025-03-01",
        "body-hoi-vhnt",
        "body-ban-tuyen-giao",
        BINH_SON,
    }
    on, units = date(2025, 6, 1), versions_of(session, keys)
    found = {key: authority_of(session, unit, on=on) for key, unit in units.items()}
    assert {key: one and (one.key, one.level, one.provenance) for key, one in found.items()} == {
        "body-so-tttt": ("body-so-tai-chinh", "province", "assumption"),  # ended on 1/3/2025
        "body-so-nnmt-2025-03-01": ("body-so-tai-chinh", "province", "assumption"),
        "body-hoi-vhnt": ("body-so-tai-chinh", "province", "assumption"),
        "body-ban-tuyen-giao": None,  # a party body's money goes another way
        BINH_SON: (BINH_SON, "district", "assumption"),
    }


def test_what_was_decided_stays_and_what_was_shipped_gives_way(
    session: Session, tmp_path: Path
) -> None:
    calendar = calendar_of(session, plan=PLAN, year=2022)
    row = session.exec(
        select(BudgetAuthority).where(BudgetAuthority.unit_key == "body-so-y-te")
    ).one()
    assert calendar is not None
    calendar.provenance = row.provenance = "decision"
    session.add_all((calendar, row))
    session.flush()
    shipped = json.loads(BUDGET_FILE.read_text(encoding="utf-8"))
    later = [
        {**one, "freeze_before": f"{one['budget_year'] - 1}-12-10"} for one in shipped["calendars"]
    ]
    found = load(session, changed(tmp_path, calendars=later))
    assert found["budget calendars"] == {"unchanged": 1, "changed": 3}
    rows = session.exec(select(BudgetCalendar).where(*known(BudgetCalendar))).all()
    assert len(rows) == 4


def test_a_file_of_another_plan_or_of_an_unknown_authority_is_refused(
    session: Session, tmp_path: Path
) -> None:
    with pytest.raises(ReferenceDataRefused, match="of the plan other"):
        load(session, changed(tmp_path, plan="other"))
    shipped = json.loads(BUDGET_FILE.read_text(encoding="utf-8"))
    nobody = [{**one, "authority": "nobody"} for one in shipped["authorities"]]
    with pytest.raises(ReferenceDataRefused, match="no unit nobody"):
        load(session, changed(tmp_path, authorities=nobody))


def test_the_database_refuses_two_authorities_of_a_unit_on_a_day(session: Session) -> None:
    row = session.exec(
        select(BudgetAuthority).where(BudgetAuthority.unit_key == "body-so-y-te")
    ).one()
    said = row.model_dump(exclude={"id"}) | {"valid_from": date(2024, 1, 1)}
    session.add(BudgetAuthority(**said))
    with pytest.raises(IntegrityError, match="periods_do_not_overlap"):
        session.flush()
    session.rollback()
