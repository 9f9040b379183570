"""Signatures, against the published example and a second implementation."""

import base64
from datetime import UTC, datetime, timedelta
from uuid import UUID

from app.domain.webhooks.signing import SigningKey, shown, signed_headers, versions_that_sign
from tests.support.receiving import Received

AT = datetime(2021, 11, 22, tzinfo=UTC)
ENDPOINT = UUID(int=7)


def test_the_published_example_comes_out() -> None:
    # From the documentation of the libraries of Standard Webhooks.
    made = signed_headers(
        name="msg_p5jXN8AQM9LWM0D4loKWxJek",
        body=b'{"test": 2432232314}',
        secrets=[base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")],
        seconds=1614265330,
    )
    assert made["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_message_is_signed_by_each_secret_and_by_no_other() -> None:
    key = SigningKey.of("a secret of the operator's, thirty-two or more")
    secrets = [key.secret(ENDPOINT, version) for version in (2, 1)]
    body = '{"type":"đã trả lại"}'.encode()
    headers = signed_headers(name="msg_1", body=body, secrets=secrets, seconds=1_637_571_600)
    received = Received("POST", "/", headers, body, at=1_637_571_601)
    assert [received.signed_with(shown(secret)) for secret in secrets] == [True, True]
    assert not received.signed_with(shown(key.secret(ENDPOINT, 3)))
    assert not received.signed_with(shown(key.secret(UUID(int=8), 2)))
    assert not received.signed_with(shown(SigningKey.of("another").secret(ENDPOINT, 2)))
    changed = Received("POST", "/", headers, body + b" ", at=received.at)
    assert not changed.signed_with(shown(secrets[0]))


def test_the_old_secret_signs_for_a_day_and_no_longer() -> None:
    day = timedelta(hours=24)
    assert versions_that_sign(1, None, at=AT) == [1]
    assert versions_that_sign(2, AT, at=AT + day - timedelta(microseconds=1)) == [2, 1]
    assert versions_that_sign(2, AT, at=AT + day) == [2]


def test_a_key_shows_nothing_of_itself() -> None:
    key = SigningKey.of("hush" * 8)
    assert "hush" not in repr(key)
    assert key.key.hex() not in repr(key)
    assert len(key.fingerprint) == 16
    assert key.fingerprint not in key.key.hex()
