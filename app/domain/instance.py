"""What this database was created for: production, or a demo or sandbox on a simulated clock."""

from datetime import datetime
from typing import Final

from sqlmodel import Field, Session

from app.domain.base import Base, Instant, bytewise, one_of

PURPOSES: Final = ("production", "demo", "sandbox")


class Instance(Base, table=True):
    """The one row that says what this database is. `cursor_secret` signs the list cursors."""

    __tablename__ = "instance"
    __table_args__ = (one_of("purpose", PURPOSES),)

    id: int = Field(default=1, primary_key=True)
    purpose: str = Field(sa_type=bytewise(12))
    created_at: datetime = Field(sa_type=Instant)
    cursor_secret: str = Field(sa_type=bytewise(64))


def the_instance(session: Session) -> Instance | None:
    """Return the instance's row, or None where `python -m app migrate` was never run."""
    return session.get(Instance, 1)
