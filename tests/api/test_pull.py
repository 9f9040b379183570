"""Pulling a report: the stored bytes, with strong ETags, 304, gzip, HEAD, and their hashes."""

import base64
import gzip
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from app.api.consolidation.kept import KeptReport, KeptReports
from app.api.deps import Front
from app.api.representations import CACHE_CONTROL, StoredBytes, has_tag, preferred_coding
from app.db import unit_of_work
from app.domain.access.service import revoke_key
from app.domain.consolidation.queries import ReportHead
from app.domain.consolidation.recipients import set_recipients
from app.domain.principal import Scope
from tests.support.api import Api, Portal, running_api
from tests.support.consolidating import consolidate
from tests.support.makers import FOCAL_UNIT, OFFICE, PLAN
from tests.support.problems import refused

LATEST = f"/v1/plans/{PLAN}/cycles/2021/consolidated-report"
RECEIVER = "body-so-tai-chinh"
UNLIKELY = '"' + "0" * 64 + '"'


@dataclass(frozen=True)
class Pulled:
    """A published report: who pulls it, where, and what is stored."""

    portal: Portal
    path: str
    content: bytes

    def get(
        self, path: str | None = None, *, method: str = "GET", **headers: str
    ) -> httpx.Response:
        """Send a request, and take its answer as it came: not decompressed."""
        sent = {"Accept-Encoding": "identity", "Authorization": f"Bearer {self.portal.secret}"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        request = self.portal.http.build_request(method, path or self.path, headers=sent)
        answer = self.portal.http.send(request, stream=True)
        raw = b"".join(answer.iter_raw())
        answer._content = raw
        return answer


def published(api: Api, focal: Portal) -> str:
    asked = focal.post("/v1/consolidated-reports", {"plan": PLAN, "year": 2021})
    assert asked.status_code == 202, asked.text
    consolidate(api.engine, UUID(asked.json()["id"]), at=api.now())
    return f"/v1/consolidated-reports/{asked.json()['id']}"


def stored(api: Api) -> bytes:
    with api.engine.connect() as connection:
        return bytes(
            connection.execute(text("SELECT content FROM consolidated_report")).scalar_one()
        )


@pytest.fixture
def pulled(api: Api) -> Pulled:
    focal = api.portal(FOCAL_UNIT)
    path = published(api, focal)
    return Pulled(focal, path, stored(api))


def digest(content: bytes) -> str:
    return f"sha-256=:{base64.b64encode(hashlib.sha256(content).digest()).decode()}:"


def test_the_stored_bytes_come_with_their_hash_in_every_coding(pulled: Pulled) -> None:
    sha256 = hashlib.sha256(pulled.content).hexdigest()
    for path in (pulled.path, LATEST):
        plain, packed = pulled.get(path), pulled.get(path, Accept_Encoding="gzip")
        assert plain.content == pulled.content
        assert gzip.decompress(packed.content) == pulled.content
        assert packed.content == pulled.get(path, Accept_Encoding="gzip").content
        assert packed.headers["Content-Encoding"] == "gzip"
        assert "Content-Encoding" not in plain.headers
        for answer in (plain, packed):
            assert answer.status_code == 200
            assert answer.headers["ETag"] == f'"{hashlib.sha256(answer.content).hexdigest()}"'
            assert answer.headers["Repr-Digest"] == digest(answer.content)
            assert answer.headers["Content-Length"] == str(len(answer.content))
            assert answer.headers["Content-Type"] == "application/json"
            assert answer.headers["X-Report-SHA256"] == sha256
            assert answer.headers["X-Report-Version"] == "1"
            assert answer.headers["Content-Location"] == pulled.path
            assert answer.headers["Vary"] == "Accept, Accept-Encoding"
            assert answer.headers["Cache-Control"] == CACHE_CONTROL
        assert plain.headers["ETag"] == f'"{sha256}"' != packed.headers["ETag"]


def test_who_has_the_bytes_gets_304_and_no_body(pulled: Pulled) -> None:
    for path in (pulled.path, LATEST):
        for coding in ("identity", "gzip"):
            found = pulled.get(path, Accept_Encoding=coding)
            tag = found.headers["ETag"]
            for sent in (tag, f"W/{tag}", f'"x,y", {UNLIKELY},W/{tag}', "*"):
                answer = pulled.get(path, Accept_Encoding=coding, If_None_Match=sent)
                assert (answer.status_code, answer.content) == (304, b""), sent
                told = {"ETag", "Cache-Control", "Vary", "Content-Location", "X-Report-SHA256"}
                assert {name: answer.headers[name] for name in told} == {
                    name: found.headers[name] for name in told
                }
                for name in ("Repr-Digest", "Content-Type", "Content-Encoding", "Content-Length"):
                    assert name not in answer.headers, name


def test_the_tag_of_another_coding_or_version_is_no_match(pulled: Pulled) -> None:
    plain = pulled.get().headers["ETag"]
    other = pulled.get(Accept_Encoding="gzip", If_None_Match=plain)
    assert (other.status_code, gzip.decompress(other.content)) == (200, pulled.content)
    for sent in (UNLIKELY, plain.strip('"'), plain.upper(), "", f'"{plain}"x'):
        assert pulled.get(If_None_Match=sent).status_code == 200, sent


def test_head_tells_what_get_would(pulled: Pulled) -> None:
    for path in (pulled.path, LATEST):
        for headers in ({}, {"Accept_Encoding": "gzip"}, {"If_None_Match": "*"}):
            got, told = (pulled.get(path, method=one, **headers) for one in ("GET", "HEAD"))
            for answer in (got, told):
                for name in ("date", "x-request-id", "ratelimit"):
                    del answer.headers[name]
            assert told.headers == got.headers
            assert (told.status_code, told.content) == (got.status_code, b"")


def test_what_excludes_every_coding_is_406(pulled: Pulled) -> None:
    for sent in ("identity;q=0", "*;q=0", "br, *;q=0"):
        refused(pulled.get(Accept_Encoding=sent), 406, "not_acceptable")
    assert (
        pulled.get(Accept_Encoding="br, identity;q=0, gzip;q=0.1").headers["Content-Encoding"]
        == "gzip"
    )


@pytest.mark.parametrize(
    ("sent", "coding"),
    [
        ([], "identity"),
        ([""], "identity"),
        (["gzip"], "gzip"),
        (["GZip"], "gzip"),
        (["x-gzip"], "gzip"),
        (["gzip, deflate, br"], "gzip"),
        (["deflate", "gzip"], "gzip"),
        (["br"], "identity"),
        (["*"], "gzip"),
        (["gzip;q=0"], "identity"),
        (["gzip;q=0, *"], "identity"),
        (["*;q=0.5, gzip;q=0"], "identity"),
        (["gzip;q=0.5, identity;q=0.501"], "identity"),
        (["gzip ; q=0.5 , identity;q=0.5"], "gzip"),
        (["gzip;q=0.001"], "gzip"),
        (["identity, gzip;q=0.9"], "identity"),
        (["identity;q=0, gzip"], "gzip"),
        (["*;q=0, identity"], "identity"),
        (["gzip;q=2"], "identity"),
        (["gzip;q=0.0001, ,;"], "identity"),
        (["gzip;level=9"], "identity"),
    ],
)
def test_the_coding_is_the_one_that_accept_encoding_prefers(sent: list[str], coding: str) -> None:
    assert preferred_coding(sent) == coding


def test_a_wildcard_among_other_tags_and_half_a_tag_match_nothing() -> None:
    assert has_tag(["*"], "a")
    assert has_tag(['"b"', 'W/"a"'], "a")
    for sent in ([], [""], ['*, "b"'], ['"b'], ["a"], ['"A"'], ['"ab"'], ['"b""c"']):
        assert not has_tag(sent, "a"), sent


def test_who_is_refused_is_refused_and_recorded_as_on_any_path(api: Api, pulled: Pulled) -> None:
    scopeless = replace(pulled, portal=api.portal(FOCAL_UNIT, Scope.READ_REFERENCE))
    unknown = replace(pulled, portal=replace(pulled.portal, secret="baocao_x"))
    for method in ("GET", "HEAD"):
        answer = scopeless.get(method=method, If_None_Match="*", X_Request_Id=f"pull-{method}")
        assert answer.status_code == 403
        assert answer.headers["X-Request-Id"] == f"pull-{method}"
        assert unknown.get(method=method).status_code == 401
    refused(scopeless.get(), 403, "scope_missing")
    folder, _, number = pulled.path.rpartition("/")
    for nothing in (str(UUID(int=7)), "x"):
        refused(pulled.get(f"{folder}/{nothing}"), 404, "not_found")
    assert pulled.get(f"{folder}/{number.upper()}").content == pulled.content
    refused(pulled.get(f"{pulled.path}?khac=1"), 422, "invalid")
    refused(pulled.get(method="DELETE"), 405, "method_not_allowed")
    with api.engine.connect() as connection:
        kept = (
            connection.execute(
                text("SELECT request_id FROM audit_entry WHERE refusal = 'scope_missing'")
            )
            .scalars()
            .all()
        )
    assert {"pull-GET", "pull-HEAD"} <= set(kept)


def test_pulling_counts_against_the_key_s_rate(database_url: str) -> None:
    with running_api(database_url, rate_limit="3/hour") as api:
        reader = api.portal(FOCAL_UNIT)
        path = f"/v1/consolidated-reports/{UUID(int=7)}"
        assert [reader.get(path).status_code for _ in range(4)] == [404, 404, 404, 429]


def test_a_key_that_is_revoked_is_refused_at_once(api: Api, pulled: Pulled) -> None:
    assert pulled.get().status_code == 200
    with unit_of_work(api.engine) as session:
        key = session.connection().execute(text("SELECT id FROM api_key")).scalars().first()
        assert key is not None
        revoke_key(session, key_id=UUID(str(key)), at=api.now() - timedelta(seconds=1))
    refused(pulled.get(If_None_Match="*"), 401, "unauthenticated")
    refused(pulled.get(LATEST), 401, "unauthenticated")


def test_held_bytes_are_shown_only_to_those_who_may_see_them_now(api: Api, pulled: Pulled) -> None:
    assert pulled.get().status_code == 200  # from here on the process holds them
    receiver = replace(pulled, portal=api.portal(RECEIVER))
    for headers in ({}, {"If_None_Match": "*"}):
        refused(receiver.get(**headers), 404, "not_found")
    receive(api, [RECEIVER])
    refused(receiver.get(), 404, "not_found")  # it is not issued
    issue(api, pulled)
    assert [receiver.get(path).content for path in (pulled.path, LATEST)] == [pulled.content] * 2
    receive(api, [])
    for path in (pulled.path, LATEST):
        refused(receiver.get(path), 404, "not_found")


def receive(api: Api, units: list[str]) -> None:
    with unit_of_work(api.engine) as session:
        set_recipients(session, plan=PLAN, units=units, reason="Thử.", at=api.now())


def issue(api: Api, pulled: Pulled) -> None:
    focal, office = pulled.portal, api.portal(OFFICE)
    assert focal.put(f"{pulled.path}/assessment", {"text": "Đầy đủ."}).status_code == 200
    document = {
        "document_number": "312/BC-UBND",
        "document_on": "2021-11-22",
        "signatory_title": "Phó Chủ tịch UBND tỉnh",
    }
    for portal, step, body in (
        (focal, "propose", None),
        (office, "approve", None),
        (office, "issue", document),
    ):
        assert portal.post(f"{pulled.path}/{step}", body).status_code == 200, step


def test_bytes_that_do_not_have_their_hash_are_not_answered(api: Api) -> None:
    focal = api.portal(FOCAL_UNIT)
    path = published(api, focal)
    with unit_of_work(api.engine) as session:
        session.connection().execute(
            text("UPDATE consolidated_report SET sha256 = :sha256"), {"sha256": "0" * 64}
        )
    refused(focal.get(path), 500, "internal_error")


def a_report(number: int, size: int) -> KeptReport:
    head = ReportHead(UUID(int=number), 1, "")
    return KeptReport(head, StoredBytes(bytes(size), media_type="text/plain", told={}))


def held(kept: KeptReports, *numbers: int) -> Iterator[int]:
    for number in numbers:
        if kept.find(UUID(int=number)) is not None:
            yield number


def test_so_many_bytes_are_held_and_those_pulled_longest_ago_go_first() -> None:
    kept = KeptReports(most=600)
    for number in (1, 2, 3):
        kept.keep(a_report(number, 100))
    assert kept.find(UUID(int=1)) is not None
    kept.keep(a_report(4, 100))
    kept.keep(a_report(4, 100))  # two requests read it at the same time
    assert list(held(kept, 1, 2, 3, 4)) == [1, 3, 4]
    kept.keep(a_report(5, 301))  # it would not fit if it were the only one
    assert list(held(kept, 1, 3, 4, 5)) == [1, 3, 4]
    kept.keep(a_report(6, 300))
    assert list(held(kept, 1, 3, 4, 6)) == [6]


def test_what_is_held_is_read_once(api: Api, pulled: Pulled) -> None:
    assert pulled.get().status_code == 200
    front: Front = api.app.state.front
    kept = front.reports.find(UUID(pulled.path.rpartition("/")[2]))
    assert kept is not None
    assert kept.stored.compressed is kept.stored.compressed
    with unit_of_work(api.engine) as session:  # not what the product ever does
        session.connection().execute(
            text("UPDATE consolidated_report SET content = :none"), {"none": b""}
        )
    assert pulled.get().content == pulled.content
