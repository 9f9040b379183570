"""Reading and forging the audit, past everything that guards it."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from app.db import unit_of_work
from app.domain.audit.models import AuditEntry
from app.domain.audit.service import audit
from app.domain.principal import Principal
from tests.support.makers import BINH_SON

AT = datetime(2021, 6, 1, 2, 3, 4, 5, tzinfo=UTC)
SOMEBODY = Principal(UUID(int=7), BINH_SON, frozenset(), request_id="a-request")


def note(session: Session, action: str = "thing.done", **changes: Any) -> None:
    """Add an entry with defaults."""
    said: dict[str, Any] = {"by": SOMEBODY, "at": AT, "target": ("thing", "1")}
    audit(session, action=action, **{**said, **changes})


def noted(engine: Engine, *actions: str) -> None:
    """Commit entries, each in a transaction of its own."""
    for action in actions:
        with unit_of_work(engine) as session:
            note(session, action)


def all_entries(engine: Engine) -> list[AuditEntry]:
    """Return every entry there is, sealed or not."""
    with unit_of_work(engine, write=False) as session:
        return list(session.exec(select(AuditEntry).order_by(col(AuditEntry.id))))


def forge(engine: Engine, *statements: str, **values: object) -> None:
    """Run SQL as somebody who may do everything, the guards being off."""
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(sa.text("SET LOCAL session_replication_role = replica"))
        else:
            listed = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'audit_%'"
            for name in connection.execute(sa.text(listed)).scalars().all():
                connection.execute(sa.text(f"DROP TRIGGER {name}"))
        for statement in statements:
            said = sa.text(statement)
            given = {name: values[name] for name in said._bindparams}
            connection.execute(said, given)
