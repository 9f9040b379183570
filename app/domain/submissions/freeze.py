"""What a submission freezes: the exact activity revisions that it covers, and its hash."""

import hashlib
from datetime import date
from typing import Any
from uuid import UUID

import rfc8785
from sqlmodel import Session, col, select

from app.domain.activities.models import ActivityReport, ActivityRevision
from app.domain.submissions.queries import StoredSubmission
from app.domain.units.queries import subtree


def covered_activity(
    session: Session, found: StoredSubmission, data_to: date
) -> list[tuple[UUID, str]]:
    """Return the current revisions that the row covers, with their hashes, in a fixed order.

    Its unit's and those of the units under it on the activity's day; a summary once it ended.
    """
    tree = subtree(found.row.unit.unit_key)
    day = col(ActivityReport.occurred_on)
    first, end = found.row.covers.bounds
    statement = (
        select(ActivityRevision.id, ActivityRevision.body_sha256)
        .join(
            ActivityReport,
            (col(ActivityReport.id) == ActivityRevision.report_id)
            & (col(ActivityReport.number) == ActivityRevision.number),
        )
        .join(
            tree,
            (tree.c.unit_key == ActivityReport.unit_key)
            & (tree.c.day_from <= day)
            & (tree.c.day_to > day),
        )
        .where(
            ActivityReport.plan_slug == found.cycle.plan,
            col(ActivityReport.withdrawn_at).is_(None),
            day >= first,
            day < end,
            col(ActivityRevision.ended_on) <= data_to,
        )
        .order_by(
            col(ActivityReport.unit_key),
            col(ActivityReport.source_system),
            col(ActivityReport.external_id),
        )
    )
    return list(session.exec(statement).all())


def content_hash(found: StoredSubmission, activity: list[str]) -> str:
    """Return the SHA-256 of what is submitted: canonical JSON, no clock and no random id."""
    revision = found.revision
    said: dict[str, Any] = {
        "plan": found.cycle.plan,
        "year": found.cycle.year,
        "unit": found.row.unit.unit_key,
        "revision": revision.number,
        "content": revision.content,
        "nil_reason": revision.nil_reason,
        "narrative": revision.narrative,
        "data_to": str(revision.data_to),
        "document_number": revision.document_number,
        "document_on": str(revision.document_on),
        "signer_title": revision.signer_title,
        "signed_file_sha256": revision.signed_file_sha256,
        "activity": activity,
    }
    return hashlib.sha256(rfc8785.dumps(said)).hexdigest()
