"""The changes feed: every revision once, in commit order, the same whenever it is read.

On SQLite a trigger gives a revision its place at once: one writer at a time makes that the order
of commits. On PostgreSQL a sealer comes behind the writers and takes only the revisions of
transactions below the horizon, the oldest that still runs: all of those are decided and visible,
and none can appear later.

A transaction's number is given at its first write, so a correction can have a lower one than the
revision that it waited for and corrects. A revision is therefore placed by the highest number of
its report's revisions up to it: that never falls within a report, and each lies below the horizon
before any that follows it is taken, so no pass can take them in the wrong order.
"""

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Engine, Row, func, text
from sqlmodel import Session, col, select

from app.db import unit_of_work
from app.domain.activities.models import ActivityChange, ActivityReport, ActivityRevision
from app.domain.activities.revisions import Revised, revised
from app.domain.instance import Sealer
from app.domain.principal import Principal
from app.domain.units.queries import subtree

SEALER: Final = "changes"
SCANNED: Final = 10_000  # places that one request looks at, however few of them a key may see

# `elsewhere`: the rows were restored from another server, whose numbers mean nothing in this one.
_STATE: Final = text("""
    SELECT here.lowest,
      sealer.horizon > here.next OR coalesce(
        (SELECT max(txid) FROM activity_revision) >= here.next, false) AS elsewhere,
      EXISTS (SELECT 1 FROM activity_revision
        WHERE txid >= sealer.horizon AND txid < here.lowest) AS waiting
    FROM sealer, (SELECT
      pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS lowest,
      pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS next) AS here
    WHERE sealer.name = :name
""")
# What a snapshot shows has a number below its end.
_FORGET_NUMBERS: Final = text("""
    UPDATE activity_revision SET txid = 0
    WHERE txid >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint
""")
_SEAL: Final = text("""
    WITH placed AS (
      SELECT id, number, max(txid) OVER (PARTITION BY report_id ORDER BY number) AS place
      FROM activity_revision WHERE report_id IN (
        SELECT report_id FROM activity_revision WHERE txid >= :horizon AND txid < :lowest)
    ), sealed AS (
      INSERT INTO activity_change (seq, revision_id)
      SELECT (SELECT coalesce(max(seq), 0) FROM activity_change)
        + row_number() OVER (ORDER BY place, number, id), id
      FROM placed WHERE place >= :horizon AND place < :lowest AND NOT EXISTS (
        SELECT 1 FROM activity_change WHERE revision_id = placed.id)
      RETURNING seq
    ) SELECT count(*) FROM sealed
""")


@dataclass(frozen=True)
class Feed:
    """A stretch of the feed: what the key may see of it, where it ends, whether more follows."""

    rows: list[Revised]
    upto: int
    more: bool


def unsealed(session: Session) -> bool:
    """Tell whether there are revisions that `seal_changes` would give their places now."""
    if session.get_bind().dialect.name == "sqlite":
        return False
    state = _state(session)
    return bool(state.waiting or state.elsewhere)


def seal_changes(session: Session) -> int:
    """Give places to the revisions whose transactions are all behind; return how many.

    What a client was told of is among them, unless an older transaction is still writing. Sealers
    wait for each other. Nothing is done on SQLite.
    """
    if not unsealed(session):
        return 0
    sealer = session.get_one(Sealer, SEALER, with_for_update=True)
    state = _state(session)  # as it is now that no other sealer is at work
    if state.elsewhere:
        session.connection().execute(_FORGET_NUMBERS)
        sealer.horizon = 0
    bounds = {"horizon": sealer.horizon, "lowest": state.lowest}
    number = session.connection().execute(_SEAL, bounds).scalar_one()
    sealer.horizon = state.lowest
    session.flush()
    return int(number)


def seal_outstanding_changes(engine: Engine) -> int:
    """Seal in a transaction of its own; where nothing waits, none is written."""
    with unit_of_work(engine, write=False) as session:
        if not unsealed(session):
            return 0
    with unit_of_work(engine) as session:
        return seal_changes(session)


def changes(session: Session, *, by: Principal, after: int, limit: int) -> Feed | None:
    """Return the revisions behind the place `after` whose reports the caller may see.

    `limit` at most, and of `SCANNED` places at most. None where the feed never came to `after`,
    as after a restore: a reader has to begin anew.
    """
    last = session.exec(select(func.max(ActivityChange.seq))).one() or 0
    if after > last:
        return None
    until = min(after + SCANNED, last)
    rows = session.exec(_visible(by, after=after, until=until).limit(limit)).all()
    upto = rows[-1][0] if len(rows) == limit else until
    found = revised(session, ((report, revision) for _, report, revision in rows))
    return Feed(found, upto, more=upto < last)


def _visible(by: Principal, *, after: int, until: int) -> Any:
    """Return the select of a stretch: a key sees its subtree as it is on the revision's day.

    A steward sees the ended unit's subtree too, from the feed's beginning: what it passed over
    before the stewardship began it gets by reading anew.
    """
    statement = (
        select(ActivityChange.seq, ActivityReport, ActivityRevision)
        .join(ActivityRevision, col(ActivityRevision.id) == ActivityChange.revision_id)
        .join(ActivityReport, col(ActivityReport.id) == ActivityRevision.report_id)
        .where(col(ActivityChange.seq) > after, col(ActivityChange.seq) <= until)
        .order_by(col(ActivityChange.seq))
    )
    if by.province_wide:
        return statement
    tree = subtree(*by.acts_for)
    return statement.join(
        tree,
        (tree.c.unit_key == col(ActivityReport.unit_key))
        & (tree.c.day_from <= ActivityRevision.occurred_on)
        & (tree.c.day_to > ActivityRevision.occurred_on),
    )


def _state(session: Session) -> Row[Any]:
    return session.connection().execute(_STATE, {"name": SEALER}).one()
