"""A body on its way in: its unit, whether the caller may write it, what it says, its hash."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from app.domain.activities.body import ActivityBody
from app.domain.activities.checks import NOT_ON_BEHALF, Checked, check
from app.domain.assignments.models import FOCAL_UNIT
from app.domain.canonical import canonical_sha256
from app.domain.errors import DomainError, Fault, Invalid, Text
from app.domain.period import local_day
from app.domain.principal import Principal
from app.domain.reference import Reference
from app.domain.units.models import UnitVersion

NaturalKey = tuple[str, str, str]


class UnitNotYours(DomainError):
    """The key writes only for the units that it acts for and what stands under them on the day."""

    text = Text(
        "unit_not_yours",
        "Khóa này không được ghi cho đơn vị {unit} vào ngày {on}.",
        "This key may not write for the unit {unit} on {on}.",
    )


@dataclass(frozen=True)
class Candidate:
    """A body that may be stored. `checked` is None where the body has the faults in `refusal`."""

    body: ActivityBody
    unit: str
    said: dict[str, Any]
    sha256: str
    checked: Checked | None
    refusal: Invalid | None

    @property
    def natural_key(self) -> NaturalKey:
        """Unit key, source system and external id: what the database holds but once."""
        return self.unit, self.body.source_system, self.body.external_id

    def must_be_valid(self) -> Checked:
        """Return what checking found. Raises Invalid where it found faults."""
        if self.checked is None:
            raise self.refusal or Invalid()
        return self.checked


def prepare(reference: Reference, *, body: ActivityBody, by: Principal, at: datetime) -> Candidate:
    """Resolve, authorize and check a body; nothing is read or written of the activity stored.

    A body with faults still gets its hash where its unit and participants are known, since one
    that is stored already is answered as such even when a code has ended since. Raises
    UnitNotYours, and Invalid where there is no such unit or participant.
    """
    above = authorize(reference, body=body, by=by, at=at)
    checked, refusal = None, None
    try:
        checked = check(reference, body=body, above=above, today=local_day(at))
        participants = checked.participants
    except Invalid as found:
        refusal = found
        try:
            participants = tuple(
                sorted(
                    {
                        reference.unit(code, body.occurred_on, "/participants").unit_key
                        for code in body.participants
                    }
                )
            )
        except Invalid:
            raise found from None
    said = said_by(body, unit=above[0].unit_key, participants=participants)
    return Candidate(body, above[0].unit_key, said, canonical_sha256(said), checked, refusal)


def authorize(
    reference: Reference, *, body: ActivityBody, by: Principal, at: datetime
) -> list[UnitVersion]:
    """Return the body's unit and those above it, where the caller may write for it on that day.

    Its own unit's subtree, and as a steward the ended unit's; the focal unit also for others, on
    behalf, with the incoming document as evidence. Raises UnitNotYours and Invalid.
    """
    unit = reference.unit(body.unit, body.occurred_on, "/unit")
    if body.on_behalf is None:
        return must_be_yours(reference, unit=unit, on=body.occurred_on, by=by)
    focal = reference.holders(role=FOCAL_UNIT, on=local_day(at), plan=body.plan)
    if by.unit not in focal or unit.unit_key == by.unit:
        raise Invalid(
            Fault("/on_behalf", NOT_ON_BEHALF, {"focal": ", ".join(sorted(focal)) or "—"})
        )
    return reference.above(unit, body.occurred_on)


def must_be_yours(
    reference: Reference, *, unit: UnitVersion, on: date, by: Principal
) -> list[UnitVersion]:
    """Return a unit and those above it on a day, one that the caller acts for among them.

    Raises UnitNotYours.
    """
    above = reference.above(unit, on)
    if by.acts_for.isdisjoint(higher.unit_key for higher in above):
        raise UnitNotYours(unit=unit.unit_key, on=str(on))
    return above


def said_by(body: ActivityBody, *, unit: str, participants: tuple[str, ...]) -> dict[str, Any]:
    """Return what a body says, in one form for equal bodies: keys for codes, lists in order."""
    said: dict[str, Any] = {
        "unit": unit,
        "source_system": body.source_system,
        "external_id": body.external_id,
        "plan": body.plan,
        "plan_item": body.plan_item,
        "content_themes": sorted(set(body.content_themes)),
        "occurred_on": body.occurred_on.isoformat(),
        "ended_on": (body.ended_on or body.occurred_on).isoformat(),
        "occurrences": body.occurrences or 1,
        "channel": body.channel,
        "format": body.format,
        "title": body.title,
        "description": body.description,
        "languages": sorted(set(body.languages)),
        "integrated": body.integrated,
        "measures": [
            {"indicator": row.indicator, "value": row.value, "origin": row.origin}
            for row in sorted(body.measures, key=lambda row: (row.indicator, row.origin))
        ],
        "expenditure": [
            {"source": row.source, "amount": row.amount}
            for row in sorted(body.expenditure, key=lambda row: row.source)
        ],
        "participants": list(participants),
        "evidence": [
            {"url": row.url, "sha256": row.sha256}
            for row in sorted(body.evidence, key=lambda row: (row.url, row.sha256 or ""))
        ],
    }
    if body.on_behalf is not None:  # left out, so that what was hashed before it stays equal
        said["on_behalf"] = {
            "incoming_number": body.on_behalf.incoming_number,
            "incoming_on": body.on_behalf.incoming_on.isoformat(),
        }
    return said
