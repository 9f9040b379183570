"""Building the consolidated report from rollups: pure, and the same whatever their order."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from app.domain.activities.amounts import unscaled
from app.domain.consolidation.arithmetic import (
    OVERLAPPING,
    TOTAL,
    Cell,
    Count,
    Figure,
    Rollup,
    amounts,
    merge,
)
from app.domain.consolidation.report import (
    SCHEMA,
    Breakdown,
    CountLine,
    Coverage,
    CycleHead,
    ExpectationLine,
    FigureLine,
    IndicatorHead,
    Input,
    Manifest,
    Member,
    MissingUnit,
    MoneyLine,
    MoneyTotal,
    NarrativeSection,
    NilItemLine,
    PlanHead,
    Rates,
    Report,
    RosterLine,
    TotalLine,
    UnitAmount,
    UnitSection,
)
from app.domain.submissions.contents import Deliverable

Dimension = Literal["level", "channel", "format", "language", "month", "theme", "integrated"]
Purpose = Literal["production", "demo", "sandbox"]
PROVINCIAL_BODY = "provincial_body"
_TOTAL = Cell(TOTAL, TOTAL)


@dataclass(frozen=True)
class Contribution:
    """One accepted submission: whose it is, what it adds up to, and its words."""

    line: RosterLine
    rollup: Rollup
    rollup_sha256: str
    narrative: NarrativeSection
    expectations: Sequence[ExpectationLine] = ()
    nil_items: Sequence[NilItemLine] = ()
    deliverables: Sequence[Deliverable] = ()


@dataclass(frozen=True)
class Inputs:
    """Everything a report is built from. `levels` gives the level of every activity's unit."""

    plan: PlanHead
    cycle: CycleHead
    roster: Sequence[RosterLine]
    contributions: Sequence[Contribution]
    indicators: Sequence[IndicatorHead]
    items: Sequence[str]
    levels: Mapping[str, str | None]
    known_at: str
    purpose: Purpose
    basis: Literal["accepted", "submitted"]
    indicators_sha256: str
    plan_sha256: str


def build(inputs: Inputs) -> Report:
    """Build the report."""
    return _Builder(inputs).report()


class _Builder:
    """Holds what all parts of one report share: the order of items and indicators, decimals."""

    def __init__(self, inputs: Inputs) -> None:
        self.inputs = inputs
        self.contributions = sorted(inputs.contributions, key=lambda one: one.line.unit)
        self.whole = merge(one.rollup for one in self.contributions)
        self._items = {code: place for place, code in enumerate(inputs.items)}
        self._indicators = {head.code: place for place, head in enumerate(inputs.indicators)}
        self._heads = {head.code: head for head in inputs.indicators}
        self._shown = self.amounts_of(self.whole)

    def report(self) -> Report:
        inputs = self.inputs
        return Report(
            schema=SCHEMA,
            plan=inputs.plan,
            cycle=inputs.cycle,
            coverage=self.coverage(),
            counts=self.counts_of(self.whole.counts, _TOTAL),
            totals=self.totals(),
            expenditure=self.expenditure(),
            by_unit=[self.unit_section(one) for one in self.contributions],
            by_level=self.by_level(),
            by_channel=self.breakdown("channel"),
            by_format=self.breakdown("format"),
            by_language=self.breakdown("language"),
            by_month=self.breakdown("month"),
            by_theme=self.breakdown("theme"),
            by_integrated=self.breakdown("integrated"),
            narratives=[one.narrative for one in self.contributions],
            missing=[
                MissingUnit(unit=line.unit, name=line.name, basis=line.basis)
                for line in self.roster
                if line.review == "missing"
            ],
            indicators=list(inputs.indicators),
            manifest=self.manifest(),
        )

    @property
    def roster(self) -> list[RosterLine]:
        return sorted(self.inputs.roster, key=lambda line: line.unit)

    def manifest(self) -> Manifest:
        return Manifest(
            purpose=self.inputs.purpose,
            basis=self.inputs.basis,
            units_on="as_reported",
            known_at=self.inputs.known_at,
            inputs=[
                Input(
                    unit=one.line.unit,
                    revision=one.line.revision or 0,
                    sha256=one.line.sha256 or "",
                    rollup_sha256=one.rollup_sha256,
                )
                for one in self.contributions
            ],
            indicators_sha256=self.inputs.indicators_sha256,
            plan_sha256=self.inputs.plan_sha256,
        )

    def coverage(self) -> Coverage:
        ordered = [line for line in self.roster if line.basis == "ordered"]
        others = [line for line in self.roster if line.basis in ("assigned_only", "requested")]
        return Coverage(ordered=rates(ordered), others=rates(others), roster=self.roster)

    def amounts_of(self, rollup: Rollup) -> dict[tuple[Figure, Cell], int]:
        return amounts(rollup, additive=self._adds_over_units)

    def _adds_over_units(self, indicator: str) -> bool:
        return self._heads[indicator].over_units == "sum"

    def totals(self) -> list[TotalLine]:
        parts: dict[Figure, list[UnitAmount]] = {}
        for one in self.contributions:
            for (figure, cell), amount in sorted(self.amounts_of(one.rollup).items()):
                if self._adds_over_units(figure.indicator):
                    if cell == _TOTAL:
                        self._credit(parts, figure, one.line.unit, amount)
                elif cell.dimension == "unit":
                    self._credit(parts, figure, cell.member, amount)
        return [
            TotalLine(
                item=figure.item,
                indicator=figure.indicator,
                origin="repost" if figure.origin == "repost" else "original",
                value=self._text(figure, self._shown.get((figure, _TOTAL))),
                units=sorted(parts[figure], key=lambda part: part.unit),
            )
            for figure in sorted(parts, key=self._place)
        ]

    def _credit(
        self, parts: dict[Figure, list[UnitAmount]], figure: Figure, unit: str, amount: int
    ) -> None:
        value = unscaled(amount, self._heads[figure.indicator].decimals)
        parts.setdefault(figure, []).append(UnitAmount(unit=unit, value=value))

    def _text(self, figure: Figure, amount: int | None) -> str | None:
        if amount is None:
            return None
        return unscaled(amount, self._heads[figure.indicator].decimals)

    def expenditure(self) -> list[MoneyTotal]:
        parts: dict[tuple[str, str], list[UnitAmount]] = {}
        for one in self.contributions:
            for (item, source, cell), amount in one.rollup.money.items():
                if cell == _TOTAL:
                    part = UnitAmount(unit=one.line.unit, value=str(amount))
                    parts.setdefault((item, source), []).append(part)
        return [
            MoneyTotal(
                item=item,
                source=source,
                value=str(self.whole.money[item, source, _TOTAL]),
                units=sorted(parts[item, source], key=lambda part: part.unit),
            )
            for item, source in sorted(parts, key=lambda key: (self._items[key[0]], key[1]))
        ]

    def unit_section(self, one: Contribution) -> UnitSection:
        money = [
            MoneyLine(item=item, source=source, value=str(amount))
            for (item, source, cell), amount in one.rollup.money.items()
            if cell == _TOTAL
        ]
        return UnitSection(
            unit=one.line.unit,
            name=one.line.name,
            level=one.line.level,
            counts=self.counts_of(one.rollup.counts, _TOTAL),
            figures=self.figures_of(self.amounts_of(one.rollup), _TOTAL),
            expenditure=sorted(money, key=lambda row: (self._items[row.item], row.source)),
            expectations=sorted(
                one.expectations,
                key=lambda row: self._place(Figure(row.item, row.indicator, row.origin)),
            ),
            nil_items=sorted(one.nil_items, key=lambda row: self._items[row.item]),
            deliverables=list(one.deliverables),
        )

    def breakdown(self, dimension: Dimension) -> Breakdown:
        cells = sorted({cell for _, cell in self.whole.counts if cell.dimension == dimension})
        cells += sorted({c for _, c in self._shown if c.dimension == dimension} - set(cells))
        return Breakdown(
            dimension=dimension,
            overlapping=dimension in OVERLAPPING,
            members=[
                Member(
                    member=cell.member,
                    counts=self.counts_of(self.whole.counts, cell),
                    figures=self.figures_of(self._shown, cell),
                )
                for cell in sorted(cells)
            ],
        )

    def by_level(self) -> Breakdown:
        counts: dict[tuple[str, Cell], Count] = {}
        shown: dict[tuple[Figure, Cell], int] = {}
        for (item, cell), count in self.whole.counts.items():
            if cell.dimension == "unit":
                place = (item, self._level(cell.member))
                old = counts.get(place, Count(0, 0))
                counts[place] = Count(*map(sum, zip(old, count, strict=True)))
        for (figure, cell), amount in self._shown.items():
            if cell.dimension == "unit" and self._adds_over_units(figure.indicator):
                level = self._level(cell.member)
                shown[figure, level] = shown.get((figure, level), 0) + amount
        return Breakdown(
            dimension="level",
            overlapping=False,
            members=[
                Member(
                    member=cell.member,
                    counts=self.counts_of(counts, cell),
                    figures=self.figures_of(shown, cell),
                )
                for cell in sorted({cell for _, cell in counts})
            ],
        )

    def _level(self, unit: str) -> Cell:
        return Cell("level", self.inputs.levels[unit] or PROVINCIAL_BODY)

    def counts_of(self, counts: Mapping[tuple[str, Cell], Count], of: Cell) -> list[CountLine]:
        lines = [
            CountLine(item=item, activities=count.activities, occurrences=count.occurrences)
            for (item, cell), count in counts.items()
            if cell == of
        ]
        return sorted(lines, key=lambda line: self._items[line.item])

    def figures_of(self, shown: Mapping[tuple[Figure, Cell], int], of: Cell) -> list[FigureLine]:
        found = {figure: amount for (figure, cell), amount in shown.items() if cell == of}
        return [
            FigureLine(
                item=figure.item,
                indicator=figure.indicator,
                origin="repost" if figure.origin == "repost" else "original",
                value=unscaled(found[figure], self._heads[figure.indicator].decimals),
            )
            for figure in sorted(found, key=self._place)
        ]

    def _place(self, figure: Figure) -> tuple[int, int, str]:
        return self._items[figure.item], self._indicators[figure.indicator], figure.origin


def rates(lines: Iterable[RosterLine]) -> Rates:
    """Return the coverage over roster lines."""
    rows = list(lines)

    def count(keep: Callable[[RosterLine], bool]) -> int:
        return sum(1 for line in rows if keep(line))

    return Rates(
        required=len(rows),
        accepted=count(lambda line: line.review == "accepted"),
        in_review=count(lambda line: line.review == "in_review"),
        returned=count(lambda line: line.review == "returned"),
        missing=count(lambda line: line.review == "missing"),
        nil=count(lambda line: line.review == "accepted" and line.content == "nil"),
        on_time=count(lambda line: line.timeliness == "on_time"),
        late=count(lambda line: line.received_at is not None and line.timeliness == "late"),
        late_with_extension=count(lambda line: line.timeliness == "late_with_extension"),
        by_document=count(lambda line: line.timeliness == "by_document"),
    )
