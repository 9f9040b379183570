"""The tests' own server also runs where the system has none."""

import shutil
from pathlib import Path

from sqlalchemy import create_engine, text

from tests.support.databases import PostgresDatabases
from tests.support.postgres import running_postgres, wheel_programs


def test_the_wheel_serves_where_the_system_has_no_postgresql(tmp_path: Path) -> None:
    copied = Path("/tmp") / f"baocao-wheel-{tmp_path.parent.name}-{tmp_path.name}"  # noqa: S108
    copied.mkdir(mode=0o755)
    try:
        with (
            running_postgres(wheel_programs(copied / "programs")) as url,
            PostgresDatabases(url).loaded() as database,
        ):
            engine = create_engine(database)
            with engine.connect() as connection:
                assert connection.execute(text("SELECT count(*) FROM unit")).scalar() == 428
            engine.dispose()
    finally:
        shutil.rmtree(copied)
