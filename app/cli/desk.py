"""What every command works with: the database, the instant, the audit, and a place to speak."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from rich.console import Console
from sqlalchemy import Engine
from sqlmodel import Session

from app import migrate as migration
from app.clock import Clock
from app.db import make_engine, unit_of_work
from app.domain.audit.service import audit
from app.settings import load_settings

console = Console()


@dataclass(frozen=True)
class Desk:
    """What a command works with."""

    engine: Engine
    at: datetime


@contextmanager
def at_desk() -> Iterator[Desk]:
    """Open the database that the settings name."""
    settings = load_settings()
    engine = make_engine(settings.database_url)
    try:
        yield Desk(engine, Clock(settings.clock_offset).now())
    finally:
        engine.dispose()


@contextmanager
def opened() -> Iterator[tuple[Session, datetime]]:
    """Open a unit of work on a database that is ready; yield it and the instant.

    Raises NotReady.
    """
    with at_desk() as desk:
        migration.check_ready(desk.engine, Clock(load_settings().clock_offset))
        with unit_of_work(desk.engine) as session:
            yield session, desk.at


def audited(
    session: Session, at: datetime, action: str, target: tuple[str, str], *outcome: str
) -> None:
    """Add the command's entry to the audit."""
    after = {"outcome": list(outcome)}
    audit(session, by=None, at=at, action=action, target=target, after=after)


def say(*lines: str) -> None:
    """Print lines to whoever runs the command."""
    for line in lines:
        console.print(line, highlight=False)
