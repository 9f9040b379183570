"""Webhooks: where a unit is told of what, and what became of it."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from app.api.contract.refusing import refuses
from app.api.deps import CanReadWebhooks, CanWriteWebhooks
from app.api.pagination import ListOf, ListQuery, NextPage
from app.api.paths import DeliveryInPath, WebhookInPath
from app.api.strict import StrictRoute
from app.api.webhooks.schemas import (
    WebhookDeliveryOut,
    WebhookDeliveryPage,
    WebhookDeliveryQuery,
    WebhookOut,
    WebhookPage,
    WebhookReplayOut,
    WebhookWithSecretOut,
)
from app.domain.webhooks import service
from app.domain.webhooks.bodies import ReplayBody, WebhookBody
from app.domain.webhooks.models import WebhookEndpoint
from app.domain.webhooks.queries import (
    Logged,
    deliveries,
    get_delivery,
    get_webhook,
    webhooks,
)
from app.domain.webhooks.service import TooManyWebhooks, WebhookDisabled, WebhookRemoved

router = APIRouter(tags=["Webhooks"], route_class=StrictRoute)

WEBHOOKS: ListOf[WebhookEndpoint] = ListOf("webhooks", lambda row: (str(row.id),))
DELIVERIES: ListOf[Logged] = ListOf("webhook-deliveries", lambda row: (str(row.delivery.id),))


@router.get("/webhooks")
def list_webhooks(
    caller: CanReadWebhooks, query: Annotated[ListQuery, Query()], link: NextPage
) -> WebhookPage:
    """List this unit's webhooks, also those removed, in the order in which they were registered."""
    after = WEBHOOKS.after(query, secret=caller.cursor_secret)
    found = webhooks(
        caller.session,
        by=caller.by,
        after=UUID(after[0]) if after else None,
        limit=query.limit + 1,
    )
    shown, cursor = WEBHOOKS.page(found, query, secret=caller.cursor_secret)
    return WebhookPage(items=[WebhookOut.of(row) for row in shown], next=link(cursor))


@router.post("/webhooks", status_code=201, responses=refuses(TooManyWebhooks))
def register_webhook(
    caller: CanWriteWebhooks, body: WebhookBody, response: Response
) -> WebhookWithSecretOut:
    """Register where this unit is told, by POST, of the events that it names.

    Each message is signed as Standard Webhooks say, under the `secret` that is shown here and
    never again: keep it, or rotate it later. Any answer of 2xx takes a message. Anything else, or
    none within the operator's limit, and it is sent again: after 5 seconds, 5 and 30 minutes, 2,
    5, 10, 14, 20 and 24 hours, each pause up to a fifth longer; later where `Retry-After` says so.
    Redirects are not followed. 410 disables the webhook, and so do five days without a success.

    A message may come twice (same `webhook-id`), and the order is not promised.
    """
    made = service.register(
        caller.session, body=body, by=caller.by, settings=caller.webhooks, at=caller.at
    )
    response.headers["Location"] = f"/v1/webhooks/{made.endpoint.id}"
    caller.conceal(made.secret, endpoint=made.endpoint.id, version=made.endpoint.secret_version)
    return WebhookWithSecretOut.having(made)


@router.get("/webhooks/{webhook_id}")
def read_webhook(caller: CanReadWebhooks, webhook_id: WebhookInPath) -> WebhookOut:
    """Read a webhook: whether it is enabled, and since when it fails. Its secret is not shown."""
    return WebhookOut.of(get_webhook(caller.session, by=caller.by, webhook_id=webhook_id))


@router.put("/webhooks/{webhook_id}", responses=refuses(WebhookRemoved))
def change_webhook(
    caller: CanWriteWebhooks, webhook_id: WebhookInPath, body: WebhookBody
) -> WebhookOut:
    """Give a webhook another address or other events; its secret stays.

    What waits for it is sent to the new address.
    """
    changed = service.change(
        caller.session,
        webhook_id=webhook_id,
        body=body,
        by=caller.by,
        settings=caller.webhooks,
        at=caller.at,
    )
    return WebhookOut.of(changed)


@router.post("/webhooks/{webhook_id}/remove")
def remove_webhook(caller: CanWriteWebhooks, webhook_id: WebhookInPath) -> WebhookOut:
    """Remove a webhook: nothing is sent any more; it and its log stay readable."""
    removed = service.remove(caller.session, webhook_id=webhook_id, by=caller.by, at=caller.at)
    return WebhookOut.of(removed)


@router.post("/webhooks/{webhook_id}/rotate-secret", responses=refuses(WebhookRemoved))
def rotate_webhook_secret(
    caller: CanWriteWebhooks, webhook_id: WebhookInPath
) -> WebhookWithSecretOut:
    """Give a webhook a new secret, shown this once.

    For 24 hours the one before signs beside it: both signatures stand in `webhook-signature`, with
    a blank between. Rotated again within that time, only the last two sign.
    """
    made = service.rotate(
        caller.session,
        webhook_id=webhook_id,
        by=caller.by,
        settings=caller.webhooks,
        at=caller.at,
    )
    caller.conceal(made.secret, endpoint=made.endpoint.id, version=made.endpoint.secret_version)
    return WebhookWithSecretOut.having(made)


@router.post("/webhooks/{webhook_id}/enable", responses=refuses(WebhookRemoved))
def enable_webhook(caller: CanWriteWebhooks, webhook_id: WebhookInPath) -> WebhookOut:
    """Enable a disabled webhook: what was told meanwhile is sent now, nothing is lost."""
    enabled = service.enable(caller.session, webhook_id=webhook_id, by=caller.by, at=caller.at)
    return WebhookOut.of(enabled)


@router.post(
    "/webhooks/{webhook_id}/test",
    status_code=202,
    responses=refuses(WebhookRemoved, WebhookDisabled),
)
def test_webhook(
    caller: CanWriteWebhooks, webhook_id: WebhookInPath, response: Response
) -> WebhookDeliveryOut:
    """Send `webhook.test` to a webhook; read the delivery to see what came of it."""
    sent = service.test(caller.session, webhook_id=webhook_id, by=caller.by, at=caller.at)
    response.headers["Location"] = f"/v1/webhooks/{webhook_id}/deliveries/{sent.delivery.id}"
    return WebhookDeliveryOut.of(sent)


@router.get("/webhooks/{webhook_id}/deliveries")
def list_webhook_deliveries(
    caller: CanReadWebhooks,
    webhook_id: WebhookInPath,
    query: Annotated[WebhookDeliveryQuery, Query()],
    link: NextPage,
) -> WebhookDeliveryPage:
    """List a webhook's deliveries with their attempts, newest first; they are kept for 180 days."""
    get_webhook(caller.session, by=caller.by, webhook_id=webhook_id)
    before = DELIVERIES.after(query, secret=caller.cursor_secret)
    found = deliveries(
        caller.session,
        webhook_id=webhook_id,
        state=query.state,
        before=UUID(before[0]) if before else None,
        limit=query.limit + 1,
    )
    shown, cursor = DELIVERIES.page(found, query, secret=caller.cursor_secret)
    items = [WebhookDeliveryOut.of(row) for row in shown]
    return WebhookDeliveryPage(items=items, next=link(cursor))


@router.get("/webhooks/{webhook_id}/deliveries/{delivery_id}")
def read_webhook_delivery(
    caller: CanReadWebhooks, webhook_id: WebhookInPath, delivery_id: DeliveryInPath
) -> WebhookDeliveryOut:
    """Read one delivery with its attempts."""
    get_webhook(caller.session, by=caller.by, webhook_id=webhook_id)
    found = get_delivery(caller.session, webhook_id=webhook_id, delivery_id=delivery_id)
    return WebhookDeliveryOut.of(found)


@router.post(
    "/webhooks/{webhook_id}/deliveries/{delivery_id}/replay",
    status_code=202,
    responses=refuses(WebhookRemoved, WebhookDisabled),
)
def replay_webhook_delivery(
    caller: CanWriteWebhooks, webhook_id: WebhookInPath, delivery_id: DeliveryInPath
) -> WebhookDeliveryOut:
    """Send a delivery again, whatever became of it: the same message under the same id."""
    sent = service.replay(
        caller.session,
        webhook_id=webhook_id,
        delivery_id=delivery_id,
        by=caller.by,
        at=caller.at,
    )
    return WebhookDeliveryOut.of(sent)


@router.post(
    "/webhooks/{webhook_id}/replay",
    status_code=202,
    responses=refuses(WebhookRemoved, WebhookDisabled),
)
def replay_webhook(
    caller: CanWriteWebhooks, webhook_id: WebhookInPath, body: ReplayBody
) -> WebhookReplayOut:
    """Send everything again that a webhook was told since an instant, each under its own id."""
    count = service.replay_since(
        caller.session, webhook_id=webhook_id, since=body.since, by=caller.by, at=caller.at
    )
    return WebhookReplayOut(deliveries=count)
