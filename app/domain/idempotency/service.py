"""Idempotency-Key: the same POST has its effect once, and is answered the same again."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, func, insert
from sqlmodel import Session, col, select

from app.domain.errors import DomainError, Text
from app.domain.idempotency.models import IdempotencyKey

RETENTION: Final = timedelta(days=30)


class KeyReused(DomainError):
    """The Idempotency-Key was used for another request."""

    text = Text(
        "idempotency_key_reused",
        "Idempotency-Key này đã dùng cho một yêu cầu khác; mỗi yêu cầu mới cần một khóa mới.",
        "This Idempotency-Key was used for another request; a new request needs a new one.",
    )


class KeyInProgress(DomainError):
    """The first request under this Idempotency-Key has not ended yet."""

    text = Text(
        "idempotency_key_in_progress",
        "Yêu cầu đầu tiên mang Idempotency-Key này chưa xong; hãy gửi lại sau.",
        "The first request under this Idempotency-Key has not ended yet; send it again later.",
    )


class KeyMissing(DomainError):
    """The operation has no natural key: without an Idempotency-Key it is not safe to repeat."""

    text = Text(
        "idempotency_key_missing",
        "Thao tác này cần tiêu đề Idempotency-Key (1 đến 128 ký tự ASCII, không dấu cách).",
        "This operation needs the header Idempotency-Key (1 to 128 ASCII characters, no blanks).",
    )


@dataclass(frozen=True)
class Asked:
    """A request under an Idempotency-Key: whose it is, what it asks for, and its exact body."""

    api_key_id: UUID
    key: str
    operation: str
    body_sha256: str


def kept(session: Session, asked: Asked) -> IdempotencyKey | None:
    """Return what is kept under the key, and hold the key until the transaction ends.

    Raises KeyInProgress where another transaction holds it (PostgreSQL; on SQLite one waits for
    the other), KeyReused where the request was another.
    """
    if session.get_bind().dialect.name == "postgresql":
        # The first one's row is invisible until its commit, so a lock tells.
        number = func.hashtextextended(f"{asked.api_key_id}:{asked.key}", 0)
        if not session.exec(select(func.pg_try_advisory_xact_lock(number))).one():
            raise KeyInProgress()
    found = session.get(IdempotencyKey, (asked.api_key_id, asked.key))
    if found is not None and (found.operation, found.body_sha256) != (
        asked.operation,
        asked.body_sha256,
    ):
        raise KeyReused()
    return found


def keep(
    session: Session,
    asked: Asked,
    *,
    at: datetime,
    status: int | None = None,
    headers: dict[str, Any] | None = None,
    body: bytes | None = None,
    batch_id: UUID | None = None,
) -> None:
    """Keep the answer, or the batch that it is made from, in the transaction of its effect."""
    row = IdempotencyKey(
        api_key_id=asked.api_key_id,
        key=asked.key,
        operation=asked.operation,
        body_sha256=asked.body_sha256,
        received_at=at,
        status=status,
        headers=headers,
        body=body,
        batch_id=batch_id,
    )
    session.connection().execute(insert(IdempotencyKey), [row.model_dump()])


def forget_old(session: Session, *, at: datetime) -> None:
    """Delete what was kept longer than RETENTION."""
    old = col(IdempotencyKey.received_at) < at - RETENTION
    session.connection().execute(delete(IdempotencyKey).where(old))
