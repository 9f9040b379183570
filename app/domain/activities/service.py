"""Accepting activity reports: once each, however often they are sent."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import rfc8785
from sqlmodel import Session

from app.domain.activities.body import ActivityBody
from app.domain.activities.checks import Checked, check
from app.domain.activities.models import (
    ActivityExpenditure,
    ActivityMeasure,
    ActivityReport,
    ActivityRevision,
)
from app.domain.activities.queries import StoredActivity, by_natural_key, stored
from app.domain.base import insert_once, new_id
from app.domain.errors import DomainError, Text
from app.domain.period import local_day
from app.domain.principal import Principal
from app.domain.units.models import UnitVersion
from app.domain.units.queries import lineage, resolve

Outcome = Literal["created", "unchanged"]


class UnitNotYours(DomainError):
    """The key writes only for its own unit and what stands under it on the activity's day."""

    text = Text(
        "unit_not_yours",
        "Khóa này không được ghi cho đơn vị {unit} vào ngày {on}.",
        "This key may not write for the unit {unit} on {on}.",
    )


class ReportExists(DomainError):
    """The natural key is taken by a report that says something else."""

    text = Text(
        "report_exists",
        "Đã có báo cáo mang mã này với nội dung khác ở: {fields}.",
        "A report with this natural key exists and differs in: {fields}.",
    )


@dataclass(frozen=True)
class Accepted:
    """What became of a report that was sent."""

    activity: StoredActivity
    outcome: Outcome


def accept(session: Session, *, body: ActivityBody, by: Principal, at: datetime) -> Accepted:
    """Store an activity report, or find that it is stored already.

    The unit is resolved once, on the activity's day. A body equal to any revision of the stored
    report changes nothing. Raises Invalid, UnitNotYours, ReportExists.
    """
    unit = resolve(session, body.unit, on=body.occurred_on, pointer="/unit")
    above = lineage(session, unit, body.occurred_on)
    if by.unit not in {higher.unit_key for higher in above}:
        raise UnitNotYours(unit=unit.unit_key, on=str(body.occurred_on))
    key = {"source_system": body.source_system, "external_id": body.external_id}
    existing = by_natural_key(session, unit=unit.unit_key, **key)
    if existing is not None:
        return _compare(session, existing, body, unit)
    checked = check(session, body=body, above=above, today=local_day(at))
    report = ActivityReport(
        id=new_id(at),
        unit_key=unit.unit_key,
        source_system=body.source_system,
        external_id=body.external_id,
        plan_slug=body.plan,
        number=1,
        occurred_on=body.occurred_on,
    )
    if not insert_once(session, report):  # somebody sent it at the same time, and was first
        winner = by_natural_key(session, unit=unit.unit_key, **key)
        if winner is None:
            raise RuntimeError("a report that is in the way cannot be read")
        return _compare(session, winner, body, unit)
    return Accepted(_add_revision(session, report, body, checked, by, at), "created")


def said_by(body: ActivityBody, *, unit: str, participants: tuple[str, ...]) -> dict[str, Any]:
    """Return what a body says, in one form for equal bodies: keys for codes, lists in order."""
    said = body.model_dump(mode="json")
    said["unit"] = unit
    if said["on_behalf"] is None:  # what was hashed before there was such a field stays equal
        del said["on_behalf"]
    said["ended_on"] = said["ended_on"] or said["occurred_on"]
    said["occurrences"] = said["occurrences"] or 1
    said["participants"] = list(participants)
    for field in ("content_themes", "languages"):
        said[field] = sorted(set(said[field]))
    said["measures"].sort(key=lambda row: (row["indicator"], row["origin"]))
    said["expenditure"].sort(key=lambda row: row["source"])
    said["evidence"].sort(key=lambda row: (row["url"], row["sha256"] or ""))
    return said


def _compare(
    session: Session, report: ActivityReport, body: ActivityBody, unit: UnitVersion
) -> Accepted:
    activity = stored(session, [report])[0]
    participants = [
        resolve(session, reference, on=body.occurred_on, pointer=f"/participants/{index}").unit_key
        for index, reference in enumerate(body.participants)
    ]
    said = said_by(body, unit=unit.unit_key, participants=tuple(sorted(set(participants))))
    if _sha256(said) in activity.revision_hashes:
        return Accepted(activity, "unchanged")
    differing = sorted(name for name in said if said[name] != activity.said[name])
    raise ReportExists(fields=", ".join(differing))


def _sha256(said: dict[str, Any]) -> str:
    return hashlib.sha256(rfc8785.dumps(said)).hexdigest()


def _add_revision(
    session: Session,
    report: ActivityReport,
    body: ActivityBody,
    checked: Checked,
    by: Principal,
    at: datetime,
) -> StoredActivity:
    said = said_by(body, unit=report.unit_key, participants=checked.participants)
    revision = ActivityRevision(
        id=new_id(at),
        report_id=report.id,
        number=report.number,
        plan_slug=body.plan,
        item_code=body.plan_item,
        themes=tuple(body.content_themes),
        occurred_on=body.occurred_on,
        ended_on=body.ended_on or body.occurred_on,
        occurrences=body.occurrences or 1,
        channel=body.channel,
        format=body.format,
        title=body.title,
        description=body.description,
        languages=tuple(body.languages),
        integrated=body.integrated,
        participants=checked.participants,
        evidence=said["evidence"],
        outside_assignment=checked.outside_assignment,
        theme_outside_phase=checked.theme_outside_phase,
        body_sha256=_sha256(said),
        received_at=at,
        received_by=by.key_id,
    )
    session.add(revision)
    session.flush()
    session.add_all(
        ActivityMeasure(
            revision_id=revision.id,
            indicator_code=measure.indicator,
            origin=measure.origin,
            amount=amount,
        )
        for measure, amount in zip(body.measures, checked.amounts, strict=True)
    )
    session.add_all(
        ActivityExpenditure(revision_id=revision.id, source=row.source, amount=row.amount)
        for row in body.expenditure
    )
    session.flush()
    return StoredActivity(report, revision, said, frozenset({revision.body_sha256}))
