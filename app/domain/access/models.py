"""API keys: bound to a unit and to scopes, shown once, stored only as their SHA-256."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field

from app.domain.base import Base, CodeSet, Instant, bytewise


class ApiKey(Base, table=True):
    """One key of one unit's program."""

    __tablename__ = "api_key"

    id: UUID = Field(primary_key=True)
    sha256: str = Field(unique=True, sa_type=bytewise(64))
    label: str
    unit_key: str = Field(foreign_key="unit.key", sa_type=bytewise(80), index=True)
    scopes: tuple[str, ...] = Field(sa_type=CodeSet)
    created_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant)
    revoked_at: datetime | None = Field(default=None, sa_type=Instant)
