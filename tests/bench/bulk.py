"""One request of 50,000 rows, against validating them and copying them into the same tables."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import Connection, Dialect, Engine, Table, func, inspect, select
from sqlmodel import SQLModel, col

from app.db import make_engine
from app.domain.access.models import ApiKey
from app.domain.activities.body import ActivityRow
from app.domain.activities.models import ActivityMeasure, ActivityReport, ActivityRevision
from app.domain.base import new_id
from tests.bench.measured import Measured, middle_round, say, seconds
from tests.bench.rows import JSON_LINES, a_key, json_lines, send_batch
from tests.bench.served import PRODUCT, Served, served
from tests.support.makers import BINH_SON

ROWS: Final = 50_000
ROUNDS: Final = 3
STEP: Final = 5_000  # rows held at once; 1,000 and 50,000 are no faster
TARGET: Final = 0.4
MODES: Final = ("partial", "atomic")
TABLES: Final = (ActivityReport, ActivityRevision, ActivityMeasure)

_READ: Final = TypeAdapter(ActivityRow)


def run(url: str) -> Iterator[Measured]:
    """Measure the request and the bare copying in turns, for each mode."""
    secret = a_key(url)
    engine = make_engine(url)
    for mode in MODES:
        rounds = []
        with TemporaryDirectory() as folder, served(PRODUCT, url, log=Path(folder) / "log") as api:
            for number in range(ROUNDS):
                ours = _ours(api, engine, secret, mode, f"ours-{mode}-{number}")
                bare = _floor(engine, f"floor-{mode}-{number}")
                rounds.append((ROWS / ours, ROWS / bare))
                say(
                    f"bulk, {engine.dialect.name}, {mode}: round {number + 1} of {ROUNDS}: "
                    f"{ours:.1f} s / {bare:.1f} s"
                )
        ours, bare = middle_round(rounds)
        yield Measured(
            variant=f"{engine.dialect.name}, {ROWS} rows, {mode}",
            unit="rows/s",
            ours=round(ours),
            floor=round(bare),
            target=TARGET,
        )
    engine.dispose()


def _ours(api: Served, engine: Engine, secret: str, mode: str, system: str) -> float:
    """Return the seconds from the first byte sent to the whole answer received."""
    body = json_lines(ROWS, source_system=system)
    taken = seconds(
        lambda: send_batch(api, body, mode=mode, media_type=JSON_LINES, secret=secret, name=system)
    )
    _check_stored(engine, system)
    return taken


def _floor(engine: Engine, system: str) -> float:
    """Return the seconds from the same bytes, in memory, to the end of the commit."""
    body = json_lines(ROWS, source_system=system)
    with engine.connect() as connection:
        key = connection.execute(select(col(ApiKey.id))).scalars().one()
    taken = seconds(lambda: copy(engine, body, key=key))
    _check_stored(engine, system)
    return taken


def copy(engine: Engine, body: bytes, *, key: UUID) -> None:
    """Validate JSON Lines and copy the rows that the product would store, in one transaction.

    Nothing is looked up, compared, hashed or answered: the unit is known, a measure's value is a
    whole number, the body's hash is any text of its length.
    """
    received = {"received_at": datetime.now(UTC), "received_by": key, "body_sha256": "0" * 64}
    lines = body.splitlines()
    with engine.begin() as connection:
        for start in range(0, len(lines), STEP):
            stored = _rows(lines[start : start + STEP], received)
            for model, rows in stored.items():
                _insert(connection, inspect(model).local_table, rows)


def _rows(
    lines: Sequence[bytes], received: Mapping[str, Any]
) -> dict[type[SQLModel], list[dict[str, Any]]]:
    stored: dict[type[SQLModel], list[dict[str, Any]]] = {table: [] for table in TABLES}
    for line in lines:
        row = _READ.validate_json(line)
        report, revision = new_id(received["received_at"]), new_id(received["received_at"])
        stored[ActivityReport].append(_report(row, report))
        stored[ActivityRevision].append({**_revision(row, report, revision), **received})
        stored[ActivityMeasure] += [
            {
                "revision_id": revision,
                "indicator_code": measure.indicator,
                "origin": measure.origin,
                "amount": int(measure.value),
            }
            for measure in row.measures
        ]
    return stored


def _report(row: ActivityRow, report: UUID) -> dict[str, Any]:
    return {
        "id": report,
        "unit_key": BINH_SON,
        "source_system": row.source_system,
        "external_id": row.external_id,
        "plan_slug": row.plan,
        "number": 1,
        "occurred_on": row.occurred_on,
        "withdrawn_at": None,
    }


def _revision(row: ActivityRow, report: UUID, revision: UUID) -> dict[str, Any]:
    return {
        "id": revision,
        "report_id": report,
        "number": 1,
        "plan_slug": row.plan,
        "item_code": row.plan_item,
        "themes": row.content_themes,
        "occurred_on": row.occurred_on,
        "ended_on": row.ended_on or row.occurred_on,
        "occurrences": row.occurrences or 1,
        "channel": row.channel,
        "format": row.format,
        "title": row.title,
        "description": row.description,
        "languages": row.languages,
        "integrated": row.integrated,
        "participants": (),
        "evidence": [],
        "outside_assignment": False,
        "theme_outside_phase": False,
        "kind": "created",
        "reason": None,
        "incoming_number": None,
        "incoming_on": None,
    }


def _insert(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert by COPY; on SQLite by the driver's executemany."""
    names = list(rows[0])
    convert = _converters(connection.dialect, table, names)
    values = (
        [row[name] if change is None else change(row[name]) for name, change in convert]
        for row in rows
    )
    listed = ", ".join(names)
    cursor = connection.connection.driver_connection.cursor()  # type: ignore[union-attr]
    if connection.dialect.name == "sqlite":
        places = ", ".join("?" for _ in names)
        cursor.executemany(f"INSERT INTO {table.name} ({listed}) VALUES ({places})", values)  # noqa: S608
        return
    with cursor.copy(f"COPY {table.name} ({listed}) FROM STDIN") as copied:
        for row in values:
            copied.write_row(row)


def _converters(dialect: Dialect, table: Table, names: Sequence[str]) -> list[tuple[str, Any]]:
    """Return, for each column, what makes the driver's value of ours; None where nothing does."""
    types = [(name, table.c[name].type.dialect_impl(dialect)) for name in names]
    return [(name, type_.bind_processor(dialect)) for name, type_ in types]


def _check_stored(engine: Engine, system: str) -> None:
    """Assert that every row of a round is there, with its revision and its measures."""
    of_round = (
        select(func.count(), func.count(func.distinct(col(ActivityReport.id))))
        .select_from(ActivityReport)
        .join(ActivityRevision, col(ActivityRevision.report_id) == ActivityReport.id)
        .join(ActivityMeasure, col(ActivityMeasure.revision_id) == ActivityRevision.id)
        .where(col(ActivityReport.source_system) == system)
    )
    with engine.connect() as connection:
        assert tuple(connection.execute(of_round).one()) == (2 * ROWS, ROWS), "rows are missing"
