"""Who receives a plan's issued reports (nơi nhận báo cáo): a setting of the province."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from app.domain.consolidation.models import ReportRecipient
from app.domain.recorded import known


def recipients(session: Session, *, plan: str) -> Sequence[ReportRecipient]:
    """Return who receives a plan's issued reports now, by unit key."""
    statement = select(ReportRecipient).where(
        ReportRecipient.plan_slug == plan, *known(ReportRecipient)
    )
    return session.exec(statement.order_by(col(ReportRecipient.unit_key))).all()


def set_recipients(
    session: Session, *, plan: str, units: Sequence[str], reason: str, at: datetime
) -> Sequence[ReportRecipient]:
    """Let these units (their keys), and no others, receive a plan's issued reports from now on."""
    current = {row.unit_key: row for row in recipients(session, plan=plan)}
    for unit, row in current.items():
        if unit not in units:
            row.superseded_at = at
            session.add(row)
    session.add_all(
        ReportRecipient(plan_slug=plan, unit_key=unit, reason=reason, recorded_at=at)
        for unit in dict.fromkeys(units)
        if unit not in current
    )
    session.flush()
    return recipients(session, plan=plan)
