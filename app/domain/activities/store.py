"""Writing activity reports and their revisions: one, or a thousand at a time."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast
from uuid import UUID

import psycopg
from sqlalchemy import ARRAY, Table, bindparam, func, insert, inspect, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel, col, select

from app.domain.activities.candidate import Candidate
from app.domain.activities.checks import Checked
from app.domain.activities.models import (
    ActivityExpenditure,
    ActivityMeasure,
    ActivityReport,
    ActivityRevision,
)
from app.domain.base import new_id
from app.domain.joint.naming import note_participants
from app.domain.principal import Principal

_COPY_FROM: Final = 50  # rows; below that a COPY costs more than it saves

Row = dict[str, Any]

_REPORT: Final = cast("Table", inspect(ActivityReport).local_table)
_INSERT_REPORTS: Final = sqlite.insert(_REPORT).on_conflict_do_nothing().returning(_REPORT.c.id)
# One text for any number of rows: the driver would read one of a thousand VALUES anew each time.
_INSERT_ARRAYS: Final = (
    postgresql.insert(_REPORT)
    .from_select(
        list(_REPORT.c),
        select(*(func.unnest(bindparam(c.name, type_=ARRAY(c.type))) for c in _REPORT.c)),
    )
    .on_conflict_do_nothing()
    .returning(_REPORT.c.id)
)


@dataclass(frozen=True)
class NewRevision:
    """A revision to be stored: the row of its content, its measures and its expenditure."""

    row: Row
    measures: list[Row]
    expenditure: list[Row]


def new_report(candidate: Candidate, *, at: datetime) -> Row:
    """Return the row of a report that is to be stored for the first time."""
    unit, system, external_id = candidate.natural_key
    return {
        "id": new_id(at),
        "unit_key": unit,
        "source_system": system,
        "external_id": external_id,
        "plan_slug": candidate.body.plan,
        "number": 1,
        "occurred_on": candidate.body.occurred_on,
        "withdrawn_at": None,
    }


def new_revision(
    candidate: Candidate,
    checked: Checked,
    *,
    report_id: UUID,
    number: int,
    by: Principal,
    at: datetime,
    kind: str = "created",
    reason: str | None = None,
) -> NewRevision:
    """Return the rows of a revision that says what the candidate says."""
    body, revision_id = candidate.body, new_id(at)
    on_behalf = body.on_behalf
    row = {
        "id": revision_id,
        "report_id": report_id,
        "number": number,
        "plan_slug": body.plan,
        "item_code": body.plan_item,
        "themes": tuple(body.content_themes),
        "occurred_on": body.occurred_on,
        "ended_on": body.ended_on or body.occurred_on,
        "occurrences": body.occurrences or 1,
        "channel": body.channel,
        "format": body.format,
        "title": body.title,
        "description": body.description,
        "languages": tuple(body.languages),
        "integrated": body.integrated,
        "participants": checked.participants,
        "evidence": candidate.said["evidence"],
        "outside_assignment": checked.outside_assignment,
        "theme_outside_phase": checked.theme_outside_phase,
        "body_sha256": candidate.sha256,
        "received_at": at,
        "received_by": by.key_id,
        "kind": kind,
        "reason": reason,
        "incoming_number": on_behalf.incoming_number if on_behalf else None,
        "incoming_on": on_behalf.incoming_on if on_behalf else None,
    }
    measures = [
        {
            "revision_id": revision_id,
            "indicator_code": measure.indicator,
            "origin": measure.origin,
            "amount": amount,
        }
        for measure, amount in zip(body.measures, checked.amounts, strict=True)
    ]
    expenditure = [
        {"revision_id": revision_id, "source": one.source, "amount": one.amount}
        for one in body.expenditure
    ]
    return NewRevision(row, measures, expenditure)


def repeated_revisions(
    session: Session,
    *,
    reasons: Mapping[UUID, str],
    kind: str,
    by: Principal,
    at: datetime,
) -> list[NewRevision]:
    """Return, for each of these locked reports, a revision that says what it says now.

    `reasons` tells for each report, by its id, why it has that revision.
    """
    changed = {"received_at": at, "received_by": by.key_id, "kind": kind}
    made = {}
    for before in current_revisions(session, reasons):
        own = {"id": new_id(at), "number": before.number + 1, "reason": reasons[before.report_id]}
        row = {**before.model_dump(exclude={"txid"}), **changed, **own}
        made[before.id] = NewRevision(row, [], [])
    measures = select(ActivityMeasure).where(col(ActivityMeasure.revision_id).in_(made))
    for measure in session.exec(measures):
        one = made[measure.revision_id]
        one.measures.append({**measure.model_dump(), "revision_id": one.row["id"]})
    money = select(ActivityExpenditure).where(col(ActivityExpenditure.revision_id).in_(made))
    for spent in session.exec(money):
        one = made[spent.revision_id]
        one.expenditure.append({**spent.model_dump(), "revision_id": one.row["id"]})
    return list(made.values())


def current_revisions(session: Session, report_ids: Collection[UUID]) -> Sequence[ActivityRevision]:
    """Return the current revisions of these reports."""
    is_current = (col(ActivityReport.id) == ActivityRevision.report_id) & (
        col(ActivityReport.number) == ActivityRevision.number
    )
    statement = select(ActivityRevision).join(ActivityReport, is_current)
    return session.exec(statement.where(col(ActivityReport.id).in_(report_ids))).all()


def insert_reports(session: Session, rows: Sequence[Row]) -> set[UUID]:
    """Insert reports, but those whose natural key is taken; return the ids of the inserted.

    The database decides who is first: a loser of a race waits here for the winner's commit.
    """
    connection = session.connection()
    # What comes back tells: psycopg counts no rows (-1) where there is nothing to count.
    if connection.dialect.name != "postgresql":
        return set(connection.execute(_INSERT_REPORTS, list(rows)).scalars())
    arrays = {name: [row[name] for row in rows] for name in rows[0]}
    return set(connection.execute(_INSERT_ARRAYS, arrays).scalars())


def insert_revisions(session: Session, revisions: Sequence[NewRevision]) -> None:
    """Insert revisions with what hangs on them. Their reports are there."""
    insert_rows(session, ActivityRevision, [one.row for one in revisions])
    insert_rows(session, ActivityMeasure, [row for one in revisions for row in one.measures])
    insert_rows(session, ActivityExpenditure, [row for one in revisions for row in one.expenditure])
    note_named(session, revisions)


def note_named(session: Session, revisions: Sequence[NewRevision]) -> None:
    """Note which units the revisions name as participants: they may see the reports."""
    note_participants(
        session,
        [(one.row["report_id"], unit) for one in revisions for unit in one.row["participants"]],
    )


def advance_reports(session: Session, revisions: Sequence[NewRevision], *, at: datetime) -> None:
    """Make new revisions of locked reports their current ones."""
    statement = (
        update(ActivityReport)
        .where(col(ActivityReport.id) == bindparam("report"))
        .values(
            number=bindparam("new_number"),
            occurred_on=bindparam("day"),
            withdrawn_at=bindparam("withdrawn"),
        )
    )
    rows = [
        {
            "report": one.row["report_id"],
            "new_number": one.row["number"],
            "day": one.row["occurred_on"],
            "withdrawn": at if one.row["kind"] == "withdrawn" else None,
        }
        for one in revisions
    ]
    if rows:
        session.connection().execute(statement, rows)


def insert_rows(session: Session, table: type[SQLModel], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows of one shape into a table; many go to PostgreSQL by COPY."""
    if not rows:
        return
    connection = session.connection()
    if connection.dialect.name != "postgresql" or len(rows) < _COPY_FROM:
        connection.execute(insert(table), list(rows))
        return
    columns = [inspect(table).columns[name] for name in rows[0]]
    to_database = [column.type.dialect_impl(connection.dialect) for column in columns]
    processors = [kind.bind_processor(connection.dialect) for kind in to_database]
    names = ", ".join(column.name for column in columns)
    driver = cast("psycopg.Connection", connection.connection.driver_connection)
    with (
        driver.cursor() as cursor,
        cursor.copy(f"COPY {inspect(table).local_table.name} ({names}) FROM STDIN") as copy,
    ):
        for row in rows:
            copy.write_row(
                [
                    value if process is None or value is None else process(value)
                    for value, process in zip(row.values(), processors, strict=True)
                ]
            )
