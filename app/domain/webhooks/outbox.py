"""Writing what is to be told, in the transaction of what it tells of.

So nothing is told that did not happen, and nothing that happened is left untold. Where no endpoint
wants an event nothing is written. A disabled endpoint's wait until it is enabled again.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from app.domain.base import new_id
from app.domain.period import instant_text
from app.domain.webhooks.events import Told, written
from app.domain.webhooks.models import WebhookDelivery, WebhookEndpoint, WebhookMessage

Recipient = Callable[[str], bool]


def tell(
    session: Session, event: str, *, data: Callable[[], Told], to: Recipient, at: datetime
) -> int:
    """Tell an event to the endpoints of those units that `to` names; return to how many.

    `data` is asked for only where somebody wants it.
    """
    wanting = [row for row in _wanting(session, event) if to(row.unit_key)]
    if wanting:
        put_out(session, event, data=data(), endpoints=wanting, at=at)
    return len(wanting)


def put_out(
    session: Session,
    event: str,
    *,
    data: Told,
    endpoints: Sequence[WebhookEndpoint],
    at: datetime,
) -> list[WebhookDelivery]:
    """Write a message and its way to each of some endpoints; return their deliveries."""
    body = written(event, timestamp=instant_text(at), data=data)
    message = WebhookMessage(id=new_id(at), event=event, body=body, created_at=at)
    session.add(message)
    session.flush()
    deliveries = [
        WebhookDelivery(
            id=new_id(at),
            endpoint_id=endpoint.id,
            message_id=message.id,
            next_attempt_at=at,
            created_at=at,
        )
        for endpoint in endpoints
    ]
    session.add_all(deliveries)
    session.flush()
    return deliveries


def _wanting(session: Session, event: str) -> Sequence[WebhookEndpoint]:
    """Return the endpoints, enabled or not, that want an event."""
    statement = select(WebhookEndpoint).where(
        WebhookEndpoint.state != "removed", col(WebhookEndpoint.events).like(f"% {event} %")
    )
    return session.exec(statement.order_by(col(WebhookEndpoint.id))).all()
