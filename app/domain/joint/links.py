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
from app.domain.assignments.models import FOCAL_UNIT
from app.domain.assignments.queries import holders
from app.domain.audit.service import audit
from app.domain.base import new_id
from app.domain.cycles.queries import window_of
from app.domain.errors import DomainError, Fault, Invalid, NotFound, Text
from app.domain.joint.models import JointLink
from app.domain.joint.queries import StoredLink, get_link, with_decisions
from app.domain.joint.sight import at_or_under
from app.domain.period import local_day
from app.domain.principal import Principal
from app.domain.recorded import known, record

SAME_REPORT = Text(
    "joint_same_report",
    "Một báo cáo không thể liên kết với chính nó.",
    "A report is not joined with itself.",
)
SAME_UNIT = Text(
    "joint_same_unit",
    "Hai báo cáo đều của đơn vị {unit}; chỉ liên kết báo cáo của hai đơn vị.",
    "Both reports are of the unit {unit}; only reports of two units are joined.",
)
OTHER_PLAN = Text(
    "joint_other_plan",
    "Hai báo cáo thuộc hai kế hoạch khác nhau.",
    "The two reports belong to different plans.",
)
OTHER_YEAR = Text(
    "joint_other_year",
    "Hai báo cáo thuộc hai kỳ báo cáo năm khác nhau.",
    "The two reports belong to different yearly cycles.",
)
REPORT_WITHDRAWN = Text(
    "joint_report_withdrawn",
    "Báo cáo {report} đã được rút lại.",
    "The report {report} is withdrawn.",
)


class JointActivityRefused(DomainError):
    """What the reports say now does not allow it; the faults say why."""

    text = Text(
        "joint_activity_refused",
        "Hoạt động phối hợp này chưa ghi nhận được; xem «errors».",
        "This joint activity cannot be recorded; see `errors`.",
    )


class JointLinkNotYours(DomainError):
    """Only the units of the two reports, and the focal unit, decide on a link."""

    text = Text(
        "joint_link_not_yours",
        "Chỉ {units} và cơ quan đầu mối mới được quyết định liên kết này.",
        "Only {units} and the focal unit may decide on this link.",
    )


class JointLinkActionNotAllowed(DomainError):
    """The link's state does not allow this unit the action."""

    text = Text(
        "joint_link_action_not_allowed",
        "Liên kết đang ở trạng thái «{state}», đơn vị này không thể {action}; có thể: {allowed}.",
        "The link is `{state}`; `{action}` is not possible for this unit, but: {allowed}.",
    )


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
    decider = _decider(session, pair, by, at)
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


def check_joinable(session: Session, pair: list[ActivityReport], pointer: str) -> None:
    """Check what two reports must have in common. Raises JointActivityRefused."""
    first, second = pair
    faults = withdrawn_faults(pair, pointer)
    if first.unit_key == second.unit_key:
        faults.append(Fault(pointer, SAME_UNIT, {"unit": first.unit_key}))
    if first.plan_slug != second.plan_slug:
        faults.append(Fault(pointer, OTHER_PLAN))
    elif second.occurred_on not in window_of(session, plan=first.plan_slug, on=first.occurred_on):
        faults.append(Fault(pointer, OTHER_YEAR))
    if faults:
        raise JointActivityRefused(*faults)


def withdrawn_faults(reports: Iterable[ActivityReport], pointer: str) -> list[Fault]:
    """Return a fault for each report that is withdrawn."""
    return [
        Fault(pointer, REPORT_WITHDRAWN, {"report": str(report.id)})
        for report in reports
        if report.withdrawn_at is not None
    ]


@dataclass(frozen=True)
class _Decider:
    """For whom a caller decides: the units of the two reports it acts for, or the focal unit."""

    unit: str
    sides: frozenset[str]
    focal: bool

    @property
    def for_unit(self) -> str:
        """The unit whose decision it is."""
        return next(iter(self.sides)) if len(self.sides) == 1 and not self.focal else self.unit

    def confirms(self, link: JointLink) -> bool:
        """Tell whether its word makes a claim confirmed: it is not the claimant's alone."""
        return self.focal or bool(self.sides - {link.claimed_by})

    def allowed(self, link: JointLink) -> list[str]:
        if link.state == "claimed":
            return ["confirm", "separate"] if self.confirms(link) else ["separate"]
        if link.state == "confirmed":
            return ["separate"] if self.focal else []
        return ["join"]

    def must_be_able(self, link: JointLink, action: str) -> None:
        """Raise JointLinkActionNotAllowed, naming what is allowed, where the action is not."""
        allowed = self.allowed(link)
        if action not in allowed:
            raise JointLinkActionNotAllowed(
                state=link.state, action=action, allowed=", ".join(allowed) or "—"
            )


def _decider(session: Session, pair: list[ActivityReport], by: Principal, at: datetime) -> _Decider:
    sides: frozenset[str] = frozenset()
    focal = False
    for report in pair:
        sides |= at_or_under(session, root=by.unit, units={report.unit_key}, on=report.occurred_on)
        roles = holders(session, role=FOCAL_UNIT, on=local_day(at), plan=report.plan_slug)
        focal = focal or by.unit in roles
    if not sides and not focal:
        raise JointLinkNotYours(units=", ".join(sorted(report.unit_key for report in pair)))
    return _Decider(by.unit, sides, focal)


def _locked_link(
    session: Session, link_id: UUID, by: Principal, at: datetime
) -> tuple[list[ActivityReport], JointLink, _Decider]:
    seen = get_link(session, by=by, link_id=link_id)
    pair = lock_reports(session, seen.current.reports)
    link = _current(session, pair)
    if link is None:
        raise RuntimeError("a link that was seen is gone")
    return pair, link, _decider(session, pair, by, at)


def _current(session: Session, pair: list[ActivityReport]) -> JointLink | None:
    statement = select(JointLink).where(
        JointLink.first_report_id == pair[0].id,
        JointLink.second_report_id == pair[1].id,
        *known(JointLink),
    )
    return session.exec(statement).first()


def _joined(link: JointLink | None, decider: _Decider) -> str:
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
    decider: _Decider,
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
        before=None if link is None else {"state": link.state},
        after={
            "state": state,
            "reports": [str(report.id) for report in pair],
            "unit": new.unit_key,
        },
    )
    return Decided(with_decisions(session, [new])[0], changed=True)
