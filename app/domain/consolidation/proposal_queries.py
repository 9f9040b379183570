"""Reading units' proposals (kiến nghị) and what became of them."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, Final, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from app.domain.consolidation.models import ProposalStatus
from app.domain.consolidation.proposals import (
    ProposalAnswer,
    ProposalState,
    addressee_key,
    distinct,
)
from app.domain.cycles.models import ReportingCycle, RosterRow
from app.domain.errors import NotFound
from app.domain.principal import Principal
from app.domain.recorded import known
from app.domain.submissions.models import Submission, SubmissionRevision
from app.domain.submissions.narrative import Proposal

SHORT_HASH: Final = 16  # digits of the hash in an id; it is unique within its submission
_CHUNK: Final = 100  # submissions read at a time


@dataclass(frozen=True)
class StoredProposal:
    """A proposal that a unit's standing revision makes, with the last that was decided on it.

    The accepted revision stands, or else the one that was submitted last; `review` is its state.
    """

    submission_id: UUID
    unit: str
    plan: str
    cycle: str
    year: int
    revision: int
    review: str
    ordinal: int
    sha256: str
    proposal: Proposal
    decided: ProposalStatus | None

    @property
    def id(self) -> str:
        """The public id: the submission's, a point, the first digits of the hash."""
        return f"{self.submission_id}.{self.sha256[:SHORT_HASH]}"

    @property
    def answer(self) -> ProposalAnswer:
        """What became of it; open where nothing was decided."""
        return ProposalAnswer() if self.decided is None else answer_of(self.decided)


def statuses(
    session: Session, *, submissions: Collection[UUID], known_at: datetime | None = None
) -> dict[UUID, dict[str, ProposalAnswer]]:
    """Return what became of submissions' proposals, by submission and hash.

    As known now, or as it was known at an instant. What is not there is open.
    """
    found: dict[UUID, dict[str, ProposalAnswer]] = defaultdict(dict)
    for row in _decided(session, submissions, known_at):
        found[row.submission_id][row.sha256] = answer_of(row)
    return dict(found)


def answer_of(row: ProposalStatus) -> ProposalAnswer:
    """Return what a recorded version says."""
    state = cast("ProposalState", row.status)
    return ProposalAnswer(state, row.answer, row.document_number, row.document_on)


def proposals(
    session: Session,
    *,
    by: Principal,
    plan: str | None = None,
    year: int | None = None,
    addressee: str | None = None,
    status: ProposalState | None = None,
    after: tuple[UUID, int] | None = None,
    limit: int,
) -> list[StoredProposal]:
    """Return the proposals of submitted reports that a caller may see, `limit` at most.

    Those of its own unit and of those that it answers for; the focal unit and the People's
    Committee's office see all. In the order in which the reports were begun, from behind a
    submission and the ordinal of a proposal in it.
    """
    statement = _standing(by)
    if plan is not None:
        statement = statement.where(col(ReportingCycle.plan_slug) == plan)
    if year is not None:
        statement = statement.where(col(ReportingCycle.year) == year)
    wanted = None if addressee is None else addressee_key(addressee)
    fitting = (
        one
        for one in _read(session, statement, from_=None if after is None else after[0])
        if (after is None or (one.submission_id, one.ordinal) > after)
        and (wanted is None or addressee_key(one.proposal.addressee) == wanted)
        and (status is None or one.answer.status == status)
    )
    return list(islice(fitting, limit))


def get_proposal(session: Session, *, by: Principal, proposal_id: str) -> StoredProposal:
    """Return a proposal that the caller may see, and that the standing revision makes.

    Raises NotFound.
    """
    submission, _, digits = proposal_id.partition(".")
    statement = _standing(by).where(col(Submission.id) == UUID(submission))
    for one in _read(session, statement, from_=None):
        if one.sha256.startswith(digits):
            return one
    raise NotFound()


def _standing(by: Principal) -> sa.Select[Any]:
    """Return the select of what the proposals of visible standing revisions are made of."""
    accepted = aliased(SubmissionRevision)
    is_accepted = (
        sa.select(col(accepted.id))
        .where(col(accepted.submission_id) == col(Submission.id), col(accepted.state) == "accepted")
        .correlate(Submission)
        .exists()
    )
    stands = sa.case(
        (is_accepted, col(SubmissionRevision.state) == "accepted"),
        else_=col(SubmissionRevision.number) == col(Submission.submitted_number),
    )
    statement = (
        sa.select(
            col(Submission.id),
            col(RosterRow.unit_key),
            col(ReportingCycle.plan_slug),
            col(ReportingCycle.code),
            col(ReportingCycle.year),
            col(SubmissionRevision.number),
            col(SubmissionRevision.state),
            col(SubmissionRevision.narrative)["proposals"].label("proposals"),
        )
        .join(SubmissionRevision, col(SubmissionRevision.submission_id) == col(Submission.id))
        .join(RosterRow, col(RosterRow.id) == col(Submission.roster_row_id))
        .join(ReportingCycle, col(ReportingCycle.id) == col(RosterRow.cycle_id))
        .where(stands)
    )
    if by.province_wide:
        return statement
    return statement.where(col(RosterRow.unit_key).in_(sorted(by.acts_for)))


def _read(
    session: Session, statement: sa.Select[Any], *, from_: UUID | None
) -> Iterator[StoredProposal]:
    """Yield the proposals of a select's submissions, some submissions held at a time."""
    key = col(Submission.id)
    here = statement if from_ is None else statement.where(key >= from_)
    while rows := session.connection().execute(here.order_by(key).limit(_CHUNK)).all():
        decided = {
            (one.submission_id, one.sha256): one
            for one in _decided(session, [row.id for row in rows], None)
        }
        for row in rows:
            found = distinct(Proposal.model_validate(one) for one in row.proposals or ())
            for ordinal, (hashed, proposal) in enumerate(found):
                yield StoredProposal(
                    submission_id=row.id,
                    unit=row.unit_key,
                    plan=row.plan_slug,
                    cycle=row.code,
                    year=row.year,
                    revision=row.number,
                    review=row.state,
                    ordinal=ordinal,
                    sha256=hashed,
                    proposal=proposal,
                    decided=decided.get((row.id, hashed)),
                )
        here = statement.where(key > rows[-1].id)


def _decided(
    session: Session, submissions: Collection[UUID], known_at: datetime | None
) -> Sequence[ProposalStatus]:
    statement = select(ProposalStatus).where(
        col(ProposalStatus.submission_id).in_(submissions), *known(ProposalStatus, at=known_at)
    )
    return session.exec(statement).all()
