"""What is sent to register a webhook, to change it, and to have deliveries sent again."""

from typing import Annotated, Final

from pydantic import Field, StringConstraints

from app.domain.fields import InstantIn, WireModel
from app.domain.webhooks.events import EVENTS, Event
from app.domain.webhooks.models import LONGEST_URL

URL_PATTERN: Final = r"^https?://[!#-;=?-\[\]_a-z~A-Z]+$"


Events = Annotated[
    list[Event],
    Field(
        min_length=1,
        max_length=len(EVENTS),
        description="What to tell it of (sự kiện).",
    ),
]


class WebhookBody(WireModel):
    """Where to tell a unit of what (địa chỉ nhận thông báo)."""

    url: Annotated[
        str,
        StringConstraints(max_length=LONGEST_URL),
        Field(
            json_schema_extra={
                "format": "uri",
                "minLength": 9,
                "pattern": URL_PATTERN,
            },
            description="Where it is sent by POST (địa chỉ nhận): https, of a public address "
            "unless the operator permits others, without a user and without `#`.",
        ),
    ]
    events: Events


class ReplayBody(WireModel):
    """From when on everything is sent again (gửi lại)."""

    since: InstantIn = Field(
        description="What was told at this instant or later is sent again (từ thời điểm)."
    )
