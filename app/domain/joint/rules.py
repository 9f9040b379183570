"""Who decides on a link between two reports, and which two can be one activity."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from app.domain.activities.models import ActivityReport
from app.domain.assignments.models import FOCAL_UNIT
from app.domain.assignments.queries import holders
from app.domain.cycles.queries import window_of
from app.domain.errors import DomainError, Fault, Text
from app.domain.joint.models import JointLink
from app.domain.joint.sight import acted_for
from app.domain.principal import Principal

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
class Decider:
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
        """Return the actions that the link's state leaves it."""
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


def decider_of(session: Session, pair: list[ActivityReport], *, by: Principal, on: date) -> Decider:
    """Return for whom a caller decides on a link on that day. Raises JointLinkNotYours."""
    sides: frozenset[str] = frozenset()
    focal = False
    for report in pair:
        sides |= acted_for(session, by=by, units={report.unit_key}, on=report.occurred_on)
        roles = holders(session, role=FOCAL_UNIT, on=on, plan=report.plan_slug)
        focal = focal or by.unit in roles
    if not sides and not focal:
        raise JointLinkNotYours(units=", ".join(sorted(report.unit_key for report in pair)))
    return Decider(by.unit, sides, focal)
