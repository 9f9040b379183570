"""The page of the reference in a real browser: whole, offline, and good for trying things out."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from tests.support.api import Api, running_api
from tests.support.browser import CHROMIUM, Page, browser_page
from tests.support.databases import SqliteDatabases
from tests.support.makers import BINH_SON

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="this machine has no Chromium: apt-get install chromium"
)
OPERATIONS = "document.querySelectorAll('.opblock').length"
STATUS_SHOWN = ".live-responses-table .response .response-col_status"


@pytest.fixture
def api(sqlite_databases: SqliteDatabases) -> Iterator[Api]:
    with sqlite_databases.loaded() as url, running_api(url) as running:
        yield running


@pytest.fixture(scope="module")
def chromium() -> Iterator[Page]:
    with browser_page() as page:
        yield page


@pytest.fixture
def page(api: Api, chromium: Page) -> Iterator[Page]:
    """Return the page, open; and hold afterwards that it reached nobody and broke no rule."""
    origin = str(api.http.base_url).rstrip("/")
    chromium.events.clear()
    chromium.resize(1280, 900)
    chromium.open(f"{origin}/docs")
    chromium.wait_for(f"{OPERATIONS} > 0")
    yield chromium
    assert chromium.complaints() == []
    asked = [urlsplit(url) for url in chromium.requested()]
    assert {f"{url.scheme}://{url.netloc}" for url in asked if url.scheme != "data"} == {origin}


def try_it_out(page: Page, operation: str) -> str:
    """Unfold an operation, press "Try it out" and "Execute", and return the status shown."""
    block = f"[id$='-{operation}'].opblock"
    page.click(f"{block} .opblock-summary-control")
    page.click(f"{block} .try-out__btn")
    page.click(f"{block} .execute")
    shown = f'document.querySelector("{block} {STATUS_SHOWN}")?.textContent'
    return str(page.wait_for(shown))


def test_it_shows_every_tag_in_reading_order_and_every_operation(api: Api, page: Page) -> None:
    document = api.http.get("/openapi.json").json()
    shown = {**document["paths"], **document["webhooks"]}
    described = [path for path, methods in shown.items() for _ in methods]
    page.wait_for(f"{OPERATIONS} === {len(described)}")  # it shows them tag by tag
    tags = page.evaluate("[...document.querySelectorAll('.opblock-tag')].map(t => t.dataset.tag)")
    assert tags == [tag["name"] for tag in document["tags"]]
    paths = page.evaluate(
        "[...document.querySelectorAll('.opblock-summary-path')].map(p => p.dataset.path)"
    )
    assert sorted(paths) == sorted(described)
    assert paths[0] == "/v1/key", "what one begins with comes first"


def test_its_filter_finds_operations_by_any_word(page: Page) -> None:
    page.write(".operation-filter-input", "WITHDRAW /activity-reports/")
    page.wait_for(f"{OPERATIONS} < 10")
    found = page.evaluate(
        "[...document.querySelectorAll('.opblock-summary-path')].map(p => p.dataset.path)"
    )
    assert "/v1/activity-reports/{report_id}/withdraw" in found


def test_nothing_of_it_is_wider_than_a_telephone(page: Page) -> None:
    page.resize(390, 844)
    page.click("[id$='-create_activity_report'].opblock .opblock-summary-control")
    page.wait_for("document.querySelector('.responses-table') !== null")
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_with_a_key_it_reads_and_posts_the_example(api: Api, page: Page) -> None:
    assert try_it_out(page, "list_plans") == "401"
    page.click("[id$='-list_plans'].opblock .opblock-summary-control")
    page.click(".btn.authorize")
    page.write(".dialog-ux input", api.portal(BINH_SON).secret)
    page.click(".dialog-ux .btn.authorize")
    page.click(".dialog-ux .btn-done")
    assert try_it_out(page, "list_units") == "200"
    assert try_it_out(page, "create_activity_report") == "201"
    reports = api.portal(BINH_SON).get("/v1/activity-reports").json()["items"]
    assert [report["external_id"] for report in reports] == ["2021-000417"]
    # The browser itself says that the first answer was 401; that one is meant.
    page.events = [one for one in page.events if one["method"] != "Log.entryAdded"]
