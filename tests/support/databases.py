"""Fresh databases, made once by the real migrations and loading, then copied for each test."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from sqlalchemy import create_engine, make_url, text

from app.db import make_engine, unit_of_work
from app.domain.catalogue.service import load_codes, load_indicators
from app.domain.plans.service import load_plan
from app.domain.units.service import load_register
from app.migrate import migrate
from app.setup import BUDGET_FILE, PLAN_FILE, REFERENCE, budgets, stewardships, year

LOADED_AT = datetime(2021, 1, 4, 1, 0, tzinfo=UTC)


def prepare(url: str) -> None:
    """Migrate a database and load the real register, plan and catalogue; open its years."""
    engine = make_engine(url)
    migrate(engine, purpose="sandbox", at=LOADED_AT)
    with unit_of_work(engine) as session:
        load_register(session, folder=REFERENCE / "register", at=LOADED_AT)
        plan, _ = load_plan(session, file=PLAN_FILE, at=LOADED_AT)
        load_codes(session, file=REFERENCE / "codes.json", at=LOADED_AT)
        load_indicators(session, plan=plan.slug, file=REFERENCE / "indicators.json", at=LOADED_AT)
        for number in range(2021, 2026):
            year(session, plan_slug=plan.slug, number=number, at=LOADED_AT)
        stewardships(session, plan_slug=plan.slug, at=LOADED_AT)
        budgets(session, plan_slug=plan.slug, file=BUDGET_FILE, at=LOADED_AT)
    engine.dispose()


@dataclass
class SqliteDatabases:
    """Databases as files in one folder."""

    folder: Path
    _numbers: Iterator[int] = field(default_factory=count)

    def __post_init__(self) -> None:
        prepare(f"sqlite:///{self.folder / 'template.sqlite3'}")

    @contextmanager
    def loaded(self) -> Iterator[str]:
        """Yield the URL of a fresh copy of the loaded database."""
        file = self.folder / f"copy{next(self._numbers)}.sqlite3"
        shutil.copyfile(self.folder / "template.sqlite3", file)
        yield f"sqlite:///{file}"
        for left in self.folder.glob(f"{file.name}*"):
            left.unlink()

    @contextmanager
    def copy_of(self, url: str) -> Iterator[str]:
        """Yield the URL of a copy of a database that nobody is connected to."""
        file = self.folder / f"twin{next(self._numbers)}.sqlite3"
        with closing(sqlite3.connect(str(make_url(url).database))) as source:
            source.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copyfile(str(make_url(url).database), file)
        yield f"sqlite:///{file}"
        for left in self.folder.glob(f"{file.name}*"):
            left.unlink()

    @contextmanager
    def empty(self) -> Iterator[str]:
        """Yield the URL of a database with nothing in it."""
        file = self.folder / f"empty{next(self._numbers)}.sqlite3"
        yield f"sqlite:///{file}"
        for left in self.folder.glob(f"{file.name}*"):
            left.unlink()


@dataclass
class PostgresDatabases:
    """Databases of one running server; `url` is a superuser's."""

    url: str
    _numbers: Iterator[int] = field(default_factory=count)

    def __post_init__(self) -> None:
        self._sql("CREATE DATABASE loaded")
        prepare(self._of("loaded"))

    @contextmanager
    def loaded(self) -> Iterator[str]:
        """Yield the URL of a fresh copy of the loaded database."""
        with self._made("TEMPLATE loaded") as url:
            yield url

    @contextmanager
    def copy_of(self, url: str) -> Iterator[str]:
        """Yield the URL of a copy of a database that nobody is connected to."""
        with self._made(f"TEMPLATE {make_url(url).database}") as copy:
            yield copy

    @contextmanager
    def empty(self) -> Iterator[str]:
        """Yield the URL of a database with nothing in it."""
        with self._made("TEMPLATE template0") as url:
            yield url

    @contextmanager
    def _made(self, how: str) -> Iterator[str]:
        name = f"test{next(self._numbers)}"
        self._sql(f"CREATE DATABASE {name} {how}")
        yield self._of(name)
        self._sql(f"DROP DATABASE {name} WITH (FORCE)")

    def _of(self, name: str) -> str:
        return make_url(self.url).set(database=name).render_as_string(hide_password=False)

    def _sql(self, statement: str) -> None:
        engine = create_engine(self.url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(statement))
        engine.dispose()
