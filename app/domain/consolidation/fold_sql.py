"""The first fold in SQL: the frozen activity of submission revisions, added up by the database.

Each database does what it is good at, and both come to the bytes of the pure `fold`.
"""

from collections.abc import Generator, Mapping, Sequence
from typing import Final
from uuid import UUID

from sqlmodel import Session

from app.domain.consolidation import fold_postgresql, fold_sqlite
from app.domain.consolidation.arithmetic import OverTime, Rollup

# PostgreSQL reads the tables once for however many revisions, which costs less than to look up
# what each of 200 units has scattered over them. SQLite would keep its other writers waiting.
_MOST_AT_ONCE: Final = {"postgresql": 1000, "sqlite": 1}


def most_at_once(session: Session) -> int:
    """Return how many revisions are best folded in one transaction."""
    return _MOST_AT_ONCE[session.get_bind().dialect.name]


def fold_frozen(
    session: Session, *, revisions: Sequence[UUID], plan: str, over_time: Mapping[str, OverTime]
) -> Generator[tuple[UUID, Rollup]]:
    """Yield each of some revisions of one plan with its rollup, one at a time in memory.

    Close it (`contextlib.closing`) where it may not be read to its end: it holds a cursor, which
    must not outlive its transaction.

    Raises KeyError for a measure of an indicator of which `over_time` does not know how it adds.
    """
    if session.get_bind().dialect.name == "postgresql":
        yield from fold_postgresql.rollups(
            session, revisions=revisions, plan=plan, over_time=over_time
        )
    else:
        for revision in revisions:
            yield revision, fold_sqlite.rollup(session, revision=revision, over_time=over_time)
