"""The summary of a plan over its years, from the yearly reports' JSON alone: pure code.

It is the same whatever order the reports come in. Sums are conserved whichever day's units it is
shown by: lines and unmapped lines add up to what is credited.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from app.domain.activities.regrouping import Unmapped
from app.domain.consolidation.arithmetic import Figure
from app.domain.consolidation.exact import added, written
from app.domain.consolidation.lines import Lines, origin_of
from app.domain.consolidation.report_figures import IndicatorHead
from app.domain.consolidation.report_heads import PlanHead, Rates
from app.domain.consolidation.summary_ground import AS_REPORTED, Ground
from app.domain.consolidation.summary_lines import OverYears, figure_of, grouped
from app.domain.consolidation.summary_shape import (
    SCHEMA,
    CountsOverYears,
    ItemGap,
    MoneyOverYears,
    PlanSummary,
    SummaryLine,
    SummaryManifest,
    SummaryUnmapped,
    TotalOverYears,
    YearAmount,
    YearCounts,
    YearHead,
    YearInput,
    YearTotal,
)
from app.domain.consolidation.summary_terms import Row, Term, YearlyReport, over_plan, terms_of
from app.domain.units.hierarchy import Placed

Purpose = Literal["production", "demo", "sandbox"]


@dataclass(frozen=True)
class SummaryInputs:
    """Everything a summary is built from.

    `items` are the plan's in its order; of `funding_rules` among them no activity is reported.
    """

    plan: PlanHead
    plan_sha256: str
    items: Sequence[str]
    funding_rules: Collection[str]
    purpose: Purpose
    years: Sequence[int]
    reports: Sequence[YearlyReport]
    ground: Ground = AS_REPORTED


def summarize(inputs: SummaryInputs) -> PlanSummary:
    """Build the summary."""
    return _Builder(inputs).summary()


class _Builder:
    """Holds what all parts of one summary share: the reports by year, the terms, the lines."""

    def __init__(self, inputs: SummaryInputs) -> None:
        self.inputs = inputs
        self.reports = sorted(inputs.reports, key=lambda one: one.year)
        self.indicators = _newest_indicators(self.reports)
        over_time = {head.code: head.over_time for head in self.indicators}
        self.lines = Lines(items=inputs.items, indicators=self.indicators)
        self.terms = [term for one in self.reports for term in terms_of(one)]
        self.of_figures = grouped(self.terms, figure_of)
        self.own = _newest_lines(self.reports)
        self.over = OverYears(self.lines, over_time, over_plan(self.terms, over_time))
        self.over_time = over_time

    def summary(self) -> PlanSummary:
        inputs = self.inputs
        lines, unmapped = self.by_units()
        counts = self.counts()
        done = {row.item for row in counts}
        assigned = {
            item
            for one in self.reports
            for row in one.report["coverage"]["roster"]
            for item in row["items"]
        }
        return PlanSummary(
            schema=SCHEMA,
            plan=inputs.plan,
            years=[self.year(year) for year in sorted(inputs.years)],
            counts=counts,
            totals=self.totals(),
            expenditure=self.expenditure(),
            units_on=inputs.ground.units_on,
            lines=lines,
            unmapped=unmapped,
            gaps=[
                ItemGap(item=item, assigned=item in assigned)
                for item in inputs.items
                if item not in done and item not in inputs.funding_rules
            ],
            indicators=self.indicators,
            manifest=self.manifest(),
        )

    def year(self, year: int) -> YearHead:
        yearly = next((one for one in self.reports if one.year == year), None)
        if yearly is None:
            return YearHead(year=year, standing="missing", edition=None, ordered=None, others=None)
        coverage = yearly.report["coverage"]
        return YearHead(
            year=year,
            standing="issued" if yearly.issued else "not_issued",
            edition=yearly.report["cycle"]["edition"],
            ordered=Rates.model_validate(coverage["ordered"]),
            others=Rates.model_validate(coverage["others"]),
        )

    def manifest(self) -> SummaryManifest:
        inputs = self.inputs
        return SummaryManifest(
            purpose=inputs.purpose,
            units_on=inputs.ground.units_on,
            years=sorted(inputs.years),
            missing=sorted({*inputs.years} - {one.year for one in self.reports}),
            inputs=[
                YearInput(
                    year=one.year,
                    cycle=one.cycle,
                    version=one.version,
                    sha256=one.sha256,
                    known_at=one.report["manifest"]["known_at"],
                    issued=one.issued,
                )
                for one in self.reports
            ],
            register_sha256=inputs.ground.register_sha256,
            plan_sha256=inputs.plan_sha256,
        )

    def counts(self) -> list[CountsOverYears]:
        columns = ("activities", "occurrences", "credited_activities", "credited_occurrences")
        found: dict[str, list[YearCounts]] = {}
        for year, pointer, row in self._rows("counts"):
            told = {column: row[column] for column in columns}
            one = YearCounts(year=year, pointer=pointer, **told)
            found.setdefault(row["item"], []).append(one)
        return [
            CountsOverYears(
                item=item,
                by_year=by_year,
                **{column: sum(getattr(one, column) for one in by_year) for column in columns},
            )
            for item, by_year in sorted(found.items(), key=lambda one: self.lines.items[one[0]])
        ]

    def totals(self) -> list[TotalOverYears]:
        found: dict[Figure, list[YearTotal]] = {}
        for year, pointer, row in self._rows("totals"):
            figure = Figure(row["item"], row["indicator"], row["origin"])
            one = YearTotal(
                year=year, counted=row["counted"], credited=row["credited"], pointer=pointer
            )
            found.setdefault(figure, []).append(one)
        return [
            self._total(figure, found[figure]) for figure in sorted(found, key=self.lines.place)
        ]

    def _total(self, figure: Figure, by_year: list[YearTotal]) -> TotalOverYears:
        terms = self.of_figures.get(figure, [])
        adds = self.lines.adds_over_units(figure.indicator)
        counted = credited = self.over.value(terms) if adds else None
        if adds and self.over_time[figure.indicator] == "sum":
            counted = _sum(one.counted for one in by_year)
            credited = _sum(one.credited for one in by_year)
        names = {unit: str(line["name"]) for unit, line in self.own.items()}
        return TotalOverYears(
            item=figure.item,
            indicator=figure.indicator,
            origin=origin_of(figure),
            counted=counted,
            credited=credited,
            by_year=by_year,
            value_from=self.over.value_from(figure, terms) if adds else None,
            units=[] if adds else self.over.units(figure, terms, names),
        )

    def expenditure(self) -> list[MoneyOverYears]:
        found: dict[tuple[str, str], list[YearAmount]] = {}
        for year, pointer, row in self._rows("expenditure"):
            one = YearAmount(year=year, value=row["value"], pointers=[f"{pointer}/value"])
            found.setdefault((row["item"], row["source"]), []).append(one)
        return [
            MoneyOverYears(
                item=item,
                source=source,
                value=_sum(one.value for one in by_year) or "0",
                by_year=by_year,
            )
            for (item, source), by_year in sorted(
                found.items(), key=lambda one: self.lines.of_money(one[0])
            )
        ]

    def _rows(self, part: str) -> Iterable[tuple[int, str, Row]]:
        for one in self.reports:
            for place, row in enumerate(one.report[part]):
                yield one.year, f"/{part}/{place}", row

    def by_units(self) -> tuple[list[SummaryLine], list[SummaryUnmapped]]:
        homes: dict[str, list[Term]] = {}
        nowhere: dict[Unmapped, list[Term]] = {}
        for term in self.terms:
            found = self._placed(term)
            if found.unit is not None:
                homes.setdefault(found.unit, []).append(term)
            else:
                head = Unmapped(term.unit, found.reason, found.within)
                nowhere.setdefault(head, []).append(term)
        return (
            [
                SummaryLine(unit=unit, **self._head(unit), **self._parts(homes[unit]))
                for unit in sorted(homes)
            ],
            [
                SummaryUnmapped(
                    unit=head.unit,
                    name=self.own[head.unit]["name"],
                    reason=head.reason,
                    within=head.within,
                    **self._parts(nowhere[head]),
                )
                for head in sorted(nowhere, key=lambda one: tuple(part or "" for part in one))
            ],
        )

    def _placed(self, term: Term) -> Placed:
        ground = self.inputs.ground
        if ground.units_on == "as_reported":
            return Placed(term.unit)
        return ground.placed[term.year, term.unit]

    def _head(self, unit: str) -> dict[str, Any]:
        ground = self.inputs.ground
        if ground.units_on == "as_reported":
            line = self.own[unit]
            return {"name": line["name"], "level": line["level"], "parent": line["parent"]}
        head = ground.heads[unit]
        return {"name": head.name, "level": head.level, "parent": ground.parents.get(unit)}

    def _parts(self, terms: Sequence[Term]) -> dict[str, Any]:
        on_a_day = self.inputs.ground.units_on != "as_reported"
        return {
            "counts": self.over.counts(terms),
            "figures": self.over.figures(terms, only_adding=on_a_day),
            "expenditure": self.over.money(terms),
        }


def _newest_indicators(reports: Sequence[YearlyReport]) -> list[IndicatorHead]:
    """Return the indicators as the newest report has each; `reports` are by year."""
    found: dict[str, Row] = {}
    for one in reversed(reports):
        for row in one.report["indicators"]:
            found.setdefault(row["code"], row)
    return [IndicatorHead.model_validate(row) for row in found.values()]


def _newest_lines(reports: Iterable[YearlyReport]) -> dict[str, Row]:
    """Return each unit's line as its newest report has it; `reports` are by year."""
    return {line["unit"]: line for one in reports for line in one.report["by_hierarchy"]["lines"]}


def _sum(values: Iterable[str | None]) -> str | None:
    """Return the sum of amounts; None where one is not told."""
    told = list(values)
    known = [Decimal(value) for value in told if value is not None]
    return written(added(known)) if len(known) == len(told) else None
