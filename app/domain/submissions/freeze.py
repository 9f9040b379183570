"""What a submission freezes: the exact activity revisions that it covers, and its hash."""

import hashlib
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import rfc8785
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from app.domain.activities.models import ActivityReport, ActivityRevision
from app.domain.activities.store import insert_rows
from app.domain.cycles.models import RosterRow, RosterRowVersion
from app.domain.cycles.queries import Cycle, Duty
from app.domain.recorded import known
from app.domain.submissions.models import FrozenActivity, SubmissionRevision
from app.domain.units.queries import subtree

Covered = tuple[UUID, UUID, str, str]


def covered_activity(session: Session, *, cycle: Cycle, row: Duty, data_to: date) -> list[Covered]:
    """Return the current revisions that a row covers, in a fixed order.

    Each as its report's id, its own, its hash and its item. They are its unit's and those of the
    units under it on the activity's day; a summary once it ended. Where a unit below has a row of
    its own in the cycle, that row covers what is its.
    """
    tree = subtree(row.unit.unit_key)
    day = col(ActivityReport.occurred_on)
    first, end = row.covers.bounds
    statement = (
        select(
            ActivityReport.id,
            ActivityRevision.id,
            ActivityRevision.body_sha256,
            ActivityRevision.item_code,
        )
        .join(
            ActivityRevision,
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
            ActivityReport.plan_slug == cycle.plan,
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
    if cycle.items is not None:
        statement = statement.where(col(ActivityRevision.item_code).in_(cycle.items))
    inner = _rows_below(session, cycle, row)
    if inner:
        statement = statement.where(~_covered_below(cycle, inner))
    return [(row[0], row[1], row[2], row[3]) for row in session.exec(statement).all()]


def _rows_below(session: Session, cycle: Cycle, row: Duty) -> list[str]:
    """Return the units under a row's unit that have a row of their own in the cycle."""
    statement = (
        select(RosterRow.unit_key)
        .join(RosterRowVersion, col(RosterRowVersion.roster_row_id) == RosterRow.id)
        .where(
            RosterRow.cycle_id == cycle.id,
            RosterRow.unit_key != row.unit.unit_key,
            RosterRowVersion.basis != "not_required",
            *known(RosterRowVersion),
        )
        .where(col(RosterRow.unit_key).in_(select(subtree(row.unit.unit_key).c.unit_key)))
    )
    return sorted(session.exec(statement))


def _covered_below(cycle: Cycle, inner: Sequence[str]) -> Any:
    """Return the condition that one of the rows below covers an activity."""
    tree = subtree(*inner, name="below", nearest=False)  # a district covers its commune's days
    own, version = aliased(RosterRow), aliased(RosterRowVersion)
    day = col(ActivityReport.occurred_on)
    return (
        select(own.id)
        .join(version, col(version.roster_row_id) == own.id)
        .join(tree, tree.c.root == own.unit_key)
        .where(
            own.cycle_id == cycle.id,
            col(version.superseded_at).is_(None),
            version.basis != "not_required",
            col(version.covers_from) <= day,
            col(version.covers_to) > day,
            tree.c.unit_key == ActivityReport.unit_key,
            tree.c.day_from <= day,
            tree.c.day_to > day,
        )
        .correlate(ActivityReport)
        .exists()
    )


def freeze(session: Session, *, revision_id: UUID, activity: Sequence[Covered]) -> None:
    """Store which activity revisions a submission revision holds, for good."""
    rows = [
        {"submission_revision_id": revision_id, "activity_revision_id": activity_revision}
        for _, activity_revision, _, _ in activity
    ]
    insert_rows(session, FrozenActivity, rows)


def content_hash(
    *, cycle: Cycle, unit: str, revision: SubmissionRevision, activity: Sequence[str]
) -> str:
    """Return the SHA-256 of what is submitted: canonical JSON, no clock and no random id.

    `activity` are the hashes of the frozen revisions, in the order of unit, source system and
    external id. What is empty is left out, so that hashes of earlier releases hold.
    """
    said = said_by(cycle=cycle, unit=unit, revision=revision)
    return hashlib.sha256(rfc8785.dumps({**said, "activity": list(activity)})).hexdigest()


def said_by(*, cycle: Cycle, unit: str, revision: SubmissionRevision) -> dict[str, Any]:
    """Return what a revision says, without its activity, as it is hashed once submitted."""
    said: dict[str, Any] = {
        "plan": cycle.plan,
        "year": cycle.year,
        "unit": unit,
        "revision": revision.number,
        "content": revision.content,
        "nil_reason": revision.nil_reason,
        "narrative": revision.narrative,
        "data_to": _day(revision.data_to),
        "document_number": revision.document_number,
        "document_on": _day(revision.document_on),
        "signer_title": revision.signer_title,
        "signed_file_sha256": revision.signed_file_sha256,
    }
    further = {
        "cycle": None if cycle.kind == "yearly" else cycle.code,
        "kind": None if revision.kind == "report" else revision.kind,
        "reason": revision.reason,
        "deliverables": revision.deliverables,
        "expectations": revision.expectations,
        "nil_items": revision.nil_items,
        "answers": revision.answers,
        "incoming_number": revision.incoming_number,
        "incoming_on": _day(revision.incoming_on),
    }
    return said | {name: value for name, value in further.items() if value}


def _day(day: date | None) -> str | None:
    return None if day is None else str(day)
