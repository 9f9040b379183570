"""What webhooks and their deliveries look like from outside."""

from typing import Annotated, Literal

from pydantic import Field

from app.api.out import InstantOut, NextCursor, OutModel
from app.api.pagination import ListQuery
from app.domain.described import Count, Few, Id, Number, Page, UnitKey, said, text, whole, words
from app.domain.webhooks.events import EVENTS, TEST
from app.domain.webhooks.models import (
    DELIVERY_STATES,
    DISABLED_BECAUSE,
    ENDPOINT_STATES,
    LONGEST_URL,
    WebhookAttempt,
    WebhookEndpoint,
)
from app.domain.webhooks.queries import Logged
from app.domain.webhooks.service import Registered
from app.domain.webhooks.signing import OLD_SECRET_SIGNS, message_name

DeliveryState = Literal["waiting", "delivered", "failed"]
STATE_OF_DELIVERY = (
    "waiting (chờ gửi): it is sent, or sent again, when its time comes and the webhook is enabled. "
    "delivered (đã nhận): the receiver answered 2xx. failed (không gửi được): given up after ten "
    "attempts over some three days; it can be sent again."
)
FAULT = (
    "Why no status came (lỗi): name_unresolved, address_refused (a network into which nothing is "
    "sent), connection_failed, tls_failed, timeout, bad_answer, signing_key_changed (rotate the "
    "secret), url_refused. Null where one came, and while the attempt runs."
)
EventWord = Annotated[str, words("An event (sự kiện).", *EVENTS)]
Url = Annotated[
    str,
    said(
        "Where it is sent (địa chỉ nhận).",
        format="uri",
        maxLength=LONGEST_URL,
        pattern="^https?://",
    ),
]
Secret = Annotated[
    str,
    text(
        "The secret that signs (khóa ký), shown this once: `whsec_` and 32 bytes in Base64.",
        50,
        "whsec_[A-Za-z0-9+/]{43}=",
    ),
]
MessageName = Annotated[
    str,
    text(
        "Id of the message, as the header `webhook-id` says it (mã thông báo).",
        40,
        "msg_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    ),
]


class WebhookOut(OutModel):
    """A webhook (địa chỉ nhận thông báo) of this unit."""

    id: Id = Field(description="Id of the webhook (mã địa chỉ nhận).")
    unit: UnitKey = Field(description="Key of the unit that is told (đơn vị nhận).")
    url: Url
    events: Few[EventWord] = Field(description="What it is told of (sự kiện).")
    state: Annotated[
        str,
        words(
            "enabled (đang gửi); disabled (tạm ngừng): what is told meanwhile waits until it is "
            "enabled again; removed (đã xóa): nothing is sent any more.",
            *ENDPOINT_STATES,
        ),
    ]
    disabled_reason: (
        Annotated[
            str,
            words(
                "failing (lỗi kéo dài): five days without a success; gone (410): the receiver "
                "wants no more. Null unless disabled.",
                *DISABLED_BECAUSE,
            ),
        ]
        | None
    )
    disabled_at: InstantOut | None = Field(description="Since when it is disabled (ngừng từ).")
    failing_since: InstantOut | None = Field(
        description="When the first attempt failed after the last success (lỗi từ); null where "
        "the last one succeeded."
    )
    last_delivered_at: InstantOut | None = Field(
        description="When something was taken last (lần nhận gần nhất)."
    )
    secret_version: Number = Field(description="How many secrets it has had (lần đổi khóa ký).")
    old_secret_signs_until: InstantOut | None = Field(
        description="Until then the secret before signs beside the current one (khóa cũ còn ký "
        "đến); null where none does."
    )
    created_at: InstantOut = Field(description="When it was registered (thời điểm đăng ký).")

    @classmethod
    def of(cls, row: WebhookEndpoint) -> "WebhookOut":
        """Return a webhook as it is answered."""
        return cls.model_validate(_fields(row))


class WebhookWithSecretOut(WebhookOut):
    """A webhook, and its secret, which is shown this once (khóa ký chỉ hiện một lần)."""

    secret: Secret

    @classmethod
    def having(cls, registered: Registered) -> "WebhookWithSecretOut":
        """Return a webhook with its secret."""
        return cls.model_validate({**_fields(registered.endpoint), "secret": registered.secret})


class WebhookPage(OutModel):
    """A page of webhooks (một trang địa chỉ nhận)."""

    items: Page[WebhookOut]
    next: NextCursor


class WebhookAttemptOut(OutModel):
    """One attempt to deliver (lần gửi)."""

    number: Number = Field(description="Which attempt it is, from 1 (lần gửi thứ).")
    at: InstantOut = Field(description="When it was begun (bắt đầu lúc).")
    duration_ms: Count | None = Field(
        description="How long it took, in milliseconds (thời gian); null while it runs, and where "
        "its worker died."
    )
    status: Annotated[int, whole("The receiver's HTTP status (mã trạng thái).", 100, 999)] | None
    fault: Annotated[str, text(FAULT, 40, "[a-z_]+")] | None
    next_attempt_at: InstantOut | None = Field(
        description="When the next one was put to be made (lần kế tiếp); null where there was to "
        "be none."
    )

    @classmethod
    def of(cls, row: WebhookAttempt) -> "WebhookAttemptOut":
        """Return an attempt as it is answered."""
        return cls.model_validate(row.model_dump(exclude={"delivery_id"}))


class WebhookDeliveryOut(OutModel):
    """A message on its way to a webhook (việc gửi), with its attempts."""

    id: Id = Field(description="Id of the delivery (mã lần gửi thông báo).")
    message: MessageName
    event: Annotated[str, words("What is told (sự kiện).", *EVENTS, TEST)]
    state: Annotated[str, words(STATE_OF_DELIVERY, *DELIVERY_STATES)]
    created_at: InstantOut = Field(description="When it was put out (thời điểm ghi).")
    next_attempt_at: InstantOut | None = Field(
        description="Not sent again before then (lần gửi kế tiếp); null where it is not waiting."
    )
    attempts: Few[WebhookAttemptOut] = Field(
        description="The latest hundred attempts at most, oldest first (các lần gửi)."
    )

    @classmethod
    def of(cls, logged: Logged) -> "WebhookDeliveryOut":
        """Return a delivery as it is answered."""
        row = logged.delivery
        return cls(
            id=row.id,
            message=message_name(row.message_id),
            event=logged.message.event,
            state=row.state,
            created_at=row.created_at,
            next_attempt_at=row.next_attempt_at if row.state == "waiting" else None,
            attempts=[WebhookAttemptOut.of(one) for one in logged.attempts[-100:]],
        )


class WebhookDeliveryPage(OutModel):
    """A page of the delivery log (một trang nhật ký gửi), newest first."""

    items: Page[WebhookDeliveryOut]
    next: NextCursor


class WebhookReplayOut(OutModel):
    """How much is sent again (gửi lại)."""

    deliveries: Count = Field(description="How many deliveries are sent again (số lượng).")


class WebhookDeliveryQuery(ListQuery):
    """Which deliveries."""

    state: DeliveryState | None = Field(default=None, description=f"Those so. {STATE_OF_DELIVERY}")


def _fields(row: WebhookEndpoint) -> dict[str, object]:
    signs_until = row.rotated_at + OLD_SECRET_SIGNS if row.rotated_at is not None else None
    return {
        "id": row.id,
        "unit": row.unit_key,
        "url": row.url,
        "events": sorted(row.events),
        "state": row.state,
        "disabled_reason": row.disabled_reason,
        "disabled_at": row.disabled_at,
        "failing_since": row.failing_since,
        "last_delivered_at": row.delivered_at,
        "secret_version": row.secret_version,
        "old_secret_signs_until": signs_until,
        "created_at": row.created_at,
    }
