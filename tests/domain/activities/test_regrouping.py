"""What was done is shown by the units of any day, and its sums never change."""

from collections import Counter
from datetime import date, timedelta
from typing import Final

from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.activities.regrouping import Line, Regrouped, Unmapped, regroup
from app.domain.units.hierarchy import Hierarchy, as_reported
from tests.domain.activities.conserving import ACTIVITIES, AMOUNTS, ITEMS, sums_are_conserved
from tests.domain.units.ground import (
    BINH_SON,
    DAYS,
    FIRST,
    LAST,
    MERGED,
    MERGED_PROVINCE,
    NGHIA_MY,
    ONE_DAY,
    SONG_VE,
    TRA_BUI,
    TU_NGHIA,
    VE_GIANG,
)

IN_2024: Final = date(2024, 5, 6)
CHAU_O: Final = "gso-21040"  # Thị trấn Châu Ổ, then in Xã Bình Sơn, which has its code


def one(unit: str, on: date, number: int = 1) -> Line:
    return Line(unit, on, "III.1.b", {ACTIVITIES: number})


def activities(found: Regrouped) -> tuple[dict[str, int], dict[str, int]]:
    """Return the number of activities on each line and on each unmapped line, by unit."""
    mapped = {unit: items["III.1.b"][ACTIVITIES] for unit, items in found.lines.items()}
    unmapped: Counter[str] = Counter()
    for head, items in found.unmapped.items():
        unmapped[head.unit] += items["III.1.b"][ACTIVITIES]
    return mapped, dict(unmapped)


def test_what_is_done_round_a_handover_counts_once_on_either_side(hierarchy: Hierarchy) -> None:
    handed_over = [row for rows in hierarchy._out.values() for row in rows if row.share == "whole"]
    assert len(handed_over) > 280
    for old, new, day, _ in handed_over:
        lines = [one(old, day - ONE_DAY), one(new, day)]
        assert activities(regroup(lines, place=as_reported)) == ({old: 1, new: 1}, {})
        assert activities(regroup(lines, place=hierarchy.view(day))) == ({new: 2}, {})
        before = activities(regroup(lines, place=hierarchy.view(day - ONE_DAY)))
        back = hierarchy.place(new, on=day, day=day - ONE_DAY).unit
        if back is None:
            assert before == ({old: 1}, {new: 1})
        else:
            assert before == ({old: 2} if back == old else {old: 1, back: 1}, {})


def test_what_cannot_be_mapped_is_the_difference(hierarchy: Hierarchy) -> None:
    lines = [
        one(BINH_SON, IN_2024, 7),
        one(CHAU_O, IN_2024, 5),
        one(TRA_BUI, IN_2024, 3),
        one(NGHIA_MY, IN_2024, 2),
        one(SONG_VE, MERGED - ONE_DAY, 11),
        one(VE_GIANG, MERGED, 13),
    ]
    after = regroup(lines, place=hierarchy.view(MERGED))
    assert activities(after) == (
        {"gso-21040-2025-07-01": 5, VE_GIANG: 2 + 11 + 13},
        {BINH_SON: 7, TRA_BUI: 3},
    )
    assert set(after.unmapped) == {
        Unmapped(BINH_SON, "no_successor", MERGED_PROVINCE),
        Unmapped(TRA_BUI, "divided", MERGED_PROVINCE),
    }
    before = regroup(lines, place=hierarchy.view(date(2025, 1, 1)))
    assert activities(before) == (
        {BINH_SON: 7, CHAU_O: 5, TRA_BUI: 3, SONG_VE: 11},
        {NGHIA_MY: 2, VE_GIANG: 13},
    )
    assert set(before.unmapped) == {
        Unmapped(NGHIA_MY, "divided", TU_NGHIA),
        Unmapped(VE_GIANG, "several_predecessors", TU_NGHIA),
    }


@st.composite
def records(draw: st.DrawFn, hierarchy: Hierarchy) -> list[Line]:
    """Return what real units did, each on a day on which it was in being."""
    lines = []
    crowd = st.sampled_from(sorted(hierarchy._units))
    named = st.sampled_from([NGHIA_MY, SONG_VE, VE_GIANG, TRA_BUI, BINH_SON, "body-so-tttt"])
    for _ in range(draw(st.integers(0, 12))):
        unit = draw(named | crowd)
        period = hierarchy._units[unit].period
        first, last = period.start or FIRST, period.end - ONE_DAY if period.end else LAST
        on = draw(st.dates(first, last) | st.sampled_from([first, last]))
        lines.append(Line(unit, on, draw(st.sampled_from(ITEMS)), draw(AMOUNTS)))
    return lines


@settings(max_examples=150, deadline=timedelta(seconds=5))
@given(data=st.data(), day=st.none() | st.dates(FIRST, LAST) | st.sampled_from(DAYS))
def test_whatever_day_is_asked_the_sums_of_real_units_are_conserved(
    hierarchy: Hierarchy, data: st.DataObject, day: date | None
) -> None:
    sums_are_conserved(hierarchy, data.draw(records(hierarchy)), day)
