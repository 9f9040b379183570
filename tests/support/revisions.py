"""Revisions made straight through the models, for tests that hold transactions in their hands."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

from sqlmodel import Session, col, select

from app.domain.access.models import ApiKey
from app.domain.access.service import create_key
from app.domain.activities.models import ActivityReport, ActivityRevision
from tests.support.makers import BINH_SON, PLAN

AT = datetime(2021, 11, 22, 2, 0, tzinfo=UTC)


def a_key(session: Session) -> UUID:
    """Make a key of Bình Sơn and return its id."""
    row: ApiKey
    row, _ = create_key(
        session, unit=BINH_SON, scopes=(), label="test", at=AT, expires_at=AT.replace(year=2025)
    )
    return row.id


def report(session: Session, key: UUID) -> UUID:
    """Store a new report of Bình Sơn with its first revision; return its id."""
    row = ActivityReport(
        id=uuid4(),
        unit_key=BINH_SON,
        source_system="portal",
        external_id=uuid4().hex,
        plan_slug=PLAN,
        number=1,
        occurred_on=AT.date(),
    )
    session.add(row)
    session.flush()
    _add(session, row, key)
    return row.id


def correct(session: Session, key: UUID, report_id: UUID) -> int:
    """Give a report its next revision, as the service does: behind whoever holds the row."""
    row = session.exec(
        select(ActivityReport).where(col(ActivityReport.id) == report_id).with_for_update()
    ).one()
    row.number += 1
    session.add(row)
    _add(session, row, key)
    return row.number


def _add(session: Session, row: ActivityReport, key: UUID) -> None:
    corrected = row.number > 1
    session.add(
        ActivityRevision(
            id=uuid4(),
            report_id=row.id,
            number=row.number,
            plan_slug=PLAN,
            item_code="III.1.b",
            themes=(),
            occurred_on=row.occurred_on,
            ended_on=row.occurred_on,
            occurrences=1,
            channel="facebook",
            title=f"Lần sửa {row.number}",
            languages=("vi",),
            integrated=False,
            participants=(),
            evidence=[],
            outside_assignment=False,
            theme_outside_phase=False,
            body_sha256="0" * 64,
            received_at=AT,
            received_by=key,
            kind="corrected" if corrected else "created",
            reason="thử" if corrected else None,
        )
    )
    session.flush()
