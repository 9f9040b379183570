"""One app for all tests of a module that leave the clock alone and mind only their own rows."""

from collections.abc import Iterator

import pytest
import structlog

from tests.conftest import Databases
from tests.support.api import Api, Portal, running_api
from tests.support.makers import BINH_SON


@pytest.fixture(autouse=True, scope="session")
def plain_logs() -> None:
    """Log errors in one line: drawing a traceback with all its variables takes seconds."""
    structlog.configure(processors=[structlog.processors.KeyValueRenderer()])


@pytest.fixture(scope="module")
def shared(databases: Databases) -> Iterator[Api]:
    """Return the running app on a database that the module's tests share."""
    with databases.loaded() as url, running_api(url) as running:
        yield running


@pytest.fixture(scope="module")
def reader(shared: Api) -> Portal:
    """Return Bình Sơn's portal on the shared database."""
    return shared.portal(BINH_SON)
