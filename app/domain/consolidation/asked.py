"""Reading what the plan asks for in a cycle, as it was known: what gaps are measured by."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import Any, Final, cast
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.domain.catalogue.models import CodeEntry
from app.domain.consolidation.gaps import ONCE_IN_A_PLAN, Asked
from app.domain.cycles.models import ReportingCycle, RosterRow
from app.domain.cycles.queries import Cycle
from app.domain.plans.queries import items, themes
from app.domain.recorded import known
from app.domain.submissions.models import Submission, SubmissionRevision

_VIETNAMESE: Final = "vi"


def what_is_asked(session: Session, *, cycle: Cycle, known_at: datetime) -> Asked:
    """Return what the plan asks for in a cycle.

    An extra cycle that names its items asks for these alone, and for nothing under section IV
    but what it names.
    """
    asked = [
        item
        for item in items(session, plan=cycle.plan)
        if item.period.overlaps(cycle.window) and (cycle.items is None or item.code in cycle.items)
    ]
    return Asked(
        items=[item.code for item in asked if item.kind != "funding_rule"],
        rules=[item.code for item in asked if item.kind == "funding_rule"],
        themes=[
            theme.code
            for theme in themes(session, plan=cycle.plan)
            if theme.period.overlaps(cycle.window)
        ],
        languages=_minority_languages(session, cycle, known_at),
        brought_before=_brought_before(session, cycle, known_at),
    )


def _minority_languages(session: Session, cycle: Cycle, known_at: datetime) -> list[str]:
    statement = (
        select(CodeEntry)
        .where(CodeEntry.list == "language", CodeEntry.code != _VIETNAMESE)
        .where(*known(CodeEntry, at=known_at))
        .order_by(col(CodeEntry.ordinal), col(CodeEntry.code))
    )
    return [row.code for row in session.exec(statement) if row.period.overlaps(cycle.window)]


def _brought_before(
    session: Session, cycle: Cycle, known_at: datetime
) -> dict[str, Collection[tuple[str, str]]]:
    """Return the lasting deliverables of earlier yearly cycles, of what was accepted last."""
    statement = (
        sa.select(col(Submission.id), col(RosterRow.unit_key), col(SubmissionRevision.deliverables))
        .join(SubmissionRevision, col(SubmissionRevision.submission_id) == col(Submission.id))
        .join(RosterRow, col(RosterRow.id) == col(Submission.roster_row_id))
        .join(ReportingCycle, col(ReportingCycle.id) == col(RosterRow.cycle_id))
        .where(col(ReportingCycle.plan_slug) == cycle.plan, col(ReportingCycle.kind) == "yearly")
        .where(col(ReportingCycle.year) < cycle.year)
        .where(col(SubmissionRevision.accepted_at) <= known_at)
        .order_by(col(SubmissionRevision.number))
    )
    last: dict[UUID, tuple[str, list[dict[str, Any]]]] = {}
    for submission, unit, deliverables in session.connection().execute(statement):
        last[submission] = unit, deliverables or []
    found: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for unit, rows in last.values():
        lasting = [row for row in rows if row["kind"] in ONCE_IN_A_PLAN]
        found[unit] |= {(row["kind"], row["plan_item"]) for row in lasting}
    return cast("dict[str, Collection[tuple[str, str]]]", dict(found))
