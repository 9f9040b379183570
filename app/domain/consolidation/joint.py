"""Outputs of joined reports count once in the province, and are credited to each unit.

Pure code. Reports on one activity are joined by links that the other unit, or the focal unit,
confirmed; joined reports form a group. Of a group one report counts, the one that stands for most
occurrences, and of each indicator (originals and reposts apart) one amount, the largest: the
units saw the same thing, and nobody's smaller number lowers it. Where two are equal the first by
natural key counts. Expenditures always add, and what replaces itself over time (followers) or
does not add over units (reach) belongs to each unit alone: none of it is left out.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from app.domain.activities.amounts import unscaled
from app.domain.consolidation.arithmetic import ActivityFact, Count, MeasureFact, Rollup, fold
from app.domain.consolidation.report_figures import (
    JointActivity,
    JointReport,
    LeftOutCount,
    LeftOutFigure,
)

Id = TypeVar("Id", bound=Hashable)


@dataclass(frozen=True)
class Joined:
    """A joined report, as a submission that counts holds it."""

    report: JointReport
    fact: ActivityFact


@dataclass(frozen=True)
class Deduction:
    """What the province does not count, shown by activity and added up."""

    activities: Sequence[JointActivity]
    rollup: Rollup


def groups_of(links: Iterable[tuple[Id, Id]]) -> list[list[Id]]:
    """Return the groups that links make: what is linked with a linked one is in its group."""
    group: dict[Id, list[Id]] = {}
    for one, other in links:
        first, second = group.setdefault(one, [one]), group.setdefault(other, [other])
        if first is not second:
            first += second
            group.update(dict.fromkeys(second, first))
    return list({id(members): members for members in group.values()}.values())


def deduct(
    groups: Iterable[Sequence[Joined]],
    *,
    adds: Callable[[str], bool],
    decimals: Callable[[str], int],
) -> Deduction:
    """Return what joined reports have in common, which counts only once.

    `adds` tells of an indicator whether it adds over time and over units, `decimals` its scale.
    """
    shown: list[JointActivity] = []
    uncounted: list[ActivityFact] = []
    unmeasured: list[ActivityFact] = []
    for members in sorted((sorted(group, key=_key) for group in groups), key=lambda g: _key(g[0])):
        counts, figures = _left_out_counts(members), _left_out_figures(members, adds)
        uncounted += [replace(members[n].fact, measures=(), expenditure=()) for n, _ in counts]
        unmeasured += [
            replace(members[n].fact, measures=(measure,), expenditure=())
            for n, _, measure in figures
        ]
        shown.append(_shown(members, counts, figures, decimals))
    over_time = {m.indicator: "sum" for fact in unmeasured for m in fact.measures}
    return Deduction(
        activities=shown,
        rollup=Rollup(
            counts=fold(uncounted, {}).counts,
            sums=fold(unmeasured, over_time).sums,  # type: ignore[arg-type] # "sum" is a rule
        ),
    )


def less(whole: Rollup, deduction: Rollup) -> Rollup:
    """Return a rollup without what is deducted from it; a cell may be left with 0."""
    counts, sums = dict(whole.counts), dict(whole.sums)
    for key, count in deduction.counts.items():
        had = counts[key]
        counts[key] = Count(had.activities - count.activities, had.occurrences - count.occurrences)
    for figure, amount in deduction.sums.items():
        sums[figure] -= amount
    return replace(whole, counts=counts, sums=sums)


def _key(one: Joined) -> tuple[str, str, str]:
    return one.report.unit, one.report.source_system, one.report.external_id


def _left_out_counts(members: Sequence[Joined]) -> list[tuple[int, int]]:
    """Return the places of the reports that are left out, each with that of the one that counts."""
    places = range(len(members))
    kept = max(places, key=lambda n: (members[n].fact.occurrences, -n))
    return [(n, kept) for n in places if n != kept]


def _left_out_figures(
    members: Sequence[Joined], adds: Callable[[str], bool]
) -> list[tuple[int, int, MeasureFact]]:
    measured: dict[tuple[str, str], list[tuple[int, MeasureFact]]] = {}
    for place, one in enumerate(members):
        for measure in one.fact.measures:
            if adds(measure.indicator):
                same = measured.setdefault((measure.indicator, measure.origin), [])
                same.append((place, measure))
    found = []
    for _, same in sorted(measured.items()):
        kept, _ = max(same, key=lambda one: (one[1].amount, -one[0]))
        found += [(place, kept, measure) for place, measure in same if place != kept]
    return found


def _shown(
    members: Sequence[Joined],
    counts: Sequence[tuple[int, int]],
    figures: Sequence[tuple[int, int, MeasureFact]],
    decimals: Callable[[str], int],
) -> JointActivity:
    return JointActivity(
        reports=[one.report for one in members],
        counts=[
            LeftOutCount(
                report=place,
                counted_with=kept,
                item=members[place].fact.item,
                activities=1,
                occurrences=members[place].fact.occurrences,
            )
            for place, kept in counts
        ],
        figures=[
            LeftOutFigure(
                report=place,
                counted_with=kept,
                item=members[place].fact.item,
                indicator=measure.indicator,
                origin="repost" if measure.origin == "repost" else "original",
                value=unscaled(measure.amount, decimals(measure.indicator)),
            )
            for place, kept, measure in figures
        ],
    )
