"""A service as its users meet it: processes of its own, and keys in the environment."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from app.cli.keys import PROFILES, Profile
from app.db import make_engine, unit_of_work
from app.domain.access.service import create_key
from tests.support.api import A_WORKING_DAY
from tests.support.makers import BINH_SON, FOCAL_UNIT
from tests.support.processes import environment_of, running_api_process, running_worker

_KEYS = {
    "BAOCAO_KEY": (BINH_SON, Profile.PORTAL),
    "BAOCAO_OFFICER_KEY": (BINH_SON, Profile.OFFICER),
    "BAOCAO_PROVINCE_KEY": (FOCAL_UNIT, Profile.PROVINCE),
}


@contextmanager
def served(database_url: str, logs: Path) -> Iterator[dict[str, str]]:
    """Run an API and a worker on a database; yield the environment of a shell beside them."""
    keys = _keys(database_url)
    with (
        running_worker(database_url, logs / "worker.log"),
        running_api_process(database_url, logs / "api.log") as http,
    ):
        address = str(http.base_url).rstrip("/")
        yield {**environment_of(database_url), **keys, "BAOCAO_URL": address}


def _keys(database_url: str) -> dict[str, str]:
    engine = make_engine(database_url)
    made = {}
    for name, (unit, profile) in _KEYS.items():
        with unit_of_work(engine) as session:
            _, made[name] = create_key(
                session,
                unit=unit,
                scopes=PROFILES[profile],
                label="guide",
                at=A_WORKING_DAY,
                expires_at=A_WORKING_DAY + timedelta(days=365),
            )
    engine.dispose()
    return made
