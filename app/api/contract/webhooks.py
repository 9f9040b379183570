"""What the document says of every webhook: its headers, what is expected back, its name.

A webhook is declared with `app.webhooks.post("submission.returned")` on a function whose one
parameter is the model of what is sent; this adds the rest (Standard Webhooks 1.0.0).
"""

from typing import Any, Final

_HEADERS: Final[tuple[dict[str, Any], ...]] = (
    {
        "name": "webhook-id",
        "in": "header",
        "required": True,
        "description": "Id of the message (mã thông báo): the same when it is sent "
        "again. Keep it to tell one that was received before.",
        "schema": {"type": "string", "maxLength": 40, "pattern": "^msg_[0-9a-f-]{36}$"},
        "example": "msg_019d0000-0000-7000-8000-000000000000",
    },
    {
        "name": "webhook-timestamp",
        "in": "header",
        "required": True,
        "description": "When this attempt was sent (thời điểm gửi), in seconds since "
        "1970-01-01T00:00:00Z. Refuse one that is more than five minutes away.",
        "schema": {"type": "string", "maxLength": 12, "pattern": "^[0-9]{1,12}$"},
        "example": "1637571600",
    },
    {
        "name": "webhook-signature",
        "in": "header",
        "required": True,
        "description": "The signature (chữ ký): `v1,` and the Base64 of HMAC-SHA-256 over "
        "`id.timestamp.body` under the endpoint's secret; several, with blanks between, while a "
        "secret is being changed.",
        "schema": {"type": "string", "maxLength": 1000, "pattern": "^v1,[!-~]+( v1,[!-~]+)*$"},
        "example": "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=",
    },
)
_ANSWERS: Final[dict[str, Any]] = {
    "2XX": {"description": "It was received (đã nhận). Anything else is sent again later."},
    "410": {
        "description": "The receiver wants no more of them (ngừng nhận): the webhook is disabled."
    },
}


def describe_webhooks(made: dict[str, Any]) -> None:
    """Complete the webhooks of a document, if it has any."""
    for event, methods in made.get("webhooks", {}).items():
        for operation in methods.values():
            operation["operationId"] = f"receive_{event.replace('.', '_').replace('-', '_')}"
            operation["security"] = []  # the signature is what proves the sender
            operation["parameters"] = [*_HEADERS]
            operation["responses"] = _ANSWERS
