"""Counts and sums of what is stored, so that a portal can compare them with its own."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any, Final

from sqlalchemy import CTE, Integer, Row, Select, cast, extract, func, literal, select, union_all
from sqlmodel import Session, col

from app.domain.activities.amounts import unscaled
from app.domain.activities.models import (
    ActivityExpenditure,
    ActivityMeasure,
    ActivityReport,
    ActivityRevision,
)
from app.domain.activities.queries import ActivityFilter, narrow, visible_activities
from app.domain.catalogue.queries import indicators
from app.domain.errors import Fault, Invalid, Text
from app.domain.plans.queries import get_plan
from app.domain.principal import Principal

MOST_LINES: Final = 50_000  # counts, and sums of one indicator or source, in one answer
# Amounts are added in two halves: SQLite's sum ends at 2^63, which ten large ones can pass.
_HALF: Final = 10**9
_REPORTS, _MEASURES, _EXPENDITURE = range(3)

TOO_MUCH = Text(
    "too_much_to_reconcile",
    "Kết quả có hơn {most} dòng; hãy thu hẹp thời gian hoặc đơn vị.",
    "The answer would have more than {most} lines: narrow the period or the unit.",
)


@dataclass(frozen=True)
class MeasureSum:
    """How many values of an indicator and origin there are, and their sum.

    The sum is None where the indicator does not add up, over time or over the units: of
    followers or reach there is no sum that means anything.
    """

    indicator: str
    origin: str
    values: int
    sum: str | None


@dataclass(frozen=True)
class ExpenditureSum:
    """Money executed from a source, in VND."""

    source: str
    amount: int


@dataclass(frozen=True)
class Sums:
    """What some reports amount to; withdrawn ones are counted, and in nothing else."""

    reports: int
    withdrawn: int
    on_behalf: int
    outside_assignment: int
    occurrences: int
    measures: list[MeasureSum]
    expenditure: list[ExpenditureSum]


@dataclass(frozen=True)
class Group:
    """The sums of one unit, month (`2021-09`, of `occurred_on`) and item."""

    unit: str
    month: str
    plan_item: str
    sums: Sums


@dataclass(frozen=True)
class Reconciliation:
    """Every group in the order of unit, month and item, and the sums of all of them."""

    groups: list[Group]
    totals: Sums


def reconciliation(
    session: Session,
    *,
    by: Principal,
    plan: str,
    unit: str | None = None,
    source_system: str | None = None,
    occurred_from: date | None = None,
    occurred_to: date | None = None,
) -> Reconciliation:
    """Count and add up the current revisions of a plan's reports that the caller may see.

    Raises NotFound for a plan that there is not, Invalid where the answer would be too large.
    """
    catalogue = indicators(session, plan=get_plan(session, plan).slug)
    narrowed = ActivityFilter(
        plan=plan,
        unit=unit,
        source_system=source_system,
        occurred_from=occurred_from,
        occurred_to=occurred_to,
    )
    # One statement: whatever is written meanwhile, counts and sums are of the same reports.
    lines = _lines(_current(by, narrowed)).limit(MOST_LINES + 1)
    rows = session.connection().execute(lines).all()
    if len(rows) > MOST_LINES:
        raise Invalid(Fault("?occurred_from", TOO_MUCH, {"most": MOST_LINES}))
    adding = [row for row in catalogue if row.over_time == "sum"]
    over_time = {row.indicator_code: row.decimals for row in adding}
    over_units = {row.indicator_code: row.decimals for row in adding if row.over_units == "sum"}
    return Reconciliation(
        groups=[
            Group(unit, f"{year}-{month:02}", item, _sums(group, over_time))
            for (unit, year, month, item), group in groupby(rows, key=lambda row: row[:4])
        ],
        totals=_sums(rows, over_units),
    )


def _current(by: Principal, narrowed: ActivityFilter) -> CTE:
    """Return a CTE of the current revisions that are counted, each with its group."""
    statement: Any = narrow(visible_activities(by), narrowed).join(
        ActivityRevision,
        (col(ActivityRevision.report_id) == ActivityReport.id)
        & (col(ActivityRevision.number) == ActivityReport.number),
    )
    day = col(ActivityReport.occurred_on)
    columns = (
        col(ActivityReport.unit_key),
        cast(extract("year", day), Integer).label("year"),
        cast(extract("month", day), Integer).label("month"),
        col(ActivityRevision.item_code),
        col(ActivityReport.withdrawn_at).is_(None).label("counts"),
        col(ActivityRevision.incoming_on).is_not(None).label("on_behalf"),
        col(ActivityRevision.outside_assignment),
        col(ActivityRevision.occurrences),
        col(ActivityRevision.id),
    )
    made: CTE = statement.with_only_columns(*columns).cte("current")
    return made


def _lines(current: CTE) -> Select[Any]:
    """Return the select of all lines in order: of each group its counts, then its sums."""
    of = current.c
    group = (of.unit_key, of.year, of.month, of.item_code)
    reports = select(
        *group,
        literal(_REPORTS).label("part"),
        literal("").label("code"),
        literal("").label("origin"),
        func.count().filter(of.counts).label("number"),
        func.count().filter(~of.counts).label("withdrawn"),
        func.count().filter(of.counts, of.on_behalf).label("on_behalf"),
        func.count().filter(of.counts, of.outside_assignment).label("outside"),
        literal(0).label("high"),
        func.coalesce(func.sum(of.occurrences).filter(of.counts), 0).label("low"),
    ).group_by(*group)
    measures = _added(current, ActivityMeasure, _MEASURES, "indicator_code", "origin")
    expenditure = _added(current, ActivityExpenditure, _EXPENDITURE, "source")
    lines = union_all(reports, measures, expenditure).subquery()
    return select(lines).order_by(*list(lines.c)[:7])


def _added(current: CTE, table: Any, part: int, *names: str) -> Select[Any]:
    """Return the select of the sums of amounts, by group and by the names of what they are of."""
    of = current.c
    codes = [getattr(table, name) for name in names]
    by = (of.unit_key, of.year, of.month, of.item_code)
    nothing = [literal(0)] * 3
    halves = (func.sum(table.amount // _HALF), func.sum(table.amount % _HALF))
    shown = [*codes, literal("")][:2]
    return (
        select(*by, literal(part), *shown, func.count(), *nothing, *halves)
        .join(table, table.revision_id == of.id)
        .where(of.counts)
        .group_by(*by, *codes)
    )


def _sums(lines: Iterable[Row[Any]], decimals: Mapping[str, int]) -> Sums:
    """Add lines up; `decimals` holds the indicators that may be."""
    counts: Counter[str] = Counter()
    values: Counter[tuple[str, str]] = Counter()
    amounts: Counter[tuple[int, str, str]] = Counter()
    for line in lines:
        amounts[line.part, line.code, line.origin] += int(line.high) * _HALF + int(line.low)
        if line.part == _REPORTS:
            for name in ("number", "withdrawn", "on_behalf", "outside"):
                counts[name] += getattr(line, name)
        elif line.part == _MEASURES:
            values[line.code, line.origin] += line.number
    return Sums(
        reports=counts["number"],
        withdrawn=counts["withdrawn"],
        on_behalf=counts["on_behalf"],
        outside_assignment=counts["outside"],
        occurrences=amounts[_REPORTS, "", ""],
        measures=[
            MeasureSum(
                indicator=code,
                origin=origin,
                values=number,
                sum=unscaled(amounts[_MEASURES, code, origin], decimals[code])
                if code in decimals
                else None,
            )
            for (code, origin), number in sorted(values.items())
        ],
        expenditure=[
            ExpenditureSum(code, amount)
            for (part, code, _), amount in sorted(amounts.items())
            if part == _EXPENDITURE
        ],
    )
