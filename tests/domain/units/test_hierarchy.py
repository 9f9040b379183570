"""Units of one day as units of another, against the ground itself (`ground`)."""

from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import Session, select

from app.domain.recorded import known, record
from app.domain.units.hierarchy import Hierarchy, Placed
from app.domain.units.hierarchy_queries import load_hierarchy
from app.domain.units.models import UnitSuccession
from app.domain.units.queries import keys_within
from tests.domain.units.ground import (
    ATOMS,
    BINH_SON,
    BY_KEY,
    CA_DAM,
    CHANGES,
    DAYS,
    DONG_SON,
    FIRST,
    HISTORY,
    LAST,
    LY_SON,
    MERGED,
    MERGED_PROVINCE,
    NGHIA_MY,
    NGHIA_PHUONG,
    PROVINCE,
    ROWS,
    SPECIAL_ZONE,
    TRA_BONG,
    TRA_BUI,
    TRA_TAN,
    TU_NGHIA,
    VE_GIANG,
    ground,
    placed_by_ground,
)
from tests.support.databases import LOADED_AT

any_day = st.dates(FIRST, LAST)
on_any_day = settings(max_examples=60, deadline=None)


def the_ground_is_whole(hierarchy: Hierarchy, day: date) -> None:
    there = ground(day)
    assert hierarchy.lowest(day) == set(there), day  # each has an atom, and nothing else has one
    assert Counter(atom for atoms in there.values() for atom in atoms) == Counter(ATOMS), day


def test_on_every_day_of_change_each_place_is_in_exactly_one_lowest_unit(
    hierarchy: Hierarchy,
) -> None:
    assert hierarchy.changes == [date.fromisoformat(day) for day in CHANGES]
    assert len(ATOMS) == 276 + 3  # of each of the three that were divided there is one more
    for day in DAYS:
        the_ground_is_whole(hierarchy, day)


@on_any_day
@given(day=any_day)
def test_on_any_day_each_place_is_in_exactly_one_lowest_unit(
    hierarchy: Hierarchy, day: date
) -> None:
    the_ground_is_whole(hierarchy, day)


def test_the_plans_province_has_as_many_lowest_units_as_are_known(
    hierarchy: Hierarchy, session: Session
) -> None:
    for day, province, communes in (
        (FIRST, PROVINCE, 173),
        (date(2024, 12, 31), PROVINCE, 173),
        (date(2025, 1, 1), PROVINCE, 170),
        (date(2025, 3, 1), PROVINCE, 170),
        (date(2025, 6, 30), PROVINCE, 170),
        (MERGED, MERGED_PROVINCE, 96),
        (LAST, MERGED_PROVINCE, 96),
    ):
        under: set[str] = set(session.exec(keys_within(province, day)))
        inside = hierarchy.lowest(day) & under
        assert (LY_SON in inside) == (day < MERGED)
        assert len(inside - {LY_SON}) == communes, day


def test_every_unit_that_ever_was_lowest_stands_where_its_ground_lies(
    hierarchy: Hierarchy,
) -> None:
    checked = 0
    for key in {key for held in HISTORY.values() for key in held}:
        for on in {day for day in DAYS if BY_KEY[key].on(day)}:
            for day in DAYS:
                found = hierarchy.place(key, on=on, day=day)
                plain = placed_by_ground(key, on, day)
                assert (found.unit, found.within) == (plain.unit, plain.within), (key, on, day)
                assert (found.reason is None) == (found.unit is not None)
                checked += found.unit is None
    assert checked > 1000


@on_any_day
@given(data=st.data(), day=any_day)
def test_any_unit_on_any_day_stands_where_its_ground_lies(
    hierarchy: Hierarchy, day: date, data: st.DataObject
) -> None:
    on = data.draw(any_day)
    key = data.draw(st.sampled_from(sorted(ground(on))))
    found, plain = hierarchy.place(key, on=on, day=day), placed_by_ground(key, on, day)
    assert (found.unit, found.within) == (plain.unit, plain.within)


IN_2024, LATE_2025 = date(2024, 5, 6), date(2025, 9, 1)


@pytest.mark.parametrize(
    ("unit", "on", "day", "expected"),
    [
        # Nghĩa Mỹ ended in parts, which met again half a year later.
        (NGHIA_MY, IN_2024, date(2024, 12, 31), Placed(NGHIA_MY)),
        (NGHIA_MY, IN_2024, date(2025, 1, 1), Placed(None, "divided", TU_NGHIA)),
        (NGHIA_MY, IN_2024, date(2025, 6, 30), Placed(None, "divided", TU_NGHIA)),
        (NGHIA_MY, IN_2024, MERGED, Placed(VE_GIANG)),
        # A transfer moves no line of the old unit, which goes on.
        (NGHIA_PHUONG, IN_2024, date(2025, 6, 30), Placed(NGHIA_PHUONG)),
        (NGHIA_PHUONG, IN_2024, MERGED, Placed(VE_GIANG)),
        # Trà Bùi was divided for good.
        (TRA_BUI, IN_2024, date(2025, 6, 30), Placed(TRA_BUI)),
        (TRA_BUI, IN_2024, MERGED, Placed(None, "divided", MERGED_PROVINCE)),
        (CA_DAM, LATE_2025, IN_2024, Placed(None, "several_predecessors", TRA_BONG)),
        (TRA_TAN, IN_2024, MERGED, Placed(CA_DAM)),
        # By two steps, and a code that is three units'.
        ("gso-21253", IN_2024, MERGED, Placed("gso-21034-2025-07-01")),
        ("gso-21253", IN_2024, date(2025, 2, 1), Placed("gso-21262-2025-01-01")),
        ("gso-21220-2025-01-01", date(2025, 2, 1), IN_2024, Placed("gso-21220")),
        # Backwards to several, of one district and of two.
        (VE_GIANG, LATE_2025, IN_2024, Placed(None, "several_predecessors", TU_NGHIA)),
        (DONG_SON, LATE_2025, IN_2024, Placed(None, "several_predecessors", PROVINCE)),
        ("gso-21262-2025-01-01", MERGED, IN_2024, Placed(None, "several_predecessors", "gso-522")),
        # Districts: but for Lý Sơn nothing succeeded them.
        (BINH_SON, IN_2024, date(2025, 6, 30), Placed(BINH_SON)),
        (BINH_SON, IN_2024, MERGED, Placed(None, "no_successor", MERGED_PROVINCE)),
        (LY_SON, IN_2024, MERGED, Placed(SPECIAL_ZONE)),
        (SPECIAL_ZONE, LATE_2025, IN_2024, Placed(LY_SON)),
        # The provinces.
        (PROVINCE, IN_2024, MERGED, Placed(MERGED_PROVINCE)),
        ("gso-62", IN_2024, MERGED, Placed(MERGED_PROVINCE)),
        (MERGED_PROVINCE, LATE_2025, IN_2024, Placed(None, "several_predecessors", None)),
        # Departments.
        ("body-so-tttt", IN_2024, date(2025, 2, 28), Placed("body-so-tttt")),
        ("body-so-tttt", IN_2024, date(2025, 3, 1), Placed(None, "divided", PROVINCE)),
        ("body-so-tttt", IN_2024, LAST, Placed(None, "divided", MERGED_PROVINCE)),
        ("body-so-ldtbxh", IN_2024, LAST, Placed(None, "divided", MERGED_PROVINCE)),
        ("body-so-khcn", LATE_2025, IN_2024, Placed("body-so-khcn")),
        ("body-so-khdt", IN_2024, LAST, Placed("body-so-tai-chinh")),
        (
            "body-so-nnmt-2025-03-01",
            LATE_2025,
            IN_2024,
            Placed(None, "several_predecessors", PROVINCE),
        ),
        ("body-so-dan-toc-ton-giao-2025-03-01", LATE_2025, IN_2024, Placed("body-ban-dan-toc")),
        ("body-dai-ptth", IN_2024, date(2025, 5, 18), Placed("body-dai-ptth")),
        ("body-dai-ptth", IN_2024, date(2025, 5, 19), Placed("body-bao-quang-ngai")),
        ("body-bao-quang-ngai", LATE_2025, IN_2024, Placed("body-bao-quang-ngai")),
    ],
)
def test_where_a_unit_stands(
    hierarchy: Hierarchy, unit: str, on: date, day: date, expected: Placed
) -> None:
    assert hierarchy.place(unit, on=on, day=day) == expected


def test_all_districts_but_ly_son_are_left_without_a_successor(hierarchy: Hierarchy) -> None:
    districts = [row.key for row in ROWS if row.kind in ("city", "district", "town")]
    assert len(districts) == 13 + 10
    for key in districts:
        found = hierarchy.place(key, on=IN_2024, day=MERGED)
        former = Placed(None, "no_successor", MERGED_PROVINCE)
        assert found == (Placed(SPECIAL_ZONE) if key == LY_SON else former)


def test_a_unit_that_is_not_in_the_register_is_nowhere(hierarchy: Hierarchy) -> None:
    with pytest.raises(KeyError):
        hierarchy.place("gso-99999", on=IN_2024, day=LAST)


def test_the_hierarchy_is_what_was_known_at_an_instant(session: Session) -> None:
    later = LOADED_AT + timedelta(days=400)
    rows = session.exec(
        select(UnitSuccession).where(
            UnitSuccession.predecessor_key == TRA_BUI, *known(UnitSuccession)
        )
    ).all()
    for row in rows:  # it becomes known that all of it went to Cà Đam
        if row.successor_key == CA_DAM:
            said = row.model_dump(exclude={"id", "superseded_at", "recorded_at", "share"})
            record(session, row, UnitSuccession(**said, share="whole", recorded_at=later))
        else:
            row.superseded_at = later
    session.flush()
    divided = Placed(None, "divided", MERGED_PROVINCE)
    for known_at, expected in {
        LOADED_AT: divided,
        later - timedelta(microseconds=1): divided,
        later: Placed(CA_DAM),
        None: Placed(CA_DAM),
    }.items():
        found = load_hierarchy(session, known_at=known_at)
        assert found.place(TRA_BUI, on=IN_2024, day=MERGED) == expected, known_at
