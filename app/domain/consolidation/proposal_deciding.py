"""Recording what became of a unit's proposal (kiến nghị): forwarded, accepted, declined.

The addressee answers on paper; the focal unit records it. Anything may be corrected: every
version is kept.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field
from sqlmodel import Session, select

from app.domain.assignments.models import FOCAL_UNIT
from app.domain.audit.service import audit
from app.domain.consolidation.models import ProposalStatus
from app.domain.consolidation.proposal_queries import StoredProposal, get_proposal
from app.domain.consolidation.proposals import (
    PROPOSAL_STATES_MEAN,
    ProposalAnswer,
    ProposalState,
)
from app.domain.errors import DAY_IN_FUTURE, DomainError, Fault, Invalid, Text
from app.domain.fields import Day, LongText, ShortText, WireModel
from app.domain.period import local_day
from app.domain.principal import Principal, Scope
from app.domain.recorded import record
from app.domain.reference import Reference
from app.domain.submissions.models import Submission

ProposalAction = Literal["decide"]


class NotYourProposals(DomainError):
    """The focal unit records what became of units' proposals."""

    text = Text(
        "not_your_proposals",
        "Chỉ cơ quan đầu mối ({unit}) mới được ghi kết quả xử lý kiến nghị.",
        "Only the focal unit ({unit}) records what became of proposals.",
    )


ANSWER_NEEDED = Text(
    "proposal_answer_needed",
    "Kiến nghị được hoặc không được tiếp thu cần có nội dung trả lời.",
    "An accepted or declined proposal needs the addressee's answer.",
)
NOT_ANSWERED_YET = Text(
    "proposal_not_answered_yet",
    "Kiến nghị ở trạng thái «{status}» thì chưa có nội dung trả lời.",
    "A proposal that is `{status}` has no answer yet.",
)
NOT_FORWARDED_YET = Text(
    "proposal_not_forwarded_yet",
    "Kiến nghị chưa xử lý thì chưa có văn bản.",
    "A proposal that is open has no document yet.",
)
DOCUMENT_PAIR = Text(
    "document_number_and_day",
    "Số và ngày văn bản phải đi cùng nhau.",
    "A document's number and day go together.",
)


class ProposalDecision(WireModel):
    """What became of a proposal, the whole of it from now on (kết quả xử lý kiến nghị)."""

    status: ProposalState = Field(description=PROPOSAL_STATES_MEAN)
    answer: LongText | None = Field(
        default=None,
        description="The addressee's answer (nội dung trả lời): needed where it is accepted or "
        "declined, and only there.",
    )
    document_number: ShortText | None = Field(
        default=None,
        description="Number of the document by which it was forwarded or answered (số, ký hiệu văn "
        "bản).",
    )
    document_on: Day | None = Field(default=None, description="That document's day (ngày văn bản).")


@dataclass(frozen=True)
class DecidedProposal:
    """A proposal as it stands after a decision, and whether anything was recorded."""

    proposal: StoredProposal
    changed: bool


def proposal_actions(
    reference: Reference, proposal: StoredProposal, *, by: Principal, at: datetime
) -> list[ProposalAction]:
    """Return what a caller may do with a proposal now."""
    if Scope.REVIEW_SUBMISSIONS not in by.scopes:
        return []
    return ["decide"] if by.unit in _focal(reference, proposal.plan, at) else []


def decide_proposal(
    session: Session,
    reference: Reference,
    *,
    proposal_id: str,
    decision: ProposalDecision,
    by: Principal,
    at: datetime,
) -> DecidedProposal:
    """Record what became of a proposal, for the focal unit of the day.

    The same again changes nothing. Raises NotFound, NotYourProposals, Invalid.
    """
    # Of two who decide at once the second sees the first's.
    submission = UUID(proposal_id.partition(".")[0])
    lock = select(Submission.id).where(Submission.id == submission).with_for_update(key_share=True)
    session.exec(lock).first()
    found = get_proposal(session, by=by, proposal_id=proposal_id)
    focal = _focal(reference, found.plan, at)
    if by.unit not in focal:
        raise NotYourProposals(unit=", ".join(sorted(focal)) or "—")
    _check(decision, at)
    said = ProposalAnswer(**decision.model_dump())
    if said == found.answer:
        return DecidedProposal(found, changed=False)
    _record(session, found, said, by, at)
    decided = get_proposal(session, by=by, proposal_id=proposal_id)
    audit(
        session,
        by=by,
        at=at,
        action=f"proposal.{said.status}" if said.status != "open" else "proposal.reopened",
        target=("proposal", found.id),
        before={"status": found.answer.status},
        after={"status": said.status, "document_number": said.document_number},
    )
    return DecidedProposal(decided, changed=True)


def _focal(reference: Reference, plan: str, at: datetime) -> set[str]:
    return reference.holders(role=FOCAL_UNIT, on=local_day(at), plan=plan)


def _check(decision: ProposalDecision, at: datetime) -> None:
    faults, today = [], local_day(at)
    answered = decision.status in ("accepted", "declined")
    if answered and decision.answer is None:
        faults.append(Fault("/answer", ANSWER_NEEDED))
    if not answered and decision.answer is not None:
        faults.append(Fault("/answer", NOT_ANSWERED_YET, {"status": decision.status}))
    if decision.status == "open" and decision.document_number is not None:
        faults.append(Fault("/document_number", NOT_FORWARDED_YET))
    if (decision.document_number is None) != (decision.document_on is None):
        faults.append(Fault("/document_on", DOCUMENT_PAIR))
    if decision.document_on is not None and decision.document_on > today:
        faults.append(Fault("/document_on", DAY_IN_FUTURE, {"today": str(today)}))
    if faults:
        raise Invalid(*faults)


def _record(
    session: Session, found: StoredProposal, said: ProposalAnswer, by: Principal, at: datetime
) -> None:
    before = found.decided
    row = ProposalStatus(
        submission_id=found.submission_id,
        sha256=found.sha256,
        **said._asdict(),
        unit_key=by.unit,
        decided_by=by.key_id,
        # Whoever waited for a lock asked before the decision was made that it found.
        recorded_at=at if before is None else max(at, before.recorded_at),
    )
    record(session, before, row)
    session.flush()
