"""The e-mail of notices: claimed by one worker at a time, sent, marked; tried again for days.

At least once: a worker that dies between sending and marking leaves the mail to be sent again,
with the same Message-ID. Two workers never send one at the same time: a claim is a lease.
"""

from datetime import datetime, timedelta
from typing import Any, Final, TypedDict, cast
from uuid import UUID

from sqlalchemy import CursorResult, update
from sqlmodel import Session, col, select

from app.domain.notices.models import Notice, NoticeDelivery
from app.domain.period import instant_text

# A sending must begin within SEND_WITHIN of its claim and has ended well before LEASE is over:
# so whoever claims it next finds nobody sending it.
LEASE: Final = timedelta(minutes=15)
SEND_WITHIN: Final = timedelta(minutes=5)
GIVE_UP_AFTER: Final = timedelta(days=3)
FIRST_PAUSE: Final = timedelta(minutes=1)
LONGEST_PAUSE: Final = timedelta(hours=6)
LONGEST_ERROR: Final = 200
NEVER_SENT: Final = "not sent within 3 days"


class Mail(TypedDict):
    """What there is to send, as plain JSON; `attempt` tells this claim from a later one."""

    notice_id: str
    attempt: int
    address: str
    subject: str
    text: str
    created_at: str
    send_before: str


def put_in_the_post(session: Session, notice: Notice, *, address: str) -> None:
    """Let an e-mail of a new notice wait for its sending."""
    session.add(
        NoticeDelivery(
            notice_id=notice.id,
            address=address,
            next_attempt_at=notice.created_at,
            gives_up_at=notice.created_at + GIVE_UP_AFTER,
        )
    )


def claim(session: Session, *, at: datetime) -> Mail | None:
    """Take the e-mail that has waited longest, if one's time has come, and lease it."""
    waiting = (
        NoticeDelivery.state == "waiting",
        col(NoticeDelivery.next_attempt_at) <= at,
        col(NoticeDelivery.gives_up_at) > at,
    )
    statement = select(NoticeDelivery).where(*waiting)
    order = col(NoticeDelivery.next_attempt_at), col(NoticeDelivery.notice_id)
    statement = statement.order_by(*order).limit(1).with_for_update(skip_locked=True)
    row = session.exec(statement).first()
    if row is None:
        return None
    row.attempts += 1
    row.next_attempt_at = at + LEASE
    session.add(row)
    notice = session.get_one(Notice, row.notice_id)
    return Mail(
        notice_id=str(row.notice_id),
        attempt=row.attempts,
        address=row.address,
        subject=notice.subject,
        text=notice.text_vi,
        created_at=instant_text(notice.created_at),
        send_before=instant_text(at + SEND_WITHIN),
    )


def mark_sent(session: Session, *, notice_id: UUID, at: datetime) -> None:
    """Note that the server took it, whoever has claimed it since."""
    sent = {"state": "sent", "sent_at": at, "last_error": None}
    _mark(session, notice_id, col(NoticeDelivery.state) != "sent", **sent)


def mark_failed(
    session: Session, *, notice_id: UUID, attempt: int, error: str, at: datetime
) -> None:
    """Note why an attempt failed, and when the next one is; after three days there is none.

    The attempt that a later claim has overtaken decides nothing any more.
    """
    row = session.get_one(NoticeDelivery, notice_id)
    again_at = at + pause_after(attempt)
    given_up = again_at >= row.gives_up_at
    _mark(
        session,
        notice_id,
        (col(NoticeDelivery.state) == "waiting") & (col(NoticeDelivery.attempts) == attempt),
        state="failed" if given_up else "waiting",
        next_attempt_at=again_at,
        last_error=error[:LONGEST_ERROR],
    )


def pause_after(attempt: int) -> timedelta:
    """Return the pause after the attempt of that number: 1, 2, 4 … minutes, 6 hours at most."""
    return min(FIRST_PAUSE * (1 << min(attempt - 1, 20)), LONGEST_PAUSE)


def give_up_old(session: Session, *, at: datetime) -> int:
    """Give up what could not be sent in time, as where no mail server is set; return how many."""
    old = (
        update(NoticeDelivery)
        .where(col(NoticeDelivery.state) == "waiting", col(NoticeDelivery.gives_up_at) <= at)
        .values(state="failed", last_error=NEVER_SENT)
    )
    return cast("CursorResult[Any]", session.connection().execute(old)).rowcount


def _mark(session: Session, notice_id: UUID, condition: Any, **values: Any) -> None:
    marked = update(NoticeDelivery).where(col(NoticeDelivery.notice_id) == notice_id, condition)
    session.connection().execute(marked.values(**values))
