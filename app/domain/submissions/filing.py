"""Filing a report: who may, from which document, and what the audit keeps of it."""

import hashlib
from datetime import datetime
from typing import Any
from uuid import UUID

import rfc8785
from sqlmodel import Session

from app.domain.activities.body import OnBehalf
from app.domain.activities.checks import INCOMING_TOO_EARLY
from app.domain.audit.service import audit
from app.domain.cycles.queries import Cycle, Duty
from app.domain.cycles.stewardships import stewards
from app.domain.errors import DAY_IN_FUTURE, Fault, Invalid
from app.domain.period import local_day
from app.domain.principal import Principal
from app.domain.reference import Reference
from app.domain.submissions.queries import StoredSubmission, get_submission
from app.domain.submissions.rights import Action, check_action, filing_as, refuse_filing


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


def check_incoming(on_behalf: OnBehalf | None, cycle: Cycle, at: datetime) -> None:
    """Check the day of the document from which a report is entered. Raises Invalid."""
    if on_behalf is None:
        return
    pointer, today = "/on_behalf/incoming_on", local_day(at)
    if on_behalf.incoming_on > today:
        raise Invalid(Fault(pointer, DAY_IN_FUTURE, {"today": str(today)}))
    first = cycle.window.bounds[0]
    if on_behalf.incoming_on < first:
        raise Invalid(Fault(pointer, INCOMING_TOO_EARLY, {"day": str(first)}))


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
