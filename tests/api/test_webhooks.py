"""Webhooks over HTTP: whose they are, what is refused, who is told of what."""

from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlmodel import col, select

from app.db import unit_of_work
from app.domain.assignments.models import FOCAL_UNIT as FOCAL
from app.domain.assignments.roles import unit_roles
from app.domain.consolidation.recipients import set_recipients
from app.domain.period import LOCAL_TIME, local_day
from app.domain.webhooks.events import EVENTS
from app.domain.webhooks.models import WebhookDelivery, WebhookEndpoint, WebhookMessage
from app.domain.webhooks.service import MOST
from app.domain.webhooks.telling import tell_opened
from app.settings import Settings
from app.webhooks import webhooks_of
from tests.support.api import Api, Portal
from tests.support.consolidating import consolidate
from tests.support.handing_over import AFTER, STEWARD
from tests.support.makers import BINH_SON, FOCAL_UNIT, OFFICE, PLAN
from tests.support.problems import faults, refused
from tests.support.reviewing import accepted, done, returned, submitted
from tests.support.webhook_writes import WEBHOOKS, a_webhook, disable, registered

STRANGER = "gso-529"
DOCUMENT = {
    "document_number": "12/BC-UBND",
    "document_on": "2021-11-22",
    "signatory_title": "Phó Chủ tịch",
}


def wanting_all(api: Api, *units: str) -> dict[str, Portal]:
    """Register a webhook for every event with each unit; return the units' portals."""
    portals = {unit: api.portal(unit) for unit in units}
    for portal in portals.values():
        registered(portal, events=list(EVENTS))
    return portals


def told(api: Api) -> dict[str, list[str]]:
    """Return the events that each unit was told of, in their order."""
    statement = (
        select(WebhookEndpoint.unit_key, WebhookMessage.event)
        .join(WebhookDelivery, col(WebhookDelivery.endpoint_id) == WebhookEndpoint.id)
        .join(WebhookMessage, col(WebhookMessage.id) == WebhookDelivery.message_id)
        .order_by(col(WebhookMessage.id))
    )
    found: dict[str, list[str]] = {}
    with unit_of_work(api.engine, write=False) as session:
        for unit, event in session.exec(statement):
            found.setdefault(unit, []).append(event)
    return found


def test_another_units_webhook_is_not_found_whatever_is_asked(api: Api) -> None:
    owner, stranger = api.portal(BINH_SON), api.portal(FOCAL_UNIT)
    place = f"{WEBHOOKS}/{registered(owner)['id']}"
    delivery = done(owner.post(f"{place}/test"), 202)["id"]
    assert done(stranger.get(WEBHOOKS))["items"] == []
    since = {"since": "2021-01-01T00:00:00Z"}
    for answer in (
        stranger.get(place),
        stranger.get(f"{place}/deliveries"),
        stranger.get(f"{place}/deliveries/{delivery}"),
        stranger.put(place, a_webhook()),
        stranger.post(f"{place}/replay", since),
        *(stranger.post(f"{place}/{verb}") for verb in ("test", "enable", "remove")),
        stranger.post(f"{place}/rotate-secret"),
        stranger.post(f"{place}/deliveries/{delivery}/replay"),
    ):
        refused(answer, 404, "not_found")
    other = f"{WEBHOOKS}/{registered(stranger)['id']}"
    refused(stranger.get(f"{other}/deliveries/{delivery}"), 404, "not_found")


def test_a_secret_is_shown_once_and_stored_nowhere(api: Api) -> None:
    portal = api.portal(BINH_SON)
    key = {"Idempotency_Key": "once"}
    made = done(portal.post(WEBHOOKS, a_webhook(), **key), 201)
    place = f"{WEBHOOKS}/{made['id']}"
    rotated = done(portal.post(f"{place}/rotate-secret", Idempotency_Key="twice"))
    assert rotated["secret"] != made["secret"]
    assert (rotated["secret_version"], made["old_secret_signs_until"]) == (2, None)
    assert rotated["old_secret_signs_until"] == "2021-11-23T02:00:00.000001Z"
    for answer in (portal.get(place), portal.get(WEBHOOKS), portal.put(place, a_webhook())):
        assert "whsec_" not in answer.text
    again = portal.post(WEBHOOKS, a_webhook(), **key)
    assert (again.headers["idempotency-replayed"], again.json()) == ("true", made)
    assert "webhook-secret" not in again.headers
    assert _written_anywhere(api, "whsec_") == []
    assert _written_anywhere(api, made["secret"].removeprefix("whsec_")) == []
    other = webhooks_of(Settings(webhook_secret="x" * 32), api.app.state.front.instance)
    assert other.shown(UUID(made["id"]), 1) != made["secret"]


def _written_anywhere(api: Api, text: str) -> list[str]:
    """Return the tables in which a text stands, in whatever column."""
    metadata = sa.MetaData()
    metadata.reflect(api.engine)
    with api.engine.connect() as connection:
        return [
            name
            for name, table in metadata.tables.items()
            for row in connection.execute(table.select())
            if any(text.encode() in _bytes(value) for value in row)
        ]


def _bytes(value: Any) -> bytes:
    return bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"url": "http://a.vn/x"}, {"/url": "webhook_url_scheme"}),
        ({"url": "https://10.0.0.1/x"}, {"/url": "webhook_address_not_public"}),
        ({"url": "https://[::1]/x"}, {"/url": "webhook_address_not_public"}),
        ({"url": "https://a:b@c.vn/x"}, {"/url": "webhook_url"}),
        ({"url": "https://a.vn:25/x"}, {"/url": "webhook_url_port"}),
        ({"events": []}, {"/events": "too_short"}),
        ({"events": ["submission.submitted"]}, {"/events/0": "literal_error"}),
        ({"secret": "mine"}, {"/secret": "extra_forbidden"}),
    ],
)
def test_what_cannot_be_told_is_refused_at_once(
    shared: Api, changes: dict[str, Any], expected: dict[str, str]
) -> None:
    assert faults(shared.portal(BINH_SON).post(WEBHOOKS, a_webhook(**changes))) == expected


def test_a_unit_has_ten_and_one_that_is_removed_makes_room(api: Api) -> None:
    portal = api.portal(BINH_SON)
    made = [registered(portal) for _ in range(MOST)]
    refused(portal.post(WEBHOOKS, a_webhook()), 409, "too_many_webhooks")
    done(portal.post(f"{WEBHOOKS}/{made[0]['id']}/remove"))
    registered(portal)
    first = done(portal.get(WEBHOOKS, limit=6))
    rest = done(portal.get(WEBHOOKS, limit=6, cursor=first["next"]))
    assert (len(first["items"]), len(rest["items"]), rest["next"]) == (6, 5, None)
    assert [row["state"] for row in first["items"]] == ["removed"] + ["enabled"] * 5


def test_the_review_is_told_to_the_unit_alone_and_what_was_refused_to_nobody(api: Api) -> None:
    portals = wanting_all(api, BINH_SON, FOCAL_UNIT, STRANGER)
    district, focal = portals[BINH_SON], portals[FOCAL_UNIT]
    place = submitted(district)
    returned(focal, place)
    refused(focal.post(f"{place}/accept"), 409, "action_not_allowed")
    assert told(api) == {BINH_SON: ["submission.returned"]}
    accepted(portals[STRANGER], focal, document_number="3/BC-UBND")
    assert told(api) == {
        BINH_SON: ["submission.returned"],
        STRANGER: ["submission.accepted"],
    }


def test_a_removed_webhook_is_told_nothing_and_a_disabled_one_is_told_later(api: Api) -> None:
    district, focal = api.portal(BINH_SON), api.portal(FOCAL_UNIT)
    gone, resting = registered(district)["id"], registered(district)["id"]
    done(district.post(f"{WEBHOOKS}/{gone}/remove"))
    disable(api, resting)
    accepted(district, focal)
    assert done(district.get(f"{WEBHOOKS}/{gone}/deliveries"))["items"] == []
    (waiting,) = done(district.get(f"{WEBHOOKS}/{resting}/deliveries"))["items"]
    assert (waiting["event"], waiting["state"]) == ("submission.accepted", "waiting")
    refused(district.post(f"{WEBHOOKS}/{resting}/test"), 409, "webhook_disabled")
    refused(district.put(f"{WEBHOOKS}/{gone}", a_webhook()), 409, "webhook_removed")


def test_an_ended_units_review_is_told_to_its_steward_too(api: Api) -> None:
    place = submitted(api.portal(BINH_SON))
    api.set_clock(AFTER)
    wanting_all(api, STEWARD, STRANGER)
    with unit_of_work(api.engine, write=False) as session:
        (role,) = unit_roles(session, plan=PLAN, role=FOCAL, on=local_day(AFTER))
    focal = api.portal(role.unit_key)
    done(focal.post(f"{place}/accept"))
    assert told(api) == {STEWARD: ["submission.accepted"]}


def test_the_provinces_report_is_told_to_those_who_may_read_it(api: Api) -> None:
    portals = wanting_all(api, FOCAL_UNIT, OFFICE, STRANGER, BINH_SON)
    focal, office = portals[FOCAL_UNIT], portals[OFFICE]
    with unit_of_work(api.engine) as session:
        set_recipients(session, plan=PLAN, units=[STRANGER], reason="Nơi nhận", at=api.now())
    asked = focal.post("/v1/consolidated-reports", {"plan": PLAN, "year": 2021}).json()
    consolidate(api.engine, UUID(asked["id"]), at=api.now())
    published = "consolidated_report.published"
    assert told(api) == {FOCAL_UNIT: [published], OFFICE: [published]}
    place = f"/v1/consolidated-reports/{asked['id']}"
    done(focal.put(f"{place}/assessment", {"text": "Đầy đủ."}))
    done(focal.post(f"{place}/propose"))
    done(office.post(f"{place}/approve"))
    done(office.post(f"{place}/issue", DOCUMENT))
    issued = "consolidated_report.issued"
    assert told(api) == {
        FOCAL_UNIT: [published, issued],
        OFFICE: [published, issued],
        STRANGER: [issued],
    }


def test_a_cycle_is_told_once_when_it_opens_and_no_old_one(api: Api) -> None:
    wanting_all(api, FOCAL_UNIT, BINH_SON, "body-so-tai-chinh")
    opens = datetime(2022, 1, 1, tzinfo=LOCAL_TIME)

    def open_at(at: datetime) -> int:
        with unit_of_work(api.engine) as session:
            return tell_opened(session, at=at)

    before = open_at(opens.replace(year=2021, month=12, day=31))
    assert (before, told(api)) == (0, {})
    assert (open_at(opens), open_at(opens), open_at(opens.replace(day=5))) == (1, 0, 0)
    found = told(api)
    assert found[BINH_SON] == found[FOCAL_UNIT] == ["reporting_cycle.opened"]
    assert open_at(opens.replace(year=2023, day=20)) == 0, "too long ago to be news"
