"""A named unit says whether it took part in what another unit reports."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlmodel import Session, select

from app.domain.activities.queries import StoredActivity, get_activity
from app.domain.audit.service import audit
from app.domain.errors import DomainError, Fault, Invalid, Text
from app.domain.joint.links import join, lock_reports
from app.domain.joint.models import Participation
from app.domain.joint.queries import StoredLink
from app.domain.joint.rules import JointActivityRefused, withdrawn_faults
from app.domain.joint.sight import acted_for
from app.domain.principal import Principal
from app.domain.recorded import known, record
from app.domain.units.queries import resolve

Decision = Literal["confirmed", "disputed"]

DISPUTE_NEEDS_REASON = Text(
    "dispute_needs_reason",
    "Không xác nhận phối hợp thì cần nêu lý do.",
    "Disputing that the unit took part needs a reason.",
)
DISPUTE_WITH_REPORT = Text(
    "dispute_with_own_report",
    "Chỉ khi xác nhận phối hợp mới liên kết báo cáo của mình.",
    "Only a unit that confirms links its own report.",
)
UNIT_NEEDED = Text(
    "participant_needed",
    "Báo cáo nêu nhiều đơn vị mà khóa này ghi thay; cần nêu đơn vị nào.",
    "The report names several units that this key acts for; say which.",
)
UNIT_NOT_NAMED = Text(
    "unit_not_a_participant",
    "Báo cáo không nêu đơn vị {unit}, hoặc khóa này không ghi thay đơn vị đó.",
    "The report does not name the unit {unit}, or this key does not act for it.",
)


class NotAParticipant(DomainError):
    """The report names no unit that the key acts for."""

    text = Text(
        "not_a_participant",
        "Báo cáo này không nêu đơn vị phối hợp nào mà khóa này ghi thay.",
        "This report names no coordinating unit that this key acts for.",
    )


@dataclass(frozen=True)
class Answered:
    """What became of a unit's word on a report that names it."""

    activity: StoredActivity
    participation: Participation
    link: StoredLink | None
    changed: bool


def decide(
    session: Session,
    *,
    report_id: UUID,
    unit: str | None,
    decision: Decision,
    reason: str | None,
    own_report: UUID | None,
    by: Principal,
    at: datetime,
) -> Answered:
    """Confirm or dispute that a named unit took part; with `own_report` also claim the link.

    The unit is the key's own, an ended one that it answers for, or one under either on the
    activity's day; `unit`, a code or key, is needed only where there are several. The word is
    about the current revision; another one takes its place. Raises Invalid, NotFound,
    NotAParticipant, JointActivityRefused, and what `join` raises.
    """
    _check_body(decision, reason, own_report)
    reports = {report_id} if own_report is None else {report_id, own_report}
    lock_reports(session, reports)
    activity = get_activity(session, by=by, report_id=report_id)
    named = _named(session, activity, unit, by)
    if faults := withdrawn_faults([activity.report], ""):
        raise JointActivityRefused(*faults)
    word = Participation(
        report_id=report_id,
        unit_key=named,
        revision=activity.revision.number,
        decision=decision,
        reason=reason,
        decided_by=by.key_id,
        recorded_at=at,
    )
    said, changed = _say(session, word, by, at)
    if own_report is None:
        return Answered(activity, said, None, changed)
    pair = (report_id, own_report)
    joined = join(session, reports=pair, reason=reason, by=by, at=at, pointer="/own_report")
    return Answered(activity, said, joined.link, changed or joined.changed)


def _check_body(decision: Decision, reason: str | None, own_report: UUID | None) -> None:
    faults = []
    if decision == "disputed" and reason is None:
        faults.append(Fault("/reason", DISPUTE_NEEDS_REASON))
    if decision == "disputed" and own_report is not None:
        faults.append(Fault("/own_report", DISPUTE_WITH_REPORT))
    if faults:
        raise Invalid(*faults)


def _named(session: Session, activity: StoredActivity, unit: str | None, by: Principal) -> str:
    """Return the key of the named unit that the caller speaks for."""
    on = activity.report.occurred_on
    others = set(activity.revision.participants) - {activity.report.unit_key}
    mine = acted_for(session, by=by, units=others, on=on)
    if not mine:
        raise NotAParticipant()
    if unit is not None:
        found = resolve(session, unit, on=on, pointer="/unit").unit_key
        if found not in mine:
            raise Invalid(Fault("/unit", UNIT_NOT_NAMED, {"unit": found}, sorted(mine)))
        return found
    if by.unit in mine:
        return by.unit
    if len(mine) > 1:
        raise Invalid(Fault("/unit", UNIT_NEEDED, permitted=sorted(mine)))
    return next(iter(mine))


def _say(
    session: Session, word: Participation, by: Principal, at: datetime
) -> tuple[Participation, bool]:
    """Put a unit's word in the place of the one before; the same word again changes nothing."""
    before = session.exec(
        select(Participation).where(
            Participation.report_id == word.report_id,
            Participation.unit_key == word.unit_key,
            *known(Participation),
        )
    ).first()
    if before is not None:
        if _content(before) == _content(word):
            return before, False
        # Whoever waited for a lock asked before the decision was made that it found.
        word.recorded_at = max(at, before.recorded_at)
    record(session, before, word)
    session.flush()
    audit(
        session,
        by=by,
        at=at,
        action=f"participation.{word.decision}",
        target=("activity_report", str(word.report_id)),
        before=None if before is None else _audited(before),
        after=_audited(word),
    )
    return word, True


def _content(word: Participation) -> tuple[str, str | None, int]:
    return word.decision, word.reason, word.revision


def _audited(word: Participation) -> dict[str, str | int | None]:
    return word.model_dump(include={"unit_key", "decision", "revision"})
