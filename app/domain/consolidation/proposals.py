"""Units' proposals (kiến nghị) gathered by addressee: pure code, data in, data out."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from typing import Final, Literal, NamedTuple

from pydantic import Field

from app.domain.consolidation.report_heads import Part, Sha256
from app.domain.described import DayOut, DocumentNumber, Many, OneLine, Prose, UnitKey
from app.domain.submissions.narrative import Proposal
from app.domain.text import nfc, sort_key

ProposalState = Literal["open", "forwarded", "accepted", "declined"]
PROPOSAL_STATES_MEAN: Final = (
    "open: nothing was done yet (chưa xử lý). forwarded: sent on to its addressee (đã chuyển). "
    "accepted, declined: what the addressee answered (được tiếp thu, không được tiếp thu)."
)


class ProposalAnswer(NamedTuple):
    """What became of a proposal, as far as it is recorded."""

    status: ProposalState = "open"
    answer: str | None = None
    document_number: str | None = None
    document_on: date | None = None


@dataclass(frozen=True)
class Made:
    """The proposals of one counted submission; `answers` by their hash, where there are any."""

    unit: str
    proposals: Sequence[Proposal]
    answers: Mapping[str, ProposalAnswer] = field(default_factory=dict)


class CollectedProposal(Part):
    """A unit's proposal (kiến nghị), word for word, and what became of it."""

    unit: UnitKey = Field(description="Key of the unit that makes the proposal (đơn vị kiến nghị).")
    text: Prose = Field(description="What is proposed, word for word (nội dung kiến nghị).")
    sha256: Sha256 = Field(
        description="Hash of its addressee and text (mã băm): it is known by this."
    )
    status: ProposalState = Field(description=PROPOSAL_STATES_MEAN)
    answer: Prose | None = Field(description="What the addressee answered (nội dung trả lời).")
    document_number: DocumentNumber | None = Field(
        description="Number of the document by which it was forwarded or answered (số, ký hiệu văn "
        "bản)."
    )
    document_on: DayOut | None = Field(description="Day of that document (ngày văn bản).")


class ProposalGroup(Part):
    """All proposals to one addressee (nơi nhận kiến nghị), by unit."""

    addressee: OneLine = Field(
        description="Whom they are addressed to (nơi nhận kiến nghị), as the first of the units "
        "writes it."
    )
    proposals: Many[CollectedProposal] = Field(description="Proposals (kiến nghị), in order.")


def collected(made: Iterable[Made]) -> list[ProposalGroup]:
    """Return the proposals by addressee, in the Vietnamese order of the addressees.

    Addressees are one however they are composed, capitalised and spaced. Within a group the
    proposals stand by unit, then as the unit made them; twice the same of a unit is one.
    """
    names: dict[str, str] = {}
    groups: dict[str, list[CollectedProposal]] = defaultdict(list)
    for one in sorted(made, key=lambda one: one.unit):
        for hashed, proposal in distinct(one.proposals):
            key = addressee_key(proposal.addressee)
            names.setdefault(key, proposal.addressee)
            answer = one.answers.get(hashed, ProposalAnswer())
            groups[key].append(
                CollectedProposal(
                    unit=one.unit, text=proposal.text, sha256=hashed, **answer._asdict()
                )
            )
    return [
        ProposalGroup(addressee=names[key], proposals=groups[key])
        for key in sorted(groups, key=lambda key: (sort_key(key), key))
    ]


def distinct(proposals: Iterable[Proposal]) -> Iterator[tuple[str, Proposal]]:
    """Yield a submission's proposals with their hashes, in its order, each once."""
    seen = set()
    for proposal in proposals:
        hashed = proposal_sha256(proposal)
        if hashed not in seen:
            seen.add(hashed)
            yield hashed, proposal


def addressee_key(addressee: str) -> str:
    """Return what addressees are compared by: NFC, without case, with single spaces."""
    return " ".join(nfc(nfc(addressee).casefold()).split())


def proposal_sha256(proposal: Proposal) -> str:
    """Return the hash that a proposal is known by: of whom it is to, and its exact text.

    The addressee as it is compared, which is one line, then a line feed, then the text; in UTF-8.
    """
    said = f"{addressee_key(proposal.addressee)}\n{proposal.text}"
    return sha256(said.encode()).hexdigest()
