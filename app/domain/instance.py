"""What this database was created for: production, or a demo or sandbox on a simulated clock."""

from datetime import datetime
from typing import Final

from sqlalchemy import BigInteger
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


class ReferenceStamp(Base, table=True):
    """One row that counts the changes of reference data: triggers on its tables see to it.

    What was read of reference data holds as long as this number does (`app.domain.reference`).
    """

    __tablename__ = "reference_stamp"

    id: int = Field(default=1, primary_key=True)
    version: int = Field(sa_type=BigInteger)


class Sealer(Base, table=True):
    """How far a sealer has come on PostgreSQL: all transactions below `horizon` are in order."""

    __tablename__ = "sealer"

    name: str = Field(primary_key=True, sa_type=bytewise(20))
    horizon: int = Field(sa_type=BigInteger)


def the_instance(session: Session) -> Instance | None:
    """Return the instance's row, or None where `python -m app migrate` was never run."""
    return session.get(Instance, 1)
