"""Sending one e-mail through the operator's mail server (SMTP)."""

import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.utils import formataddr, parseaddr
from typing import Final, Literal
from urllib.parse import parse_qsl, unquote, urlsplit

from app.domain.errors import Invalid
from app.domain.notices.delivery import LONGEST_ERROR, Mail
from app.domain.notices.mailboxes import checked_address
from app.settings import Settings
from worker.liveness import WorkerRefused

# For each exchange with the server; a whole sending is some ten of them.
TIMEOUT_SECONDS: Final = 30.0
_PORTS: Final = {"smtp": 25, "smtps": 465}
Came = Literal["sent", "refused", "unreachable"]


@dataclass(frozen=True)
class MailServer:
    """Where e-mail is handed in, and from whom. The password is in no representation."""

    host: str
    port: int
    sender: str
    name: str = ""
    tls: bool = False
    starttls: bool = False
    user: str | None = None
    password: str = field(default="", repr=False)

    @classmethod
    def of(cls, settings: Settings) -> "MailServer | None":
        """Return the server that the settings name, or None. Raises WorkerRefused."""
        if settings.smtp_url is None:
            return None
        try:
            return _read(settings.smtp_url.get_secret_value(), settings.smtp_from or "")
        except ValueError:
            # Never what was wrong in it: the URL holds a password.
            raise WorkerRefused(
                "SMTP_URL must be smtp://[USER:PASSWORD@]HOST[:PORT][?starttls=1] or smtps://…"
            ) from None

    def __post_init__(self) -> None:
        try:
            checked_address(self.sender)
        except Invalid:
            raise WorkerRefused("SMTP_URL is set, so SMTP_FROM must be an address") from None

    @property
    def domain(self) -> str:
        """The domain that mail comes from: it names messages, and this program to the server."""
        return self.sender.rpartition("@")[2]

    def send(self, mail: Mail) -> tuple[Came, str]:
        """Hand in one e-mail; return what came of it, and in short why it was not taken."""
        try:
            server = self._connected()
        except (smtplib.SMTPException, OSError) as error:
            return "unreachable", reason(error)
        try:
            server.send_message(message_of(mail, self), self.sender, [mail["address"]])
        except (smtplib.SMTPException, OSError) as error:
            server.close()
            refused = isinstance(error, smtplib.SMTPRecipientsRefused | smtplib.SMTPDataError)
            return "refused" if refused else "unreachable", reason(error)
        # The server has it: however the parting goes, it must not be sent again.
        with suppress(smtplib.SMTPException, OSError):
            server.quit()
        server.close()
        return "sent", ""

    def _connected(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        server: smtplib.SMTP
        if self.tls:
            server = smtplib.SMTP_SSL(
                self.host, self.port, self.domain, timeout=TIMEOUT_SECONDS, context=context
            )
        else:
            server = smtplib.SMTP(self.host, self.port, self.domain, timeout=TIMEOUT_SECONDS)
        try:
            if self.starttls:
                server.starttls(context=context)
            if self.user is not None:
                server.login(self.user, self.password)
        except BaseException:
            server.close()
            raise
        return server


def message_of(mail: Mail, server: MailServer) -> EmailMessage:
    """Return the message, the same to the byte however often it is made."""
    message = EmailMessage()
    message["From"] = formataddr((server.name, server.sender))
    message["To"] = mail["address"]
    message["Subject"] = mail["subject"]
    message["Date"] = datetime.fromisoformat(mail["created_at"])
    message["Message-ID"] = f"<notice.{mail['notice_id']}@{server.domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(f"{mail['text']}\n", charset="utf-8", cte="base64")
    return message


def reason(error: smtplib.SMTPException | OSError) -> str:
    """Return in one short line why a sending failed, without anything that is secret."""
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return f"the server refused the login ({error.smtp_code})"  # its words may repeat it
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, said = next(iter(error.recipients.values()))
        return _line(f"{code} {_text(said)}")
    if isinstance(error, smtplib.SMTPResponseException):
        return _line(f"{error.smtp_code} {_text(error.smtp_error)}")
    if isinstance(error, ssl.SSLCertVerificationError):
        return _line(f"TLS: {error.verify_message}")
    if isinstance(error, OSError) and error.strerror:
        return _line(f"{type(error).__name__}: {error.strerror}")
    return type(error).__name__


def _read(url: str, sender: str) -> MailServer:
    """Return what SMTP_URL and SMTP_FROM say. Raises ValueError, WorkerRefused."""
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query, strict_parsing=bool(parts.query)))
    starttls = options.pop("starttls", "0")
    known = not options and starttls in ("0", "1") and parts.path in ("", "/")
    if parts.scheme not in _PORTS or not parts.hostname or parts.fragment or not known:
        raise ValueError
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if not (user + password).isascii():  # smtplib could not send them
        raise ValueError
    name, address = parseaddr(sender)
    return MailServer(
        host=parts.hostname,
        port=parts.port or _PORTS[parts.scheme],
        sender=address,
        name=name,
        tls=parts.scheme == "smtps",
        starttls=starttls == "1",
        user=user or None,
        password=password,
    )


def _text(said: bytes | str) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else said


def _line(text: str) -> str:
    printable = "".join(char if char.isprintable() else " " for char in text)
    return " ".join(printable.split())[:LONGEST_ERROR]
