"""The real register's hierarchy, for the tests that only ask it."""

from collections.abc import Iterator

import pytest

from app.db import make_engine, unit_of_work
from app.domain.units.hierarchy import Hierarchy
from app.domain.units.hierarchy_queries import load_hierarchy
from tests.conftest import Databases


@pytest.fixture(scope="module")
def hierarchy(databases: Databases) -> Iterator[Hierarchy]:
    """Return the hierarchy of the real register, as either database holds it."""
    with databases.loaded() as url:
        engine = make_engine(url)
        with unit_of_work(engine, write=False) as session:
            made = load_hierarchy(session)
        engine.dispose()
        yield made
