"""How every roster row of a cycle stands at an instant: what a report's coverage is made of."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pydantic import BaseModel
from sqlmodel import Session

from app.domain.consolidation.assigned import assigned_items
from app.domain.consolidation.report_heads import RosterLine, SupplementLine
from app.domain.cycles.queries import Cycle, Duty, outages, roster
from app.domain.cycles.stewardships import stewards
from app.domain.cycles.timeliness import Outage
from app.domain.period import instant_text, local_day
from app.domain.submissions.queries import Standing, standing_revisions
from app.domain.submissions.receipts import Receipt, first_receipt, receipts_of_cycle, reported_to
from app.domain.submissions.standing import standing_of

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
    rows = roster(session, cycle_id=cycle.id, known_at=at)
    seen = _Seen(
        cycle=cycle,
        at=at,
        preview=preview,
        standing=standing_revisions(session, cycle_id=cycle.id, at=at, preview=preview),
        receipts=receipts_of_cycle(session, cycle_id=cycle.id, until=at),
        outages=tuple(outages(session, cycle_id=cycle.id, known_at=at)),
        stewards=stewards(session, on=local_day(at), known_at=at),
        items=assigned_items(session, cycle=cycle, duties=rows, known_at=at),
    )
    return [_line(duty, seen) for duty in rows]


@dataclass(frozen=True)
class _Seen:
    """What the lines of one roster are made of."""

    cycle: Cycle
    at: datetime
    preview: bool
    standing: dict[int, Standing]
    receipts: dict[int, tuple[Receipt, ...]]
    outages: tuple[Outage, ...]
    stewards: dict[str, str]
    items: dict[str, tuple[str, ...]]


def _line(duty: Duty, seen: _Seen) -> StoredLine:
    stands = seen.standing.get(duty.row_id)
    found = stands.revision if stands else None
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
            "review": _REVIEW[stands.state] if stands else "missing",
            "timeliness": standing.timeliness,
            "due_at": instant_text(duty.due_at),
            "extended_to": _text(duty.extended_to),
            "outage": _began(standing.outage, seen.outages),
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
            "items": list(seen.items.get(duty.unit.unit_key, ())),
        }
    )
    counting = ("accepted", "submitted") if seen.preview else ("accepted",)
    counts = stands is not None and stands.state in counting
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


def _began(outage: int | None, declared: Sequence[Outage]) -> str | None:
    return next((instant_text(one.began_at) for one in declared if one.id == outage), None)


def _text(at: datetime | None) -> str | None:
    return None if at is None else instant_text(at)
