"""Signatures of what is sent (Standard Webhooks 1.0.0), and the secrets that make them. Pure."""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

PREFIX: Final = "whsec_"
ID_PREFIX: Final = "msg_"
# So long the secret before signs beside the new one: a receiver has that time to change over.
OLD_SECRET_SIGNS: Final = timedelta(hours=24)
_FINGERPRINT: Final = 16


@dataclass(frozen=True, repr=False)
class SigningKey:
    """The service's own secret, from which those of all endpoints are derived.

    So the database holds none: whoever reads it, or a copy of it, can sign nothing.
    """

    key: bytes

    @classmethod
    def of(cls, text: str) -> "SigningKey":
        """Return the key that a secret text makes."""
        return cls(hmac.digest(text.encode(), b"baocao webhooks", hashlib.sha256))

    @property
    def fingerprint(self) -> str:
        """What tells this key from another and gives away nothing of it."""
        return hmac.digest(self.key, b"fingerprint", hashlib.sha256).hex()[:_FINGERPRINT]

    def secret(self, endpoint: UUID, version: int) -> bytes:
        """Return an endpoint's secret: 32 bytes, others for each version."""
        return hmac.digest(self.key, f"{endpoint}.{version}".encode(), hashlib.sha256)


def shown(secret: bytes) -> str:
    """Return a secret as its owner is shown it."""
    return f"{PREFIX}{base64.b64encode(secret).decode()}"


def message_name(message: UUID) -> str:
    """Return a message's id, as `webhook-id` says it."""
    return f"{ID_PREFIX}{message}"


def versions_that_sign(version: int, rotated_at: datetime | None, *, at: datetime) -> list[int]:
    """Return the versions of the secret that sign at an instant, the newest first."""
    if rotated_at is not None and at < rotated_at + OLD_SECRET_SIGNS:
        return [version, version - 1]
    return [version]


def signed_headers(*, name: str, body: bytes, secrets: list[bytes], seconds: int) -> dict[str, str]:
    """Return the headers of an attempt that is made `seconds` after 1970, a signature a secret."""
    said = f"{name}.{seconds}.".encode() + body
    signatures = (hmac.digest(secret, said, hashlib.sha256) for secret in secrets)
    return {
        "webhook-id": name,
        "webhook-timestamp": str(seconds),
        "webhook-signature": " ".join(
            f"v1,{base64.b64encode(signature).decode()}" for signature in signatures
        ),
    }
