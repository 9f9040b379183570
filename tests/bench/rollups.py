"""All rollups from nothing, against one SQL statement that groups the same rows into a table."""

from collections.abc import Iterator
from typing import Final

from sqlalchemy import text

from app.db import unit_of_work
from app.domain.consolidation.rollups import build_rollups
from tests.bench.full_year import AT, GROUPING, UNITS, FullYear, full_year
from tests.bench.measured import Measured, middle_round, say, seconds

MANY: Final = 1_000_000
ROUNDS: Final = 5
TARGET: Final = 2.0


def run(url: str) -> Iterator[Measured]:
    """Measure both in turns; the rollups are stored, as a consolidation stores them."""
    year = full_year(url, many=MANY)
    if year is None:
        return
    rounds = []
    for number in range(ROUNDS):
        year.forget_rollups()
        ours = seconds(lambda: build_all(year))
        floor = seconds(lambda: group_all(year))
        rounds.append((ours, floor))
        say(f"rollups: round {number + 1} of {ROUNDS}: {ours:.1f} s over {floor:.1f} s")
    ours, floor = middle_round(rounds)
    yield Measured(
        variant=f"postgresql, {MANY} activity reports of {UNITS} units",
        unit="s",
        ours=round(ours, 3),
        floor=round(floor, 3),
        target=TARGET,
        at_most=True,
    )


def build_all(year: FullYear) -> None:
    """Build the rollups that are missing, in one transaction as the worker does."""
    with unit_of_work(year.engine) as session:
        build_rollups(session, revisions=year.revisions, at=AT)


def group_all(year: FullYear, where: str = "", **told: object) -> None:
    """Group the rows of all units, or of one, into a table that is dropped again."""
    with year.engine.connect() as connection:
        connection.execute(text(GROUPING.format(where)), told)
        connection.rollback()
