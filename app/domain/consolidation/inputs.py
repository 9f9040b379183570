"""Gathering what a report is built from: the roster as it stood, rollups, narratives, heads."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

import rfc8785
from pydantic import BaseModel
from sqlmodel import Session, col, select

from app.domain.catalogue.queries import indicators
from app.domain.consolidation.build import Contribution, Inputs, Purpose
from app.domain.consolidation.models import ConsolidationRequest, StoredRollup
from app.domain.consolidation.report import (
    CycleHead,
    ExpectationLine,
    IndicatorHead,
    NarrativeSection,
    NilItemLine,
    PlanHead,
    RosterLine,
    SupplementLine,
)
from app.domain.consolidation.rollup_json import from_json
from app.domain.cycles.queries import Cycle, Duty, outages, roster
from app.domain.cycles.stewardships import stewards
from app.domain.cycles.timeliness import Outage
from app.domain.instance import Instance
from app.domain.period import instant_text, local_day
from app.domain.plans.models import Plan
from app.domain.plans.queries import items
from app.domain.submissions.models import SubmissionRevision
from app.domain.submissions.narrative import Narrative
from app.domain.submissions.queries import standing_revisions
from app.domain.submissions.receipts import Receipt, first_receipt, receipts_of_cycle, reported_to
from app.domain.submissions.said import content_of
from app.domain.submissions.standing import standing_of
from app.domain.units.queries import versions_of

_REVIEW = {"submitted": "in_review", "accepted": "accepted", "returned": "returned"}


class StoredLine(BaseModel):
    """A roster line as a request keeps it, with the revision that counts."""

    line: RosterLine
    revision_id: UUID | None


def roster_lines(session: Session, *, cycle: Cycle, basis: str, at: datetime) -> list[StoredLine]:
    """Return how every roster row of a cycle stands at an instant, by unit key.

    An accepted revision counts while a correction of it is in progress. With the basis
    `submitted` what is in review counts, in place of what was accepted before.
    """
    preview = basis == "submitted"
    seen = _Seen(
        cycle=cycle,
        at=at,
        preview=preview,
        revisions=standing_revisions(session, cycle_id=cycle.id, preview=preview),
        receipts=receipts_of_cycle(session, cycle_id=cycle.id),
        outages=tuple(outages(session, cycle_id=cycle.id)),
        stewards=stewards(session, on=local_day(at)),
    )
    return [_line(duty, seen) for duty in roster(session, cycle_id=cycle.id)]


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
            code=cycle.code,
            kind=cycle.kind,
            name=cycle.name,
            year=cycle.year,
            window_from=cycle.window.bounds[0],
            window_to=cycle.window.bounds[1],
            due_at=instant_text(cycle.due_at),
            supplement_due_at=_text(cycle.supplement_due_at),
            items=None if cycle.items is None else list(cycle.items),
            edition=_edition(cycle, request.requested_at),
        ),
        roster=[stored.line for stored in lines],
        contributions=contributions,
        indicators=heads,
        items=[item.code for item in items(session, plan=plan.slug)],
        levels={key: unit.level for key, unit in versions_of(session, units).items()},
        known_at=instant_text(request.requested_at),
        purpose=_purpose(session),
        basis="submitted" if request.basis == "submitted" else "accepted",
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


def _edition(cycle: Cycle, asked_at: datetime) -> Literal["deadline", "final"]:
    last = cycle.supplement_due_at or cycle.due_at
    return "final" if asked_at >= last else "deadline"


def _purpose(session: Session) -> Purpose:
    purpose: Purpose = session.get_one(Instance, 1).purpose  # type: ignore[assignment]
    return purpose


@dataclass(frozen=True)
class _Seen:
    """What the lines of one roster are made of."""

    cycle: Cycle
    at: datetime
    preview: bool
    revisions: dict[int, SubmissionRevision]
    receipts: dict[int, tuple[Receipt, ...]]
    outages: tuple[Outage, ...]
    stewards: dict[str, str]


def _line(duty: Duty, seen: _Seen) -> StoredLine:
    found = seen.revisions.get(duty.row_id)
    receipts = seen.receipts.get(duty.row_id, ())
    standing = standing_of(
        duty.deadline(seen.outages), first_receipt(receipts, "report"), at=seen.at
    )
    covers_from, covers_to = duty.covers.bounds
    line = RosterLine.model_validate(
        {
            "unit": duty.unit.unit_key,
            "name": duty.unit.body_name,
            "level": duty.unit.level,
            "basis": duty.basis,
            "reason": duty.reason,
            "closing": duty.closing,
            "covers_from": covers_from,
            "covers_to": covers_to,
            "steward": seen.stewards.get(duty.unit.unit_key),
            "review": _REVIEW.get(found.state, "missing") if found else "missing",
            "timeliness": standing.timeliness,
            "due_at": instant_text(duty.due_at),
            "extended_to": _text(duty.extended_to),
            "outage": standing.outage,
            "received_at": _text(standing.received_at),
            "incoming_on": standing.incoming_on,
            "filed_by": found.filed_by if found else None,
            "filed_as": found.filed_as if found else None,
            "supplement": _supplement(duty, seen, receipts),
            "content": found.content if found else None,
            "kind": found.kind if found else None,
            "data_to": found.data_to if found else None,
            "document_number": found.document_number if found else None,
            "revision": found.number if found else None,
            "sha256": found.sha256 if found else None,
        }
    )
    counting = ("accepted", "submitted") if seen.preview else ("accepted",)
    counts = found is not None and found.state in counting
    return StoredLine(line=line, revision_id=found.id if found and counts else None)


def _supplement(duty: Duty, seen: _Seen, receipts: Sequence[Receipt]) -> SupplementLine | None:
    until = reported_to(receipts)
    limit = duty.supplement_deadline(seen.cycle, seen.outages, reported_to=until)
    if limit is None:
        return None
    standing = standing_of(limit, first_receipt(receipts, "supplement"), at=seen.at)
    return SupplementLine(
        due_at=instant_text(limit.due_at),
        timeliness=standing.timeliness,
        received_at=_text(standing.received_at),
    )


def _text(at: datetime | None) -> str | None:
    return None if at is None else instant_text(at)


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
            expectations=[
                ExpectationLine(
                    item=row.plan_item, indicator=row.indicator, origin=row.origin, value=row.value
                )
                for row in content_of(revision).expectations
            ],
            nil_items=[
                NilItemLine(item=row.plan_item, reason=row.reason)
                for row in content_of(revision).nil_items
            ],
            deliverables=content_of(revision).deliverables,
        )
        for revision, stored in session.exec(statement)
    ]
    if len(found) != len(lines):
        raise RuntimeError(f"{len(lines) - len(found)} rollups are missing")
    return found
