"""Webhooks: registered, changed, tested, sent again, enabled, removed."""

from datetime import timedelta
from typing import Any, Final

from app.db import unit_of_work
from app.domain.webhooks.delivery import Outcome, claim, note
from app.domain.webhooks.signing import SigningKey
from tests.examples.recording import Recorder
from tests.support.makers import BINH_SON
from tests.support.webhook_writes import a_webhook, disable

_SINCE: Final = {"since": "2021-11-21T17:00:00.000000Z"}


def tell(recorder: Recorder) -> None:
    """Register where Bình Sơn is told, let a worker deliver, and act on the log."""
    district = recorder.of(BINH_SON)
    webhook = district.does("register_webhook", body=a_webhook())["id"]
    one: dict[str, Any] = {"webhook_id": webhook}
    wanted = a_webhook(events=["submission.returned", "submission.accepted"])
    district.does("change_webhook", **one, body=wanted)
    district.does("test_webhook", **one)
    _deliver(recorder)
    found = district.does("list_webhook_deliveries", **one)["items"]
    delivery = {**one, "delivery_id": found[0]["id"]}
    district.does("read_webhook_delivery", **delivery)
    district.does("read_webhook", **one)
    district.does("replay_webhook_delivery", **delivery)
    district.does("replay_webhook", **one, body=_SINCE)
    disable(recorder.api, webhook)
    district.does("enable_webhook", **one)
    district.does("rotate_webhook_secret", **one)
    district.does("remove_webhook", **one)
    district.does("list_webhooks")


def _deliver(recorder: Recorder) -> None:
    at = recorder.api.now() + timedelta(seconds=1)
    outcomes = iter([Outcome(duration_ms=41, status=503)])
    key = SigningKey.of("-")
    with unit_of_work(recorder.api.engine) as session:
        while (sending := claim(session, key=key, busy=(), at=at)) is not None:
            outcome = next(outcomes, Outcome(duration_ms=38, status=204))
            note(session, sending, outcome, jitter=0, at=at)
