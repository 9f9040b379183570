"""Reminders: who is due is found by the clock, and the e-mail of notices is sent."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Final
from uuid import UUID

from sqlmodel import Session

from app import jobs
from app.domain.notices import delivery, service
from app.domain.notices.delivery import Mail
from worker.engine import Workflow
from worker.mail import MailServer
from worker.steps import Steps

MAILS_IN_A_RUN: Final = 200
OVERDUE: Final = "overdue"


def remind(steps: Steps, _planned_at: object, _context: object) -> None:
    """Put the reminders that are due into the outbox, and give up e-mail that is too old."""
    steps.run("remind", lambda s, at: service.remind(s, at=at))
    steps.run("give_up_old", lambda s, at: delivery.give_up_old(s, at=at))


def deliver(server: MailServer | None, steps: Steps, _planned_at: object, _context: object) -> None:
    """Send the e-mail whose time has come, one after the other.

    Claiming, sending and marking are steps of their own. A worker that dies while sending sends
    again after its restart, unless its lease is over by then: in that case whoever claims the
    mail next does. Where the server cannot be reached the rest waits for the next run.
    """
    if server is None:
        return
    for _ in range(MAILS_IN_A_RUN):
        mail = steps.run("claim_mail", lambda s, at: delivery.claim(s, at=at))
        if mail is None:
            return
        came, error = steps.do("send_mail", partial(_send, server, mail))
        if came == OVERDUE:
            continue
        steps.run(
            "mark_mail",
            _marking(UUID(mail["notice_id"]), mail["attempt"], sent=came == "sent", error=error),
        )
        if came == "unreachable":
            return


def _send(server: MailServer, mail: Mail, at: datetime) -> list[str]:
    if at >= datetime.fromisoformat(mail["send_before"]):
        return [OVERDUE, ""]
    return list(server.send(mail))


def _marking(
    notice_id: UUID, attempt: int, *, sent: bool, error: str
) -> Callable[[Session, datetime], None]:
    def mark(session: Session, at: datetime) -> None:
        if sent:
            delivery.mark_sent(session, notice_id=notice_id, at=at)
        else:
            delivery.mark_failed(session, notice_id=notice_id, attempt=attempt, error=error, at=at)

    return mark


def reminder_workflows(server: MailServer | None) -> tuple[Workflow, ...]:
    """Return the workflows; without a mail server nothing is sent."""
    return (
        Workflow(jobs.Job("remind", "housekeeping"), remind, at_once=1, cron="0 5 * * * *"),
        Workflow(
            # A queue of its own: a mail server that does not answer holds up nothing else.
            jobs.Job("deliver", "mail"),
            partial(deliver, server),
            at_once=1,
            cron="0 * * * * *",
        ),
    )
