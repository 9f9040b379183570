"""Counting a cycle's activity: in a fixed number of statements, however many rows and reports."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import CTE, ColumnElement, Date, Integer, Uuid, and_, column, values
from sqlalchemy import select as select_columns
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func, select

from app.domain.activities.models import ActivityReport, ActivityRevision
from app.domain.base import bytewise
from app.domain.cycles.models import RosterRow
from app.domain.cycles.queries import Cycle
from app.domain.recorded import known
from app.domain.status.coverage import FIRST_DAY, LAST_DAY, Below, Stretch
from app.domain.submissions.models import FrozenActivity, Submission, SubmissionRevision
from app.domain.units.models import UnitParentage

_MANY: Final = 60  # units
_NO_REVISION: Final = UUID(int=0)  # PostgreSQL would take a column of nothing but NULL for text


@dataclass(frozen=True)
class Done:
    """The activity of one unit that a row covers: reports, occurrences, its last day.

    `held` is how many of the reports the row's last submitted revision holds as they are now.
    """

    activities: int
    occurrences: int
    last_on: date
    held: int


def parents(session: Session) -> Sequence[UnitParentage]:
    """Return every unit's places in the tree, as they are known now, by unit and day."""
    order = col(UnitParentage.unit_key), col(UnitParentage.valid_from)
    statement = select(UnitParentage).where(*known(UnitParentage))
    return session.exec(statement.order_by(*order)).all()


def children_of(places: Sequence[UnitParentage]) -> dict[str, list[Below]]:
    """Return what stood under each unit, and on which days."""
    children: dict[str, list[Below]] = {}
    for one in places:
        below = Below(one.unit_key, one.valid_from or FIRST_DAY, one.valid_to or LAST_DAY)
        children.setdefault(one.parent_key, []).append(below)
    return children


def last_submitted(session: Session, *, cycle_id: int) -> dict[int, SubmissionRevision]:
    """Return by roster row the revision that was submitted last."""
    statement = (
        select(Submission.roster_row_id, SubmissionRevision)
        .join(SubmissionRevision, col(SubmissionRevision.submission_id) == Submission.id)
        .join(RosterRow, col(RosterRow.id) == Submission.roster_row_id)
        .where(
            RosterRow.cycle_id == cycle_id,
            col(SubmissionRevision.number) == col(Submission.submitted_number),
        )
    )
    return dict(session.exec(statement).all())


def covered_now(
    session: Session,
    *,
    cycle: Cycle,
    covered: Sequence[Stretch],
    submitted: Mapping[int, UUID],
    today: date,
) -> dict[tuple[int, str], Done]:
    """Return what the rows cover now, by row and unit; of units without any nothing.

    As it would be frozen if every row were submitted today, up to the last day that it can.
    `submitted` are the last submitted revisions by row.
    """
    if not covered:
        return {}
    stretch = _as_table(covered, submitted)
    unit = col(ActivityReport.unit_key)
    # For many units the database is to read each table once, from end to end: by the index on
    # units each revision would come from another page, which is four times slower on SQLite.
    joined: Any = unit.concat("") if len(covered) > _MANY else unit
    statement = (
        select_columns(
            stretch.c.row_id,
            unit,
            func.count(),
            func.sum(ActivityRevision.occurrences),
            func.max(ActivityRevision.ended_on),
            func.count(col(FrozenActivity.activity_revision_id)),
        )
        .select_from(stretch)
        .join(ActivityReport, joined == stretch.c.unit_key)
        .join(ActivityRevision, _is_current(ActivityRevision))
        .outerjoin(
            FrozenActivity,
            (col(FrozenActivity.submission_revision_id) == stretch.c.submitted)
            & (col(FrozenActivity.activity_revision_id) == ActivityRevision.id),
        )
        .where(_covers(stretch, cycle, ActivityRevision, today))
        .group_by(stretch.c.row_id, unit)
    )
    return {
        (row[0], row[1]): Done(row[2], int(row[3]), row[4], row[5])
        for row in session.connection().execute(statement)
    }


def changed_since(
    session: Session,
    *,
    cycle: Cycle,
    covered: Sequence[Stretch],
    submitted: Mapping[int, UUID],
    today: date,
) -> dict[int, int]:
    """Return by row how many reports its revision holds in an older form than the row covers."""
    if not covered or not submitted:
        return {}
    stretch = _as_table(covered, submitted)
    held, now = aliased(ActivityRevision), aliased(ActivityRevision)
    statement = (
        select(stretch.c.row_id, func.count())
        .select_from(FrozenActivity)
        .join(held, col(held.id) == FrozenActivity.activity_revision_id)
        .join(
            ActivityReport,
            (col(ActivityReport.id) == held.report_id)
            & (col(ActivityReport.number) != held.number),
        )
        .join(now, _is_current(now))
        .join(
            stretch,
            (stretch.c.submitted == FrozenActivity.submission_revision_id)
            & (stretch.c.unit_key == ActivityReport.unit_key),
        )
        .where(
            col(FrozenActivity.submission_revision_id).in_(submitted.values()),
            _covers(stretch, cycle, now, today),
        )
        .group_by(stretch.c.row_id)
    )
    return dict(session.exec(statement).all())


def _is_current(revision: Any) -> ColumnElement[bool]:
    same = col(revision.report_id) == ActivityReport.id
    return same & (col(revision.number) == ActivityReport.number)


def _as_table(covered: Sequence[Stretch], submitted: Mapping[int, UUID]) -> CTE:
    """Return the stretches, with their rows' revisions, as a table that the database joins."""
    columns = (
        column("row_id", Integer),
        column("unit_key", bytewise(80)),
        column("day_from", Date),
        column("day_to", Date),
        column("until", Date),
        column("submitted", Uuid),
    )
    data = [
        (
            one.row_id,
            one.unit,
            one.day_from,
            one.day_to,
            one.until,
            submitted.get(one.row_id, _NO_REVISION),
        )
        for one in covered
    ]
    return values(*columns, name="covered").data(data).cte("stretch")


def _covers(stretch: CTE, cycle: Cycle, revision: Any, today: date) -> ColumnElement[bool]:
    """Return the condition that a stretch covers a report as of its current revision."""
    conditions = [
        col(revision.occurred_on) >= stretch.c.day_from,
        col(revision.occurred_on) < stretch.c.day_to,
        col(revision.ended_on) < stretch.c.until,
        col(revision.ended_on) <= today,
        col(ActivityReport.plan_slug) == cycle.plan,
        col(ActivityReport.withdrawn_at).is_(None),
    ]
    if cycle.items is not None:
        conditions.append(col(revision.item_code).in_(cycle.items))
    return and_(*conditions)
