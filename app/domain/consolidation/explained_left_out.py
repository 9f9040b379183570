"""What a figure of a published version does not count, and why: as it stands now.

What the report itself says (joined activity, submissions that do not count, units without a
place) is read from it. Activity reports are looked up: what was withdrawn, what lies outside of
the days that a submission covers, and what was posted or corrected since it was frozen.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from app.domain.activities.models import (
    ActivityExpenditure,
    ActivityMeasure,
    ActivityReport,
    ActivityRevision,
)
from app.domain.consolidation.explained import Explained
from app.domain.consolidation.figures import Shown, figures
from app.domain.consolidation.roster_lines import StoredLine
from app.domain.principal import Principal
from app.domain.submissions.models import FrozenActivity
from app.domain.units.queries import subtree

Kind = Literal[
    "withdrawn",
    "outside_window",
    "not_yet_reported",
    "counted_once",
    "in_review",
    "returned",
    "missing",
    "not_mappable",
    "not_additive",
]
FIRST_ROWS: Final = 100
_WAITING: Final = ("in_review", "returned", "missing")
_NO_MORE: Final = 10_000  # activity reports that are told apart: counts end there


@dataclass(frozen=True)
class LeftOutRow:
    """One thing that is not counted: an activity report, or a unit's submission or line."""

    unit: str
    amount: str | None = None
    report_id: UUID | None = None
    source_system: str | None = None
    external_id: str | None = None
    revision: int | None = None
    held_revision: int | None = None
    occurred_on: date | None = None
    counted_with: str | None = None
    reason: str | None = None


@dataclass
class LeftOut:
    """All of one kind that is not counted: how many, and the first of them."""

    kind: Kind
    count: int
    rows: list[LeftOutRow]


def left_out(session: Session, found: Explained, *, by: Principal) -> list[LeftOut]:
    """Return what a figure does not count, by kind; activity for those who see the province."""
    kinds: dict[Kind, LeftOut] = {}
    for kind, row in _all(session, found, by):
        group = kinds.setdefault(kind, LeftOut(kind, 0, []))
        group.count += 1
        if len(group.rows) < FIRST_ROWS:
            group.rows.append(row)
    return [kinds[kind] for kind in sorted(kinds)]


def _all(session: Session, found: Explained, by: Principal) -> Iterator[tuple[Kind, LeftOutRow]]:
    if found.shown.part in ("coverage", "expectation"):
        return
    for term in found.terms:
        if term.kind in ("joint", "report") and term.report and term.counted_with:
            one, other = term.report, term.counted_with
            yield (
                "counted_once",
                LeftOutRow(
                    unit=one.unit,
                    amount=(term.amount or "").removeprefix("-"),
                    source_system=one.source_system,
                    external_id=one.external_id,
                    revision=one.revision,
                    counted_with=f"{other.unit}/{other.source_system}/{other.external_id}",
                ),
            )
    if found.shown.value is None:
        for term in found.terms:
            yield "not_additive", LeftOutRow(unit=term.unit or "", amount=term.stands_for)
    if found.shown.part in ("total", "breakdown", "hierarchy"):
        yield from _waiting(found)
    if found.shown.part == "hierarchy":
        yield from _unmapped(found)
    if by.province_wide and found.shown.part != "left_out":
        yield from _activity(session, found)


def _waiting(found: Explained) -> Iterator[tuple[Kind, LeftOutRow]]:
    """Yield the roster's rows of the figure's item whose submission does not count."""
    for stored in found.lines:
        line = stored.line
        if stored.revision_id is None and line.basis != "not_required":
            if line.items and found.shown.item not in line.items:
                continue
            for kind in _WAITING:
                if line.review == kind:
                    row = LeftOutRow(unit=line.unit, revision=line.revision, reason=line.reason)
                    yield kind, row


def _unmapped(found: Explained) -> Iterator[tuple[Kind, LeftOutRow]]:
    shown = found.shown
    for other in figures(found.report):
        if other.part == "unmapped" and _measured(other) == _measured(shown):
            place = int(other.pointer.split("/")[3])
            why = found.report["by_hierarchy"]["unmapped"][place]["reason"]
            yield (
                "not_mappable",
                LeftOutRow(unit=other.unit or "", amount=other.value, reason=why),
            )


def _measured(shown: Shown) -> tuple[str | None, ...]:
    return shown.column, shown.item, shown.indicator, shown.origin, shown.source


def _activity(session: Session, found: Explained) -> Iterator[tuple[Kind, LeftOutRow]]:
    """Yield the activity reports that are not counted, of the units whose submission counts."""
    counting = {one.line.unit for one in found.explaining.counting(found.shown)}
    lines = {one.line.unit: one for one in found.lines}
    units = sorted(unit for unit in counting if lines[unit].revision_id is not None)
    statement = _not_held(found, lines, units).limit(_NO_MORE)
    rows = session.connection().execute(statement).all()
    held = _held(session, found, [row.id for row in rows])
    for row in rows:
        yield (
            _kind(row, lines[row.root]),
            LeftOutRow(
                unit=row.unit_key,
                report_id=row.id,
                source_system=row.source_system,
                external_id=row.external_id,
                revision=row.number,
                held_revision=held.get(row.id),
                occurred_on=row.occurred_on,
            ),
        )


def _kind(row: Any, stored: StoredLine) -> Kind:
    if row.withdrawn_at is not None:
        return "withdrawn"
    line = stored.line
    inside = line.covers_from <= row.occurred_on < line.covers_to
    if inside and line.data_to is not None and row.ended_on <= line.data_to:
        return "not_yet_reported"
    return "outside_window"


def _not_held(found: Explained, lines: dict[str, StoredLine], units: list[str]) -> Any:
    """Return the select of current revisions that some units' counted submissions do not hold.

    Each with the roster's nearest unit that covers it, which is one of `units`.
    `not_required` rows cover nothing.
    """
    shown = found.shown
    tree = subtree(*(u for u, one in lines.items() if one.line.basis != "not_required"))
    day = col(ActivityReport.occurred_on)
    frozen = (
        sa.select(col(FrozenActivity.activity_revision_id))
        .where(col(FrozenActivity.activity_revision_id) == ActivityRevision.id)
        .where(col(FrozenActivity.submission_revision_id).in_(_revisions(found)))
    )
    statement = (
        sa.select(
            col(ActivityReport.id),
            col(ActivityReport.unit_key),
            col(ActivityReport.source_system),
            col(ActivityReport.external_id),
            col(ActivityReport.withdrawn_at),
            col(ActivityRevision.number),
            col(ActivityRevision.occurred_on),
            col(ActivityRevision.ended_on),
            tree.c.root,
        )
        .join(
            ActivityRevision,
            (col(ActivityRevision.report_id) == ActivityReport.id)
            & (col(ActivityRevision.number) == ActivityReport.number),
        )
        .join(
            tree,
            (tree.c.unit_key == ActivityReport.unit_key)
            & (tree.c.day_from <= day)
            & (tree.c.day_to > day),
        )
        .where(col(ActivityReport.plan_slug) == found.report["plan"]["slug"])
        .where(col(ActivityRevision.item_code) == shown.item, ~frozen.exists())
        .where(tree.c.root.in_(units))
        .order_by(
            col(ActivityReport.unit_key),
            col(ActivityReport.source_system),
            col(ActivityReport.external_id),
        )
    )
    if shown.unit is not None and shown.part in ("hierarchy", "unmapped"):
        chosen = found.explaining.chosen(shown)
        placed = [cell.member for cell in chosen.cells] if chosen else []
        statement = statement.where(col(ActivityReport.unit_key).in_(placed))
    return _of_measure(statement, shown)


def _of_measure(statement: Any, shown: Shown) -> Any:
    """Narrow a select of revisions to those that say something of what the figure measures."""
    if shown.indicator is not None:
        of = sa.select(col(ActivityMeasure.revision_id)).where(
            col(ActivityMeasure.revision_id) == ActivityRevision.id,
            col(ActivityMeasure.indicator_code) == shown.indicator,
            col(ActivityMeasure.origin) == shown.origin,
        )
        return statement.where(of.exists())
    if shown.source is not None:
        spent = sa.select(col(ActivityExpenditure.revision_id)).where(
            col(ActivityExpenditure.revision_id) == ActivityRevision.id,
            col(ActivityExpenditure.source) == shown.source,
        )
        return statement.where(spent.exists())
    return statement


def _held(session: Session, found: Explained, reports: list[UUID]) -> dict[UUID, int]:
    """Return the revisions of some reports that the counted submissions hold."""
    held: dict[UUID, int] = {}
    revision = aliased(ActivityRevision)
    for start in range(0, len(reports), 500):
        statement = (
            sa.select(col(revision.report_id), col(revision.number))
            .join(FrozenActivity, col(FrozenActivity.activity_revision_id) == revision.id)
            .where(col(FrozenActivity.submission_revision_id).in_(_revisions(found)))
            .where(col(revision.report_id).in_(reports[start : start + 500]))
        )
        held |= {row[0]: row[1] for row in session.connection().execute(statement)}
    return held


def _revisions(found: Explained) -> list[UUID]:
    return [one.revision_id for one in found.lines if one.revision_id is not None]
