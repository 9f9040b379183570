"""The official mailboxes of units: set and removed by the operator, kept with their past."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlmodel import Session, col, select

from app.domain.audit.service import audit
from app.domain.errors import Fault, Invalid, NotFound, Text
from app.domain.notices.models import UnitMailbox
from app.domain.recorded import Change, known, record

# The plain form of RFC 5321 (dot-string, domain): no quotes, no comments, nothing but ASCII.
_ATOM: Final = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS: Final = re.compile(rf"(?=.{{1,64}}@){_ATOM}(?:\.{_ATOM})*@(?:{_LABEL}\.)+{_LABEL}", re.A)
_LONGEST: Final = 254

BAD_ADDRESS = Text(
    "bad_address",
    "«{address}» không phải là địa chỉ thư điện tử dạng ten@co-quan.gov.vn.",
    "`{address}` is no e-mail address of the form name@body.gov.vn.",
)


def checked_address(address: str) -> str:
    """Return an address, its domain in small letters. Raises Invalid (`bad_address`)."""
    if len(address) > _LONGEST or not _ADDRESS.fullmatch(address):
        shown = address.encode("ascii", "backslashreplace").decode()[:80]
        raise Invalid(Fault("ADDRESS", BAD_ADDRESS, {"address": shown}))
    local, _, domain = address.rpartition("@")
    return f"{local}@{domain.lower()}"


def set_mailbox(session: Session, *, unit: str, address: str, at: datetime) -> Change:
    """Record a unit's mailbox (unit key), in the place of the one before. Raises Invalid."""
    current = _current(session, unit)
    new = UnitMailbox(unit_key=unit, address=checked_address(address), recorded_at=at)
    before = None if current is None else {"address": current.address}
    change = record(session, current, new)
    if change != "unchanged":
        audit(
            session,
            by=None,
            at=at,
            action="unit_mailbox.set",
            target=("unit", unit),
            before=before,
            after={"address": new.address},
        )
    return change


def remove_mailbox(session: Session, *, unit: str, at: datetime) -> None:
    """Close a unit's mailbox: nothing more is sent there. Raises NotFound where there is none."""
    current = _current(session, unit)
    if current is None:
        raise NotFound()
    current.superseded_at = at
    session.add(current)
    before = {"address": current.address}
    target = ("unit", unit)
    audit(session, by=None, at=at, action="unit_mailbox.removed", target=target, before=before)


def mailboxes(session: Session) -> Sequence[UnitMailbox]:
    """Return the mailboxes as they are known now, by unit key."""
    statement = select(UnitMailbox).where(*known(UnitMailbox))
    return session.exec(statement.order_by(col(UnitMailbox.unit_key))).all()


def addresses(session: Session) -> dict[str, str]:
    """Return the address of each unit that has a mailbox, by unit key."""
    return {row.unit_key: row.address for row in mailboxes(session)}


def _current(session: Session, unit: str) -> UnitMailbox | None:
    statement = select(UnitMailbox).where(UnitMailbox.unit_key == unit, *known(UnitMailbox))
    return session.exec(statement).first()
