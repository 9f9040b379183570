"""The activity reports behind a submission's part of a figure: chosen and added up by SQL."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from app.domain.activities.models import (
    ActivityExpenditure,
    ActivityMeasure,
    ActivityReport,
    ActivityRevision,
)
from app.domain.consolidation.arithmetic import NONE, TOTAL
from app.domain.consolidation.explaining_amounts import Chosen, Identity
from app.domain.submissions.models import FrozenActivity

# Amounts are added in two halves: SQLite's sum ends at 2^63, which ten large ones can pass.
_HALF: Final = 10**9


@dataclass(frozen=True)
class Part:
    """A submission's part of a figure. `kept` says who holds the value that is left of a series."""

    revision: UUID
    submission: str
    chosen: Chosen
    kept: Mapping[Identity, str]


@dataclass(frozen=True)
class Behind:
    """An activity report behind a figure, as the submission holds it.

    `amount` is its term. Of values that replace each other only one is left: the others' terms
    are 0, `said` is what they say, and `replaced_by` is the report whose value is left, or
    `replaced_in` the unit of the submission that holds it.
    """

    id: UUID
    unit: str
    source_system: str
    external_id: str
    revision: int
    occurred_on: date
    title: str
    amount: str
    said: str
    replaced_by: UUID | None = None
    replaced_in: str | None = None


def reports_behind(
    session: Session, *, part: Part, after: UUID | None, limit: int
) -> tuple[int, list[Behind]]:
    """Return what all of the reports add up to, and those behind an id, at most `limit`."""
    rows = _chosen(part).subquery()
    page = sa.select(rows).order_by(rows.c.id).limit(limit)
    if after is not None:
        page = page.where(rows.c.id > after)
    found = session.connection().execute(page).all()
    return _total(session, rows, part), [_behind(row, part) for row in found]


def _total(session: Session, rows: Any, part: Part) -> int:
    connection = session.connection()
    if part.chosen.over_time == "sum":
        halves = (sa.func.sum(rows.c.amount // _HALF), sa.func.sum(rows.c.amount % _HALF))
        high, low = connection.execute(sa.select(*halves)).one()
        return int(high or 0) * _HALF + int(low or 0)
    kept = sa.select(rows.c.unit, rows.c.channel, rows.c.amount).where(rows.c.place == 1)
    return sum(
        int(amount)
        for unit, channel, amount in connection.execute(kept)
        if _holder(part, unit, channel) == part.submission
    )


def _holder(part: Part, unit: str, channel: str) -> str:
    return part.kept[unit, channel if part.chosen.over_time == "latest" else ""]


def _behind(row: Any, part: Part) -> Behind:
    said = part.chosen.text(int(row.amount))
    head = (row.id, row.unit, row.source_system, row.external_id, row.revision)
    shown = Behind(*head, row.occurred_on, row.title, said, said)
    if part.chosen.over_time == "sum":
        return shown
    holder = _holder(part, row.unit, row.channel)
    if holder != part.submission:
        return replace(shown, amount="0", replaced_in=holder)
    if row.place != 1:
        return replace(shown, amount="0", replaced_by=row.kept)
    return shown


def _chosen(part: Part) -> Any:
    chosen = part.chosen
    amount: Any = {
        "activities": sa.literal(1, sa.BigInteger),
        "occurrences": col(ActivityRevision.occurrences),
        "amount": col(ActivityMeasure.amount),
        "money": col(ActivityExpenditure.amount),
    }[chosen.measure]
    statement = (
        sa.select(
            col(ActivityReport.id).label("id"),
            col(ActivityReport.unit_key).label("unit"),
            col(ActivityReport.source_system).label("source_system"),
            col(ActivityReport.external_id).label("external_id"),
            col(ActivityRevision.number).label("revision"),
            col(ActivityRevision.occurred_on).label("occurred_on"),
            col(ActivityRevision.title).label("title"),
            amount.label("amount"),
            col(ActivityRevision.channel).label("channel"),
        )
        .select_from(FrozenActivity)
        .join(ActivityRevision, col(FrozenActivity.activity_revision_id) == ActivityRevision.id)
        .join(ActivityReport, col(ActivityRevision.report_id) == ActivityReport.id)
        .where(col(FrozenActivity.submission_revision_id) == part.revision)
        .where(col(ActivityRevision.item_code) == chosen.item, _in_cells(chosen))
    )
    if chosen.figure is not None:
        statement = statement.join(
            ActivityMeasure, col(ActivityMeasure.revision_id) == ActivityRevision.id
        ).where(
            col(ActivityMeasure.indicator_code) == chosen.figure.indicator,
            col(ActivityMeasure.origin) == chosen.figure.origin,
        )
    if chosen.measure == "money":
        statement = statement.join(
            ActivityExpenditure, col(ActivityExpenditure.revision_id) == ActivityRevision.id
        ).where(col(ActivityExpenditure.source) == chosen.source)
    return statement if chosen.over_time == "sum" else _with_places(statement, chosen)


def _with_places(statement: Any, chosen: Chosen) -> Any:
    """Add each value's place in its series, and the report whose value is left of it."""
    report, amount = col(ActivityReport.id), col(ActivityMeasure.amount).desc()
    whose: list[Any] = [col(ActivityReport.unit_key)]
    order: list[Any] = [amount, report]
    if chosen.over_time == "latest":
        whose.append(col(ActivityRevision.channel))
        order.insert(0, col(ActivityRevision.ended_on).desc())
    first = sa.func.first_value(report, type_=sa.Uuid())
    return statement.add_columns(
        sa.func.row_number().over(partition_by=whose, order_by=order).label("place"),
        first.over(partition_by=whose, order_by=order).label("kept"),
    )


def _in_cells(chosen: Chosen) -> Any:
    """Return the condition under which an activity stands in one of the cells."""
    (dimension,) = {cell.dimension for cell in chosen.cells}
    members = sorted(cell.member for cell in chosen.cells)
    (member, *_) = members
    if dimension == TOTAL:
        return sa.true()
    if dimension == "unit":
        return col(ActivityReport.unit_key).in_(members)
    if dimension == "month":
        day = "ended_on" if chosen.over_time != "sum" else "occurred_on"
        first = date.fromisoformat(f"{member}-01")
        end = date(first.year + first.month // 12, first.month % 12 + 1, 1)
        column = getattr(ActivityRevision, day)
        return sa.and_(column >= first, column < end)
    if dimension == "integrated":
        return col(ActivityRevision.integrated).is_(member == "yes")
    return _has(dimension, member)


def _has(dimension: str, member: str) -> Any:
    if dimension in ("language", "theme"):
        codes = col(getattr(ActivityRevision, f"{dimension}s"))
        if member == NONE:
            return codes.like(" ")
        return codes.contains(f" {member} ", autoescape=True)
    column = col(getattr(ActivityRevision, dimension))
    return column.is_(None) if member == NONE else column == member
