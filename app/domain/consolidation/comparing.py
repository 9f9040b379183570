"""Two versions of a consolidated report, figure by figure, and what made each differ: pure code.

It reads the reports' JSON as it is stored, and of the submissions that changed what each adds to
the figures. Where a figure adds up, the causes that are told of it add up to the difference.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property
from typing import Final, Literal

from app.domain.consolidation.exact import NOUGHT, added, less, written
from app.domain.consolidation.figures import Row, Shown, figures
from app.domain.consolidation.item_coverage import rates
from app.domain.consolidation.report_heads import RosterLine
from app.domain.consolidation.shares import Name

CauseKind = Literal[
    "submission",  # of a unit: another revision counts, or one more, or one less
    "joint",  # joined activity: links, or what the joined reports say
    "roster",  # of a unit: who must report, or how its report stands
    "indicator",  # the indicator is defined otherwise
    "register",  # the register of units is another
    "units_on",  # shown on the hierarchy of another day
    "merged",  # two submissions hold one series of values, of which the later one counts
]
_BY_HIERARCHY: Final = ("hierarchy", "unmapped")
_OTHERS: Final = ("assigned_only", "requested")


@dataclass(frozen=True)
class Standing:
    """A figure as one version has it. `left_out` figures of one name are added up."""

    value: str | None
    pointers: tuple[str, ...]


@dataclass(frozen=True)
class Changed:
    """A figure that differs. `before` or `after` is None where a version has no such figure.

    `difference` is after − before, where absent is 0; None where the values do not add.
    """

    figure: Shown
    before: Standing | None
    after: Standing | None
    difference: str | None


@dataclass(frozen=True)
class Cause:
    """A part of a difference; `difference` is None where the part cannot be told as a number."""

    kind: CauseKind
    unit: str | None
    difference: str | None


@dataclass(frozen=True)
class Side:
    """One version: its JSON, and what the submissions add that the other one counts otherwise.

    `shares` are by unit, each as `app.domain.consolidation.shares` makes it.
    """

    report: Row
    shares: Mapping[str, Mapping[Name, Decimal]] = field(default_factory=dict)

    @cached_property
    def figures(self) -> dict[Name, tuple[Shown, Standing]]:
        """The figures by name, in the report's order."""
        found: dict[Name, tuple[Shown, Standing]] = {}
        for shown in figures(self.report):
            standing, name = Standing(shown.value, (shown.pointer,)), shown.name
            if name in found:
                had = found[name][1]
                values = [Decimal(one) for one in (had.value, shown.value) if one is not None]
                standing = Standing(written(added(values)), (*had.pointers, shown.pointer))
            found[name] = (shown, standing)
        return found

    @cached_property
    def roster(self) -> dict[str, RosterLine]:
        """The roster's lines by unit."""
        lines = self.report["coverage"]["roster"]
        return {line["unit"]: RosterLine.model_validate(line) for line in lines}

    @cached_property
    def indicators(self) -> dict[str, Row]:
        """The indicators by code."""
        return {row["code"]: row for row in self.report["indicators"]}

    @cached_property
    def left_out(self) -> dict[tuple[str | None, ...], Decimal]:
        """What joined activity does not count, whichever unit's it is, by what it is of."""
        found: dict[tuple[str | None, ...], Decimal] = {}
        for shown, standing in self.figures.values():
            if shown.part == "left_out" and standing.value is not None:
                told = (shown.column, shown.item, shown.indicator, shown.origin)
                found[told] = added((found.get(told, NOUGHT), Decimal(standing.value)))
        return found

    def amount(self, name: Name) -> Decimal:
        """Return the amount of a figure, 0 where there is none."""
        found = self.figures.get(name)
        return NOUGHT if found is None or found[1].value is None else Decimal(found[1].value)


def changed_figures(before: Side, after: Side) -> Iterator[Changed]:
    """Yield the figures that differ: in the order of `after`, then those that are gone."""
    for name in dict.fromkeys((*after.figures, *before.figures)):
        had, has = before.figures.get(name), after.figures.get(name)
        one, other = had and had[1], has and has[1]
        if one is not None and other is not None and one.value == other.value:
            continue
        shown = (after.figures.get(name) or before.figures[name])[0]
        adds = all(side is None or side.value is not None for side in (one, other))
        difference = written(less(after.amount(name), before.amount(name))) if adds else None
        yield Changed(shown, one, other, difference)


def changed_inputs(before: Side, after: Side) -> list[str]:
    """Return the units whose counted submission is another one, or is in one version only."""
    one, other = (
        {
            row["unit"]: (row["sha256"], row["rollup_sha256"])
            for row in side.report["manifest"]["inputs"]
        }
        for side in (before, after)
    )
    return sorted(unit for unit in {*one, *other} if one.get(unit) != other.get(unit))


class Causes:
    """Tells of changed figures what caused each."""

    def __init__(self, before: Side, after: Side) -> None:
        self.before, self.after = before, after
        self.units = changed_inputs(before, after)
        manifests = before.report["manifest"], after.report["manifest"]
        self.differ = {name: manifests[0][name] != manifests[1][name] for name in manifests[0]}
        self.on_a_day = any(one["units_on"] != "as_reported" for one in manifests)
        self.joint = before.report["joint"] != after.report["joint"]

    def of(self, changed: Changed) -> Sequence[Cause]:
        """Return the causes of a changed figure, submissions first."""
        shown = changed.figure
        if shown.part == "coverage":
            return list(self._of_coverage(shown))
        if shown.part == "left_out":
            return [Cause("joint", None, changed.difference)]
        if shown.part == "expectation":
            return [Cause("submission", shown.unit, changed.difference)]
        if shown.part in _BY_HIERARCHY and self.on_a_day:
            return list(self._on_a_day(shown))
        told = list(self._of_submissions(shown, in_numbers=changed.difference is not None))
        if shown.part == "total" and shown.column in ("counted", "activities", "occurrences"):
            told += self._of_joint(shown)
        told = [cause for cause in told if cause.difference != "0"] or told
        return [*told, *self._rest(changed, told)]

    def _of_coverage(self, shown: Shown) -> Iterator[Cause]:
        for unit in sorted({*self.before.roster, *self.after.roster}):
            one, other = (
                _in_rate(side.roster.get(unit), shown) for side in (self.before, self.after)
            )
            if one != other:
                yield Cause("roster", unit, str(other - one))

    def _of_submissions(self, shown: Shown, *, in_numbers: bool) -> Iterator[Cause]:
        for unit in self.units:
            one, other = (self._share(side, unit, shown.name) for side in (self.before, self.after))
            if one != other:
                moved = less(other or NOUGHT, one or NOUGHT)
                yield Cause("submission", unit, written(moved) if in_numbers else None)

    def _on_a_day(self, shown: Shown) -> Iterator[Cause]:
        """Yield who changed what stands on some line of another day's hierarchy.

        A submission's share is known by the units that did it, not by their places there.
        """
        if self.differ["units_on"]:
            yield Cause("units_on", None, None)
        for unit in self.units:
            of_unit = replace(shown, part="unit", unit=unit).name
            one, other = (self._share(side, unit, of_unit) for side in (self.before, self.after))
            if one != other:
                yield Cause("submission", unit, None)
        if self.differ["register_sha256"]:
            yield Cause("register", None, None)

    def _share(self, side: Side, unit: str, name: Name) -> Decimal | None:
        return side.shares.get(unit, {}).get(name)

    def _of_joint(self, shown: Shown) -> list[Cause]:
        column = "value" if shown.column == "counted" else shown.column
        told = (column, shown.item, shown.indicator, shown.origin)
        moved = less(*(side.left_out.get(told, NOUGHT) for side in (self.before, self.after)))
        return [Cause("joint", None, written(moved))] if moved else []

    def _rest(self, changed: Changed, told: Sequence[Cause]) -> list[Cause]:
        """Return the cause of what is left of a difference when the others were told."""
        shown = changed.figure
        if changed.difference is None:
            return [] if told else [Cause(self._kind_of_rest(shown), None, None)]
        parts = (Decimal(cause.difference or 0) for cause in told)
        rest = less(Decimal(changed.difference), added(parts))
        # A zero that appears or goes has no difference, but it has a cause.
        if rest or not told:
            return [Cause(self._kind_of_rest(shown), None, written(rest))]
        return []

    def _kind_of_rest(self, shown: Shown) -> CauseKind:
        code = shown.indicator or ""
        if self.before.indicators.get(code) != self.after.indicators.get(code):
            return "indicator"
        by_units = shown.part in _BY_HIERARCHY or shown.dimension == "level"
        if self.differ["register_sha256"] and by_units:
            return "register"
        return "joint" if shown.part == "breakdown" and self.joint else "merged"


def _in_rate(line: RosterLine | None, shown: Shown) -> int:
    """Return what a roster line counts in one number of the coverage: 0 or 1."""
    if line is None or line.basis not in (("ordered",) if shown.member == "ordered" else _OTHERS):
        return 0
    number: int = getattr(rates([line]), shown.column)
    return number
