"""Adding up a consolidation, and comparing what was executed with what was estimated: pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from app.domain.budgets.document import (
    SCHEMA,
    BudgetCoverage,
    BudgetManifest,
    Comparison,
    ConsolidationDocument,
    Figures,
    Line,
    Total,
    UnitStanding,
)
from app.domain.budgets.stages import ORDER, estimated, warnings
from app.domain.canonical import canonical_bytes

_RATE_SCALE: Final = 1_000_000


@dataclass(frozen=True)
class StatedLine:
    """A line with its amounts as numbers."""

    unit: str
    item: str
    source: str
    chapter: str
    category: str
    subcategory: str
    stated: Mapping[str, int]

    @property
    def classification(self) -> str:
        """Chương, loại and khoản as one text."""
        return "-".join(code or "…" for code in (self.chapter, self.category, self.subcategory))

    @property
    def order(self) -> tuple[str, ...]:
        """The key by which lines are in order."""
        return (self.unit, self.item, self.source, self.chapter, self.category, self.subcategory)


@dataclass(frozen=True)
class Facts:
    """All that a consolidation is made of."""

    plan: str
    budget_year: int
    version: int
    authority: str
    frozen_at: str
    executed_only: bool
    manifest: BudgetManifest
    units: Sequence[UnitStanding]
    lines: Sequence[StatedLine]
    reported: Mapping[tuple[str, str, str], int] = field(default_factory=dict)


def consolidated(facts: Facts) -> bytes:
    """Return the canonical bytes of a consolidation."""
    lines = sorted(facts.lines, key=lambda line: line.order)

    def by(key: Callable[[StatedLine], str]) -> list[Total]:
        groups: dict[str, list[StatedLine]] = {}
        for line in lines:
            groups.setdefault(key(line), []).append(line)
        return [_total(name, groups[name]) for name in sorted(groups)]

    made = ConsolidationDocument(
        schema=SCHEMA,
        plan=facts.plan,
        budget_year=facts.budget_year,
        version=facts.version,
        level="province",
        authority=facts.authority,
        frozen_at=facts.frozen_at,
        executed_only=facts.executed_only,
        manifest=facts.manifest,
        coverage=_coverage(facts.units),
        total=_total(None, lines),
        by_item=by(lambda line: line.item),
        by_source=by(lambda line: line.source),
        by_unit=by(lambda line: line.unit),
        by_classification=by(lambda line: line.classification),
        comparisons=compared(lines, facts.reported),
        lines=[_line(line, executed_only=facts.executed_only) for line in lines],
    )
    return canonical_bytes(made.model_dump(mode="json", by_alias=True))


def compared(
    lines: Iterable[StatedLine], reported: Mapping[tuple[str, str, str], int]
) -> list[Comparison]:
    """Return executed against estimated per unit, item and source, in their order.

    What only the activity reports know has a row too.
    """
    groups: dict[tuple[str, str, str], list[StatedLine]] = {key: [] for key in reported}
    for line in lines:
        groups.setdefault((line.unit, line.item, line.source), []).append(line)
    return [_comparison(key, groups[key], reported.get(key)) for key in sorted(groups)]


def _comparison(
    key: tuple[str, str, str], lines: Sequence[StatedLine], reported: int | None
) -> Comparison:
    given = [found for found in (estimated(line.stated) for line in lines) if found is not None]
    executed = _sum(line.stated.get("executed") for line in lines)
    whole = _sum(amount for amount, _ in given)
    both = executed is not None and whole is not None
    unit, item, source = key
    used = {stage for _, stage in given}
    return Comparison(
        unit=unit,
        item=item,
        source=source,
        estimated=_text(whole),
        estimated_by=[stage for stage in ("proposed", "allocated", "adjusted") if stage in used],
        executed=_text(executed),
        difference=_text((executed or 0) - (whole or 0)) if both else None,
        rate=rate(executed or 0, whole or 0) if both else None,
        reported_in_activity=_text(reported),
    )


def rate(part: int, whole: int) -> str | None:
    """Return part / whole with six decimals, half up, in whole numbers; None of nothing."""
    if whole == 0:
        return None
    scaled = (2 * _RATE_SCALE * part + whole) // (2 * whole)
    return f"{scaled // _RATE_SCALE}.{scaled % _RATE_SCALE:06}"


def _line(line: StatedLine, *, executed_only: bool) -> Line:
    return Line(
        unit=line.unit,
        item=line.item,
        source=line.source,
        chapter=line.chapter or None,
        category=line.category or None,
        subcategory=line.subcategory or None,
        figures=_figures([line]),
        warnings=warnings(line.stated, executed_only=executed_only),
    )


def _total(key: str | None, lines: Sequence[StatedLine]) -> Total:
    return Total(key=key, lines=len(lines), figures=_figures(lines))


def _figures(lines: Sequence[StatedLine]) -> Figures:
    return Figures(
        **{stage: _text(_sum(line.stated.get(stage) for line in lines)) for stage in ORDER}
    )


def _coverage(units: Sequence[UnitStanding]) -> BudgetCoverage:
    states = [one.state for one in units]
    return BudgetCoverage(
        required=len(states),
        consolidated=states.count("consolidated"),
        in_review=states.count("in_review"),
        returned=states.count("returned"),
        missing=states.count("missing"),
        units=sorted(units, key=lambda one: one.unit),
    )


def _sum(amounts: Iterable[int | None]) -> int | None:
    stated = [amount for amount in amounts if amount is not None]
    return sum(stated) if stated else None


def _text(amount: int | None) -> str | None:
    return None if amount is None else str(amount)
