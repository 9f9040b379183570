"""Drafting a report: by the unit, by its steward, or by the focal unit from a document."""

from datetime import datetime

from sqlmodel import Session

from app.domain.activities.body import OnBehalf
from app.domain.base import insert_once, new_id
from app.domain.cycles.queries import Cycle, Duty, duty_of, outages
from app.domain.errors import DomainError, Text
from app.domain.period import instant_text
from app.domain.principal import Principal
from app.domain.reference import Reference
from app.domain.submissions.checks import check_content
from app.domain.submissions.contents import SubmissionContent
from app.domain.submissions.filing import check_incoming, drafted, may_file, record_action
from app.domain.submissions.models import Submission, SubmissionRevision
from app.domain.submissions.prefill import prefilled
from app.domain.submissions.queries import StoredSubmission, submission_of, to_be_answered
from app.domain.submissions.said import content_of, say


class NotOnRoster(DomainError):
    """The cycle asks this unit for no report."""

    text = Text(
        "not_on_roster",
        "Kỳ báo cáo {cycle} không yêu cầu đơn vị {unit} báo cáo.",
        "The cycle {cycle} asks the unit {unit} for no report.",
    )


class CycleNotOpen(DomainError):
    """The cycle opens later."""

    text = Text(
        "cycle_not_open",
        "Kỳ báo cáo {cycle} mở lúc {opens_at}.",
        "The cycle {cycle} opens at {opens_at}.",
    )


class SubmissionExists(DomainError):
    """The unit's submission for this cycle exists already."""

    text = Text(
        "submission_exists",
        "Báo cáo của đơn vị cho kỳ này đã có: {submission}.",
        "The unit's submission for this cycle exists already: {submission}.",
    )


def draft(
    session: Session,
    reference: Reference,
    *,
    cycle: Cycle,
    unit: str,
    content: SubmissionContent,
    prefill: bool,
    on_behalf: OnBehalf | None,
    by: Principal,
    at: datetime,
) -> tuple[StoredSubmission, bool]:
    """Begin a unit's (its key) submission for a cycle; return it, and whether it is new.

    With `prefill` the narrative is made of the activity and of last year's headings, whatever
    the content says of it. The same draft again changes nothing. Raises NotOnRoster,
    CycleNotOpen, SubmissionNotYours,
    StewardFiles, SubmissionExists, Invalid.
    """
    row = _row_of(session, cycle, unit)
    if cycle.opens_at is not None and at < cycle.opens_at:
        raise CycleNotOpen(cycle=cycle.key, opens_at=instant_text(cycle.opens_at))
    check_incoming(on_behalf, cycle, at)
    may_file(session, reference, row, plan=cycle.plan, on_behalf=on_behalf, by=by, at=at)
    check_content(reference, cycle=cycle, content=content, comments=())
    existing = submission_of(session, row_id=row.row_id)
    if existing is None:
        given = content
        if prefill:
            narrative = prefilled(session, cycle=cycle, row=row, at=at)
            given = content.model_copy(update={"narrative": narrative})
        submission = Submission(id=new_id(at), roster_row_id=row.row_id, number=1, created_at=at)
        if insert_once(session, submission):
            revision = _revision(submission, given, on_behalf=on_behalf, by=by, at=at)
            session.add(revision)
            session.flush()
            failed = tuple(outages(session, cycle_id=cycle.id))
            begun = StoredSubmission(submission, revision, cycle, row, outages=failed)
            record_action(session, begun, "drafted", by, at, after=drafted(begun))
            return begun, True
        existing = submission_of(session, row_id=row.row_id)  # begun at the same time
    if existing is None:
        raise RuntimeError("a submission that is in the way cannot be read")
    if _is_the_same(existing.revision, content, prefill=prefill, on_behalf=on_behalf):
        return existing, False
    raise SubmissionExists(submission=str(existing.submission.id))


def rewrite(
    session: Session,
    reference: Reference,
    *,
    found: StoredSubmission,
    content: SubmissionContent,
    by: Principal,
    at: datetime,
) -> StoredSubmission:
    """Replace a draft's content. `found` was read by `own_draft`. Raises Invalid."""
    answerable = [str(one.id) for one in to_be_answered(session, found)]
    check_content(reference, cycle=found.cycle, content=content, comments=answerable)
    before = drafted(found)
    say(found.revision, content)
    found.revision.drafted_at = at
    found.revision.drafted_by = by.key_id
    session.add(found.revision)
    session.flush()
    record_action(session, found, "redrafted", by, at, before=before, after=drafted(found))
    return found


def discard(session: Session, *, found: StoredSubmission, by: Principal, at: datetime) -> None:
    """Discard a draft; what was submitted before it stands as it did.

    Of a first draft nothing is left: it is no evidence, and nobody built on it. `found` was read
    by `filing.own`.
    """
    before, submission = drafted(found), found.submission
    session.delete(found.revision)
    session.flush()
    if found.revision.number == 1:
        session.delete(submission)
    else:
        submission.number -= 1
        session.add(submission)
    session.flush()
    after = {"state": "discarded", "revision": before["revision"]}
    record_action(session, found, "discarded", by, at, before=before, after=after)


def _row_of(session: Session, cycle: Cycle, unit: str) -> Duty:
    row = duty_of(session, cycle_id=cycle.id, unit=unit)
    if row is None or row.basis == "not_required":
        raise NotOnRoster(cycle=cycle.key, unit=unit)
    return row


def _revision(
    submission: Submission,
    content: SubmissionContent,
    *,
    on_behalf: OnBehalf | None,
    by: Principal,
    at: datetime,
) -> SubmissionRevision:
    revision = SubmissionRevision(
        id=new_id(at),
        submission_id=submission.id,
        number=1,
        state="draft",
        narrative={},
        incoming_number=on_behalf.incoming_number if on_behalf else None,
        incoming_on=on_behalf.incoming_on if on_behalf else None,
        drafted_at=at,
        drafted_by=by.key_id,
    )
    say(revision, content)
    return revision


def _is_the_same(
    revision: SubmissionRevision,
    content: SubmissionContent,
    *,
    prefill: bool,
    on_behalf: OnBehalf | None,
) -> bool:
    """Tell whether a draft request was sent again: what was prefilled is not compared."""
    if (revision.state, revision.number) != ("draft", 1):
        return False
    incoming = (on_behalf.incoming_number, on_behalf.incoming_on) if on_behalf else (None, None)
    if (revision.incoming_number, revision.incoming_on) != incoming:
        return False
    said = content_of(revision)
    given = content.model_copy(update={"narrative": said.narrative}) if prefill else content
    return given == said
