"""Deliveries: claimed by one worker at a time, attempted, noted; tried again for days.

At least once: a worker that dies between sending and noting leaves the message to be sent again,
under the same id. A claim is a lease, so two workers never send one delivery at the same time. The
order of messages is not promised: one that failed comes after those that were told later.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, delete
from sqlmodel import Session, col, select

from app.domain.audit.service import audit
from app.domain.webhooks.models import (
    WebhookAttempt,
    WebhookDelivery,
    WebhookEndpoint,
    WebhookMessage,
)
from app.domain.webhooks.signing import SigningKey, message_name, versions_that_sign

# After which pause the next attempt is made, from the first failure on: what Standard Webhooks
# suggests. After the last of them a delivery is given up; its owner can have it sent again.
PAUSES: Final = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
LONGEST_RETRY_AFTER: Final = timedelta(hours=24)
# An attempt ends well before: whoever claims the delivery next finds nobody sending it.
LEASE: Final = timedelta(minutes=10)
FAILING_FOR: Final = timedelta(days=5)
RETENTION: Final = timedelta(days=180)  # of the log; what a webhook never took goes with it
GONE: Final = 410
SIGNING_KEY_CHANGED: Final = "signing_key_changed"


@dataclass(frozen=True)
class Sending:
    """What there is to send; `attempt` tells this claim from a later one.

    `secrets` is empty where the service lacks the key from which the endpoint's are derived.
    """

    delivery: UUID
    endpoint: UUID
    attempt: int
    url: str
    name: str
    body: bytes
    secrets: list[bytes]


@dataclass(frozen=True)
class Outcome:
    """What came of an attempt: the receiver's status, or why there is none."""

    duration_ms: int
    status: int | None = None
    fault: str | None = None
    retry_after: timedelta | None = None

    @property
    def delivered(self) -> bool:
        """Whether the receiver took it."""
        return self.status is not None and 200 <= self.status < 300  # noqa: PLR2004 - HTTP's own


def is_due(session: Session, *, at: datetime, busy: Collection[UUID]) -> bool:
    """Tell whether a delivery's time has come whose endpoint is not busy."""
    due = select(WebhookDelivery.id).join(WebhookEndpoint).where(*_due(at, busy)).limit(1)
    return session.exec(due).first() is not None


def claim(
    session: Session, *, key: SigningKey, busy: Collection[UUID], at: datetime
) -> Sending | None:
    """Take the delivery that has waited longest, if one's time has come, and lease it.

    `busy` are the endpoints to which this worker is sending already: it sends one at a time, so
    that a slow one cannot take all its hands.
    """
    statement = (
        select(WebhookDelivery, WebhookEndpoint, WebhookMessage)
        .join(WebhookEndpoint, col(WebhookEndpoint.id) == WebhookDelivery.endpoint_id)
        .join(WebhookMessage, col(WebhookMessage.id) == WebhookDelivery.message_id)
        .where(*_due(at, busy))
        .order_by(col(WebhookDelivery.next_attempt_at), col(WebhookDelivery.id))
        .limit(1)
        .with_for_update(skip_locked=True, of=WebhookDelivery)
    )
    found = session.exec(statement).first()
    if found is None:
        return None
    delivery, endpoint, message = found
    delivery.attempts += 1
    delivery.tries += 1
    delivery.next_attempt_at = at + LEASE
    session.add(delivery)
    session.add(WebhookAttempt(delivery_id=delivery.id, number=delivery.attempts, at=at))
    session.flush()
    return Sending(
        delivery=delivery.id,
        endpoint=endpoint.id,
        attempt=delivery.attempts,
        url=endpoint.url,
        name=message_name(message.id),
        body=message.body.encode(),
        secrets=_secrets(endpoint, key, at=at),
    )


def note(
    session: Session, sending: Sending, outcome: Outcome, *, jitter: float, at: datetime
) -> None:
    """Note what came of an attempt: delivered, to be tried again, or given up.

    `jitter` (0 to 1) makes the next pause up to a fifth longer. An attempt that a later claim has
    overtaken is noted and decides nothing, unless the receiver took it.
    """
    endpoint = session.exec(
        select(WebhookEndpoint)
        .where(WebhookEndpoint.id == sending.endpoint)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one()
    delivery = session.exec(
        select(WebhookDelivery)
        .where(WebhookDelivery.id == sending.delivery)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    attempt = session.get_one(WebhookAttempt, (sending.delivery, sending.attempt))
    attempt.duration_ms = outcome.duration_ms
    attempt.status, attempt.fault = outcome.status, outcome.fault
    if outcome.delivered:
        delivery.state = "delivered"
        endpoint.failing_since, endpoint.delivered_at = None, at
    elif (delivery.state, delivery.attempts) == ("waiting", sending.attempt):
        _try_again(delivery, attempt, outcome, jitter=jitter, at=at)
        _judge(session, endpoint, outcome, url=sending.url, at=at)
    session.add_all([endpoint, delivery, attempt])
    session.flush()


def forget_old(session: Session, *, at: datetime) -> None:
    """Delete what was put out longer than RETENTION ago, with its deliveries and attempts."""
    old = select(WebhookMessage.id).where(col(WebhookMessage.created_at) < at - RETENTION)
    theirs = select(WebhookDelivery.id).where(col(WebhookDelivery.message_id).in_(old))
    connection = session.connection()
    connection.execute(delete(WebhookAttempt).where(col(WebhookAttempt.delivery_id).in_(theirs)))
    connection.execute(delete(WebhookDelivery).where(col(WebhookDelivery.message_id).in_(old)))
    connection.execute(delete(WebhookMessage).where(col(WebhookMessage.id).in_(old)))


def pause_after(tries: int, *, jitter: float) -> timedelta | None:
    """Return the pause after so many attempts, or None after the last one."""
    if tries > len(PAUSES):
        return None
    return PAUSES[max(tries, 1) - 1] * (1 + jitter / 5)


def _due(at: datetime, busy: Collection[UUID]) -> list[ColumnElement[bool]]:
    conditions = [
        col(WebhookDelivery.state) == "waiting",
        col(WebhookDelivery.next_attempt_at) <= at,
        col(WebhookEndpoint.state) == "enabled",
    ]
    if busy:
        conditions.append(col(WebhookDelivery.endpoint_id).not_in(busy))
    return conditions


def _secrets(endpoint: WebhookEndpoint, key: SigningKey, *, at: datetime) -> list[bytes]:
    if endpoint.signing_key != key.fingerprint:
        return []
    versions = versions_that_sign(endpoint.secret_version, endpoint.rotated_at, at=at)
    return [key.secret(endpoint.id, version) for version in versions]


def _try_again(
    delivery: WebhookDelivery,
    attempt: WebhookAttempt,
    outcome: Outcome,
    *,
    jitter: float,
    at: datetime,
) -> None:
    pause = pause_after(delivery.tries, jitter=jitter)
    if pause is None:
        delivery.state = "failed"
        return
    asked = min(outcome.retry_after or timedelta(0), LONGEST_RETRY_AFTER)
    delivery.next_attempt_at = attempt.next_attempt_at = at + max(pause, asked)


def _judge(
    session: Session, endpoint: WebhookEndpoint, outcome: Outcome, *, url: str, at: datetime
) -> None:
    """Disable an endpoint that wants no more, or has failed for days without a success."""
    if endpoint.state != "enabled" or endpoint.url != url:
        return  # it was removed, or changed, while this was on its way
    endpoint.failing_since = endpoint.failing_since or at
    if outcome.status == GONE:
        endpoint.disabled_reason = "gone"
    elif at - endpoint.failing_since >= FAILING_FOR:
        endpoint.disabled_reason = "failing"
    else:
        return
    endpoint.state, endpoint.disabled_at = "disabled", at
    audit(
        session,
        by=None,  # the worker
        at=at,
        action="webhook.disabled",
        target=("webhook", str(endpoint.id)),
        before={"state": "enabled"},
        after={"state": "disabled", "reason": endpoint.disabled_reason},
    )
