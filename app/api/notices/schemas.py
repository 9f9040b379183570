"""What notices look like from outside."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from app.api.cycles.schemas import Year
from app.api.out import InstantOut, OutModel
from app.api.pagination import DEFAULT_LIMIT, MAX_LIMIT, Cursor
from app.domain.described import (
    Count,
    CycleName,
    Id,
    Many,
    OneLine,
    PlanName,
    Prose,
    Since,
    UnitKey,
    YearNumber,
)
from app.domain.fields import SMALL, PlanSlug, UnitReference
from app.domain.notices.models import NoticeDelivery
from app.domain.notices.occasions import Occasion
from app.domain.notices.queries import Told

DeliveryState = Literal["waiting", "sent", "failed"]
STATE = (
    "waiting (chờ gửi): it is sent as soon as the mail server takes it. sent (đã gửi): the server "
    "took it. failed (không gửi được): given up after three days."
)
OCCASION = (
    "due_in_14, due_in_7, due_in_1: so many local days are left, or fewer (sắp đến hạn); of these "
    "only the tightest is told. late: it is overdue (quá hạn)."
)


class NoticeEmailOut(OutModel):
    """A notice's e-mail (thư điện tử)."""

    address: OneLine = Field(description="The unit's official mailbox (hộp thư công vụ).")
    state: DeliveryState = Field(description=STATE)
    attempts: Count = Field(description="How often its sending was begun (số lần gửi).")
    next_attempt_at: InstantOut | None = Field(
        description="Not sent again before then (lần gửi lại tiếp theo); null once it was sent or "
        "given up."
    )
    sent_at: InstantOut | None = Field(description="When it was sent (thời điểm gửi); null before.")
    last_error: Prose | None = Field(description="Why the last attempt failed, in short (lỗi).")

    @classmethod
    def of(cls, row: NoticeDelivery) -> "NoticeEmailOut":
        """Return an e-mail as it is answered."""
        waiting = row.state == "waiting"
        fields = row.model_dump(exclude={"notice_id", "gives_up_at", "next_attempt_at"})
        return cls.model_validate(
            fields | {"next_attempt_at": row.next_attempt_at if waiting else None}
        )


class NoticeOut(OutModel):
    """A reminder (nhắc báo cáo): one message to one unit on one occasion. It never changes."""

    id: Id = Field(description="Id of the notice (mã thông báo).")
    cycle: CycleName = Field(description="Key of the reporting cycle (kỳ báo cáo).")
    plan: PlanName
    year: YearNumber = Field(description="The cycle's year (năm của kỳ báo cáo).")
    unit: UnitKey = Field(
        description="Key of the unit that is told (đơn vị nhận): the one that owes, or its steward "
        "(đơn vị tiếp quản) where that has ended."
    )
    subject_unit: UnitKey = Field(
        description="Key of the unit whose report it is (đơn vị báo cáo)."
    )
    part: Literal["report", "supplement"] = Field(
        description="report (báo cáo), or supplement (bổ sung cuối năm)."
    )
    occasion: Occasion = Field(description=OCCASION)
    due_at: InstantOut = Field(
        description="Before this instant it was to be handed in (hạn gửi), extension and outage "
        "included. Where that is moved, reminders begin anew for the new instant."
    )
    subject: OneLine = Field(description="Subject (tiêu đề), in Vietnamese.")
    text_vi: Prose = Field(
        description="What is said, in Vietnamese (tiếng Việt); the e-mail says the same."
    )
    text_en: Prose = Field(description="What is said, in English (tiếng Anh).")
    created_at: InstantOut = Field(description="When it was put out (thời điểm nhắc).")
    email: NoticeEmailOut | None = Field(
        description="The notice's e-mail (thư điện tử). Null where the unit had no mailbox: then "
        "it is told here alone."
    )

    @classmethod
    def of(cls, told: Told) -> "NoticeOut":
        """Return a notice as it is answered."""
        notice, cycle = told.notice, told.cycle
        fields = notice.model_dump(exclude={"seq", "cycle_id", "roster_row_id", "unit_key"})
        return cls.model_validate(
            {
                **fields,
                "cycle": f"{cycle.plan_slug}.{cycle.code}",
                "plan": cycle.plan_slug,
                "year": cycle.year,
                "unit": notice.unit_key,
                "email": NoticeEmailOut.of(told.delivery) if told.delivery else None,
            }
        )


class NoticesOut(OutModel):
    """A stretch of the outbox, in the order in which it was put out (các thông báo)."""

    items: Many[NoticeOut] = Field(
        description="The notices that this key may see (các thông báo); there may be none."
    )
    next: Since = Field(
        description="What to give as `since` next time (con trỏ); keep it, also at the end."
    )
    more: bool = Field(description="True where more is there already (còn nữa): ask again at once.")


class NoticesQuery(BaseModel):
    """Which notices, and from where on."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    since: Cursor | None = Field(
        default=None,
        description="`next` of the answer before (con trỏ); without it, from the beginning.",
    )
    limit: int = Field(
        default=DEFAULT_LIMIT,
        ge=1,
        le=MAX_LIMIT,
        json_schema_extra=SMALL,
        description="Notices in an answer, at most (số thông báo tối đa).",
    )
    plan: PlanSlug | None = Field(
        default=None, description="Only of this plan (kế hoạch): its slug."
    )
    year: Year | None = Field(default=None, description="Only of this year (năm).")
    occasion: Occasion | None = Field(default=None, description=OCCASION)
    email: DeliveryState | None = Field(
        default=None, description=f"Those whose e-mail is so. {STATE}"
    )
    unit: UnitReference | None = Field(
        default=None,
        description="That this unit was told (đơn vị nhận): its key, or a code, of all units that "
        "ever bore it.",
    )
