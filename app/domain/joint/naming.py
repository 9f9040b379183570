"""Noting which units a stored revision names, so that they find it."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from app.domain.joint.models import JointNaming


def note_participants(session: Session, named: Sequence[tuple[UUID, str]]) -> None:
    """Note for each (report id, unit key) that the report names the unit; again changes nothing.

    The reports are stored already. One statement for any number, none for nothing.
    """
    if not named:
        return
    dialect = session.get_bind().dialect.name
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    # In one order everywhere, so that two transactions that name the same never wait in a ring.
    rows = [{"report_id": report, "unit_key": unit} for report, unit in sorted(set(named))]
    session.connection().execute(insert(JointNaming).on_conflict_do_nothing(), rows)
