"""Gathering what a report is built from: the roster as it stood, rollups, narratives, heads."""

import hashlib
from datetime import datetime
from uuid import UUID

import rfc8785
from pydantic import BaseModel
from sqlmodel import Session, col, select

from app.domain.catalogue.queries import indicators
from app.domain.consolidation.build import Contribution, Inputs, Purpose
from app.domain.consolidation.models import ConsolidationRequest, StoredRollup
from app.domain.consolidation.report import (
    CycleHead,
    IndicatorHead,
    NarrativeSection,
    PlanHead,
    RosterLine,
)
from app.domain.consolidation.rollup_json import from_json
from app.domain.cycles.queries import Cycle, Duty, roster
from app.domain.cycles.timeliness import timeliness
from app.domain.instance import Instance
from app.domain.period import instant_text
from app.domain.plans.models import Plan
from app.domain.plans.queries import items
from app.domain.submissions.models import SubmissionRevision
from app.domain.submissions.narrative import Narrative
from app.domain.submissions.queries import standing_revisions
from app.domain.units.queries import versions_of

_REVIEW = {"submitted": "in_review", "accepted": "accepted", "returned": "returned"}


class StoredLine(BaseModel):
    """A roster line as a request keeps it, with the revision that counts."""

    line: RosterLine
    revision_id: UUID | None


def roster_lines(session: Session, *, cycle: Cycle, at: datetime) -> list[StoredLine]:
    """Return how every roster row of a cycle stands at an instant, by unit key.

    An accepted revision counts while a correction of it is in progress.
    """
    revisions = standing_revisions(session, cycle_id=cycle.id)
    return [
        _line(duty, revisions.get(duty.row_id), at) for duty in roster(session, cycle_id=cycle.id)
    ]


def gather(session: Session, *, request: ConsolidationRequest, cycle: Cycle) -> Inputs:
    """Return everything that the report of a request is built from."""
    plan = session.get_one(Plan, cycle.plan)
    lines = [StoredLine.model_validate(stored) for stored in request.roster]
    ids = {s.revision_id: s.line for s in lines if s.revision_id is not None}
    contributions = _contributions(session, ids)
    units = {
        cell.member
        for one in contributions
        for _, cell in one.rollup.counts
        if cell.dimension == "unit"
    }
    heads = indicator_heads(session, plan.slug)
    head_bytes = rfc8785.dumps([head.model_dump(mode="json") for head in heads])
    return Inputs(
        plan=PlanHead(
            slug=plan.slug,
            title=plan.title,
            issuer=plan.document["document"]["issuer"],
            number=plan.document["document"]["number"],
            issued_on=plan.document["document"]["issued_on"],
        ),
        cycle=CycleHead(
            year=cycle.year,
            window_from=cycle.window.bounds[0],
            window_to=cycle.window.bounds[1],
            due_at=instant_text(cycle.due_at),
        ),
        roster=[stored.line for stored in lines],
        contributions=contributions,
        indicators=heads,
        items=[item.code for item in items(session, plan=plan.slug)],
        levels={key: unit.level for key, unit in versions_of(session, units).items()},
        known_at=instant_text(request.requested_at),
        purpose=_purpose(session),
        indicators_sha256=hashlib.sha256(head_bytes).hexdigest(),
        plan_sha256=plan.document_sha256,
    )


def indicator_heads(session: Session, plan: str) -> list[IndicatorHead]:
    """Return a plan's indicators as the report shows them, in the catalogue's order."""
    return [
        IndicatorHead.model_validate(
            {
                "code": row.indicator_code,
                "name_vi": row.name_vi,
                "unit_vi": row.unit_vi,
                "decimals": row.decimals,
                "over_time": row.over_time,
                "over_units": row.over_units,
            }
        )
        for row in indicators(session, plan=plan)
    ]


def _purpose(session: Session) -> Purpose:
    purpose: Purpose = session.get_one(Instance, 1).purpose  # type: ignore[assignment]
    return purpose


def _line(duty: Duty, revision: SubmissionRevision | None, at: datetime) -> StoredLine:
    handed_in = revision if revision is not None and revision.received_at is not None else None
    received_at = handed_in.received_at if handed_in else None
    line = RosterLine.model_validate(
        {
            "unit": duty.unit.unit_key,
            "name": duty.unit.body_name,
            "level": duty.unit.level,
            "basis": duty.basis,
            "reason": duty.reason,
            "review": _REVIEW.get(handed_in.state, "missing") if handed_in else "missing",
            "timeliness": timeliness(duty.deadline(), received_at=received_at, at=at),
            "content": handed_in.content if handed_in else None,
            "received_at": instant_text(received_at) if received_at else None,
            "data_to": handed_in.data_to if handed_in else None,
            "document_number": handed_in.document_number if handed_in else None,
            "revision": handed_in.number if handed_in else None,
            "sha256": handed_in.sha256 if handed_in else None,
        }
    )
    counts = handed_in is not None and handed_in.state == "accepted"
    return StoredLine(line=line, revision_id=handed_in.id if handed_in and counts else None)


def _contributions(session: Session, lines: dict[UUID, RosterLine]) -> list[Contribution]:
    statement = (
        select(SubmissionRevision, StoredRollup)
        .join(StoredRollup, col(StoredRollup.submission_revision_id) == SubmissionRevision.id)
        .where(col(SubmissionRevision.id).in_(lines))
    )
    found = [
        Contribution(
            line=lines[revision.id],
            rollup=from_json(stored.content),
            rollup_sha256=stored.sha256,
            narrative=NarrativeSection(
                unit=lines[revision.id].unit,
                name=lines[revision.id].name,
                nil_reason=revision.nil_reason,
                narrative=Narrative.model_validate(revision.narrative),
            ),
        )
        for revision, stored in session.exec(statement)
    ]
    if len(found) != len(lines):
        raise RuntimeError(f"{len(lines) - len(found)} rollups are missing")
    return found
