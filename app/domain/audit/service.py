"""Writing the audit: every action and every refusal, in the action's own transaction."""

from datetime import datetime
from typing import Any

from sqlmodel import Session

from app.domain.principal import Principal


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
    `after` are short: numbers, states and hashes; whole contents are kept in revisions.
    `refusal` is the code of a refused action.
    """
