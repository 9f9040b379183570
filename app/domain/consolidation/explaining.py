"""What a figure of a consolidated report is made of: pure code.

It is worked out again from what the report was built from. The terms add up exactly to the
figure as it was published; where they do not, that is an error, and never a wrong explanation.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Literal

from app.domain.consolidation.arithmetic import (
    ActivityFact,
    Cell,
    Dated,
    Figure,
    OverTime,
    Rollup,
    fold,
)
from app.domain.consolidation.build import PROVINCIAL_BODY, Contribution, Inputs
from app.domain.consolidation.exact import added, written
from app.domain.consolidation.explaining_amounts import (
    WHOLE,
    Chosen,
    Identity,
    Measure,
    amount_in,
    series_in,
)
from app.domain.consolidation.explaining_rules import counts_once
from app.domain.consolidation.figures import Row, Shown
from app.domain.consolidation.item_coverage import coverage_by_item, rates
from app.domain.consolidation.joint import Joined, deduct
from app.domain.consolidation.lines import Lines
from app.domain.consolidation.report_figures import JointReport
from app.domain.consolidation.report_heads import RosterLine
from app.domain.units.hierarchy import Reason

TermKind = Literal[
    "submission",  # what a submission that counts adds
    "unit",  # what a unit did, within a submission
    "series",  # the value that is left of a unit's (and channel's) values
    "joint",  # taken off: another report of the same activity counts
    "report",  # of `left_out`: the report itself
    "expectation",
    "roster",
]
Placing = Literal["itself", "succession"] | Reason  # how a unit came on a line of a hierarchy
_OTHERS = ("assigned_only", "requested")


@dataclass(frozen=True)
class Term:
    """A part of a figure. `submission` and `unit` are unit keys; `amount` may be negative.

    `amount` is None of a unit that stands for itself, of what does not add over units:
    `stands_for` is then its value.
    """

    kind: TermKind
    amount: str | None
    submission: str | None = None
    revision: int | None = None
    sha256: str | None = None
    unit: str | None = None
    channel: str | None = None
    day: date | None = None
    stands_for: str | None = None
    placed: Placing | None = None
    report: JointReport | None = None
    counted_with: JointReport | None = None
    review: str | None = None


def total_of(terms: Iterable[Term]) -> str:
    """Return what terms add up to."""
    return written(added(Decimal(term.amount) for term in terms if term.amount is not None))


class Explaining:
    """Explains figures of one report from what it was built from."""

    def __init__(self, report: Row, inputs: Inputs) -> None:
        self.report, self.inputs = report, inputs
        self.lines = Lines(items=inputs.items, indicators=inputs.indicators)
        self.heads = {head.code: head for head in inputs.indicators}
        self.contributions = sorted(inputs.contributions, key=lambda one: one.line.unit)

    def terms(self, shown: Shown) -> list[Term]:
        """Return the terms of a figure. Raises RuntimeError where they do not add up to it."""
        found = list(self._terms(shown))
        if shown.value is not None and total_of(found) != shown.value:
            raise RuntimeError(f"terms of {shown.pointer}: {total_of(found)}, not {shown.value}")
        return found

    def chosen(self, shown: Shown) -> Chosen | None:
        """Return what of each rollup a figure adds up; None where no activity is added up."""
        if shown.item is None or shown.part in ("coverage", "expectation", "left_out"):
            return None
        figure = None
        over_time: OverTime = "sum"
        decimals = 0
        if shown.indicator is not None:
            figure = Figure(shown.item, shown.indicator, shown.origin or "")
            over_time = self.heads[shown.indicator].over_time
            decimals = self.heads[shown.indicator].decimals
        measure: Measure = "amount" if figure else "money"
        if shown.column.endswith("activities"):
            measure = "activities"
        elif shown.column.endswith("occurrences"):
            measure = "occurrences"
        cells = frozenset(self._cells(shown))
        return Chosen(measure, shown.item, figure, shown.source, cells, over_time, decimals)

    def counting(self, shown: Shown) -> list[Contribution]:
        """Return the submissions that may add something to a figure."""
        if shown.part == "unit" or (shown.part == "total_unit" and self._adds(shown)):
            return [one for one in self.contributions if one.line.unit == shown.unit]
        if shown.part == "total_unit":
            return [self._standing_apart(shown)]
        return self.contributions

    def kept(self, shown: Shown, chosen: Chosen) -> dict[Identity, tuple[Dated, Contribution]]:
        """Return, of values that replace each other, the one that is left, and who holds it."""
        found: dict[Identity, tuple[Dated, Contribution]] = {}
        for one in self.counting(shown):
            for identity, value in series_in(one.rollup, chosen).items():
                if identity not in found or value > found[identity][0]:
                    found[identity] = (value, one)
        return found

    def _terms(self, shown: Shown) -> Iterator[Term]:
        if shown.part == "coverage":
            yield from self._of_coverage(shown)
        elif shown.part == "left_out":
            yield from self._of_left_out(shown)
        elif shown.part == "expectation":
            (one,) = (one for one in self.contributions if one.line.unit == shown.unit)
            yield self._term("expectation", shown.value, one)
        elif (chosen := self.chosen(shown)) is not None:
            if shown.value is None:
                yield from self._apart(shown)
            elif chosen.over_time != "sum":
                yield from self._of_series(shown, chosen)
            else:
                yield from self._of_sums(shown, chosen)
                if counts_once(shown):
                    yield from self._of_joint(chosen)

    def _of_sums(self, shown: Shown, chosen: Chosen) -> Iterator[Term]:
        by_unit = shown.part in ("hierarchy", "unmapped") or shown.dimension == "level"
        for one in self.counting(shown):
            if not by_unit:
                amount = amount_in(one.rollup, chosen)
                if amount is not None:
                    yield self._term("submission", chosen.text(amount), one)
                continue
            for cell in sorted(chosen.cells):
                amount = amount_in(one.rollup, replace(chosen, cells=frozenset((cell,))))
                if amount is not None:
                    placed = self._placed(shown, cell.member)
                    term = self._term("unit", chosen.text(amount), one)
                    yield replace(term, unit=cell.member, placed=placed)

    def _of_series(self, shown: Shown, chosen: Chosen) -> Iterator[Term]:
        for (unit, channel), (value, one) in sorted(
            self.kept(shown, chosen).items(), key=lambda row: row[0]
        ):
            yield replace(
                self._term("series", chosen.text(value.amount), one),
                unit=unit,
                channel=channel or None,
                day=value.day if chosen.over_time == "latest" else None,
                placed=self._placed(shown, unit),
            )

    def _of_joint(self, chosen: Chosen) -> Iterator[Term]:
        for report, counted_with, left_out, _ in self.left_out():
            amount = amount_in(left_out, chosen)
            if amount is not None:
                yield Term(
                    "joint",
                    chosen.text(-amount),
                    submission=report.submission,
                    unit=report.unit,
                    report=report,
                    counted_with=counted_with,
                )

    def left_out(self) -> Iterator[tuple[JointReport, JointReport, Rollup, str]]:
        """Yield what joined reports do not add, each with its pointer in the report."""
        groups = deduct(self.inputs.joined, adds=self.lines.adds, decimals=self.lines.decimals)
        facts = {one.report: one for group in self.inputs.joined for one in group}
        for place, group in enumerate(groups.activities):
            for number, count in enumerate(group.counts):
                of = facts[group.reports[count.report]]
                alone = fold([replace(of.fact, measures=(), expenditure=())], {})
                where = f"/joint/{place}/counts/{number}"
                yield of.report, group.reports[count.counted_with], alone, where
            for number, row in enumerate(group.figures):
                of = facts[group.reports[row.report]]
                alone = Rollup(sums=fold([_only(of, row.indicator, row.origin)], _SUM).sums)
                where = f"/joint/{place}/figures/{number}"
                yield of.report, group.reports[row.counted_with], alone, where

    def _of_left_out(self, shown: Shown) -> Iterator[Term]:
        for report, counted_with, _, where in self.left_out():
            if shown.pointer.startswith(f"{where}/"):
                yield Term(
                    "report",
                    shown.value,
                    submission=report.submission,
                    unit=report.unit,
                    report=report,
                    counted_with=counted_with,
                )

    def _of_coverage(self, shown: Shown) -> Iterator[Term]:
        nil = {
            one.line.unit: {row.item for row in one.nil_items} for one in self.inputs.contributions
        }
        for line in sorted(self.inputs.roster, key=lambda row: row.unit):
            if line.basis not in (("ordered",) if shown.member == "ordered" else _OTHERS):
                continue
            number = self._in_coverage(line, shown, nil)
            if number:
                yield Term(
                    "roster",
                    str(number),
                    submission=line.unit,
                    revision=line.revision,
                    sha256=line.sha256,
                    review=line.review,
                )

    def _in_coverage(self, line: RosterLine, shown: Shown, nil: Mapping[str, set[str]]) -> int:
        if shown.item is None:
            number: int = getattr(rates([line]), shown.column)
        else:
            found = coverage_by_item([line], items=self.inputs.items, nil_items=nil)[shown.item]
            number = getattr(getattr(found, shown.member or ""), shown.column)
        return number

    def _apart(self, shown: Shown) -> Iterator[Term]:
        """Yield the units of a figure that does not add over them, each with its own value."""
        place = int(shown.pointer.split("/")[2])
        for number, part in enumerate(self.report["totals"][place]["units"]):
            of = replace(shown, part="total_unit", unit=part["unit"], value=part["value"])
            of = replace(of, pointer=f"/totals/{place}/units/{number}/value")
            one = self._standing_apart(of)
            yield replace(
                self._term("unit", None, one), unit=part["unit"], stands_for=part["value"]
            )

    def _standing_apart(self, shown: Shown) -> Contribution:
        """Return the submission of a unit's value that stands for itself.

        A unit that passed from one submission to another within the year stands in both, in the
        order of their units.
        """
        _, _, place, _, number, *_ = shown.pointer.split("/")
        units = self.report["totals"][int(place)]["units"]
        before = sum(1 for row in units[: int(number)] if row["unit"] == shown.unit)
        chosen = self.chosen(shown)
        if chosen is None:
            raise RuntimeError(shown.pointer)
        holders = [
            one
            for one in self.contributions
            if series_in(one.rollup, chosen) or amount_in(one.rollup, chosen) is not None
        ]
        return holders[before]

    def _cells(self, shown: Shown) -> Iterator[Cell]:
        placed = self.inputs.placement.placed
        if shown.part == "hierarchy":
            yield from (Cell("unit", u) for u, to in placed.items() if to.unit == shown.unit)
        elif shown.part == "unmapped":
            yield Cell("unit", shown.unit or "")
        elif shown.dimension == "level":
            heads = self.inputs.placement.heads
            for unit in placed:
                if (heads[unit].level or PROVINCIAL_BODY) == shown.member:
                    yield Cell("unit", unit)
        elif shown.part == "breakdown":
            yield Cell(shown.dimension or "", shown.member or "")
        elif shown.part == "total_unit" and not self._adds(shown):
            yield Cell("unit", shown.unit or "")
        else:
            yield WHOLE

    def _adds(self, shown: Shown) -> bool:
        return shown.indicator is None or self.lines.adds_over_units(shown.indicator)

    def _placed(self, shown: Shown, unit: str) -> Placing | None:
        if shown.part not in ("hierarchy", "unmapped"):
            return None
        found = self.inputs.placement.placed[unit]
        if found.unit is None:
            return found.reason
        return "itself" if found.unit == unit else "succession"

    def _term(self, kind: TermKind, amount: str | None, one: Contribution) -> Term:
        line = one.line
        return Term(kind, amount, line.unit, line.revision, line.sha256)


class _Sum(dict[str, OverTime]):
    def __missing__(self, code: str) -> OverTime:
        return "sum"


_SUM = _Sum()  # only what adds over time is ever left out


def _only(one: Joined, indicator: str, origin: str) -> ActivityFact:
    measures = tuple(
        row for row in one.fact.measures if (row.indicator, row.origin) == (indicator, origin)
    )
    return replace(one.fact, measures=measures, expenditure=())
