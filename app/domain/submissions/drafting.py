"""Drafting a report: by the unit, by its steward, or by the focal unit from a document."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import rfc8785
from sqlmodel import Session

from app.domain.activities.body import OnBehalf
from app.domain.activities.checks import INCOMING_TOO_EARLY
from app.domain.audit.service import audit
from app.domain.base import insert_once, new_id
from app.domain.cycles.queries import Cycle, Duty, duty_of, outages
from app.domain.cycles.stewardships import stewards
from app.domain.errors import DAY_IN_FUTURE, DomainError, Fault, Invalid, Text
from app.domain.period import instant_text, local_day
from app.domain.principal import Principal
from app.domain.reference import Reference
from app.domain.submissions.checks import check_content
from app.domain.submissions.contents import SubmissionContent
from app.domain.submissions.models import Submission, SubmissionRevision
from app.domain.submissions.prefill import prefilled
from app.domain.submissions.queries import (
    StoredSubmission,
    comments,
    get_submission,
    revisions,
    submission_of,
)
from app.domain.submissions.rights import (
    Action,
    check_action,
    filing_as,
    refuse_filing,
)


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
    _check_incoming(on_behalf, cycle, at)
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
    _say(found.revision, content)
    found.revision.drafted_at = at
    found.revision.drafted_by = by.key_id
    session.add(found.revision)
    session.flush()
    record_action(session, found, "redrafted", by, at, before=before, after=drafted(found))
    return found


def own(
    session: Session,
    reference: Reference,
    *,
    submission_id: UUID,
    action: Action,
    by: Principal,
    at: datetime,
) -> StoredSubmission:
    """Return a submission that the caller files, locked, where its state allows the action.

    Raises NotFound, SubmissionNotYours, StewardFiles, ActionNotAllowed.
    """
    found = get_submission(session, by=by, submission_id=submission_id, lock=True)
    plan = found.cycle.plan
    if not any(
        filing_as(reference, found.row, by=by, at=at, plan=plan, on_behalf=way)
        for way in (False, True)
    ):
        standing = stewards(session, on=local_day(at))
        refuse_filing(found.row, by=by, stewards=standing)
    check_action(reference, found, action, by=by, at=at)
    return found


def may_file(
    session: Session,
    reference: Reference,
    row: Duty,
    *,
    plan: str,
    on_behalf: OnBehalf | None,
    by: Principal,
    at: datetime,
) -> None:
    """Let pass who may file a row's report now. Raises SubmissionNotYours, StewardFiles."""
    entered = on_behalf is not None
    if filing_as(reference, row, by=by, at=at, plan=plan, on_behalf=entered) is None:
        refuse_filing(row, by=by, stewards=stewards(session, on=local_day(at)))


def begin_revision(
    session: Session,
    reference: Reference,
    found: StoredSubmission,
    *,
    kind: str,
    reason: str | None,
    on_behalf: OnBehalf | None,
    by: Principal,
    at: datetime,
) -> StoredSubmission:
    """Begin a further revision as a draft that says what the one before says.

    Raises SubmissionNotYours, StewardFiles, Invalid.
    """
    _check_incoming(on_behalf, found.cycle, at)
    may_file(
        session, reference, found.row, plan=found.cycle.plan, on_behalf=on_behalf, by=by, at=at
    )
    before, submission = found.revision, found.submission
    revision = SubmissionRevision(
        id=new_id(at),
        submission_id=submission.id,
        number=submission.number + 1,
        state="draft",
        kind=kind,
        reason=reason,
        narrative=before.narrative,
        deliverables=before.deliverables,
        expectations=before.expectations,
        nil_items=before.nil_items,
        incoming_number=on_behalf.incoming_number if on_behalf else None,
        incoming_on=on_behalf.incoming_on if on_behalf else None,
        drafted_at=at,
        drafted_by=by.key_id,
    )
    submission.number = revision.number
    session.add_all((submission, revision))
    session.flush()
    begun = StoredSubmission(
        submission, revision, found.cycle, found.row, found.receipts, found.outages
    )
    verb = {"report": "revision_begun", "correction": "correction_begun"}
    record_action(
        session,
        begun,
        verb.get(kind, "supplement_begun"),
        by,
        at,
        before={"state": before.state, "revision": before.number},
        after=drafted(begun),
    )
    return begun


def to_be_answered(session: Session, found: StoredSubmission) -> Sequence[Any]:
    """Return the comments that a draft has to answer: those of the return that it follows."""
    for revision in reversed(revisions(session, submission_id=found.submission.id)):
        if revision.number < found.revision.number:
            returned = revision.state == "returned"
            return comments(session, revision_id=revision.id) if returned else ()
    return ()


def drafted(found: StoredSubmission) -> dict[str, Any]:
    """Return what the audit keeps of a draft."""
    revision = found.revision
    narrative = hashlib.sha256(rfc8785.dumps(revision.narrative)).hexdigest()
    kept = {"state": "draft", "revision": revision.number, "narrative_sha256": narrative}
    if revision.kind != "report":
        kept["kind"] = revision.kind
    return kept


def record_action(
    session: Session,
    found: StoredSubmission,
    verb: str,
    by: Principal,
    at: datetime,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any],
) -> None:
    """Add the audit's entry of what was done with a submission."""
    target = ("submission", str(found.submission.id))
    action = f"submission.{verb}"
    audit(session, by=by, at=at, action=action, target=target, before=before, after=after)


def _row_of(session: Session, cycle: Cycle, unit: str) -> Duty:
    row = duty_of(session, cycle_id=cycle.id, unit=unit)
    if row is None or row.basis == "not_required":
        raise NotOnRoster(cycle=cycle.key, unit=unit)
    return row


def _check_incoming(on_behalf: OnBehalf | None, cycle: Cycle, at: datetime) -> None:
    if on_behalf is None:
        return
    pointer, today = "/on_behalf/incoming_on", local_day(at)
    if on_behalf.incoming_on > today:
        raise Invalid(Fault(pointer, DAY_IN_FUTURE, {"today": str(today)}))
    first = cycle.window.bounds[0]
    if on_behalf.incoming_on < first:
        raise Invalid(Fault(pointer, INCOMING_TOO_EARLY, {"day": str(first)}))


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
    _say(revision, content)
    return revision


def _say(revision: SubmissionRevision, content: SubmissionContent) -> None:
    said = content.model_dump(mode="json")
    revision.narrative = said["narrative"]
    for name in ("deliverables", "expectations", "nil_items", "answers"):
        setattr(revision, name, said[name] or None)


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


def content_of(revision: SubmissionRevision) -> SubmissionContent:
    """Return what a revision says beside its figures, as the unit sent it."""
    return SubmissionContent.model_validate_json(
        rfc8785.dumps(
            {
                "narrative": revision.narrative,
                **{
                    name: getattr(revision, name) or []
                    for name in ("deliverables", "expectations", "nil_items", "answers")
                },
            }
        )
    )
