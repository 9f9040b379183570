"""Idempotency keys: what a POST answered, kept so that the same POST is answered the same."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import LargeBinary
from sqlmodel import Field

from app.domain.base import Base, Instant, bytewise, json_type


class IdempotencyKey(Base, table=True):
    """The first answer under an Idempotency-Key of one API key.

    It is stored in the transaction of its effect. A bulk request has a `batch_id` in place of
    an answer: its answer is made from the batch.
    """

    __tablename__ = "idempotency_key"

    api_key_id: UUID = Field(primary_key=True, foreign_key="api_key.id")
    key: str = Field(primary_key=True, sa_type=bytewise(128))
    operation: str = Field(sa_type=bytewise(200))
    body_sha256: str = Field(sa_type=bytewise(64))
    received_at: datetime = Field(sa_type=Instant, index=True)
    status: int | None = None
    headers: dict[str, Any] | None = Field(default=None, sa_type=json_type())
    body: bytes | None = Field(default=None, sa_type=LargeBinary)
    batch_id: UUID | None = Field(default=None, foreign_key="batch.id")
