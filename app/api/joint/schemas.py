"""What joint activity looks like from outside."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from app.api.activities.schemas import ActivityOut
from app.api.out import InstantOut, NextCursor, OutModel
from app.api.pagination import ListQuery
from app.domain.described import Id, Many, Number, Page, ReasonText, UnitKey
from app.domain.fields import ID, Day, PlanSlug, ShortText, UnitReference, WireModel
from app.domain.joint.links import Decided
from app.domain.joint.models import Participation
from app.domain.joint.participation import Answered, Decision
from app.domain.joint.queries import JointActivity, LinkState, ParticipationState, StoredLink

ReportId = Annotated[
    UUID,
    Field(strict=False, description="Id of an activity report (hoạt động).", json_schema_extra=ID),
]


class ParticipationIn(WireModel):
    """What a named unit says to a report (đơn vị phối hợp xác nhận hoặc không xác nhận)."""

    decision: Decision = Field(
        description="confirmed: the unit took part (xác nhận). disputed: it did not (không xác "
        "nhận)."
    )
    reason: ShortText | None = Field(default=None, description="Why (lý do); needed to dispute it.")
    unit: UnitReference | None = Field(
        default=None,
        description="The named unit that is spoken for (đơn vị phối hợp): its code on the "
        "activity's day, or its key. Needed only where the report names several that this key "
        "acts for, but not its own.",
    )
    own_report: ReportId | None = Field(
        default=None,
        description="The unit's own report of the same activity (hoạt động của chính đơn vị): "
        "confirming claims the link between the two as well.",
    )


class JointLinkIn(WireModel):
    """Two reports of one activity (liên kết hai báo cáo của cùng một hoạt động)."""

    reports: Annotated[list[ReportId], Field(min_length=2, max_length=2)] = Field(
        description="The two reports (hai hoạt động); their order means nothing."
    )
    reason: ShortText | None = Field(
        default=None, description="Why the two are one activity (lý do)."
    )


class SeparationIn(WireModel):
    """Why two reports are not, or no longer, joined (tách liên kết)."""

    reason: ShortText = Field(description="Why they are not one activity (lý do tách).")


class JointReportOut(OutModel):
    """One of the two activity reports of a joint link (hoạt động trong liên kết)."""

    id: Id = Field(description="Id of the activity report (mã hoạt động).")
    unit: UnitKey = Field(description="Key of its unit (khóa của đơn vị).")


class LinkDecisionOut(OutModel):
    """One decision on a joint link (quyết định về liên kết hoạt động chung)."""

    state: LinkState = Field(
        description="claimed (đề nghị), confirmed (xác nhận) or separated (tách)."
    )
    unit: UnitKey = Field(description="Key of the unit whose decision it was (đơn vị quyết định).")
    reason: ReasonText | None = Field(description="Why it was so decided (lý do).")
    decided_at: InstantOut = Field(description="When it was decided (thời điểm quyết định).")


class JointLinkOut(OutModel):
    """A link between two reports of one activity (liên kết hoạt động chung)."""

    id: Id = Field(description="Id of the joint link (mã liên kết).")
    state: LinkState = Field(
        description="claimed: one unit says so (đề nghị). confirmed: the other, or the focal "
        "unit, agrees (đã xác nhận): what was done counts once in the province. separated: they "
        "are not joined, or no longer (đã tách)."
    )
    claimed_by: UnitKey = Field(
        description="Key of the unit that claimed the link (đơn vị đề nghị)."
    )
    reports: Annotated[list[JointReportOut], Field(min_length=2, max_length=2)] = Field(
        description="The two reports that it joins (hai báo cáo)."
    )
    decisions: Annotated[Many[LinkDecisionOut], Field(min_length=1)] = Field(
        description="Every decision, oldest first (các quyết định); the last is how it stands."
    )

    @classmethod
    def of(cls, link: StoredLink) -> "JointLinkOut":
        """Return a link as it is answered."""
        return cls.model_validate(cls.fields_of(link))

    @staticmethod
    def fields_of(link: StoredLink) -> dict[str, object]:
        """Return the fields of a link as it is answered."""
        return {
            "id": link.current.link_id,
            "state": link.current.state,
            "claimed_by": link.current.claimed_by,
            "reports": [
                {"id": report, "unit": unit}
                for report, unit in zip(link.current.reports, link.units, strict=True)
            ],
            "decisions": [
                {
                    "state": row.state,
                    "unit": row.unit_key,
                    "reason": row.reason,
                    "decided_at": row.recorded_at,
                }
                for row in link.decisions
            ],
        }


class DecidedJointLinkOut(JointLinkOut):
    """A joint link that was decided on, and what became of it (quyết định về liên kết)."""

    outcome: Literal["decided", "unchanged"] = Field(
        description="decided (đã ghi): recorded now. unchanged (không đổi): it stood so already; "
        "nothing was recorded."
    )

    @classmethod
    def after(cls, decided: Decided) -> "DecidedJointLinkOut":
        """Return a link as it stands after a decision."""
        fields = cls.fields_of(decided.link)
        return cls.model_validate({**fields, "outcome": _outcome(changed=decided.changed)})


class ParticipationOut(OutModel):
    """What a named unit says to an activity report (ý kiến của đơn vị phối hợp)."""

    report: Id = Field(description="Id of the activity report that names the unit (mã hoạt động).")
    unit: UnitKey = Field(description="Key of the named unit (đơn vị phối hợp được nêu).")
    state: ParticipationState = Field(
        description="named: it has said nothing yet (được nêu). confirmed: it took part (đã xác "
        "nhận). disputed: it did not (không xác nhận)."
    )
    reason: ReasonText | None = Field(
        description="Why it is disputed, or confirmed (lý do); null where no reason was given."
    )
    revision: Number | None = Field(
        description="The report's revision that this was said about (lần sửa thứ); null while only "
        "named. The report may have been corrected since."
    )
    decided_at: InstantOut | None = Field(
        description="When it was confirmed or disputed (thời điểm xác nhận); null before."
    )

    @staticmethod
    def fields_of(report: UUID, unit: str, said: Participation | None) -> dict[str, object]:
        """Return the fields of a participation as it is answered."""
        return {
            "report": report,
            "unit": unit,
            "state": said.decision if said else "named",
            "reason": said.reason if said else None,
            "revision": said.revision if said else None,
            "decided_at": said.recorded_at if said else None,
        }


class DecidedParticipationOut(ParticipationOut):
    """A participation that was decided on, and the link claimed with it (xác nhận phối hợp)."""

    outcome: Literal["decided", "unchanged"] = Field(
        description="decided (đã ghi): recorded now. unchanged (không đổi): the same was said "
        "before."
    )
    link: JointLinkOut | None = Field(
        description="The link to `own_report`, if that was given (liên kết hoạt động chung)."
    )

    @classmethod
    def after(cls, answered: Answered) -> "DecidedParticipationOut":
        """Return a participation as it stands after a decision."""
        said = answered.participation
        fields = cls.fields_of(said.report_id, said.unit_key, said)
        link = JointLinkOut.of(answered.link) if answered.link else None
        outcome = _outcome(changed=answered.changed)
        return cls.model_validate({**fields, "outcome": outcome, "link": link})


class JointActivityOut(OutModel):
    """An activity report that names a unit (hoạt động phối hợp), and what that unit says to it."""

    participation: ParticipationOut
    activity: ActivityOut
    links: Many[JointLinkOut] = Field(
        description="The links of this activity report that the key may see, claimed or confirmed "
        "(liên kết hoạt động chung): with the unit's own reports."
    )

    @classmethod
    def of(cls, row: JointActivity) -> "JointActivityOut":
        """Return a row as it is answered."""
        said = ParticipationOut.fields_of(row.activity.report.id, row.unit, row.participation)
        return cls(
            participation=ParticipationOut.model_validate(said),
            activity=ActivityOut.of(row.activity),
            links=[JointLinkOut.of(link) for link in row.links],
        )


class JointActivityPage(OutModel):
    """A page of activity reports that name units (một trang hoạt động phối hợp).

    In the order in which they were received.
    """

    items: Page[JointActivityOut]
    next: NextCursor


class JointLinkPage(OutModel):
    """A page of joint links (một trang liên kết hoạt động chung).

    In the order in which they were first made.
    """

    items: Page[JointLinkOut]
    next: NextCursor


class JointActivityQuery(ListQuery):
    """Which activity reports that name units."""

    plan: PlanSlug | None = Field(
        default=None, description="Only of this plan (kế hoạch): its slug."
    )
    unit: UnitReference | None = Field(
        default=None, description="The named unit (đơn vị phối hợp): its key, or its code on `on`."
    )
    on: Day | None = Field(
        default=None,
        description="The day on which a code in `unit` is meant (tại ngày); today if not given.",
    )
    state: ParticipationState | None = Field(
        default=None,
        description="What the named unit has said (tình trạng xác nhận): named, confirmed or "
        "disputed.",
    )


class JointLinkQuery(ListQuery):
    """Which links."""

    report: Annotated[UUID, Field(json_schema_extra=ID)] | None = Field(
        default=None, description="Id of one of the two reports (hoạt động)."
    )
    state: LinkState | None = Field(
        default=None, description="claimed (đề nghị), confirmed (xác nhận) or separated (tách)."
    )


def _outcome(*, changed: bool) -> Literal["decided", "unchanged"]:
    return "decided" if changed else "unchanged"
