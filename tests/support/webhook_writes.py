"""Every write about webhooks, done once: for the contracts that hold for all writes."""

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

import httpx

from app.db import unit_of_work
from app.domain.webhooks.models import WebhookEndpoint
from tests.support.api import Api, Portal
from tests.support.budget_writes import Post
from tests.support.makers import BINH_SON
from tests.support.reviewing import done

WEBHOOKS: Final = "/v1/webhooks"
URL: Final = "https://baocao.binhson.gov.vn/thong-bao"


def a_webhook(**changes: Any) -> dict[str, Any]:
    """Return a webhook that Bình Sơn wants."""
    body = {"url": URL, "events": ["submission.returned", "submission.accepted"]}
    return {**body, **changes}


def registered(portal: Portal, **changes: Any) -> dict[str, Any]:
    """Register a webhook and return the answer."""
    return done(portal.post(WEBHOOKS, a_webhook(**changes)), 201)


def disable(api: Api, webhook: str, *, reason: str = "failing") -> None:
    """Let a webhook be disabled, as the worker does it."""
    with unit_of_work(api.engine) as session:
        row = session.get_one(WebhookEndpoint, UUID(webhook))
        row.state, row.disabled_at, row.disabled_reason = "disabled", api.now(), reason
        session.add(row)


def _register(api: Api) -> Post:
    other = a_webhook(events=["reporting_cycle.opened"])
    return api.portal(BINH_SON), WEBHOOKS, a_webhook(), other


def _about(verb: str, body: Any = None, other: Any = None) -> Callable[[Api], Post]:
    def prepare(api: Api) -> Post:
        portal = api.portal(BINH_SON)
        return portal, f"{WEBHOOKS}/{registered(portal)['id']}/{verb}", body, other

    return prepare


def _enable(api: Api) -> Post:
    portal = api.portal(BINH_SON)
    webhook = registered(portal)["id"]
    disable(api, webhook)
    return portal, f"{WEBHOOKS}/{webhook}/enable", None, None


def _replay_one(api: Api) -> Post:
    portal, path, *_ = _about("test")(api)
    delivery = done(portal.post(path), 202)
    return portal, f"{path.removesuffix('test')}deliveries/{delivery['id']}/replay", None, None


_ONE: Final = f"{WEBHOOKS}/{{webhook_id}}"
_SINCE: Final = {"since": "2021-11-01T00:00:00+07:00"}
_LATER: Final = {"since": "2021-11-02T00:00:00+07:00"}
# By path: who posts, where, the body, and another one.
POSTS: Final[dict[str, Callable[[Api], Post]]] = {
    WEBHOOKS: _register,
    f"{_ONE}/remove": _about("remove"),
    f"{_ONE}/rotate-secret": _about("rotate-secret"),
    f"{_ONE}/enable": _enable,
    f"{_ONE}/test": _about("test"),
    f"{_ONE}/replay": _about("replay", _SINCE, _LATER),
    f"{_ONE}/deliveries/{{delivery_id}}/replay": _replay_one,
}


def _posted(prepare: Callable[[Api], Post]) -> Callable[[Api], httpx.Response]:
    def send(api: Api) -> httpx.Response:
        portal, path, body, _ = prepare(api)
        return portal.post(path, body)

    return send


def _change(api: Api) -> httpx.Response:
    portal = api.portal(BINH_SON)
    body = a_webhook(events=["reporting_cycle.opened"])
    return portal.put(f"{WEBHOOKS}/{registered(portal)['id']}", body)


# By operation.
WRITES: Final[dict[str, Callable[[Api], httpx.Response]]] = {
    "register_webhook": _posted(_register),
    "change_webhook": _change,
    "remove_webhook": _posted(_about("remove")),
    "rotate_webhook_secret": _posted(_about("rotate-secret")),
    "enable_webhook": _posted(_enable),
    "test_webhook": _posted(_about("test")),
    "replay_webhook": _posted(_about("replay", _SINCE)),
    "replay_webhook_delivery": _posted(_replay_one),
}
