"""Writing one new report with its first revision: in as few statements as the database allows.

It is the hottest path of the service. On PostgreSQL every statement is a round trip, so all of it
is one; SQLite knows no INSERT inside a WITH, and has no round trips either.
"""

from typing import Any, Final, cast

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Executable,
    String,
    Table,
    bindparam,
    func,
    insert,
    inspect,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel

from app.domain.activities.models import (
    ActivityExpenditure,
    ActivityMeasure,
    ActivityReport,
    ActivityRevision,
)
from app.domain.activities.store import NewRevision, Row, note_named


def _table(model: type[SQLModel]) -> Table:
    return cast("Table", inspect(model).local_table)


_REPORT: Final = _table(ActivityReport)
_REVISION: Final = _table(ActivityRevision)
_MEASURE: Final = _table(ActivityMeasure)
_EXPENDITURE: Final = _table(ActivityExpenditure)


def insert_first(session: Session, report: Row, revision: NewRevision) -> bool:
    """Insert a report and its first revision, unless its natural key is taken; tell whether.

    The database decides who is first: a loser of the race waits here for the winner's commit.
    """
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        # What comes back tells: psycopg counts no rows (-1) where there is nothing to count.
        won = connection.execute(_ALL_AT_ONCE, _parameters(report, revision)).first()
    else:
        won = connection.execute(_INSERT_REPORT, report).first()
        if won is not None:
            connection.execute(_INSERT_REVISION, revision.row)
            for statement, rows in (
                (_INSERT_MEASURE, revision.measures),
                (_INSERT_EXPENDITURE, revision.expenditure),
            ):
                if rows:
                    connection.execute(statement, rows)
    if won is not None:
        note_named(session, [revision])
    return won is not None


def _parameters(report: Row, revision: NewRevision) -> Row:
    return {
        **{f"report_{name}": value for name, value in report.items()},
        **{f"revision_{name}": value for name, value in revision.row.items()},
        "indicators": [row["indicator_code"] for row in revision.measures],
        "origins": [row["origin"] for row in revision.measures],
        "values": [row["amount"] for row in revision.measures],
        "sources": [row["source"] for row in revision.expenditure],
        "sums": [row["amount"] for row in revision.expenditure],
    }


def _all_at_once() -> Executable:
    """Return the statement that inserts it all where the report's key was free."""
    won = (
        postgresql.insert(_REPORT)
        .values({column: bindparam(f"report_{column.name}") for column in _REPORT.c})
        .on_conflict_do_nothing()
        .returning(_REPORT.c.id)
        .cte("won")
    )
    columns = [column for column in _REVISION.c if column.name != "txid"]
    said = [bindparam(f"revision_{column.name}", type_=column.type) for column in columns]
    made = (
        insert(_REVISION)
        .from_select(columns, select(*said).select_from(won), include_defaults=False)
        .returning(_REVISION.c.id)
        .cte("made")
    )

    def texts(name: str) -> Any:
        return func.unnest(bindparam(name, type_=ARRAY(String)))

    def amounts(name: str) -> Any:
        return func.unnest(bindparam(name, type_=ARRAY(BigInteger)))

    measured = select(made.c.id, texts("indicators"), texts("origins"), amounts("values"))
    spent = select(made.c.id, texts("sources"), amounts("sums"))
    return select(won.c.id).add_cte(
        made,
        insert(_MEASURE).from_select(list(_MEASURE.c), measured).cte("measured"),
        insert(_EXPENDITURE).from_select(list(_EXPENDITURE.c), spent).cte("spent"),
    )


_ALL_AT_ONCE: Final = _all_at_once()
_INSERT_REPORT: Final = sqlite.insert(_REPORT).on_conflict_do_nothing().returning(_REPORT.c.id)
_INSERT_REVISION: Final = insert(_REVISION).inline()
_INSERT_MEASURE: Final = insert(_MEASURE).inline()
_INSERT_EXPENDITURE: Final = insert(_EXPENDITURE).inline()
