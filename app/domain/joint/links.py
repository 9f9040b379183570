"""Joining two reports of one activity: claimed by one unit, confirmed by the other, separated.

The focal unit joins and separates any two. Every decision closes the row before it and adds
one, under a lock of both reports: of two at the same time the second sees what the first did.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from app.domain.activities.models import ActivityReport
from app.domain.activities.queries import get_activity
from app.domain.audit.service import audit
from app.domain.base import new_id
from app.domain.errors import Fault, Invalid, NotFound
from app.domain.joint.models import JointLink
from app.domain.joint.queries import StoredLink, get_link, with_decisions
from app.domain.joint.rules import SAME_REPORT, Decider, check_joinable, decider_of
from app.domain.period import local_day
from app.domain.principal import Principal
from app.domain.recorded import known, record


@dataclass(frozen=True)
class Decided:
    """What became of a decision on a link; `changed` is false where it stood so already."""

    link: StoredLink
    changed: bool


def join(
    session: Session,
    *,
    reports: tuple[UUID, UUID],
    reason: str | None,
    by: Principal,
    at: datetime,
    pointer: str = "/reports",
) -> Decided:
    """Join two reports that tell of one activity.

    By the unit of one it is a claim; what the other has claimed, the focal unit says, or one
    key for both, is confirmed. A pair that stands so already stays as it is, one that was
    separated is joined anew. `pointer` is where the body names the reports. Raises Invalid,
    NotFound, JointLinkNotYours, JointActivityRefused.
    """
    if reports[0] == reports[1]:
        raise Invalid(Fault(pointer, SAME_REPORT))
    pair = lock_reports(session, reports)
    for report in pair:
        get_activity(session, by=by, report_id=report.id)
    decider = decider_of(session, pair, by=by, on=local_day(at))
    check_joinable(session, pair, pointer)
    link = _current(session, pair)
    return _decide(session, pair, link, decider, _joined(link, decider), reason, by, at)


def confirm(session: Session, *, link_id: UUID, by: Principal, at: datetime) -> Decided:
    """Confirm what the other unit claimed; the focal unit confirms any claim.

    Raises NotFound, JointLinkNotYours, JointLinkActionNotAllowed, JointActivityRefused.
    """
    pair, link, decider = _locked_link(session, link_id, by, at)
    if link.state != "confirmed":
        decider.must_be_able(link, "confirm")
        check_joinable(session, pair, "")
    return _decide(session, pair, link, decider, "confirmed", None, by, at)


def separate(
    session: Session, *, link_id: UUID, reason: str, by: Principal, at: datetime
) -> Decided:
    """Separate two reports again: either unit while it is a claim, later the focal unit.

    Raises NotFound, JointLinkNotYours, JointLinkActionNotAllowed.
    """
    pair, link, decider = _locked_link(session, link_id, by, at)
    if link.state != "separated":
        decider.must_be_able(link, "separate")
    return _decide(session, pair, link, decider, "separated", reason, by, at)


def lock_reports(session: Session, reports: Iterable[UUID]) -> list[ActivityReport]:
    """Lock and read reports, in the order of their ids. Raises NotFound."""
    wanted = set(reports)
    statement = (
        select(ActivityReport)
        .where(col(ActivityReport.id).in_(wanted))
        .order_by(col(ActivityReport.id))
        # What hangs on a report by a foreign key may still be added by others.
        .with_for_update(key_share=True)
    )
    found = session.exec(statement).all()
    if len(found) != len(wanted):
        raise NotFound()
    return list(found)


def _locked_link(
    session: Session, link_id: UUID, by: Principal, at: datetime
) -> tuple[list[ActivityReport], JointLink, Decider]:
    seen = get_link(session, by=by, link_id=link_id)
    pair = lock_reports(session, seen.current.reports)
    link = _current(session, pair)
    if link is None:
        raise RuntimeError("a link that was seen is gone")
    return pair, link, decider_of(session, pair, by=by, on=local_day(at))


def _current(session: Session, pair: list[ActivityReport]) -> JointLink | None:
    statement = select(JointLink).where(
        JointLink.first_report_id == pair[0].id,
        JointLink.second_report_id == pair[1].id,
        *known(JointLink),
    )
    return session.exec(statement).first()


def _joined(link: JointLink | None, decider: Decider) -> str:
    """Return the state that a caller's joining leads to."""
    if decider.focal or len(decider.sides) > 1:
        return "confirmed"
    if link is None or link.state == "separated":
        return "claimed"
    return "confirmed" if decider.confirms(link) else link.state


def _decide(
    session: Session,
    pair: list[ActivityReport],
    link: JointLink | None,
    decider: Decider,
    state: str,
    reason: str | None,
    by: Principal,
    at: datetime,
) -> Decided:
    if link is not None and link.state == state:
        return Decided(with_decisions(session, [link])[0], changed=False)
    anew = link is None or link.state == "separated"
    new = JointLink(
        link_id=new_id(at) if link is None else link.link_id,
        first_report_id=pair[0].id,
        second_report_id=pair[1].id,
        state=state,
        claimed_by=decider.for_unit if link is None or anew else link.claimed_by,
        unit_key=decider.for_unit,
        decided_by=by.key_id,
        reason=reason,
        # Whoever waited for a lock asked before the decision was made that it found.
        recorded_at=at if link is None else max(at, link.recorded_at),
    )
    record(session, link, new)
    session.flush()
    audit(
        session,
        by=by,
        at=at,
        action=f"joint_link.{state}",
        target=("joint_link", str(new.link_id)),
        before=None if link is None else _audited(link),
        after=_audited(new),
    )
    return Decided(with_decisions(session, [new])[0], changed=True)


def _audited(link: JointLink) -> dict[str, str | list[str]]:
    return {
        "state": link.state,
        "reports": [str(report) for report in link.reports],
        "unit": link.unit_key,
    }
