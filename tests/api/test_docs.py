"""The API's document as a page: whole, from here alone, and closed to everything else."""

import hashlib
import re
from html.parser import HTMLParser
from urllib.parse import urljoin

from app.api.docs.routes import ASSETS, FOLDER
from app.api.docs.served import CONTENT_SECURITY_POLICY
from tests.support.api import Api

VENDORED = FOLDER / "swagger-ui"


class Page(HTMLParser):
    """What a page refers to, and what it runs by itself."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.references: set[str] = set()
        self.own_code: list[str] = []
        self._within = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._within = tag
        for name, value in attrs:
            if name in ("src", "href"):
                self.references.add(value or "")
            if name == "style" or name.startswith("on"):
                self.own_code.append(f"{tag} {name}")

    def handle_endtag(self, tag: str) -> None:
        self._within = ""

    def handle_data(self, data: str) -> None:
        if self._within in ("script", "style"):
            self.own_code.append(data)


def vendored_sums() -> dict[str, str]:
    lines = (VENDORED / "SHA256SUMS").read_text(encoding="ascii").splitlines()
    pairs = (line.split("  ") for line in lines if not line.startswith("#"))
    return {name: digest for digest, name in pairs}


def test_the_page_and_all_that_it_refers_to_is_served_from_here(api: Api) -> None:
    page = api.http.get("/docs")
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    references = Page(page.text).references - {"data:,"}
    assert references > {f"docs/{name}" for name in ASSETS} | {"openapi.json"}
    for reference in references:
        found = api.http.get(urljoin("/docs", reference))
        assert found.status_code == 200, reference


def test_the_page_names_no_other_host_and_holds_no_code_of_its_own(api: Api) -> None:
    page = api.http.get("/docs").text
    assert not re.search(r"(https?:)?//\w", page)
    assert Page(page).own_code == []
    for name in ("page.js", "page.css"):
        assert not re.search(r"https?://|url\(", api.http.get(f"/docs/{name}").text)


def test_a_browser_is_told_to_load_nothing_from_elsewhere(api: Api) -> None:
    files = ("/docs", "/docs/page.js", "/docs/swagger-ui-bundle.js", "/openapi.json")
    for path in (*files, "/docs/guides/vi/errors", "/docs/problems/invalid"):
        headers = api.http.get(path).headers
        assert headers["content-security-policy"] == CONTENT_SECURITY_POLICY, path
        assert headers["x-content-type-options"] == "nosniff", path
    assert "default-src 'none'" in CONTENT_SECURITY_POLICY
    assert not re.search(r"unsafe|https?:|\*", CONTENT_SECURITY_POLICY)


def test_the_vendored_files_are_the_published_ones(api: Api) -> None:
    sums = vendored_sums()
    assert set(sums) | {"SHA256SUMS"} == {file.name for file in VENDORED.iterdir()}
    assert {"LICENSE", "NOTICE", "swagger-ui-bundle.js.LICENSE.txt"} < set(sums)
    for name, expected in sums.items():
        assert hashlib.sha256((VENDORED / name).read_bytes()).hexdigest() == expected, name
    for name in ("swagger-ui-bundle.js", "swagger-ui.css"):
        served = api.http.get(f"/docs/{name}").content
        assert hashlib.sha256(served).hexdigest() == sums[name], name


def test_a_browser_that_has_a_file_is_not_sent_it_again(api: Api) -> None:
    first = api.http.get("/docs/swagger-ui-bundle.js")
    again = api.http.get(
        "/docs/swagger-ui-bundle.js", headers={"If-None-Match": first.headers["etag"]}
    )
    assert (again.status_code, again.content) == (304, b"")
    assert first.headers["cache-control"] == "no-cache"


def test_what_is_large_is_sent_compressed(api: Api) -> None:
    for path in ("/openapi.json", "/docs/swagger-ui-bundle.js"):
        plain = api.http.get(path, headers={"Accept-Encoding": "identity"})
        packed = api.http.get(path, headers={"Accept-Encoding": "gzip"})
        assert packed.headers["content-encoding"] == "gzip", path
        assert packed.headers["vary"] == plain.headers["vary"] == "Accept-Encoding", path
        assert int(packed.headers["content-length"]) * 3 < int(plain.headers["content-length"])
        assert packed.content == plain.content, path
        assert packed.headers["etag"] != plain.headers["etag"], path


def test_nothing_else_is_served(api: Api) -> None:
    for path in ("/docs/LICENSE", "/docs/routes.py", "/docs/..%2Froutes.py", "/redoc"):
        refused = api.http.get(path)
        assert refused.status_code == 404, path
        assert refused.headers["content-type"] == "application/problem+json", path


def test_the_page_is_no_part_of_the_document(api: Api) -> None:
    paths = api.http.get("/openapi.json").json()["paths"]
    assert paths
    assert not [path for path in paths if path.startswith("/docs")]
