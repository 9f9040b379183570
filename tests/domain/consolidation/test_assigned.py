"""What each roster row answers for, against the assignments resolved day by day."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Engine, event
from sqlmodel import Session, select

from app.domain.assignments.models import Assignment
from app.domain.assignments.queries import assignments_on
from app.domain.consolidation.assigned import assigned_items
from app.domain.cycles.queries import Cycle, Duty, get_cycle, roster
from app.domain.period import Period
from app.domain.plans.queries import items
from app.domain.recorded import known, record
from app.domain.units.hierarchy_queries import load_hierarchy
from tests.support.makers import BINH_SON, PLAN

NOW = datetime(2025, 12, 1, tzinfo=UTC)
FEW = 7  # statements, however many rows


@contextmanager
def counted(engine: Engine) -> Iterator[list[str]]:
    """Count the statements that are sent meanwhile."""
    sent: list[str] = []

    def count(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith("BEGIN"):
            sent.append(statement)

    event.listen(engine, "before_cursor_execute", count)
    yield sent
    event.remove(engine, "before_cursor_execute", count)


def asked(
    session: Session, code: str, *, known_at: datetime = NOW
) -> tuple[Cycle, list[Duty], dict[str, tuple[str, ...]]]:
    cycle = get_cycle(session, plan=PLAN, code=code)
    rows = roster(session, cycle_id=cycle.id)
    return cycle, rows, assigned_items(session, cycle=cycle, duties=rows, known_at=known_at)


@pytest.mark.parametrize("year", [2021, 2025])
def test_it_agrees_with_the_assignments_resolved_on_each_day_of_change(
    session: Session, engine: Engine, year: int
) -> None:
    with counted(engine) as sent:
        cycle, rows, found = asked(session, str(year))
    assert len(rows) > 30
    assert len(sent) <= FEW + 2  # and the cycle and its roster
    first, end = cycle.window.bounds
    held = session.exec(select(Assignment).where(*known(Assignment))).all()
    changes = {day for one in held for day in (one.valid_from, one.valid_to)}
    changes |= {first, *load_hierarchy(session).changes, date(2025, 7, 1)}
    days = sorted(day for day in changes if first <= day < end)
    resolved = {day: assignments_on(session, on=day, plan=PLAN) for day in days}
    reportable = [item.code for item in items(session, plan=PLAN) if item.kind != "funding_rule"]
    for row in rows:
        roles = ("lead", "requested") if row.basis == "requested" else ("lead",)
        key = row.unit.unit_key
        expected = {
            one.assignment.item_code
            for day in days
            if day in row.covers
            for one in resolved[day]
            if one.assignment.role in roles and key in one.units
        }
        assert found[key] == tuple(code for code in reportable if code in expected), key
    assert all(found[row.unit.unit_key] for row in rows if row.basis == "ordered")


def test_of_2021_each_answers_for_what_the_plan_says(session: Session) -> None:
    _, _, found = asked(session, "2021")
    forms = ("III.1.b", "III.2", "III.3")
    assert found[BINH_SON] == (
        *("III.1.b", "III.1.c", "III.2", "III.3", "III.4", "III.5"),
        *("V.6.1", "V.6.2"),
    )
    tasks = ("V.5.1", "V.5.2", "V.5.3")
    assert found["body-so-tai-chinh"] == (*forms, "III.5", "V.4.1", *tasks)
    assert found["body-so-vhttdl"] == (*forms, "III.5", *tasks)  # it only coordinates on V.3.1
    assert found["body-ban-tuyen-giao"] == ("V.1.1",)  # requested
    assert found["body-bao-quang-ngai"] == (
        *("III.1.a", "III.1.b", "III.3", "III.5"),
        *("V.7.1", "V.7.2"),
    )


def test_only_days_that_the_row_covers_count(session: Session) -> None:
    cycle, rows, found = asked(session, "2025")
    communes = [row for row in rows if row.unit.level == "commune" and row.basis != "not_required"]
    taken_over = [row for row in communes if row.covers.bounds[0] >= date(2025, 7, 1)]
    assert taken_over
    assert found[taken_over[0].unit.unit_key] == ("III.1.b", "III.2", "III.3", "III.4", "III.5")
    outside = [replace(taken_over[0], covers=Period(date(2026, 1, 1), date(2027, 1, 1)))]
    later = assigned_items(session, cycle=cycle, duties=outside, known_at=NOW)
    assert later == {outside[0].unit.unit_key: ()}


def test_an_extra_cycle_is_about_the_items_that_it_names(session: Session) -> None:
    cycle, rows, _ = asked(session, "2021")
    extra = replace(cycle, kind="on_request", items=("III.3", "III.1.a", "IV.3"))
    row = next(row for row in rows if row.unit.unit_key == BINH_SON)
    wanted = [row, replace(row, basis="requested")]
    ordered, requested = (
        assigned_items(session, cycle=extra, duties=[one], known_at=NOW)[BINH_SON] for one in wanted
    )
    assert (ordered, requested) == (("III.3",), ("III.1.a", "III.3"))


def test_it_is_told_as_it_was_known(session: Session) -> None:
    _, _, before = asked(session, "2021")
    decided = datetime(2021, 6, 1, tzinfo=UTC)
    current = session.exec(
        select(Assignment).where(
            Assignment.item_code == "V.4.1", Assignment.role == "lead", *known(Assignment)
        )
    ).one()
    said = current.model_dump(exclude={"id", "superseded_at"})
    said |= {"unit_key": "body-so-vhttdl", "recorded_at": decided}
    record(session, current, Assignment(**said))
    session.flush()
    _, _, after = asked(session, "2021")
    _, _, then = asked(session, "2021", known_at=decided - timedelta(microseconds=1))
    assert then == before
    assert "V.4.1" in after["body-so-vhttdl"]
    assert "V.4.1" not in after["body-so-tai-chinh"]
