"""The audit as it is stored: entries, written with what they are about, and the chain over them.

Triggers refuse to change or to delete either. No foreign keys: entries outlive what they name.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Index, Integer, text
from sqlmodel import Field

from app.domain.base import Base, CurrentTransaction, Instant, bytewise, json_type


class AuditEntry(Base, table=True):
    """One action, or one refusal (`refusal` is then its code), and who did it to what.

    `api_key_id` and `unit_key` are None for the operator's commands and the worker's own work.
    On SQLite the order of the ids is that of the commits. PostgreSQL gives ids out before it
    commits; there `txid`, the transaction, tells the sealer who may still be under way.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_unit", "unit_key", "id"),
        Index("ix_audit_entry_target", "target_id"),
        Index("ix_audit_entry_txid", "txid", "id", sqlite_where=text("txid IS NOT NULL")),
    )

    id: int = Field(
        primary_key=True,
        sa_type=BigInteger().with_variant(Integer(), "sqlite"),
    )
    at: datetime = Field(sa_type=Instant)
    request_id: str = Field(sa_type=bytewise(64))
    api_key_id: UUID | None = None
    unit_key: str | None = Field(default=None, sa_type=bytewise(80))
    action: str = Field(sa_type=bytewise(80))
    target_kind: str = Field(sa_type=bytewise(40))
    target_id: str = Field(sa_type=bytewise(400))
    before: dict[str, Any] | None = Field(default=None, sa_type=json_type())
    after: dict[str, Any] | None = Field(default=None, sa_type=json_type())
    refusal: str | None = Field(default=None, sa_type=bytewise(64))
    txid: int | None = Field(
        default=None, sa_type=BigInteger, sa_column_kwargs={"server_default": CurrentTransaction()}
    )


class AuditSeal(Base, table=True):
    """The place of an entry in the chain, given once: `seq` counts from 1 without a gap."""

    __tablename__ = "audit_seal"

    seq: int = Field(
        primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False}
    )
    entry_id: int = Field(sa_type=BigInteger, unique=True)
    entry_sha256: str = Field(sa_type=bytewise(64))
    chain_sha256: str = Field(sa_type=bytewise(64))
