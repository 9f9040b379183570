"""Activity added up by the units of the day when it was done, or of any other day.

Counts, occurrences, expenditure and the indicators that add over time and over units. Of the
others (followers, reach) nothing is added: how many values were left out is said. A report on a
joint activity counts with each of its units, as it does in reconciliation.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import CTE, ColumnElement, Select, case, func, literal, select, union_all
from sqlmodel import Session, col

from app.domain.activities.models import (
    ActivityExpenditure,
    ActivityMeasure,
    ActivityReport,
    ActivityRevision,
)
from app.domain.activities.queries import ActivityFilter, narrow, visible_activities
from app.domain.activities.reconciliation import TOO_MUCH
from app.domain.activities.regrouping import Counted, Line, Regrouped, regroup
from app.domain.catalogue.queries import indicators
from app.domain.errors import Fault, Invalid
from app.domain.plans.queries import get_plan
from app.domain.principal import Principal
from app.domain.units.hierarchy import as_reported
from app.domain.units.hierarchy_queries import load_hierarchy
from app.domain.units.models import UnitVersion
from app.domain.units.queries import parents_on, versions_of

MOST_LINES: Final = 50_000  # of sums that are read, before they are grouped
# Amounts are added in two halves: SQLite's sum ends at 2^63, which ten large ones can pass.
_HALF: Final = 10**9


@dataclass(frozen=True)
class ActivityTotals:
    """Regrouped activity, with what is needed to show it.

    `decimals` are those of the indicators that were added, `left_out` the number of values of
    each that was not; `parents` are of the day asked, and empty where none was.
    """

    regrouped: Regrouped
    decimals: Mapping[str, int]
    left_out: Mapping[str, int]
    units: Mapping[str, UnitVersion]
    parents: Mapping[str, str]


def activity_totals(
    session: Session,
    *,
    by: Principal,
    plan: str,
    unit: str | None = None,
    occurred_from: date | None = None,
    occurred_to: date | None = None,
    units_on: date | None = None,
) -> ActivityTotals:
    """Add up a plan's reports that the caller may see, by the units of a day.

    Withdrawn reports count in nothing. Without `units_on` the units are those that reported.
    Raises NotFound for a plan that there is not, Invalid where the answer would be too large.
    """
    catalogue = indicators(session, plan=get_plan(session, plan).slug)
    decimals = {
        row.indicator_code: row.decimals
        for row in catalogue
        if row.over_time == row.over_units == "sum"
    }
    hierarchy = load_hierarchy(session) if units_on else None
    days = [date.min, *hierarchy.changes] if hierarchy else [date.min]
    narrowed = ActivityFilter(
        plan=plan, unit=unit, occurred_from=occurred_from, occurred_to=occurred_to
    )
    lines, left_out = _lines(session, _current(by, narrowed, days), days, set(decimals))
    place = hierarchy.view(units_on) if hierarchy and units_on else as_reported
    found = regroup(lines, place=place)
    keys = {*found.lines, *(head.unit for head in found.unmapped)}
    return ActivityTotals(
        regrouped=found,
        decimals=decimals,
        left_out=left_out,
        units=versions_of(session, keys),
        parents=parents_on(session, set(found.lines), units_on) if units_on else {},
    )


def _current(by: Principal, narrowed: ActivityFilter, days: list[date]) -> CTE:
    """Return a CTE of the current revisions that count, each with the last of `days` by then."""
    day = col(ActivityReport.occurred_on)
    stretch: ColumnElement[int] = literal(0)
    if len(days) > 1:
        later = [(day >= start, number) for number, start in enumerate(days)]
        stretch = case(*reversed(later), else_=0)
    statement: Any = narrow(visible_activities(by), narrowed).join(
        ActivityRevision,
        (col(ActivityRevision.report_id) == ActivityReport.id)
        & (col(ActivityRevision.number) == ActivityReport.number),
    )
    made: CTE = (
        statement.where(col(ActivityReport.withdrawn_at).is_(None))
        .with_only_columns(
            col(ActivityReport.unit_key),
            stretch.label("stretch"),
            col(ActivityRevision.item_code),
            col(ActivityRevision.occurrences),
            col(ActivityRevision.id),
        )
        .cte("current")
    )
    return made


def _lines(
    session: Session, current: CTE, days: list[date], adding: set[str]
) -> tuple[list[Line], Counter[str]]:
    """Return the lines that are added up, and how many values of what does not add up."""
    # One statement: whatever is written meanwhile, counts and sums are of the same reports.
    rows = session.connection().execute(_sums(current).limit(MOST_LINES + 1)).all()
    if len(rows) > MOST_LINES:
        raise Invalid(Fault("?occurred_from", TOO_MUCH, {"most": MOST_LINES}))
    lines, left_out = [], Counter[str]()
    for row in rows:
        amount = int(row.high) * _HALF + int(row.low)
        if row.kind == "measure" and row.code not in adding:
            left_out[row.code] += row.number
            continue
        amounts = {Counted(row.kind, row.code, row.origin): amount}
        if row.kind == "occurrences":
            amounts[Counted("activities")] = row.number
        lines.append(Line(row.unit_key, days[row.stretch], row.item_code, amounts))
    return lines, left_out


def _sums(current: CTE) -> Select[Any]:
    """Return the select of all sums, by unit, stretch of days and item."""
    of = current.c
    group = (of.unit_key, of.stretch, of.item_code)
    reports = select(
        *group,
        literal("occurrences").label("kind"),
        literal("").label("code"),
        literal("").label("origin"),
        func.count().label("number"),
        literal(0).label("high"),
        func.sum(of.occurrences).label("low"),
    ).group_by(*group)
    measures = _added(current, ActivityMeasure, "measure", "indicator_code", "origin")
    expenditure = _added(current, ActivityExpenditure, "expenditure", "source")
    return select(union_all(reports, measures, expenditure).subquery())


def _added(current: CTE, table: Any, kind: str, *names: str) -> Select[Any]:
    """Return the select of the sums of amounts, by group and by the names of what they are of."""
    of = current.c
    codes = [getattr(table, name) for name in names]
    by = (of.unit_key, of.stretch, of.item_code)
    halves = (func.sum(table.amount // _HALF), func.sum(table.amount % _HALF))
    return (
        select(*by, literal(kind), *[*codes, literal("")][:2], func.count(), *halves)
        .join(table, table.revision_id == of.id)
        .group_by(*by, *codes)
    )
