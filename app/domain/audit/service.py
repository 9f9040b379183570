"""Writing the audit: every action and every refusal, in the action's own transaction."""

from datetime import datetime
from typing import Any, Final

import rfc8785
from sqlalchemy import insert
from sqlmodel import Session

from app.domain.audit.models import AuditEntry
from app.domain.principal import Principal

# Inline: nobody needs the number that the database gives it.
_INSERT: Final = insert(AuditEntry).inline()


def audit(
    session: Session,
    *,
    by: Principal | None,
    at: datetime,
    action: str,
    target: tuple[str, str],
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    refusal: str | None = None,
) -> None:
    """Add an entry; it is committed or rolled back with what it is about.

    `by` is None for the operator's commands. `action` is `<resource>.<verb>`, for example
    `activity_report.corrected`; `target` is the kind and the id of what was acted on. `before` and
    `after` are short: whole numbers, states and hashes; whole contents are kept in revisions.
    `refusal` is the code of a refused action.
    """
    rfc8785.dumps([before, after])  # what cannot be hashed would stop the chain for good
    kind, number = target
    values = {
        "at": at,
        "request_id": by.request_id if by else "",
        "api_key_id": by.key_id if by else None,
        "unit_key": by.unit if by else None,
        "action": action,
        "target_kind": kind,
        "target_id": number,
        "before": before,
        "after": after,
        "refusal": refusal,
    }
    session.connection().execute(_INSERT, values)
