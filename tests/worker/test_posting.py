"""One attempt: to the address that was checked, verified against the name, within its time."""

import ssl
import subprocess
import time
from collections.abc import Callable, Iterable
from ipaddress import ip_network
from pathlib import Path
from uuid import UUID

import pytest

from app.domain.webhooks.delivery import Outcome, Sending
from app.domain.webhooks.destinations import Destinations
from app.domain.webhooks.signing import SigningKey, shown
from tests.support.receiving import Answer, Receiver, receiving
from worker.posting import Postman, resolved

LOOPBACK = (ip_network("127.0.0.1/32"),)
HERE = Destinations(http=True, networks=LOOPBACK)
SECRET = SigningKey.of("k" * 32).secret(UUID(int=1), 1)
TRUSTED = ssl.create_default_context()
Resolver = Callable[[str, int], Iterable[str]]


def a_sending(url: str, **changes: object) -> Sending:
    known: dict[str, object] = {
        "delivery": UUID(int=1),
        "endpoint": UUID(int=1),
        "attempt": 1,
        "url": url,
        "name": f"msg_{UUID(int=9)}",
        "body": '{"type":"webhook.test","data":"đã gửi"}'.encode(),
        "secrets": [SECRET],
    }
    return Sending(**(known | changes))  # type: ignore[arg-type]


def post(
    url: str,
    *,
    destinations: Destinations = HERE,
    timeout: float = 5,
    resolve: Resolver = resolved,
    trusted: ssl.SSLContext = TRUSTED,
    **changes: object,
) -> Outcome:
    postman = Postman(destinations, timeout, trusted, resolve)
    return postman.post(a_sending(url, **changes))


def came(outcome: Outcome) -> int | str | None:
    assert (outcome.status is None) != (outcome.fault is None)
    return outcome.status or outcome.fault


def test_a_message_comes_in_whole_and_signed() -> None:
    with receiving() as receiver:
        outcome = post(receiver.url("/hook/%2e?q=a+b&c="))
    assert came(outcome) == 204
    (received,) = receiver.received
    assert (received.method, received.path) == ("POST", "/hook/%2e?q=a+b&c=")
    assert received.signed_with(shown(SECRET))
    assert received.id == f"msg_{UUID(int=9)}"
    assert received.body == a_sending("").body
    assert received.headers["host"] == f"127.0.0.1:{receiver.port}"
    assert received.headers["content-type"] == "application/json"
    assert set(received.headers) == {
        *("host", "user-agent", "content-type", "content-length", "connection"),
        *("webhook-id", "webhook-timestamp", "webhook-signature"),
    }


@pytest.mark.parametrize("status", [200, 299, 301, 307, 400, 410, 429, 500, 503])
def test_the_status_is_what_came_of_it_and_redirects_are_not_followed(status: int) -> None:
    with receiving() as elsewhere, receiving() as receiver:
        receiver.usual = Answer(status, {"Location": elsewhere.url()}, body=b"x" * 100_000)
        assert came(post(receiver.url())) == status
    assert (len(receiver.received), elsewhere.received) == (1, [])


@pytest.mark.parametrize(
    ("said", "least", "most"),
    [("120", 120, 120), ("Fri, 01 Jan 2100 00:00:00 GMT", 10**8, 10**10), ("soon", None, None)],
)
def test_how_long_the_receiver_asks_to_wait(said: str, least: int | None, most: int | None) -> None:
    with receiving() as receiver:
        receiver.usual = Answer(503, {"Retry-After": said})
        found = post(receiver.url()).retry_after
    if least is None or most is None:
        assert found is None
    else:
        assert found is not None
        assert least <= found.total_seconds() <= most


# Where it goes


def test_a_name_is_held_against_the_network_that_it_stands_for_now() -> None:
    answers = iter([["93.184.216.34"], ["127.0.0.1"], ["10.0.0.1", "::1"], ["::ffff:127.0.0.1"]])
    asked: list[str] = []

    def rebinding(host: str, _port: int) -> list[str]:
        asked.append(host)
        return next(answers)

    closed = Destinations(http=True)
    with receiving() as receiver:
        url = receiver.url(host="rebinding.test")
        first = post(url, destinations=closed, resolve=rebinding, timeout=0.3)
        assert came(first) in ("timeout", "connection_failed"), "public, and nobody is there"
        for _ in range(3):
            assert came(post(url, destinations=closed, resolve=rebinding)) == "address_refused"
    assert receiver.received == []
    assert asked == ["rebinding.test"] * 4, "asked once an attempt, so that no second answer counts"


def test_the_connection_is_made_to_the_address_that_was_checked() -> None:
    answers = iter([["10.9.9.9", "127.0.0.1"], ["10.9.9.9"]])
    with receiving() as receiver:
        url = receiver.url(host="pinned.test")
        assert came(post(url, resolve=lambda *_: next(answers))) == 204
    (received,) = receiver.received
    assert received.headers["host"] == f"pinned.test:{receiver.port}"


def test_what_the_address_says_is_looked_at_again_at_each_attempt() -> None:
    with receiving() as receiver:
        assert came(post(receiver.url(), destinations=Destinations(http=True))) == "url_refused"
        plain = Destinations(networks=LOOPBACK)
        assert came(post(receiver.url(), destinations=plain)) == "url_refused"
    assert receiver.received == []


def test_proxies_of_the_environment_are_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with receiving() as proxy, receiving() as receiver:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "https_proxy"):
            monkeypatch.setenv(name, proxy.url(""))
        assert came(post(receiver.url())) == 204
    assert (len(receiver.received), proxy.received) == (1, [])


# What goes wrong


def test_faults_have_codes_and_are_no_reason_to_stop() -> None:
    with receiving() as receiver:
        closed = receiver.url()
    assert came(post(closed)) == "connection_failed"
    assert came(post("http://no-such-name.invalid/")) == "name_unresolved"
    assert came(post(closed, secrets=[])) == "signing_key_changed"
    with receiving() as receiver:
        assert came(post(receiver.url().replace("http:", "https:"))) == "tls_failed"


def test_a_receiver_that_takes_too_long_is_left_also_one_that_sends_a_byte_now_and_then() -> None:
    for slow in (Answer(after=3), Answer(drip=0.05)):
        with receiving() as receiver:
            receiver.usual = slow
            began = time.monotonic()
            outcome = post(receiver.url(), timeout=0.6)
            assert time.monotonic() - began < 2
        assert came(outcome) == "timeout"
        assert 500 <= outcome.duration_ms < 2000


# TLS


@pytest.fixture(scope="module")
def certified(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return a server's context with a certificate of `receiver.test`, and one that trusts it."""
    folder = tmp_path_factory.mktemp("tls")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    _certify("receiver.test", key, certificate)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate, key)
    return server, ssl.create_default_context(cafile=str(certificate))


def _certify(name: str, key: Path, certificate: Path) -> None:
    try:
        subprocess.run(
            [
                *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
                *("-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}"),
                *("-keyout", str(key), "-out", str(certificate)),
            ],
            check=True,
            capture_output=True,
        )
    except FileNotFoundError:
        pytest.skip("the program openssl is not here: no certificate can be made")


def _at_home(receiver: Receiver, name: str) -> tuple[str, Resolver]:
    return receiver.url(host=name), lambda *_: ["127.0.0.1"]


def test_tls_is_verified_against_the_name_though_an_address_is_connected_to(
    certified: tuple[ssl.SSLContext, ssl.SSLContext],
) -> None:
    server, trusting = certified
    with receiving(server) as receiver:
        url, resolve = _at_home(receiver, "receiver.test")
        assert came(post(url, resolve=resolve, trusted=trusting)) == 204
        assert came(post(url, resolve=resolve)) == "tls_failed", "nobody vouches for it"
        other, resolve = _at_home(receiver, "another.test")
        assert came(post(other, resolve=resolve, trusted=trusting)) == "tls_failed"
    assert len(receiver.received) == 1
