"""Bringing a database up to date, and telling whether it is: ours and the job engine's tables."""

import secrets
from datetime import datetime
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from app import jobs
from app.clock import Clock
from app.db import unit_of_work
from app.domain import models  # noqa: F401 - both front doors pass here: all tables are known
from app.domain.instance import Instance, the_instance

ROOT = Path(__file__).parent.parent


class NotReady(Exception):
    """The database is not one that this process may serve; the message says what to do."""


def alembic_config(engine: Engine | None = None) -> Config:
    """Return Alembic's configuration, with the engine that `migrations/env.py` is to use."""
    config = Config(ROOT / "alembic.ini")
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.attributes["engine"] = engine
    return config


def migrate(engine: Engine, *, purpose: str | None, at: datetime) -> str:
    """Bring the database up to date and return its purpose; running it again changes nothing.

    `purpose` (production, demo, sandbox) is what a new database is created as; production where
    it is None. Raises NotReady for an existing database of another purpose.
    """
    command.upgrade(alembic_config(engine), "head")
    jobs.migrate(engine.url.render_as_string(hide_password=False))
    with unit_of_work(engine) as session:
        instance = the_instance(session)
        if instance is None:
            instance = Instance(
                purpose=purpose or "production",
                created_at=at,
                cursor_secret=secrets.token_hex(32),
            )
            session.add(instance)
        elif purpose not in (None, instance.purpose):
            raise NotReady(f"this database was created as {instance.purpose}, not as {purpose}")
        return instance.purpose


def is_new(engine: Engine) -> bool:
    """Tell whether no migration was ever run on the database."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() is None


@cache
def newest() -> str | None:
    """Return the migration that this version needs: its scripts are read once."""
    return ScriptDirectory.from_config(alembic_config()).get_current_head()


def check_ready(engine: Engine, clock: Clock) -> Instance:
    """Return the instance's row of a database that is up to date and accepts this clock.

    Raises NotReady otherwise.
    """
    head = newest()
    with engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    if current != head:
        raise NotReady(
            f"the database is at migration {current or 'none'}, this version needs {head}: "
            "run `python -m app migrate`"
        )
    with unit_of_work(engine, write=False) as session:
        instance = the_instance(session)
    if instance is None:
        raise NotReady("the database was never set up: run `python -m app migrate`")
    if clock.simulated and instance.purpose == "production":
        raise NotReady("CLOCK_OFFSET is set, but this database was created as production")
    return instance
