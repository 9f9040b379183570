"""What a unit does with its webhooks: registers, changes, tests, enables and removes them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import CursorResult, update
from sqlmodel import Session, col

from app.domain.audit.service import audit
from app.domain.base import new_id
from app.domain.errors import DomainError, Text
from app.domain.period import instant_text
from app.domain.principal import Principal
from app.domain.webhooks.bodies import WebhookBody
from app.domain.webhooks.destinations import Destinations
from app.domain.webhooks.events import TEST, WebhookTold
from app.domain.webhooks.models import WebhookDelivery, WebhookEndpoint
from app.domain.webhooks.outbox import put_out
from app.domain.webhooks.queries import Logged, get_delivery, get_webhook, in_use
from app.domain.webhooks.signing import SigningKey, shown

MOST: Final = 10  # of a unit


class TooManyWebhooks(DomainError):
    """A unit has as many webhooks as it may."""

    text = Text(
        "too_many_webhooks",
        "Mỗi đơn vị có tối đa {most} địa chỉ nhận; hãy xóa một địa chỉ không còn dùng.",
        "A unit has at most {most} webhooks: remove one that is not in use.",
    )


class WebhookRemoved(DomainError):
    """The webhook was removed: it can be read, and nothing else."""

    text = Text(
        "webhook_removed",
        "Địa chỉ nhận này đã bị xóa lúc trước; chỉ còn đọc được.",
        "This webhook was removed: it can only be read.",
    )


class WebhookDisabled(DomainError):
    """Nothing is sent to a disabled webhook."""

    text = Text(
        "webhook_disabled",
        "Địa chỉ nhận đang bị ngừng ({reason}).",
        "The webhook is disabled ({reason}).",
    )


@dataclass(frozen=True)
class Registered:
    """A webhook with the secret that is shown this once."""

    endpoint: WebhookEndpoint
    secret: str


@dataclass(frozen=True)
class Webhooks:
    """What the operator set: from what secrets are derived, and where may be sent."""

    key: SigningKey
    destinations: Destinations

    def shown(self, endpoint: UUID, version: int) -> str:
        """Return a version of an endpoint's secret, as its owner is shown it."""
        return shown(self.key.secret(endpoint, version))


def register(
    session: Session, *, body: WebhookBody, by: Principal, settings: Webhooks, at: datetime
) -> Registered:
    """Register a webhook of the caller's unit. Raises Invalid, TooManyWebhooks."""
    url = settings.destinations.checked(body.url, pointer="/url")
    if in_use(session, unit=by.unit) >= MOST:
        raise TooManyWebhooks(most=MOST)
    row = WebhookEndpoint(
        id=new_id(at),
        unit_key=by.unit,
        url=url,
        events=tuple(body.events),
        signing_key=settings.key.fingerprint,
        created_at=at,
        created_by=by.key_id,
    )
    session.add(row)
    session.flush()
    _audit(session, row, "registered", by=by, at=at, after=_said(row))
    return Registered(row, settings.shown(row.id, row.secret_version))


def change(
    session: Session,
    *,
    webhook_id: UUID,
    body: WebhookBody,
    by: Principal,
    settings: Webhooks,
    at: datetime,
) -> WebhookEndpoint:
    """Give a webhook another address or other events. Raises NotFound, WebhookRemoved, Invalid.

    What waits for it is sent to the new address.
    """
    row = _to_change(session, webhook_id, by=by)
    before = _said(row)
    if body.url != row.url:
        row.url = settings.destinations.checked(body.url, pointer="/url")
        row.failing_since = None  # that was said of the old one
    row.events = tuple(sorted(body.events))
    _store(session, row)
    _audit(session, row, "changed", by=by, at=at, before=before, after=_said(row))
    return row


def remove(session: Session, *, webhook_id: UUID, by: Principal, at: datetime) -> WebhookEndpoint:
    """Remove a webhook: nothing more is sent, and it stays readable. Raises NotFound."""
    row = get_webhook(session, by=by, webhook_id=webhook_id, lock=True)
    before = {"state": row.state}
    if row.state != "removed":
        row.state, row.removed_at = "removed", at
        row.disabled_at = row.disabled_reason = None
        _store(session, row)
    _audit(session, row, "removed", by=by, at=at, before=before, after={"state": "removed"})
    return row


def rotate(
    session: Session, *, webhook_id: UUID, by: Principal, settings: Webhooks, at: datetime
) -> Registered:
    """Give a webhook a new secret; the one before signs beside it for a day.

    Raises NotFound, WebhookRemoved.
    """
    row = _to_change(session, webhook_id, by=by)
    known = row.signing_key == settings.key.fingerprint
    row.secret_version += 1
    row.signing_key = settings.key.fingerprint
    # The old one is derived from a key that the service does not have any more.
    row.rotated_at = at if known else None
    _store(session, row)
    after = {"secret_version": row.secret_version}
    _audit(session, row, "secret_rotated", by=by, at=at, after=after)
    return Registered(row, settings.shown(row.id, row.secret_version))


def enable(session: Session, *, webhook_id: UUID, by: Principal, at: datetime) -> WebhookEndpoint:
    """Enable a disabled webhook: what has waited for it is sent, each as if it were new.

    Raises NotFound, WebhookRemoved.
    """
    row = _to_change(session, webhook_id, by=by)
    before = {"state": row.state}
    if row.state == "disabled":
        row.state, row.failing_since = "enabled", None
        row.disabled_at = row.disabled_reason = None
        _store(session, row)
        _send_again(session, row, at=at, only=col(WebhookDelivery.state) == "waiting")
    _audit(session, row, "enabled", by=by, at=at, before=before, after={"state": row.state})
    return row


def test(session: Session, *, webhook_id: UUID, by: Principal, at: datetime) -> Logged:
    """Tell a webhook `webhook.test`, whatever events it wants.

    Raises NotFound, WebhookRemoved, WebhookDisabled.
    """
    row = _to_send(session, webhook_id, by=by)
    data = WebhookTold(webhook=str(row.id), path=f"/v1/webhooks/{row.id}")
    (delivery,) = put_out(session, TEST, data=data, endpoints=[row], at=at)
    _audit(session, row, "tested", by=by, at=at, after={"delivery": str(delivery.id)})
    return get_delivery(session, webhook_id=row.id, delivery_id=delivery.id)


def replay(
    session: Session, *, webhook_id: UUID, delivery_id: UUID, by: Principal, at: datetime
) -> Logged:
    """Send a delivery again, whatever became of it, under the same id.

    Raises NotFound, WebhookRemoved, WebhookDisabled.
    """
    row = _to_send(session, webhook_id, by=by)
    state = get_delivery(session, webhook_id=row.id, delivery_id=delivery_id).delivery.state
    _send_again(session, row, at=at, only=col(WebhookDelivery.id) == delivery_id)
    session.expire_all()
    _audit(
        session,
        row,
        "delivery_replayed",
        by=by,
        at=at,
        before={"delivery": str(delivery_id), "state": state},
        after={"delivery": str(delivery_id), "state": "waiting"},
    )
    return get_delivery(session, webhook_id=row.id, delivery_id=delivery_id)


def replay_since(
    session: Session, *, webhook_id: UUID, since: datetime, by: Principal, at: datetime
) -> int:
    """Send again what a webhook was told at an instant or later; return how many deliveries.

    Raises NotFound, WebhookRemoved, WebhookDisabled.
    """
    row = _to_send(session, webhook_id, by=by)
    count = _send_again(session, row, at=at, only=col(WebhookDelivery.created_at) >= since)
    after = {"since": instant_text(since), "deliveries": count}
    _audit(session, row, "replayed", by=by, at=at, after=after)
    return count


def _to_change(session: Session, webhook_id: UUID, *, by: Principal) -> WebhookEndpoint:
    row = get_webhook(session, by=by, webhook_id=webhook_id, lock=True)
    if row.state == "removed":
        raise WebhookRemoved()
    return row


def _to_send(session: Session, webhook_id: UUID, *, by: Principal) -> WebhookEndpoint:
    row = _to_change(session, webhook_id, by=by)
    if row.state == "disabled":
        raise WebhookDisabled(reason=row.disabled_reason or "")
    return row


def _send_again(session: Session, row: WebhookEndpoint, *, at: datetime, only: Any) -> int:
    """Put deliveries out again, each with the whole schedule before it."""
    again = (
        update(WebhookDelivery)
        .where(col(WebhookDelivery.endpoint_id) == row.id, only)
        .values(state="waiting", tries=0, next_attempt_at=at)
        .execution_options(synchronize_session=False)
    )
    result = session.connection().execute(again)
    return result.rowcount if isinstance(result, CursorResult) else 0


def _store(session: Session, row: WebhookEndpoint) -> None:
    session.add(row)
    session.flush()


def _said(row: WebhookEndpoint) -> dict[str, Any]:
    # Not the whole address: a receiver may have put a word that opens it into the path.
    return {"host": urlsplit(row.url).hostname or "", "events": sorted(row.events)}


def _audit(
    session: Session,
    row: WebhookEndpoint,
    verb: str,
    *,
    by: Principal,
    at: datetime,
    before: dict[str, Any] | None = None,
    after: dict[str, Any],
) -> None:
    audit(
        session,
        by=by,
        at=at,
        action=f"webhook.{verb}",
        target=("webhook", str(row.id)),
        before=before,
        after=after,
    )
