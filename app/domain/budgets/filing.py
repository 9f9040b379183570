"""A dossier's way: drafted, submitted to the finance authority, returned or consolidated."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session, select

from app.domain.audit.service import audit
from app.domain.base import insert_once, new_id
from app.domain.budgets.bodies import DossierBody, DossierDocument
from app.domain.budgets.dossiers import (
    Action,
    StoredDossier,
    check_action,
    get_dossier,
    lines,
    revisions,
    stored,
)
from app.domain.budgets.freezing import freeze
from app.domain.budgets.models import (
    BudgetLine,
    BudgetSubmission,
    BudgetSubmissionRevision,
)
from app.domain.budgets.rights import (
    NoFinanceAuthority,
    NotFinanceAuthority,
    authority_of,
    budget_unit,
    must_be_own,
    unit_by_key,
)
from app.domain.budgets.years import plan_of_year
from app.domain.errors import DAY_IN_FUTURE, Fault, Invalid, Text
from app.domain.period import local_day
from app.domain.principal import Principal

NOTHING_STATED = Text(
    "no_figures_stated",
    "Đơn vị chưa ghi số liệu nào cho năm ngân sách {year}.",
    "Nothing was stated for the budget year {year}.",
)


def draft(
    session: Session, *, body: DossierBody, by: Principal, at: datetime
) -> tuple[StoredDossier, bool]:
    """Begin a unit's dossier for a budget year; return it, and whether it is new.

    Raises Invalid, BudgetYearOutsidePlan, BudgetNotYours, StewardFiles.
    """
    today = local_day(at)
    plan = plan_of_year(session, plan=body.plan, year=body.budget_year)
    unit = budget_unit(session, body.unit, by=by, on=body.on or today).unit_key
    must_be_own(session, unit, by=by, on=today)
    made = BudgetSubmission(
        id=new_id(at),
        unit_key=unit,
        plan_slug=plan.slug,
        budget_year=body.budget_year,
        number=1,
        created_at=at,
    )
    new = insert_once(session, made)
    same = (
        BudgetSubmission.unit_key == unit,
        BudgetSubmission.plan_slug == plan.slug,
        BudgetSubmission.budget_year == body.budget_year,
    )
    submission = session.exec(select(BudgetSubmission).where(*same)).one()
    if new:
        session.add(_revision(submission, by=by, at=at, reason=None))
        session.flush()
        _audit(session, stored(session, submission), "drafted", by, at, before=None)
    return stored(session, submission), new


def submit(
    session: Session, *, submission_id: UUID, document: DossierDocument, by: Principal, at: datetime
) -> StoredDossier:
    """Submit a draft to the finance authority of the day: its figures are frozen and hashed.

    Raises NotFound, BudgetNotYours, StewardFiles, DossierActionNotAllowed, NoFinanceAuthority,
    Invalid.
    """
    found = _own(session, submission_id, "submit", by, at)
    unit, today = found.submission.unit_key, local_day(at)
    authority = authority_of(session, unit_by_key(session, unit), on=today)
    if authority is None:
        raise NoFinanceAuthority(unit=unit, on=str(today))
    held = lines(session, found.submission, found.revision)
    faults = []
    if document.document_on > today:
        faults.append(Fault("/document_on", DAY_IN_FUTURE, {"today": str(today)}))
    if not held:
        faults.append(Fault("", NOTHING_STATED, {"year": found.submission.budget_year}))
    if faults:
        raise Invalid(*faults)
    freeze(found, document, authority, held, by=by, at=at)
    revision = found.revision
    session.add(revision)
    session.flush()
    session.add_all(
        BudgetLine(revision_id=revision.id, figure_id=figure.id)
        for line in held
        for figure in line.figures.values()
    )
    session.flush()
    return _done(session, found, "submitted", by, at, before="draft")


def return_(
    session: Session, *, submission_id: UUID, comments: list[str], by: Principal, at: datetime
) -> StoredDossier:
    """Return a submitted dossier with comments; what was consolidated before goes on counting.

    Raises NotFound, NotFinanceAuthority, DossierActionNotAllowed.
    """
    found = _to_review(session, submission_id, "return", by, at)
    revision = found.revision
    revision.state = "returned"
    revision.comments = [{"text": text} for text in comments]
    revision.reviewed_at, revision.reviewed_by = at, by.key_id
    session.add(revision)
    session.flush()
    return _done(session, found, "returned", by, at, before="submitted")


def consolidate(
    session: Session, *, submission_id: UUID, by: Principal, at: datetime
) -> StoredDossier:
    """Take a submitted dossier into the consolidation; the one taken before is superseded.

    It never changes afterwards. Raises NotFound, NotFinanceAuthority, DossierActionNotAllowed.
    """
    found = _to_review(session, submission_id, "consolidate", by, at)
    for before in revisions(session, submission_id=submission_id):
        if before.state == "consolidated":
            before.state = "superseded"
            session.add(before)
    session.flush()  # the index lets only one be consolidated at a time
    revision = found.revision
    revision.state = "consolidated"
    revision.reviewed_at, revision.reviewed_by = at, by.key_id
    session.add(revision)
    session.flush()
    return _done(session, found, "consolidated", by, at, before="submitted")


def revise(session: Session, *, submission_id: UUID, by: Principal, at: datetime) -> StoredDossier:
    """Begin the next revision of a returned dossier.

    Raises NotFound, BudgetNotYours, StewardFiles, DossierActionNotAllowed.
    """
    found = _own(session, submission_id, "revise", by, at)
    return _next(session, found, "revised", found.revision.reason, by, at)


def correct(
    session: Session, *, submission_id: UUID, reason: str, by: Principal, at: datetime
) -> StoredDossier:
    """Begin the next revision of a consolidated dossier, with its reason.

    The consolidated one counts until the next is. Raises NotFound, BudgetNotYours, StewardFiles,
    DossierActionNotAllowed.
    """
    found = _own(session, submission_id, "correct", by, at)
    return _next(session, found, "corrected", reason, by, at)


def _own(
    session: Session, submission_id: UUID, action: Action, by: Principal, at: datetime
) -> StoredDossier:
    found = get_dossier(session, submission_id=submission_id, by=by, at=at, lock=True)
    must_be_own(session, found.submission.unit_key, by=by, on=local_day(at))
    check_action(session, found, action, by=by, at=at)
    return found


def _to_review(
    session: Session, submission_id: UUID, action: Action, by: Principal, at: datetime
) -> StoredDossier:
    found = get_dossier(session, submission_id=submission_id, by=by, at=at, lock=True)
    unit = unit_by_key(session, found.submission.unit_key)
    authority = authority_of(session, unit, on=local_day(at))
    if authority is None or authority.key not in by.acts_for:
        raise NotFinanceAuthority(authority=authority.key if authority else "—")
    check_action(session, found, action, by=by, at=at)
    return found


def _next(
    session: Session,
    found: StoredDossier,
    verb: str,
    reason: str | None,
    by: Principal,
    at: datetime,
) -> StoredDossier:
    submission, before = found.submission, found.revision.state
    submission.number += 1
    session.add_all((submission, _revision(submission, by=by, at=at, reason=reason)))
    session.flush()
    return _done(session, found, verb, by, at, before=before)


def _revision(
    submission: BudgetSubmission, *, by: Principal, at: datetime, reason: str | None
) -> BudgetSubmissionRevision:
    return BudgetSubmissionRevision(
        id=new_id(at),
        submission_id=submission.id,
        number=submission.number,
        state="draft",
        reason=reason,
        drafted_at=at,
        drafted_by=by.key_id,
    )


def _done(
    session: Session, found: StoredDossier, verb: str, by: Principal, at: datetime, *, before: str
) -> StoredDossier:
    now = stored(session, found.submission)
    _audit(session, now, verb, by, at, before={"state": before})
    return now


def _audit(
    session: Session,
    found: StoredDossier,
    verb: str,
    by: Principal,
    at: datetime,
    *,
    before: dict[str, Any] | None,
) -> None:
    submission, revision = found.submission, found.revision
    after = {
        "unit": submission.unit_key,
        "budget_year": submission.budget_year,
        "revision": revision.number,
        "state": revision.state,
        "reason": revision.reason,
        "sha256": revision.sha256,
    }
    target, action = ("budget_submission", str(submission.id)), f"budget_submission.{verb}"
    audit(session, by=by, at=at, action=action, target=target, before=before, after=after)
