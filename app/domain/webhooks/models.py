"""Webhooks: where a unit wants to be told of what, what it was told, and what came of it."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from app.domain.base import Base, CodeSet, Instant, bytewise, one_of

ENDPOINT_STATES: Final = ("enabled", "disabled", "removed")
DISABLED_BECAUSE: Final = ("failing", "gone")
DELIVERY_STATES: Final = ("waiting", "delivered", "failed")
LONGEST_URL: Final = 2000


class WebhookEndpoint(Base, table=True):
    """An address of a unit, and the events that it is told of.

    No secret is stored: that of a version is derived from the service's own
    (`app.domain.webhooks.signing`), and `signing_key` tells by which one. Until a day after
    `rotated_at` the secret of the version before signs as well. `failing_since` is when the first
    attempt failed after the last that did not.
    """

    __tablename__ = "webhook_endpoint"
    __table_args__ = (
        one_of("state", ENDPOINT_STATES),
        one_of("disabled_reason", DISABLED_BECAUSE),
        CheckConstraint(
            "(state = 'disabled') = (disabled_at IS NOT NULL AND disabled_reason IS NOT NULL)",
            name="disabled_with_reason",
        ),
        CheckConstraint("(state = 'removed') = (removed_at IS NOT NULL)", name="removed_at"),
        Index("ix_webhook_endpoint_unit_key", "unit_key", "id"),
    )

    id: UUID = Field(primary_key=True)
    unit_key: str = Field(foreign_key="unit.key", sa_type=bytewise(80))
    url: str = Field(sa_type=bytewise(LONGEST_URL))
    events: tuple[str, ...] = Field(sa_type=CodeSet)
    state: str = Field(default="enabled", sa_type=bytewise(10))
    secret_version: int = 1
    signing_key: str = Field(sa_type=bytewise(16))
    rotated_at: datetime | None = Field(default=None, sa_type=Instant)
    created_at: datetime = Field(sa_type=Instant)
    created_by: UUID = Field(foreign_key="api_key.id")
    failing_since: datetime | None = Field(default=None, sa_type=Instant)
    delivered_at: datetime | None = Field(default=None, sa_type=Instant)
    disabled_at: datetime | None = Field(default=None, sa_type=Instant)
    disabled_reason: str | None = Field(default=None, sa_type=bytewise(10))
    removed_at: datetime | None = Field(default=None, sa_type=Instant)


class WebhookMessage(Base, table=True):
    """What endpoints are told: the exact text that is sent, in the same transaction as its cause.

    It is written where an endpoint wants it, and never changes.
    """

    __tablename__ = "webhook_message"
    __table_args__ = (Index("ix_webhook_message_created_at", "created_at"),)

    id: UUID = Field(primary_key=True)
    event: str = Field(sa_type=bytewise(40))
    body: str
    created_at: datetime = Field(sa_type=Instant)


class WebhookDelivery(Base, table=True):
    """A message on its way to an endpoint.

    `attempts` counts all that were begun; `tries` those since it was last put out, on which the
    schedule goes. `next_attempt_at` is also the end of the lease of the worker that is sending
    it: until then nobody else takes it.
    """

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        UniqueConstraint("endpoint_id", "message_id"),
        one_of("state", DELIVERY_STATES),
        Index("ix_webhook_delivery_message_id", "message_id"),
        Index("ix_webhook_delivery_endpoint_id", "endpoint_id", "id"),
        Index(
            "ix_webhook_delivery_waiting",
            "next_attempt_at",
            postgresql_where=text("state = 'waiting'"),
            sqlite_where=text("state = 'waiting'"),
        ),
    )

    id: UUID = Field(primary_key=True)
    endpoint_id: UUID = Field(foreign_key="webhook_endpoint.id")
    message_id: UUID = Field(foreign_key="webhook_message.id")
    state: str = Field(default="waiting", sa_type=bytewise(10))
    attempts: int = 0
    tries: int = 0
    next_attempt_at: datetime = Field(sa_type=Instant)
    created_at: datetime = Field(sa_type=Instant)


class WebhookAttempt(Base, table=True):
    """One attempt, written when it is begun and again when it has ended.

    `status` is the receiver's, `fault` why there is none. Both are missing while it runs, and for
    good where its worker died. Nothing of what the receiver answered is kept but the status.
    """

    __tablename__ = "webhook_attempt"

    delivery_id: UUID = Field(primary_key=True, foreign_key="webhook_delivery.id")
    number: int = Field(primary_key=True)
    at: datetime = Field(sa_type=Instant)
    duration_ms: int | None = None
    status: int | None = None
    fault: str | None = Field(default=None, sa_type=bytewise(40))
    next_attempt_at: datetime | None = Field(default=None, sa_type=Instant)


class CycleTold(Base, table=True):
    """A reporting cycle whose opening was told: once, whatever becomes of its dates."""

    __tablename__ = "webhook_cycle_told"

    cycle_id: int = Field(primary_key=True, foreign_key="reporting_cycle.id")
    told_at: datetime = Field(sa_type=Instant)
