"""Deliveries by the clock: who claims, when the next attempt is, when it ends. Both databases."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session, col, select

from app.db import make_engine, unit_of_work
from app.domain.access.service import create_key
from app.domain.audit.models import AuditEntry
from app.domain.base import new_id
from app.domain.period import LOCAL_TIME
from app.domain.principal import Principal
from app.domain.webhooks import service
from app.domain.webhooks.delivery import (
    FAILING_FOR,
    LEASE,
    PAUSES,
    RETENTION,
    Outcome,
    Sending,
    claim,
    forget_old,
    is_due,
    note,
    pause_after,
)
from app.domain.webhooks.events import TEST, WebhookTold
from app.domain.webhooks.models import (
    WebhookAttempt,
    WebhookDelivery,
    WebhookEndpoint,
    WebhookMessage,
)
from app.domain.webhooks.outbox import put_out
from app.domain.webhooks.signing import SigningKey
from tests.support.databases import PostgresDatabases
from tests.support.makers import BINH_SON

AT = datetime(2021, 11, 22, 9, tzinfo=LOCAL_TIME)
KEY = SigningKey.of("k" * 32)
NO = Outcome(duration_ms=1, status=503)
YES = Outcome(duration_ms=1, status=200)
SECOND = timedelta(seconds=1)


def an_endpoint(session: Session) -> WebhookEndpoint:
    """Store a webhook of Bình Sơn."""
    key, _ = create_key(
        session, unit=BINH_SON, scopes=(), label="", at=AT, expires_at=AT + timedelta(days=9)
    )
    row = WebhookEndpoint(
        id=new_id(AT),
        unit_key=BINH_SON,
        url="https://a.vn/x",
        events=("submission.returned",),
        signing_key=KEY.fingerprint,
        created_at=AT,
        created_by=key.id,
    )
    session.add(row)
    session.flush()
    return row


def told(session: Session, row: WebhookEndpoint, *, at: datetime = AT) -> WebhookDelivery:
    """Put a message out for a webhook."""
    data = WebhookTold(webhook=str(row.id), path="/v1/webhooks/x")
    (delivery,) = put_out(session, TEST, data=data, endpoints=[row], at=at)
    return delivery


def claimed(session: Session, *, at: datetime, busy: tuple[UUID, ...] = ()) -> Sending:
    found = claim(session, key=KEY, busy=busy, at=at)
    assert found is not None
    return found


def disablings(session: Session) -> list[AuditEntry]:
    wanted = select(AuditEntry).where(AuditEntry.action == "webhook.disabled")
    return list(session.exec(wanted))


def test_it_is_tried_on_schedule_and_given_up_after_the_last(session: Session) -> None:
    delivery = told(session, an_endpoint(session))
    at = AT
    for number, pause in enumerate((*PAUSES, None), 1):
        sending = claimed(session, at=at)
        assert (sending.attempt, sending.delivery) == (number, delivery.id)
        assert claim(session, key=KEY, busy=(), at=at) is None, "leased"
        note(session, sending, NO, jitter=0, at=at)
        if pause is not None:
            assert not is_due(session, at=at + pause - SECOND / 2, busy=())
            at += pause
            assert is_due(session, at=at, busy=())
    assert delivery.state == "failed"
    assert not is_due(session, at=at + timedelta(days=9), busy=())
    tries = session.exec(select(WebhookAttempt).order_by(col(WebhookAttempt.number))).all()
    assert [(one.number, one.status) for one in tries] == [(n, 503) for n in range(1, 11)]
    assert [one.next_attempt_at is None for one in tries] == [False] * 9 + [True]
    assert at - AT == sum(PAUSES, timedelta(0)) == timedelta(hours=75, minutes=35, seconds=5)


def test_a_pause_is_up_to_a_fifth_longer_and_as_long_as_the_receiver_asks(
    session: Session,
) -> None:
    assert pause_after(1, jitter=1) == timedelta(seconds=6)
    delivery = told(session, an_endpoint(session))
    for asked, pause in ((90, 90 * SECOND), (1, 300 * SECOND), (10**8, timedelta(hours=24))):
        at = delivery.next_attempt_at
        answer = Outcome(duration_ms=1, status=429, retry_after=timedelta(seconds=asked))
        note(session, claimed(session, at=at), answer, jitter=0, at=at)
        assert delivery.next_attempt_at - at == pause


def test_a_lease_that_is_over_is_taken_and_the_late_outcome_decides_nothing(
    session: Session,
) -> None:
    delivery = told(session, an_endpoint(session))
    first = claimed(session, at=AT)
    second = claimed(session, at=AT + LEASE)
    assert (first.name, second.attempt) == (second.name, 2)
    note(session, first, NO, jitter=0, at=AT + LEASE)
    assert delivery.next_attempt_at == AT + LEASE + LEASE, "the second one's lease stands"
    note(session, second, NO, jitter=0, at=AT + LEASE)
    assert delivery.next_attempt_at == AT + LEASE + PAUSES[1]
    note(session, first, YES, jitter=0, at=AT + LEASE + SECOND)
    assert delivery.state == "delivered", "what was taken was taken"


def test_a_busy_endpoint_waits_and_holds_up_no_other(session: Session) -> None:
    slow, quick = an_endpoint(session), an_endpoint(session)
    for place, row in enumerate((slow, slow, quick)):
        told(session, row, at=AT + place * SECOND)
    at = AT + 2 * SECOND
    first = claimed(session, at=at)
    assert first.endpoint == slow.id
    assert claimed(session, at=at, busy=(slow.id,)).endpoint == quick.id
    assert not is_due(session, at=at, busy=(slow.id, quick.id))


def test_five_days_without_a_success_disable_and_a_success_begins_anew(session: Session) -> None:
    row = an_endpoint(session)
    days = [timedelta(days=n) for n in range(5)]
    for since, outcome in [*((day, NO) for day in days), (days[-1] + SECOND, YES)]:
        told(session, row, at=AT + since)
        note(session, claimed(session, at=AT + since), outcome, jitter=0, at=AT + since)
    assert (row.state, row.failing_since) == ("enabled", None)
    begins = AT + timedelta(days=5)
    for since in (timedelta(0), FAILING_FOR - SECOND, FAILING_FOR):
        assert row.state == "enabled"
        told(session, row, at=begins + since)
        sending = claimed(session, at=begins + since)
        note(session, sending, NO, jitter=0, at=begins + since)
    assert (row.state, row.disabled_reason) == ("disabled", "failing")
    (entry,) = disablings(session)
    assert (entry.target_id, entry.unit_key, entry.after) == (
        str(row.id),
        None,
        {"state": "disabled", "reason": "failing"},
    )
    told(session, row, at=begins + FAILING_FOR)
    assert not is_due(session, at=begins + timedelta(days=99), busy=())


def test_gone_disables_at_once_and_what_waits_is_sent_when_it_is_enabled(
    session: Session,
) -> None:
    row = an_endpoint(session)
    first, second = told(session, row), told(session, row, at=AT + SECOND)
    gone = Outcome(duration_ms=1, status=410)
    note(session, claimed(session, at=AT), gone, jitter=0, at=AT)
    assert (row.state, row.disabled_reason, len(disablings(session))) == ("disabled", "gone", 1)
    later = AT + timedelta(days=30)
    assert not is_due(session, at=later, busy=())
    by = Principal(key_id=row.created_by, unit=BINH_SON, scopes=frozenset())
    service.enable(session, webhook_id=row.id, by=by, at=later)
    session.expire_all()
    for delivery in (first, second):
        assert (delivery.state, delivery.tries, delivery.next_attempt_at) == ("waiting", 0, later)
    assert {claimed(session, at=later).delivery for _ in range(2)} == {first.id, second.id}


def test_an_answer_from_the_old_address_does_not_disable_the_new_one(session: Session) -> None:
    row = an_endpoint(session)
    told(session, row)
    sending = claimed(session, at=AT)
    row.url = "https://b.vn/x"
    session.add(row)
    session.flush()
    note(session, sending, Outcome(duration_ms=1, status=410), jitter=0, at=AT)
    assert (row.state, row.failing_since) == ("enabled", None)


def test_of_two_that_claim_at_once_each_has_its_own(
    postgresql_databases: PostgresDatabases,
) -> None:
    # On SQLite there is one writer at a time: the second begins after the first's commit.
    with postgresql_databases.loaded() as url:
        engine = make_engine(url)
        with unit_of_work(engine) as session:
            row = an_endpoint(session)
            for _ in range(2):
                told(session, row)
        with unit_of_work(engine) as one, unit_of_work(engine) as other:
            assert claimed(one, at=AT).delivery != claimed(other, at=AT).delivery
            assert claim(other, key=KEY, busy=(), at=AT) is None
        engine.dispose()


def test_without_the_key_of_its_secret_nothing_signs(session: Session) -> None:
    told(session, an_endpoint(session))
    found = claim(session, key=SigningKey.of("another" * 8), busy=(), at=AT)
    assert found is not None
    assert found.secrets == []


def test_what_is_old_is_forgotten_with_its_attempts(session: Session) -> None:
    row = an_endpoint(session)
    told(session, row)
    note(session, claimed(session, at=AT), YES, jitter=0, at=AT)
    kept = told(session, row, at=AT + SECOND)
    forget_old(session, at=AT + RETENTION + SECOND)
    assert session.exec(select(WebhookDelivery.id)).all() == [kept.id]
    assert session.exec(select(WebhookMessage.id)).all() == [kept.message_id]
    assert session.exec(select(WebhookAttempt.number)).all() == []
