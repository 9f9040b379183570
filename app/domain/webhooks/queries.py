"""Reading a unit's webhooks and what became of its deliveries."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, func, select
from sqlmodel.sql.expression import Select

from app.domain.errors import NotFound
from app.domain.principal import Principal
from app.domain.webhooks.models import (
    WebhookAttempt,
    WebhookDelivery,
    WebhookEndpoint,
    WebhookMessage,
)


@dataclass(frozen=True)
class Logged:
    """A delivery with what is told by it, and its attempts, oldest first."""

    delivery: WebhookDelivery
    message: WebhookMessage
    attempts: Sequence[WebhookAttempt]


def visible_webhooks(by: Principal) -> ColumnElement[bool]:
    """Return the condition that keeps the webhooks of the caller's own unit."""
    return col(WebhookEndpoint.unit_key) == by.unit


def webhooks(
    session: Session, *, by: Principal, after: UUID | None, limit: int
) -> Sequence[WebhookEndpoint]:
    """Return a unit's webhooks, also those removed, in the order in which they were registered."""
    statement = select(WebhookEndpoint).where(visible_webhooks(by))
    if after is not None:
        statement = statement.where(col(WebhookEndpoint.id) > after)
    return session.exec(statement.order_by(col(WebhookEndpoint.id)).limit(limit)).all()


def get_webhook(
    session: Session, *, by: Principal, webhook_id: UUID, lock: bool = False
) -> WebhookEndpoint:
    """Return a webhook; with `lock` who changes it waits for who is changing it.

    Raises NotFound, also for another unit's.
    """
    statement = select(WebhookEndpoint).where(
        WebhookEndpoint.id == webhook_id, visible_webhooks(by)
    )
    if lock:
        # Not so strong that whoever writes something to tell it would wait.
        statement = statement.with_for_update(key_share=True)
    found = session.exec(statement).first()
    if found is None:
        raise NotFound()
    return found


def in_use(session: Session, *, unit: str) -> int:
    """Return how many webhooks a unit has, without those removed."""
    statement = select(func.count()).where(
        WebhookEndpoint.unit_key == unit, WebhookEndpoint.state != "removed"
    )
    return session.exec(statement).one()


def deliveries(
    session: Session,
    *,
    webhook_id: UUID,
    state: str | None = None,
    before: UUID | None = None,
    limit: int,
) -> list[Logged]:
    """Return a webhook's deliveries, the newest first; those before a delivery where it is said."""
    statement = _told(webhook_id)
    if state is not None:
        statement = statement.where(WebhookDelivery.state == state)
    if before is not None:
        statement = statement.where(col(WebhookDelivery.id) < before)
    return _logged(session, statement.order_by(col(WebhookDelivery.id).desc()).limit(limit))


def get_delivery(session: Session, *, webhook_id: UUID, delivery_id: UUID) -> Logged:
    """Return one delivery of a webhook. Raises NotFound."""
    found = _logged(session, _told(webhook_id).where(WebhookDelivery.id == delivery_id))
    if not found:
        raise NotFound()
    return found[0]


def _told(webhook_id: UUID) -> Select[WebhookDelivery, WebhookMessage]:
    """Return the statement of a webhook's deliveries, each with what is told by it."""
    return (
        select(WebhookDelivery, WebhookMessage)
        .join(WebhookMessage, col(WebhookMessage.id) == WebhookDelivery.message_id)
        .where(WebhookDelivery.endpoint_id == webhook_id)
    )


def _logged(session: Session, statement: Select[WebhookDelivery, WebhookMessage]) -> list[Logged]:
    rows = session.exec(statement).all()
    made = _attempts(session, [delivery.id for delivery, _ in rows])
    return [Logged(delivery, message, made.get(delivery.id, ())) for delivery, message in rows]


def _attempts(
    session: Session, delivery_ids: Sequence[UUID]
) -> dict[UUID, Sequence[WebhookAttempt]]:
    statement = select(WebhookAttempt).where(col(WebhookAttempt.delivery_id).in_(delivery_ids))
    found: dict[UUID, list[WebhookAttempt]] = {}
    for row in session.exec(statement.order_by(col(WebhookAttempt.number))):
        found.setdefault(row.delivery_id, []).append(row)
    return dict(found)
