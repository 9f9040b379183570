"""Units' proposals (kiến nghị): read by addressee and status, and what became of each recorded."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Path, Query
from pydantic import Field

from app.api.contract.refusing import refuses
from app.api.cycles.schemas import Year
from app.api.deps import Caller, CanReadSubmissions, CanReviewSubmissions
from app.api.out import InstantOut, NextCursor, OutModel
from app.api.pagination import ListOf, ListQuery, NextPage
from app.api.strict import StrictRoute
from app.domain.consolidation.proposal_deciding import (
    NotYourProposals,
    ProposalAction,
    ProposalDecision,
    decide_proposal,
    proposal_actions,
)
from app.domain.consolidation.proposal_queries import StoredProposal, proposals
from app.domain.consolidation.proposals import PROPOSAL_STATES_MEAN, ProposalState
from app.domain.described import (
    CycleName,
    DayOut,
    DocumentNumber,
    Few,
    Hash,
    Id,
    Number,
    OneLine,
    Page,
    PlanName,
    ProposalId,
    Prose,
    UnitKey,
    YearNumber,
)
from app.domain.fields import PlanSlug, ShortText

router = APIRouter(tags=["Submissions"], route_class=StrictRoute)

PROPOSALS: ListOf[StoredProposal] = ListOf(
    "proposals", lambda row: (str(row.submission_id), str(row.ordinal))
)
ProposalInPath = Annotated[
    str,
    Path(
        max_length=53,
        pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\.[0-9a-f]{16}$",
        description="The proposal's id (mã kiến nghị): its submission's, a point, 16 digits of "
        "its hash.",
    ),
]


class ProposalQuery(ListQuery):
    """Which proposals."""

    plan: PlanSlug | None = Field(
        default=None, description="Only of this plan (kế hoạch): its slug."
    )
    year: Year | None = Field(default=None, description="Only of this year (năm).")
    addressee: ShortText | None = Field(
        default=None,
        description="Whom they are addressed to (nơi nhận kiến nghị), in any case and spacing.",
    )
    status: ProposalState | None = Field(default=None, description=PROPOSAL_STATES_MEAN)


class ProposalOut(OutModel):
    """A unit's proposal (kiến nghị), word for word, and what became of it."""

    id: ProposalId = Field(
        description="The proposal's id (mã kiến nghị), the same as long as the unit makes the "
        "proposal."
    )
    submission: Id = Field(description="Id of the submission that makes it (báo cáo của đơn vị).")
    revision: Number = Field(
        description="The submission's standing revision, which makes it (lần gửi thứ)."
    )
    review: Literal["submitted", "returned", "accepted"] = Field(
        description="The review of that revision (tình trạng duyệt): submitted (đã gửi), returned "
        "(đã trả lại) or accepted (đã duyệt). Only what is accepted is consolidated."
    )
    unit: UnitKey = Field(description="Key of the unit that makes the proposal (đơn vị kiến nghị).")
    plan: PlanName
    cycle: CycleName = Field(description="Key of the cycle (kỳ báo cáo).")
    year: YearNumber = Field(description="The cycle's year (năm của kỳ báo cáo).")
    addressee: OneLine = Field(description="Whom it is addressed to (nơi nhận kiến nghị).")
    text: Prose = Field(description="What is proposed (nội dung kiến nghị).")
    sha256: Hash = Field(description="Hash of its addressee and text (mã băm).")
    status: ProposalState = Field(description=PROPOSAL_STATES_MEAN)
    answer: Prose | None = Field(description="What the addressee answered (nội dung trả lời).")
    document_number: DocumentNumber | None = Field(
        description="Number of the document by which it was forwarded or answered (số, ký hiệu văn "
        "bản)."
    )
    document_on: DayOut | None = Field(description="That document's day (ngày văn bản).")
    decided_at: InstantOut | None = Field(
        description="When this was recorded (thời điểm ghi); null while open."
    )
    decided_by: UnitKey | None = Field(description="Key of the unit that recorded it (đơn vị ghi).")
    actions: Few[ProposalAction] = Field(
        description="What this caller may do now (việc được làm): decide."
    )

    @classmethod
    def of(cls, caller: Caller, found: StoredProposal) -> "ProposalOut":
        """Return a proposal as it is answered."""
        return cls.model_validate(cls.fields_of(caller, found))

    @staticmethod
    def fields_of(caller: Caller, found: StoredProposal) -> dict[str, object]:
        """Return the fields of a proposal as it is answered."""
        return {
            "id": found.id,
            "submission": found.submission_id,
            "revision": found.revision,
            "review": found.review,
            "unit": found.unit,
            "plan": found.plan,
            "cycle": f"{found.plan}.{found.cycle}",
            "year": found.year,
            "addressee": found.proposal.addressee,
            "text": found.proposal.text,
            "sha256": found.sha256,
            **found.answer._asdict(),
            "decided_at": found.decided.recorded_at if found.decided else None,
            "decided_by": found.decided.unit_key if found.decided else None,
            "actions": proposal_actions(caller.reference, found, by=caller.by, at=caller.at),
        }


class DecidedProposalOut(ProposalOut):
    """A proposal as it stands after a decision (kiến nghị sau khi được xử lý)."""

    outcome: Literal["decided", "unchanged"] = Field(
        description="decided (đã ghi): recorded now. unchanged (không đổi): it stood so already; "
        "nothing was recorded."
    )


class ProposalPage(OutModel):
    """A page of proposals, in the order in which their reports were begun (một trang kiến nghị)."""

    items: Page[ProposalOut]
    next: NextCursor


@router.get("/proposals")
def list_proposals(
    caller: CanReadSubmissions, query: Annotated[ProposalQuery, Query()], link: NextPage
) -> ProposalPage:
    """List the proposals of submitted reports that this key may see.

    Of each report those of the revision that stands: the accepted one, or else the one that was
    submitted last.
    """
    after = PROPOSALS.after(query, secret=caller.cursor_secret)
    rows = proposals(
        caller.session,
        by=caller.by,
        plan=query.plan,
        year=query.year,
        addressee=query.addressee,
        status=query.status,
        after=(UUID(after[0]), int(after[1])) if after else None,
        limit=query.limit + 1,
    )
    shown, cursor = PROPOSALS.page(rows, query, secret=caller.cursor_secret)
    return ProposalPage(items=[ProposalOut.of(caller, row) for row in shown], next=link(cursor))


@router.put("/proposals/{proposal}", responses=refuses(NotYourProposals))
def decide_on_proposal(
    caller: CanReviewSubmissions, proposal: ProposalInPath, body: ProposalDecision
) -> DecidedProposalOut:
    """Record what became of a proposal, for the focal unit: the addressee answers on paper.

    Every version is kept; what was recorded may be corrected. A further revision of the report
    that makes the proposal again keeps its status.
    """
    decided = decide_proposal(
        caller.session,
        caller.reference,
        proposal_id=proposal,
        decision=body,
        by=caller.by,
        at=caller.at,
    )
    fields = ProposalOut.fields_of(caller, decided.proposal)
    outcome = "decided" if decided.changed else "unchanged"
    return DecidedProposalOut.model_validate({**fields, "outcome": outcome})
