"""Everything that a database holds, to see that nothing at all was changed."""

from typing import Any

from sqlalchemy import Engine, select

from app.db import unit_of_work
from app.domain.models import METADATA


def everything(engine: Engine) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of each of our tables, the audit and the kept answers included."""
    with unit_of_work(engine, write=False) as session:
        return {
            table.name: sorted((tuple(row) for row in session.execute(select(table))), key=repr)
            for table in METADATA.sorted_tables
        }
