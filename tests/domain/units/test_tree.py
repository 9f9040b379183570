"""The tree of units on any day, against the register's own files read plainly."""

import csv
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlmodel import Session, col, func, select

from app.db import make_engine, unit_of_work
from app.domain.recorded import known
from app.domain.units.models import Unit, UnitParentage, UnitSuccession, UnitVersion
from app.domain.units.queries import (
    holds_on,
    in_being,
    keys_within,
    lineage,
    subtree,
    versions_of,
)
from app.setup import REGISTER
from tests.conftest import Databases

FIRST, LAST = date(2021, 1, 1), date(2026, 12, 31)
any_day = st.dates(FIRST, LAST)
on_any_day = settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@dataclass(frozen=True)
class Row:
    """A row of the register's files; the days are ISO texts, "" where there is none."""

    key: str
    code: str
    kind: str
    parent: str
    start: str
    end: str

    def on(self, day: date) -> bool:
        return self.start <= str(day) and (not self.end or str(day) < self.end)


def _read(file: str) -> list[dict[str, str]]:
    with (REGISTER / file).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _rows() -> Iterator[Row]:
    for row in _read("units.csv"):
        start, end = row["valid_from"], row["valid_to"]
        key = f"gso-{row['code']}" + (f"-{start}" if start else "")
        yield Row(key, row["code"], row["kind"], row["parent_code"], start, end)
    for row in _read("provincial_bodies.csv"):
        start, end = row["valid_from"], row["valid_to"]
        key = f"body-{row['key']}" + (f"-{start}" if start else "")
        yield Row(key, row["key"], row["kind"], "51", start, end)


ROWS: Final = list(_rows())
CHANGES: Final = sorted(
    {date.fromisoformat(day) for row in ROWS for day in (row.start, row.end) if day}
)
DAYS: Final = sorted(
    {day + timedelta(days=n) for day in CHANGES for n in (-1, 0, 1)} | {FIRST, LAST}
)


def parents_in_files(day: date) -> dict[str, str | None]:
    """Return the parent's key of every unit in being on a day, by the files alone."""
    there = [row for row in ROWS if row.on(day)]
    bearers = {row.code: row.key for row in there if row.key.startswith("gso-")}
    return {row.key: bearers[row.parent] if row.parent else None for row in there}


def below_in_files(root: str, day: date) -> set[str]:
    parents = parents_in_files(day)

    def under(key: str | None) -> bool:
        return key == root or (key is not None and under(parents[key]))

    return {key for key in parents if under(key)}


@pytest.fixture(scope="module")
def register(databases: Databases) -> Iterator[Engine]:
    """Return an engine of a loaded database that these tests only read."""
    with databases.loaded() as url:
        made = make_engine(url)
        yield made
        made.dispose()


@pytest.fixture
def reading(register: Engine) -> Iterator[Session]:
    with unit_of_work(register, write=False) as session:
        yield session


def agrees_with_the_files(session: Session, day: date) -> None:
    expected = parents_in_files(day)
    statement = select(UnitParentage.unit_key, UnitParentage.parent_key)
    held = session.exec(statement.where(*holds_on(UnitParentage, day), *known(UnitParentage))).all()
    assert len(held) == len({key for key, _ in held}), f"two parents on {day}"
    assert dict(held) == {key: parent for key, parent in expected.items() if parent is not None}
    there = session.exec(select(UnitVersion.unit_key).where(*in_being(day))).all()
    assert sorted(there) == sorted(expected)


def test_on_every_day_of_change_each_unit_has_the_one_parent_of_the_files(
    reading: Session,
) -> None:
    assert len(CHANGES) >= 5
    for day in DAYS:
        agrees_with_the_files(reading, day)


@on_any_day
@given(day=any_day)
def test_on_any_day_each_unit_has_the_one_parent_of_the_files(reading: Session, day: date) -> None:
    agrees_with_the_files(reading, day)


def test_no_unit_has_two_parents_at_once(reading: Session) -> None:
    spans: dict[str, list[tuple[date, date]]] = {}
    for row in reading.exec(select(UnitParentage).where(*known(UnitParentage))):
        span = (row.valid_from or date.min, row.valid_to or date.max)
        spans.setdefault(row.unit_key, []).append(span)
    for key, found in spans.items():
        found.sort()
        for (_, end), (start, _) in pairwise(found):
            assert end <= start, key


def test_on_every_day_the_subtree_of_each_place_is_what_the_files_say(reading: Session) -> None:
    for day in DAYS:
        for root in places_worth_asking(day):
            found = reading.exec(keys_within(root, day)).all()
            assert len(found) == len(set(found)), f"{root} on {day}"
            assert set(found) == below_in_files(root, day), f"{root} on {day}"


@on_any_day
@given(day=any_day, data=st.data())
def test_on_any_day_the_subtree_of_any_unit_is_what_the_files_say(
    reading: Session, day: date, data: st.DataObject
) -> None:
    root = data.draw(st.sampled_from(sorted(parents_in_files(day))))
    assert set(reading.exec(keys_within(root, day))) == below_in_files(root, day)


@on_any_day
@given(day=any_day, data=st.data())
def test_on_any_day_the_subtree_of_several_meets_each_unit_once_under_its_nearest_root(
    reading: Session, day: date, data: st.DataObject
) -> None:
    there = parents_in_files(day)
    parents = sorted({parent for parent in there.values() if parent})
    roots = data.draw(
        st.sets(st.sampled_from(sorted(there)) | st.sampled_from(parents), max_size=6)
    )
    tree = subtree(*roots)
    on_the_day = (tree.c.day_from <= day) & (tree.c.day_to > day)
    found = reading.exec(select(tree.c.unit_key, tree.c.root).where(on_the_day)).all()
    assert len(found) == len(dict(found))
    nearest = {}
    for key in there:
        above: str | None = key
        while above and above not in roots:
            above = there[above]
        if above:
            nearest[key] = above
    assert dict(found) == nearest


def places_worth_asking(day: date) -> list[str]:
    there = [row for row in ROWS if row.on(day)]
    return [row.key for row in there if row.kind in ("province", "city", "town")] + [
        next(row.key for row in there if row.kind in ("commune", "ward")),
        next(row.key for row in there if row.kind == "department"),
    ]


def test_on_every_day_all_places_of_quang_ngai_stand_under_its_province(
    reading: Session,
) -> None:
    counts: dict[date, dict[str | None, int]] = {}
    for day in DAYS:
        (province,) = (row.key for row in ROWS if row.code == "51" and row.on(day))
        inside = set(reading.exec(keys_within(province, day)))
        levels = select(UnitVersion.level, func.count()).where(
            *in_being(day), col(UnitVersion.unit_key).in_(inside)
        )
        counts[day] = dict(reading.exec(levels.group_by(col(UnitVersion.level))).all())
        there = parents_in_files(day)
        apart = below_in_files("gso-62", day) if "gso-62" in there else set()  # Kon Tum
        assert inside == set(there) - apart, day
    assert counts[date(2021, 1, 1)]["district"] == counts[date(2025, 6, 30)]["district"] == 13
    assert counts[date(2024, 12, 31)]["commune"] == 173
    assert counts[date(2025, 1, 1)]["commune"] == counts[date(2025, 6, 30)]["commune"] == 170
    assert counts[date(2025, 7, 1)]["commune"] == 96
    assert "district" not in counts[date(2025, 7, 1)]


@on_any_day
@given(day=any_day, data=st.data())
def test_what_is_above_a_unit_has_the_unit_below_it(
    reading: Session, day: date, data: st.DataObject
) -> None:
    key = data.draw(st.sampled_from(sorted(parents_in_files(day))))
    line = [unit.unit_key for unit in lineage(reading, versions_of(reading, {key})[key], day)]
    assert line[0] == key
    for above in line:
        assert key in set(reading.exec(keys_within(above, day)))


def test_the_days_of_a_subtree_never_overlap_for_one_unit(reading: Session) -> None:
    for root in ("gso-51", "gso-51-2025-07-01", "gso-524"):
        tree = subtree(root)
        spans: dict[str, list[tuple[date, date]]] = {}
        for key, start, end in reading.exec(
            select(tree.c.unit_key, tree.c.day_from, tree.c.day_to)
        ):
            assert start < end
            spans.setdefault(key, []).append((start, end))
        for found in spans.values():
            found.sort()
            assert all(one[1] <= two[0] for one, two in pairwise(found))


def test_a_unit_stands_in_a_subtree_only_while_the_whole_line_up_to_its_root_holds(
    session: Session,
) -> None:
    at, keys = datetime(2021, 1, 4, tzinfo=UTC), ("top", "middle", "low")
    session.add_all(Unit(key=key, first_recorded_at=at) for key in keys)
    session.flush()
    spans = {("middle", "top"): (2022, 2024), ("low", "middle"): (2021, 2023)}
    later = {("low", "top"): (2025, None), ("middle", "low"): (2024, 2026)}
    for (child, parent), (start, end) in {**spans, **later}.items():
        session.add(
            UnitParentage(
                unit_key=child,
                parent_key=parent,
                valid_from=date(start, 1, 1),
                valid_to=date(end, 1, 1) if end else None,
                recorded_at=at,
            )
        )
    session.flush()
    found = {
        year: set(session.exec(keys_within("top", date(year, 6, 1)))) for year in range(2021, 2027)
    }
    assert found == {
        2021: {"top"},
        2022: {"top", "middle", "low"},
        2023: {"top", "middle"},
        2024: {"top"},
        2025: {"top", "low", "middle"},
        2026: {"top", "low"},
    }


def test_what_succeeds_begins_as_what_it_succeeds_ends(reading: Session) -> None:
    units = {
        row.unit_key: row for row in reading.exec(select(UnitVersion).where(*known(UnitVersion)))
    }
    successions = reading.exec(select(UnitSuccession).where(*known(UnitSuccession))).all()
    files = [*_read("unit_successions.csv"), *_read("provincial_body_successions.csv")]
    assert len(successions) == len(files) > 250
    for row in successions:
        before, day = row.effective_on - timedelta(days=1), row.effective_on
        predecessor, successor = units[row.predecessor_key], units[row.successor_key]
        said = f"{row.predecessor_key} → {row.successor_key} on {day}"
        assert before in predecessor.period, said
        assert day in successor.period, said
        assert row.predecessor_key != row.successor_key, said
        if row.share == "whole":
            assert predecessor.valid_to == day, said


def test_all_that_ended_has_a_successor_but_the_districts_that_were_dissolved(
    reading: Session,
) -> None:
    successions = reading.exec(select(UnitSuccession).where(*known(UnitSuccession))).all()
    passed = {(row.predecessor_key, row.effective_on) for row in successions}
    without = [
        row
        for row in reading.exec(select(UnitVersion).where(*known(UnitVersion)))
        if row.valid_to is not None and (row.unit_key, row.valid_to) not in passed
    ]
    assert {(row.level, row.valid_to) for row in without} == {("district", date(2025, 7, 1))}
    of_quang_ngai = below_in_files("gso-51", date(2025, 6, 30))
    assert len([row for row in without if row.unit_key in of_quang_ngai]) == 12  # not Lý Sơn


def test_names_are_stored_composed(reading: Session) -> None:
    names = reading.exec(select(UnitVersion.name)).all()
    assert all(unicodedata.is_normalized("NFC", name) for name in names)
