"""Building the consolidated report from rollups: pure, and the same whatever their order."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from app.domain.consolidation.arithmetic import (
    OVERLAPPING,
    TOTAL,
    Cell,
    Count,
    Figure,
    Rollup,
    merge,
)
from app.domain.consolidation.gaps import Asked, gaps
from app.domain.consolidation.hierarchy_view import Placement, by_hierarchy
from app.domain.consolidation.item_coverage import coverage, coverage_by_item
from app.domain.consolidation.joint import Deduction, Joined, deduct, less
from app.domain.consolidation.lines import Lines, Money, Tables, origin_of
from app.domain.consolidation.proposals import Made, ProposalAnswer, collected
from app.domain.consolidation.report import (
    SCHEMA,
    Input,
    Manifest,
    MissingUnit,
    NarrativeSection,
    Report,
)
from app.domain.consolidation.report_figures import (
    Breakdown,
    CountTotal,
    ExpectationLine,
    IndicatorHead,
    Member,
    MoneyTotal,
    NilItemLine,
    TotalLine,
    UnitAmount,
    UnitSection,
)
from app.domain.consolidation.report_heads import CycleHead, ItemCoverage, PlanHead, RosterLine
from app.domain.submissions.contents import Deliverable

Dimension = Literal["level", "channel", "format", "language", "month", "theme", "integrated"]
Purpose = Literal["production", "demo", "sandbox"]
PROVINCIAL_BODY = "provincial_body"
_TOTAL = Cell(TOTAL, TOTAL)
_NOTHING = Count(0, 0)


@dataclass(frozen=True)
class Contribution:
    """One submission that counts: whose it is, what it adds up to, and its words.

    `answers` are what became of its proposals, by their hash.
    """

    line: RosterLine
    rollup: Rollup
    rollup_sha256: str
    narrative: NarrativeSection
    expectations: Sequence[ExpectationLine] = ()
    nil_items: Sequence[NilItemLine] = ()
    deliverables: Sequence[Deliverable] = ()
    answers: Mapping[str, ProposalAnswer] = field(default_factory=dict)


@dataclass(frozen=True)
class Hashes:
    """The hashes of reference data, for the manifest."""

    roster: str
    register: str
    indicators: str
    plan: str


@dataclass(frozen=True)
class Inputs:
    """Everything a report is built from. `placement` places every activity's unit."""

    plan: PlanHead
    cycle: CycleHead
    roster: Sequence[RosterLine]
    contributions: Sequence[Contribution]
    joined: Sequence[Sequence[Joined]]
    indicators: Sequence[IndicatorHead]
    items: Sequence[str]
    asked: Asked
    placement: Placement
    known_at: str
    purpose: Purpose
    basis: Literal["accepted", "submitted"]
    hashes: Hashes


def build(inputs: Inputs) -> Report:
    """Build the report."""
    return _Builder(inputs).report()


class _Builder:
    """Holds what all parts of one report share: what is counted, what credited, the lines."""

    def __init__(self, inputs: Inputs) -> None:
        self.inputs = inputs
        self.lines = Lines(items=inputs.items, indicators=inputs.indicators)
        self.contributions = sorted(inputs.contributions, key=lambda one: one.line.unit)
        whole = merge(one.rollup for one in self.contributions)
        self.joint: Deduction = deduct(
            inputs.joined, adds=self.lines.adds, decimals=self.lines.decimals
        )
        self.credited = self.lines.tables(whole, only=(TOTAL, "unit"))
        self.counted = self.lines.tables(less(whole, self.joint.rollup))
        self.of_units = {
            one.line.unit: self.lines.tables(one.rollup, only=(TOTAL, "unit"))
            for one in self.contributions
        }
        self.coverage: Mapping[str, ItemCoverage] = coverage_by_item(
            inputs.roster,
            items=inputs.items,
            nil_items={
                one.line.unit: {row.item for row in one.nil_items} for one in self.contributions
            },
        )

    def report(self) -> Report:
        inputs = self.inputs
        roster = sorted(inputs.roster, key=lambda line: line.unit)
        return Report(
            schema=SCHEMA,
            plan=inputs.plan,
            cycle=inputs.cycle,
            coverage=coverage(roster),
            counts=self.counts(),
            totals=self.totals(),
            expenditure=self.expenditure(),
            joint=list(self.joint.activities),
            by_unit=[self.unit_section(one) for one in self.contributions],
            by_level=self.by_level(),
            by_channel=self.breakdown("channel"),
            by_format=self.breakdown("format"),
            by_language=self.breakdown("language"),
            by_month=self.breakdown("month"),
            by_theme=self.breakdown("theme"),
            by_integrated=self.breakdown("integrated"),
            by_hierarchy=by_hierarchy(self.credited, inputs.placement, self.lines),
            gaps=gaps(roster=roster, counted=self.contributions, asked=inputs.asked),
            proposals=collected(
                Made(one.line.unit, one.narrative.narrative.proposals, one.answers)
                for one in self.contributions
            ),
            narratives=[one.narrative for one in self.contributions],
            missing=[
                MissingUnit(unit=line.unit, name=line.name, basis=line.basis)
                for line in roster
                if line.review == "missing"
            ],
            indicators=list(inputs.indicators),
            manifest=self.manifest(),
        )

    def manifest(self) -> Manifest:
        inputs = self.inputs
        return Manifest(
            purpose=inputs.purpose,
            basis=inputs.basis,
            units_on=inputs.placement.units_on,
            known_at=inputs.known_at,
            inputs=[
                Input(
                    unit=one.line.unit,
                    revision=one.line.revision or 0,
                    sha256=one.line.sha256 or "",
                    rollup_sha256=one.rollup_sha256,
                )
                for one in self.contributions
            ],
            roster_sha256=inputs.hashes.roster,
            register_sha256=inputs.hashes.register,
            indicators_sha256=inputs.hashes.indicators,
            plan_sha256=inputs.hashes.plan,
        )

    def counts(self) -> list[CountTotal]:
        counted, credited = (
            self.counted.counts.get(_TOTAL, {}),
            self.credited.counts.get(_TOTAL, {}),
        )
        return [
            CountTotal(
                item=item,
                activities=counted[item].activities,
                occurrences=counted[item].occurrences,
                credited_activities=credited[item].activities,
                credited_occurrences=credited[item].occurrences,
                coverage=self.coverage[item],
            )
            for item in sorted(credited, key=lambda one: self.lines.items[one])
        ]

    def totals(self) -> list[TotalLine]:
        parts: dict[Figure, list[UnitAmount]] = {}
        for one in self.contributions:
            for cell, figures in self.of_units[one.line.unit].figures.items():
                unit = one.line.unit if cell == _TOTAL else cell.member
                for figure, amount in figures.items():
                    # What does not add over units stands for each unit by itself.
                    if self.lines.adds_over_units(figure.indicator) == (cell == _TOTAL):
                        value = self.lines.text(figure.indicator, amount)
                        parts.setdefault(figure, []).append(UnitAmount(unit=unit, value=value))
        return [
            TotalLine(
                item=figure.item,
                indicator=figure.indicator,
                origin=origin_of(figure),
                counted=self._total(self.counted, figure),
                credited=self._total(self.credited, figure),
                coverage=self.coverage[figure.item],
                units=sorted(parts[figure], key=lambda part: part.unit),
            )
            for figure in sorted(parts, key=self.lines.place)
        ]

    def _total(self, tables: Tables, figure: Figure) -> str | None:
        amount = tables.figures.get(_TOTAL, {}).get(figure)
        return None if amount is None else self.lines.text(figure.indicator, amount)

    def expenditure(self) -> list[MoneyTotal]:
        parts: dict[Money, list[UnitAmount]] = {}
        for one in self.contributions:
            for key, amount in self.of_units[one.line.unit].money.get(_TOTAL, {}).items():
                part = UnitAmount(unit=one.line.unit, value=str(amount))
                parts.setdefault(key, []).append(part)
        return [
            MoneyTotal(
                item=item,
                source=source,
                value=str(self.credited.money[_TOTAL][item, source]),
                coverage=self.coverage[item],
                units=parts[item, source],
            )
            for item, source in sorted(parts, key=self.lines.of_money)
        ]

    def unit_section(self, one: Contribution) -> UnitSection:
        tables = self.of_units[one.line.unit]
        return UnitSection(
            unit=one.line.unit,
            name=one.line.name,
            level=one.line.level,
            counts=self.lines.counts(tables.counts.get(_TOTAL, {})),
            figures=self.lines.figures(tables.figures.get(_TOTAL, {})),
            expenditure=self.lines.money(tables.money.get(_TOTAL, {})),
            expectations=sorted(
                one.expectations,
                key=lambda row: self.lines.place(Figure(row.item, row.indicator, row.origin)),
            ),
            nil_items=sorted(one.nil_items, key=lambda row: self.lines.items[row.item]),
            deliverables=list(one.deliverables),
        )

    def breakdown(self, dimension: Dimension) -> Breakdown:
        tables = self.counted
        cells = {cell for cell in (*tables.counts, *tables.figures) if cell.dimension == dimension}
        return Breakdown(
            dimension=dimension,
            overlapping=dimension in OVERLAPPING,
            members=[
                self._member(cell.member, tables.counts.get(cell, {}), tables.figures.get(cell, {}))
                for cell in sorted(cells)
            ],
        )

    def by_level(self) -> Breakdown:
        counts: dict[str, dict[str, Count]] = {}
        shown: dict[str, dict[Figure, int]] = {}
        for cell, found in self.counted.counts.items():
            if cell.dimension == "unit":
                level = counts.setdefault(self._level(cell.member), {})
                for item, count in found.items():
                    level[item] = Count(
                        *map(sum, zip(level.get(item, _NOTHING), count, strict=True))
                    )
        for cell, figures in self.counted.figures.items():
            if cell.dimension == "unit":
                table = shown.setdefault(self._level(cell.member), {})
                for figure, amount in figures.items():
                    if self.lines.adds_over_units(figure.indicator):
                        table[figure] = table.get(figure, 0) + amount
        return Breakdown(
            dimension="level",
            overlapping=False,
            members=[
                self._member(level, counts[level], shown.get(level, {})) for level in sorted(counts)
            ],
        )

    def _level(self, unit: str) -> str:
        return self.inputs.placement.heads[unit].level or PROVINCIAL_BODY

    def _member(
        self, member: str, counts: Mapping[str, Count], figures: Mapping[Figure, int]
    ) -> Member:
        return Member(
            member=member, counts=self.lines.counts(counts), figures=self.lines.figures(figures)
        )


def units_of(contributions: Iterable[Contribution]) -> set[str]:
    """Return the units that did something in what some contributions add up."""
    return {
        cell.member
        for one in contributions
        for _, cell in one.rollup.counts
        if cell.dimension == "unit"
    }
