"""A real mail server on loopback, which takes mail, or refuses it as a test wants."""

import asyncio
import email
import email.policy
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass
class Mailroom:
    """What came in, and what is answered to the next ones: the first answer, then the others.

    An answer stands for `RCPT TO`, or with `DATA ` before it for the message. None takes it.
    What is taken is told so after `slowness` seconds only.
    """

    port: int = 0
    answers: list[str | None] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    taken: list[Envelope] = field(default_factory=list)
    slowness: float = 0.0
    goodbye: str = "221 Bye"

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    @property
    def messages(self) -> list[EmailMessage]:
        """The messages that were taken, as a mail program reads them."""
        parsed = [
            email.message_from_bytes(one.content, policy=email.policy.default)
            for one in self.taken
            if isinstance(one.content, bytes)
        ]
        return [one for one in parsed if isinstance(one, EmailMessage)]

    async def handle_RCPT(  # noqa: N802 - aiosmtpd calls it so
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        address: str,
        rcpt_options: list[str],
    ) -> str:
        answer = self.answers[0] if self.answers else None
        if answer is not None and not answer.startswith("DATA "):
            self.refused.append(self.answers.pop(0) or "")
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_QUIT(  # noqa: N802 - aiosmtpd calls it so
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        return self.goodbye

    async def handle_DATA(  # noqa: N802 - aiosmtpd calls it so
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        answer = self.answers.pop(0) if self.answers else None
        if answer is not None:
            self.refused.append(answer)
            return answer.removeprefix("DATA ")
        self.taken.append(envelope)
        await asyncio.sleep(self.slowness)
        return "250 taken"


@contextmanager
def running_mailroom(port: int = 0) -> Iterator[Mailroom]:
    """Run the server on a free port, or on that one, until the block ends."""
    room = Mailroom()
    controller = _Controller(room, hostname="127.0.0.1", port=port, ready_timeout=20)
    controller.start()
    try:
        room.port = controller.port
        yield room
    finally:
        controller.stop()


class _Controller(Controller):
    def _trigger_server(self) -> None:
        """Learn the port that the system gave, then make the first connection."""
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]
