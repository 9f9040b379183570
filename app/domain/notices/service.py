"""Putting reminders into the outbox: each unit once on each occasion."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Session, col, func, select

from app.domain.base import new_id
from app.domain.cycles.models import RosterRow
from app.domain.cycles.queries import Cycle, cycles, outages, roster
from app.domain.cycles.stewardships import stewards
from app.domain.notices.delivery import put_in_the_post
from app.domain.notices.mailboxes import addresses
from app.domain.notices.models import Notice
from app.domain.notices.occasions import Due, Handed, reminders
from app.domain.notices.text import wording
from app.domain.period import local_day
from app.domain.plans.models import Plan
from app.domain.submissions.models import Submission, SubmissionRevision
from app.domain.units.models import UnitVersion
from app.domain.units.queries import versions_of

Occurrence = tuple[int, str, str, datetime]


def remind(session: Session, *, at: datetime) -> int:
    """Put the reminders that are due into the outbox; return how many are new.

    At least once: whatever was missed is made up for while its occasion lasts. Never twice: what
    is in the outbox is left out, finders wait for each other, and the database refuses a second.
    Where the recipient has a mailbox, an e-mail waits for its sending from then on.
    """
    _take_the_turn(session)
    found = [(cycle, due) for cycle in cycles(session) for due in _due_in(session, cycle, at=at)]
    told = _told(session, found)
    new = [(cycle, due) for cycle, due in found if _occurrence(due) not in told]
    notices = list(_written(session, new, at=at))
    session.add_all(notices)
    session.flush()
    boxes = addresses(session)
    for notice in notices:
        if notice.unit_key in boxes:
            put_in_the_post(session, notice, address=boxes[notice.unit_key])
    return len(notices)


def _take_the_turn(session: Session) -> None:
    """Let one finder at a time work, so that `seq` follows the commits. On SQLite one does.

    LOCK TABLE comes before the transaction's snapshot is taken, whatever its isolation: who
    waited here sees what the one before put out. Readers do not wait.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.connection().execute(sa.text("LOCK TABLE notice IN SHARE ROW EXCLUSIVE MODE"))


def _due_in(session: Session, cycle: Cycle, *, at: datetime) -> Iterator[Due]:
    return reminders(
        cycle,
        roster(session, cycle_id=cycle.id),
        outages=outages(session, cycle_id=cycle.id),
        handed=received(session, cycle_id=cycle.id),
        at=at,
    )


def received(session: Session, *, cycle_id: int) -> dict[int, Handed]:
    """Return what has been received for a cycle's rows, by the row's id."""
    revision = SubmissionRevision
    statement = (
        sa.select(
            col(Submission.roster_row_id),
            col(revision.kind),
            col(revision.state),
            (col(revision.number) == col(Submission.submitted_number)).label("last"),
            col(revision.data_to),
        )
        .join(revision, col(revision.submission_id) == Submission.id)
        .join(RosterRow, col(RosterRow.id) == Submission.roster_row_id)
        .where(col(RosterRow.cycle_id) == cycle_id, col(revision.received_at).is_not(None))
    )
    by_row: dict[int, list[sa.Row[int, str, str, bool, date | None]]] = {}
    for row in session.connection().execute(statement):
        by_row.setdefault(row.roster_row_id, []).append(row)
    return {
        row_id: Handed(
            report=True,
            stands=any(row.last and row.state != "returned" for row in rows),
            supplement=any(row.kind == "supplement" for row in rows),
            reported_to=next((row.data_to for row in rows if row.last), None),
        )
        for row_id, rows in by_row.items()
    }


def _occurrence(due: Due) -> Occurrence:
    return due.row.row_id, due.part, due.occasion, due.limit.last


def _told(session: Session, found: Sequence[tuple[Cycle, Due]]) -> set[Occurrence]:
    """Return which occurrences in the cycles concerned are in the outbox."""
    statement = select(Notice.roster_row_id, Notice.part, Notice.occasion, Notice.due_at).where(
        col(Notice.cycle_id).in_({cycle.id for cycle, _ in found})
    )
    return {(row, part, occasion, due) for row, part, occasion, due in session.exec(statement)}


def _written(
    session: Session, new: Sequence[tuple[Cycle, Due]], *, at: datetime
) -> Iterator[Notice]:
    recipients = _recipients(session, [due.row.unit for _, due in new], at=at)
    titles = dict(session.exec(select(Plan.slug, Plan.title)).all()) if new else {}
    last = session.exec(select(func.max(Notice.seq))).one() or 0
    for seq, (cycle, due) in enumerate(new, start=last + 1):
        recipient = recipients[due.row.unit.unit_key]
        said = wording(due, cycle=cycle, plan_title=titles[cycle.plan], recipient=recipient, at=at)
        yield Notice(
            id=new_id(at),
            seq=seq,
            cycle_id=cycle.id,
            roster_row_id=due.row.row_id,
            unit_key=recipient.unit_key,
            subject_unit=due.row.unit.unit_key,
            part=due.part,
            occasion=due.occasion,
            due_at=due.limit.last,
            subject=said.subject,
            text_vi=said.vi,
            text_en=said.en,
            created_at=at,
        )


def _recipients(
    session: Session, units: Sequence[UnitVersion], *, at: datetime
) -> dict[str, UnitVersion]:
    """Return who is told for each unit: itself, or its steward where it has ended.

    Where nobody answers for an ended unit the notice is its own: the province sees it there.
    """
    today = local_day(at)
    answering = stewards(session, on=today)
    ended = {unit.unit_key for unit in units if unit.valid_to and unit.valid_to <= today}
    found = versions_of(session, {answering[key] for key in ended if key in answering})
    return {
        unit.unit_key: found.get(answering.get(unit.unit_key, ""), unit)
        if unit.unit_key in ended
        else unit
        for unit in units
    }
