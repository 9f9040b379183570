"""Where webhooks may be sent: never into the service's own networks, unless one is named. Pure.

What an address says by itself is refused when it is registered. What a name stands for is known
only when it is resolved, so every attempt asks again: see `worker.posting`.
"""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final
from urllib.parse import SplitResult, urlsplit

from app.domain.errors import Fault, Invalid, Text
from app.domain.webhooks.models import LONGEST_URL

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_GLOBAL_UNICAST: Final = IPv6Network("2000::/3")
# Addresses of IPv4 inside those of IPv6: a router may turn them into any address at all.
_CARRIES_IPV4: Final = (IPv6Network("2002::/16"), IPv6Network("2001::/32"))
# Given out for relays and for tests, and counted as global by some versions of Python.
_SPECIAL_IPV4: Final = tuple(
    IPv4Network(text)
    for text in ("0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15")
)
_PORTS: Final = {"https": 443, "http": 80}
_FIRST_FREE_PORT: Final = 1024  # below it stand mail, directories, remote shells
_LABEL: Final = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?"
_NAME: Final = re.compile(rf"(?=.{{1,253}}$){_LABEL}(?:\.{_LABEL})*", re.ASCII)
# A last label that is a number makes a name an IPv4 address in some old form: 127.1, 0x7f000001.
_NUMBER: Final = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)", re.ASCII)
_URL: Final = re.compile(r"[!#-;=?-\[\]_a-z~]+", re.ASCII | re.IGNORECASE)

BAD_URL = Text(
    "webhook_url",
    "Địa chỉ nhận phải có dạng https://ten-may-chu/duong-dan: chỉ gồm ký tự ASCII, không có tên "
    "người dùng, không có «#».",
    "The address must be of the form https://host/path: ASCII only, no user, no `#`.",
)
BAD_SCHEME = Text(
    "webhook_url_scheme",
    "Địa chỉ nhận phải bắt đầu bằng: {schemes}.",
    "The address must begin with: {schemes}.",
)
BAD_PORT = Text(
    "webhook_url_port",
    "Cổng {port} không được phép; dùng cổng mặc định hoặc một cổng từ 1024 trở lên.",
    "The port {port} is not permitted: take the scheme's own, or one from 1024 on.",
)
NOT_PUBLIC = Text(
    "webhook_address_not_public",
    "Địa chỉ «{host}» thuộc mạng nội bộ mà hệ thống không được gửi tới.",
    "The address `{host}` is in a network into which this service does not send.",
)


@dataclass(frozen=True)
class Destinations:
    """What the operator permits: plain http, and networks that are not public."""

    http: bool = False
    networks: tuple[Network, ...] = ()

    def permits(self, address: Address) -> bool:
        """Tell whether an address may be connected to."""
        if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        if any(address in network for network in self.networks):
            return True
        return is_public(address)

    def checked(self, url: str, *, pointer: str) -> str:
        """Return an address as it is stored. Raises Invalid for what can be seen to be wrong."""
        parts = _parts(url)
        if parts is None:
            raise Invalid(Fault(pointer, BAD_URL))
        schemes = ["https", "http"] if self.http else ["https"]
        if parts.scheme not in schemes:
            listed = [f"{scheme}://" for scheme in schemes]
            raise Invalid(
                Fault(pointer, BAD_SCHEME, {"schemes": ", ".join(listed)}, permitted=listed)
            )
        port = parts.port or _PORTS[parts.scheme]
        if port != _PORTS[parts.scheme] and port < _FIRST_FREE_PORT:
            raise Invalid(Fault(pointer, BAD_PORT, {"port": port}))
        host = parts.hostname or ""
        address = _literal(host)
        if address is None and not self._may_be_named(host):
            raise Invalid(Fault(pointer, BAD_URL))
        if (address is not None and not self.permits(address)) or self._is_this_machine(host):
            raise Invalid(Fault(pointer, NOT_PUBLIC, {"host": host}))
        return url

    def _may_be_named(self, host: str) -> bool:
        return _NAME.fullmatch(host) is not None and _NUMBER.fullmatch(host) is None

    def _is_this_machine(self, host: str) -> bool:
        local = host == "localhost" or host.endswith(".localhost")  # RFC 6761, 6.3
        return local and not self.permits(IPv4Address("127.0.0.1"))


def is_public(address: Address) -> bool:
    """Tell whether an address is one of the public internet, reached as itself."""
    if address.is_multicast or address.is_unspecified or not address.is_global:
        return False
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _SPECIAL_IPV4)
    return address in _GLOBAL_UNICAST and not any(address in net for net in _CARRIES_IPV4)


def _parts(url: str) -> SplitResult | None:
    """Return the parts of an address, or None where it is none of ours."""
    if len(url) > LONGEST_URL or not _URL.fullmatch(url) or "#" in url or "\\" in url:
        return None
    try:
        parts = urlsplit(url)
        if parts.port == 0 or parts.netloc.endswith(":"):
            return None
    except ValueError:
        return None
    if not parts.hostname or "@" in parts.netloc or parts.hostname.endswith("."):
        return None
    return parts


def _literal(host: str) -> Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None
