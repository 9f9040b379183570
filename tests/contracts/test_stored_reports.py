"""A report that an earlier release stored is answered by this one, byte for byte."""

import hashlib
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
import sqlalchemy as sa
from alembic import command

from app.db import make_engine, unit_of_work
from app.domain.units.service import load_register
from app.migrate import alembic_config, migrate
from app.setup import REFERENCE
from tests.contracts.test_migrations import AT, KEY, OLD_ROWS, PLAN_ROW, _bound
from tests.support.api import running_api
from tests.support.makers import BINH_SON, PLAN

REPORT = UUID(int=31)
# A shape that no release reads any more, in bytes that no writer of JSON would write again.
CONTENT = (
    '{ "schema":"baocao/consolidated-report/0", "totals":[1.50], "tên":"Bình Sơn" }\n'.encode()
)
SHA256 = hashlib.sha256(CONTENT).hexdigest()
PROVINCE = "gso-51"
AFTERWARDS = datetime(2021, 12, 20, 2, 0, tzinfo=UTC)


def _report() -> list[tuple[str, dict[str, object]]]:
    """Return the rows of an issued report and of who receives it, with the columns of any release.

    What a release has no table or column for is left out.
    """
    step: dict[str, object] = {"report_id": REPORT, "taken_at": AT, "taken_by": KEY}
    document = {
        "document_number": "312/BC-UBND",
        "document_on": date(2021, 12, 15),
        "signatory_title": "Phó Chủ tịch",
    }
    return [
        ("plan", PLAN_ROW),
        ("api_key", OLD_ROWS["api_key"]),
        (
            "reporting_cycle",
            {"id": 7, "plan_slug": PLAN, "kind": "yearly", "year": 2021, "code": "2021"},
        ),
        (
            "consolidation_request",
            {
                "id": REPORT,
                "cycle_id": 7,
                "version": 1,
                "state": "succeeded",
                "done": 0,
                "total": 0,
                "roster": [],
                "requested_at": AT,
                "requested_by": KEY,
                "finished_at": AT,
                "basis": "accepted",
            },
        ),
        (
            "consolidated_report",
            {
                "id": REPORT,
                "cycle_id": 7,
                "version": 1,
                "content": CONTENT,
                "sha256": SHA256,
                "published_at": AT,
            },
        ),
        (
            "report_step",
            {"id": UUID(int=32), "ordinal": 1, "step": "issued", "unit_key": PROVINCE, **step}
            | document,
        ),
        (
            "report_recipient",
            {"plan_slug": PLAN, "unit_key": BINH_SON, "reason": "r", "recorded_at": AT},
        ),
    ]


def _stored_by(release: str, url: str) -> None:
    """Make a database of a release that holds the report, and migrate it to this one."""
    engine = make_engine(url)
    command.upgrade(alembic_config(engine), release)
    with unit_of_work(engine) as session:
        load_register(session, folder=REFERENCE / "register", at=AT)
    old = sa.MetaData()
    old.reflect(engine)
    with engine.begin() as connection:
        for name, row in _report():
            if name not in old.tables:
                continue
            table = old.tables[name]
            held = {column: value for column, value in row.items() if column in table.columns}
            connection.execute(table.insert(), _bound(connection, held))
    migrate(engine, purpose="sandbox", at=AT)
    engine.dispose()


@pytest.mark.parametrize("release", ["0001", "0004", "0006"])
def test_its_bytes_survive_the_migration_and_are_answered(empty_url: str, release: str) -> None:
    _stored_by(release, empty_url)
    with running_api(empty_url) as api:
        api.set_clock(AFTERWARDS)
        with api.engine.connect() as connection:
            row = connection.execute(sa.text("SELECT content, sha256 FROM consolidated_report"))
            assert [(bytes(content), sha256) for content, sha256 in row] == [(CONTENT, SHA256)]
        # Before 0005 nothing was issued, and only who sees the province saw it.
        readers = [PROVINCE, BINH_SON] if release >= "0005" else [PROVINCE]
        for reader in readers:
            portal = api.portal(reader)
            for path in (
                f"/v1/consolidated-reports/{REPORT}",
                f"/v1/plans/{PLAN}/cycles/2021/consolidated-report",
            ):
                answer = portal.request("GET", path, headers={"Accept-Encoding": "identity"})
                assert (answer.status_code, answer.content) == (200, CONTENT), (reader, path)
                assert answer.headers["X-Report-SHA256"] == SHA256
                assert answer.headers["ETag"] == f'"{SHA256}"'
            [head] = portal.get("/v1/consolidated-reports").json()["items"]
            assert (head["sha256"], head["size"]) == (SHA256, len(CONTENT))
