"""Where webhooks may go: what an address says is seen through, in whatever form it is written."""

from ipaddress import ip_address, ip_network

import pytest

from app.domain.errors import Invalid
from app.domain.webhooks.destinations import Destinations

PUBLIC = Destinations()
OPEN = Destinations(http=True, networks=(ip_network("10.0.0.0/8"), ip_network("127.0.0.0/8")))


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",  # noqa: S104 - not bound to
        *("10.1.2.3", "172.16.0.1", "192.168.1.1", "127.0.0.1", "169.254.169.254", "100.64.0.1"),
        *("192.0.0.8", "192.0.2.1", "192.88.99.1", "198.18.0.1", "198.51.100.1", "203.0.113.1"),
        *("224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255"),
        *("::", "::1", "fe80::1", "fec0::1", "fc00::1", "fd12::1", "ff02::1", "2001:db8::1"),
        *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "::ffff:0:127.0.0.1"),
        *("64:ff9b::7f00:1", "64:ff9b:1::a00:1", "2002:7f00:1::", "2001::1", "100::1", "5f00::1"),
    ],
)
def test_no_address_but_those_of_the_public_internet(address: str) -> None:
    assert not PUBLIC.permits(ip_address(address))


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "::ffff:8.8.8.8"]
)
def test_those_of_the_public_internet(address: str) -> None:
    assert PUBLIC.permits(ip_address(address))


def test_a_network_that_the_operator_names_and_no_other() -> None:
    assert OPEN.permits(ip_address("10.200.0.1"))
    assert OPEN.permits(ip_address("::ffff:10.0.0.1"))
    assert not OPEN.permits(ip_address("192.168.0.1"))


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("https://127.0.0.1/", "webhook_address_not_public"),
        ("https://[::1]/", "webhook_address_not_public"),
        ("https://[::ffff:10.0.0.1]:8443/", "webhook_address_not_public"),
        ("https://[fe80::1%25eth0]/", "webhook_address_not_public"),
        ("https://localhost/", "webhook_address_not_public"),
        ("https://a.localhost:8443/", "webhook_address_not_public"),
        ("https://127.1/", "webhook_url"),
        ("https://2130706433/", "webhook_url"),
        ("https://0x7f000001/", "webhook_url"),
        ("https://0177.0.0.1/", "webhook_url"),
        ("https://user:word@a.vn/", "webhook_url"),
        ("https://a.vn\\@b.vn/", "webhook_url"),
        ("https://a.vn#b", "webhook_url"),
        ("https://a.vn./", "webhook_url"),
        ("https://a.vn:/", "webhook_url"),
        ("https://a.vn:0/", "webhook_url"),
        ("https://a.vn:65536/", "webhook_url"),
        ("https:///x", "webhook_url"),
        ("https://a.vn/x y", "webhook_url"),
        ("https://quảngngãi.vn/", "webhook_url"),
        ("https://a.vn/\r\nX: y", "webhook_url"),
        ("https://a.vn:22/", "webhook_url_port"),
        ("http://a.vn/", "webhook_url_scheme"),
        ("ftp://a.vn/", "webhook_url_scheme"),
        ("gopher://a.vn/", "webhook_url_scheme"),
    ],
)
def test_what_can_be_seen_to_be_wrong_is_refused(url: str, code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        PUBLIC.checked(url, pointer="/url")
    (fault,) = refusal.value.faults
    assert (fault.pointer, fault.text.code) == ("/url", code)


@pytest.mark.parametrize(
    "url",
    [
        "https://baocao.binhson.gov.vn/thong-bao?tu=a@b",
        "https://xn--qungngi-fwa.vn:8443/",
        "https://[2606:4700:4700::1111]/x",
        "https://8.8.8.8",
    ],
)
def test_what_cannot_is_taken_as_it_is(url: str) -> None:
    assert PUBLIC.checked(url, pointer="/url") == url


def test_http_and_this_machine_where_the_operator_permits_them() -> None:
    for url in ("http://127.0.0.1:8080/x", "http://localhost:8080/", "http://10.0.0.1/"):
        assert OPEN.checked(url, pointer="/url") == url
    with pytest.raises(Invalid):
        OPEN.checked("http://192.168.0.1/", pointer="/url")
