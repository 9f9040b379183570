"""A submission's revisions, the records that they hold, and what a new one would take in."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field

from app.api.deps import Caller, CanReadSubmissions
from app.api.pagination import ListOf, ListQuery, NextPage
from app.api.paths import NumberInPath, SubmissionInPath
from app.api.strict import StrictRoute
from app.api.submissions.history_schemas import (
    DifferencesOut,
    FieldDifferenceOut,
    ItemSoFarOut,
    PrefillOut,
    RecordOut,
    RecordPage,
    RecordQuery,
    RevisionsOut,
)
from app.api.submissions.schemas import CommentOut, SubmissionRevisionOut
from app.domain.errors import Fault, Invalid, NotFound, Text
from app.domain.fields import SMALL
from app.domain.submissions.differences import (
    HeldRecord,
    RecordDifference,
    field_differences,
    held_records,
    record_differences,
)
from app.domain.submissions.freeze import said_by
from app.domain.submissions.models import SubmissionRevision
from app.domain.submissions.prefill import last_years_headings, so_far
from app.domain.submissions.queries import (
    StoredSubmission,
    comments,
    frozen_counts,
    get_revision,
    get_submission,
    revisions,
)
from app.domain.submissions.standing import not_yet_reported

router = APIRouter(route_class=StrictRoute)


CHANGE_OF_NOTHING = Text(
    "change_of_nothing",
    "«change» chỉ dùng cùng «against», lần sửa được so sánh.",
    "`change` goes with `against`, the revision that is compared with.",
)


RECORDS: ListOf[tuple[HeldRecord, RecordDifference | None]] = ListOf(
    "submission-records", lambda row: (str(row[0].report_id),)
)


@router.get("/submissions/{submission_id}/revisions")
def list_submission_revisions(
    caller: CanReadSubmissions, submission_id: SubmissionInPath
) -> RevisionsOut:
    """List a submission's revisions: what each said, under which document, and its review."""
    found = get_submission(caller.session, by=caller.by, submission_id=submission_id)
    rows = [
        row
        for row in revisions(caller.session, submission_id=submission_id)
        if row.number <= found.revision.number
    ]
    held = frozen_counts(caller.session, revision_ids=[row.id for row in rows])
    return RevisionsOut(
        items=[
            SubmissionRevisionOut.of_revision(row, activities=held.get(row.id, 0)) for row in rows
        ]
    )


@router.get("/submissions/{submission_id}/revisions/{number}")
def read_submission_revision(
    caller: CanReadSubmissions, submission_id: SubmissionInPath, number: NumberInPath
) -> SubmissionRevisionOut:
    """Read one revision."""
    _, revision = _revision(caller, submission_id, number)
    held = frozen_counts(caller.session, revision_ids=[revision.id])
    return SubmissionRevisionOut.of_revision(revision, activities=held.get(revision.id, 0))


@router.get("/submissions/{submission_id}/revisions/{number}/differences")
def compare_submission_revision(
    caller: CanReadSubmissions,
    submission_id: SubmissionInPath,
    number: NumberInPath,
    against: Annotated[
        Annotated[int, Field(ge=1, le=1_000_000, json_schema_extra=SMALL)] | None,
        Query(description="An earlier one (lần gửi trước); the one before."),
    ] = None,
) -> DifferencesOut:
    """Compare a revision with the one before it, or with an earlier one, field by field.

    The activity reports are counted here and listed under `…/records?against=`. A draft holds
    none yet: what it would take in is listed under `…/not-yet-reported`.
    """
    found, revision = _revision(caller, submission_id, number)
    earlier = _earlier(caller, found, number, against)
    unit = found.row.unit.unit_key
    said = [
        said_by(cycle=found.cycle, unit=unit, revision=row) | {"revision": None}
        for row in (earlier, revision)
    ]
    changes = [row.change for row in _compared(caller, earlier, revision)]
    return DifferencesOut(
        revision=number,
        against=earlier.number,
        fields=[FieldDifferenceOut.model_validate(vars(row)) for row in field_differences(*said)],
        added=changes.count("added"),
        changed=changes.count("changed"),
        removed=changes.count("removed"),
        comments=[
            CommentOut.of(row, revision=earlier.number)
            for row in comments(caller.session, revision_id=earlier.id)
        ],
    )


@router.get("/submissions/{submission_id}/revisions/{number}/records")
def list_submission_records(
    caller: CanReadSubmissions,
    submission_id: SubmissionInPath,
    number: NumberInPath,
    query: Annotated[RecordQuery, Query()],
    link: NextPage,
) -> RecordPage:
    """List the activity reports that a revision holds, or how they differ from an earlier one's."""
    found, revision = _revision(caller, submission_id, number)
    if query.change is not None and query.against is None:
        raise Invalid(Fault("?change", CHANGE_OF_NOTHING))
    if query.against is None:
        held = held_records(caller.session, revision_id=revision.id)
        rows: list[tuple[HeldRecord, RecordDifference | None]]
        rows = [(record, None) for record in held.values()]
    else:
        earlier = _earlier(caller, found, number, query.against)
        rows = [
            (row.record, row)
            for row in _compared(caller, earlier, revision)
            if query.change in (None, row.change)
        ]
    return _page(caller, rows, query, link)


@router.get("/submissions/{submission_id}/not-yet-reported")
def list_not_yet_reported(
    caller: CanReadSubmissions,
    submission_id: SubmissionInPath,
    query: Annotated[ListQuery, Query()],
    link: NextPage,
) -> RecordPage:
    """List the activity that the last submitted revision does not hold as it is now.

    It counts in nothing until a new revision takes it in.
    """
    found = get_submission(caller.session, by=caller.by, submission_id=submission_id)
    rows = not_yet_reported(caller.session, found, at=caller.at)
    return _page(caller, [(row.record, row) for row in rows], query, link)


@router.get("/submissions/{submission_id}/prefill")
def prefill_submission(caller: CanReadSubmissions, submission_id: SubmissionInPath) -> PrefillOut:
    """Tell what the report can be written from: figures so far, and last year's headings."""
    found = get_submission(caller.session, by=caller.by, submission_id=submission_id)
    done = so_far(caller.session, cycle=found.cycle, row=found.row, at=caller.at)
    return PrefillOut(
        items=[ItemSoFarOut.of(item) for item in done],
        last_years_headings=last_years_headings(caller.session, cycle=found.cycle, row=found.row),
    )


def _revision(
    caller: Caller, submission_id: UUID, number: int
) -> tuple[StoredSubmission, SubmissionRevision]:
    found = get_submission(caller.session, by=caller.by, submission_id=submission_id)
    return found, get_revision(caller.session, found, number=number)


def _earlier(
    caller: Caller, found: StoredSubmission, number: int, against: int | None
) -> SubmissionRevision:
    if against is not None and against >= number:
        raise NotFound()
    return get_revision(caller.session, found, number=against or number - 1)


def _compared(
    caller: Caller, earlier: SubmissionRevision, later: SubmissionRevision
) -> list[RecordDifference]:
    if later.state == "draft":
        return []
    return record_differences(
        held_records(caller.session, revision_id=earlier.id),
        held_records(caller.session, revision_id=later.id),
    )


def _page(
    caller: Caller,
    rows: list[tuple[HeldRecord, RecordDifference | None]],
    query: ListQuery,
    link: NextPage,
) -> RecordPage:
    shown, cursor = RECORDS.page_of_all(rows, query, secret=caller.cursor_secret)
    return RecordPage(items=[_record(*row) for row in shown], next=link(cursor))


def _record(record: HeldRecord, difference: RecordDifference | None) -> RecordOut:
    return RecordOut(
        activity_report=record.report_id,
        unit=record.unit,
        source_system=record.source_system,
        external_id=record.external_id,
        revision=record.revision,
        change=difference.change if difference else None,
        before=difference.before if difference else None,
        after=difference.after if difference else None,
    )
