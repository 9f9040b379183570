"""What every table stands on: one metadata with its naming convention, and the column types."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    JSON,
    CheckConstraint,
    ColumnElement,
    DateTime,
    MetaData,
    Select,
    String,
    bindparam,
    func,
    inspect,
    select,
    true,
)
from sqlalchemy import column as sql_column
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import registry
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator
from sqlmodel import Session, SQLModel, col

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(SQLModel, registry=registry(metadata=MetaData(naming_convention=NAMING))):
    """The parent of every table model. It validates nothing: wire models do that."""


class Instant(TypeDecorator[datetime]):
    """An instant in UTC with microseconds; a naive datetime is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs its time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class CodeSet(TypeDecorator[tuple[str, ...]]):
    """A set of codes in one text column, sorted, each between blanks: `" hre vi "`.

    Equal sets are equal texts, so that SQL can group by them; `LIKE '% vi %'` finds a member.
    """

    impl = String
    cache_ok = True

    def process_bind_param(self, value: Iterable[str] | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        codes = sorted(set(value))
        return f" {' '.join(codes)} " if codes else " "

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[str, ...]:
        return tuple((value or "").split())

    def coerce_compared_value(self, op: Any, value: Any) -> Any:
        # A text beside the column is the pattern of a LIKE, and not a set of letters.
        return String() if isinstance(value, str) else self


class CurrentTransaction(FunctionElement[int]):
    """The number of PostgreSQL's transaction, as a column's default; NULL on SQLite.

    SQLite has one writer at a time, so the order of its rows is the order of their commits.
    """

    inherit_cache = True


@compiles(CurrentTransaction)
def _no_transaction_number(_element: Any, _compiler: Any, **_options: Any) -> str:
    return "NULL"


@compiles(CurrentTransaction, "postgresql")
def _transaction_number(_element: Any, _compiler: Any, **_options: Any) -> str:
    return "((pg_current_xact_id())::text)::bigint"


def bytewise(length: int) -> Any:
    """Return a text column type whose order is that of its UTF-8 bytes on both databases."""
    return String(length).with_variant(String(length, collation="C"), "postgresql")


def json_type() -> Any:
    """Return the JSON column type of both databases (JSONB on PostgreSQL)."""
    return JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


def one_of(column: str, values: Iterable[str]) -> CheckConstraint:
    """Return the CHECK that `column` holds one of `values`, named `<column>_known`."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")


def period_in_order(start: str = "valid_from", end: str = "valid_to") -> CheckConstraint:
    """Return the CHECK that a half-open period is not empty; NULL is unbounded and passes."""
    return CheckConstraint(f"{start} < {end}", name=f"{start}_before_{end}")


def insert_once(session: Session, row: SQLModel) -> bool:
    """Insert a row unless one with its unique key is there; tell whether it was inserted.

    The database decides who is first: a loser of the race waits here for the winner's commit.
    """
    dialect = session.get_bind().dialect.name
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    statement = insert(type(row)).values(**row.model_dump()).on_conflict_do_nothing()
    # What comes back tells: psycopg counts no rows (-1) where there is nothing to count.
    inserted = statement.returning(*inspect(type(row)).primary_key)
    return session.connection().execute(inserted).first() is not None


def where_given(equal: Mapping[Any, Any]) -> list[ColumnElement[bool]]:
    """Return the conditions that columns equal the values that are given: None is none."""
    return [col(column) == value for column, value in equal.items() if value is not None]


def for_each(session: Session, statement: Any, column: Any, values: Sequence[Any]) -> Select[Any]:
    """Return the statement for those of its rows in which a column holds one of many values.

    On PostgreSQL each value is looked up by itself (LATERAL, which OFFSET 0 keeps so): without
    fresh statistics the planner would read all of a unit's rows for a thousand values, again and
    again. The values are one array, since the driver would parse a thousand parameters anew.
    """
    if session.get_bind().dialect.name != "postgresql":
        within: Select[Any] = statement.where(column.in_(values))
        return within
    array = bindparam(None, values, type_=ARRAY(column.type), unique=True)
    sent = (
        func.unnest(array)
        .table_valued(sql_column("value", column.type), name="sent")
        .render_derived()
    )
    one = statement.where(column == sent.c.value).offset(0).lateral("one")
    return select(*one.c).select_from(sent.join(one, true()))


def added_id(session: Session, row: Any) -> int:
    """Add a row that numbers itself and return its number."""
    session.add(row)
    session.flush()
    number: int = row.id
    return number


def new_id(at: datetime) -> UUID:
    """Return a UUIDv7 (RFC 9562, 5.7 and 6.2 method 3): microseconds of `at`, 62 random bits.

    Ids are in the order of their instants, which lists rely on.
    """
    milliseconds, microseconds = divmod((at - _EPOCH) // timedelta(microseconds=1), 1000)
    part = microseconds * 4096 // 1000
    high = (milliseconds & ((1 << 48) - 1)) << 80 | 0x7 << 76 | part << 64
    return UUID(int=high | 0b10 << 62 | secrets.randbits(62))
