"""The report's bytes from 200 stored rollups: it costs the same however much activity they hold."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from statistics import median
from typing import Final

from sqlalchemy import text
from sqlmodel import Session

from app.db import unit_of_work
from app.domain.access.service import authenticate
from app.domain.canonical import canonical_bytes
from app.domain.consolidation import service
from app.domain.consolidation.build import build
from app.domain.consolidation.inputs import gather
from app.domain.consolidation.models import ConsolidationRequest
from app.domain.cycles.queries import get_cycle
from app.domain.reference import Memory
from tests.bench.full_year import AT, UNITS, FullYear, full_year
from tests.bench.measured import Measured, middle_round, say, seconds
from tests.bench.rollups import MANY, build_all
from tests.support.makers import PLAN
from worker.collector import collect_rarely

FEW: Final = 100_000
ROUNDS: Final = 5
TARGET_SECONDS: Final = 1.0
TARGET_GROWTH: Final = 1.2


def run(url: str) -> Iterator[Measured]:
    """Measure both numbers of activity reports in turns; the first round warms up."""
    collect_rarely()  # as the worker does
    few, many = full_year(url, many=FEW), full_year(url, many=MANY)
    if few is None or many is None:
        return
    reports = [consolidation(few), consolidation(many)]
    rounds = []
    for number in range(ROUNDS + 1):
        small, large = (seconds(report) for report in reports)
        rounds.append((large, small))
        say(f"consolidate: round {number} of {ROUNDS}: {large:.2f} s, {small:.2f} s")
    yield Measured(
        variant=f"postgresql, {UNITS} rollups of {MANY} activity reports, floor is the target",
        unit="s",
        ours=round(median(large for large, _ in rounds[1:]), 3),
        floor=TARGET_SECONDS,
        target=1.0,
        at_most=True,
    )
    large, small = middle_round(rounds[1:])
    yield Measured(
        variant=f"postgresql, {UNITS} rollups of {MANY} over {FEW} activity reports",
        unit="s",
        ours=round(large, 3),
        floor=round(small, 3),
        target=TARGET_GROWTH,
        at_most=True,
    )


def consolidation(year: FullYear) -> Callable[[], bytes]:
    """Ask for a report, see to its rollups, and return what makes its bytes."""
    build_all(year)
    with unit_of_work(year.engine) as session:
        request = a_request(session, year)

    def report() -> bytes:
        with unit_of_work(year.engine, write=False) as session:
            return report_of(session, request)

    return report


def report_of(session: Session, request: ConsolidationRequest) -> bytes:
    """Return the bytes of the report of a request, as the worker makes them."""
    report = build(gather(session, request=request))
    return canonical_bytes(report.model_dump(mode="json", by_alias=True))


def a_request(session: Session, year: FullYear) -> ConsolidationRequest:
    """Ask for a further version of the report."""
    at = AT + timedelta(hours=1)
    by, _ = authenticate(session, Memory(), secret=year.secret, at=at)
    # One that is under way would be the answer.
    session.connection().execute(text("UPDATE consolidation_request SET state = 'failed'"))
    return service.request(session, cycle=get_cycle(session, plan=PLAN, code="2021"), by=by, at=at)
