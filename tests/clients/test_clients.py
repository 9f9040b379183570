"""A program made from the document alone does the whole job: post, submit, accept, pull."""

import hashlib
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from app.db import make_engine
from tests.clients.conftest import Made
from tests.clients.tools import FOLDER, SHOWN, run
from tests.conftest import Databases
from tests.support.api import Portal
from tests.support.filing import Filing
from tests.support.makers import FOCAL_UNIT, PLAN
from tests.support.processes import running_api_process, running_worker

DISTRICTS = {"Python": "524", "TypeScript": "525", "curl": "527"}
LATEST = f"/v1/plans/{PLAN}/cycles/2021/consolidated-report"
BULK = """
import sys
from io import BytesIO
from baocao_client import AuthenticatedClient
from baocao_client.api.bulk import create_activity_report_batch as post
from baocao_client.models import ActivityRow
from baocao_client.types import File

client = AuthenticatedClient(*sys.argv[1:3])
row = dict(unit="524", plan="tuyen-truyen-2021-2025", plan_item="III.1.b", source_system="bulk",
           external_id="1", occurred_on="2021-09-10", channel="portal", title="Tin")
csv = ",".join(row) + "\\n" + ",".join(row.values()) + "\\n"
rows = [ActivityRow.from_dict(row)]
file = File(BytesIO(csv.encode()), mime_type="text/csv")
for body in (rows, file):
    batch = post.sync(client=client, body=body)
    print(batch.media_type, batch.counts.created, batch.counts.unchanged)
"""


@dataclass(frozen=True)
class Service:
    """A running service with its worker, and keys of its units."""

    http: httpx.Client
    filing: Filing

    @property
    def url(self) -> str:
        """The address without a slash at the end."""
        return str(self.http.base_url).rstrip("/")


@pytest.fixture(scope="module")
def service(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Run the API and a worker as processes on a fresh database."""
    logs = tmp_path_factory.mktemp("logs")
    with databases.loaded() as url:
        engine = make_engine(url)
        with running_worker(url, logs / "worker"), running_api_process(url, logs / "api") as http:
            yield Service(http, Filing(engine))
        engine.dispose()


@pytest.mark.parametrize("language", ["Python", "TypeScript"])
def test_a_client_is_made_without_any_warning(made: Made, language: str) -> None:
    _, outcome = made(language)
    said = outcome.out + outcome.err
    assert outcome.code == 0, said
    assert not re.search(r"warn|error|skip|unsupported|deprecat", said, re.IGNORECASE), said


@pytest.mark.parametrize("language", ["Python", "TypeScript", "curl"])
def test_a_program_does_the_whole_job(
    made: Made, service: Service, tmp_path: Path, language: str
) -> None:
    shown, code = SHOWN[language], DISTRICTS[language]
    folder = _copy(made(language)[0], tmp_path)
    program = folder / shown.running.split()[-1]  # the same for another district
    program.write_text(program.read_text("utf-8").replace("524", code), encoding="utf-8")
    focal = Portal(service.http, service.filing.key_of(FOCAL_UNIT))
    done = run(
        f"export PATH={FOLDER}/.venv/bin:$PATH\n{shown.running}",
        folder=folder,
        URL=service.url,
        DISTRICT_KEY=service.filing.key_of(f"gso-{code}"),
        FOCAL_KEY=focal.secret,
    )
    assert done.code == 0, done.out + done.err
    pulled = (folder / "consolidated-report.json").read_bytes()
    latest = focal.get(LATEST)
    assert latest.content == pulled
    version, sha256 = latest.headers["X-Report-Version"], latest.headers["X-Report-SHA256"]
    assert done.out == f"version {version}, SHA-256 {sha256}\n"
    assert hashlib.sha256(pulled).hexdigest() == sha256
    assert f"gso-{code}" in {used["unit"] for used in latest.json()["manifest"]["inputs"]}


def test_the_python_client_sends_rows_and_files_in_bulk(
    made: Made, service: Service, tmp_path: Path
) -> None:
    folder = _copy(made("Python")[0], tmp_path)
    (folder / "bulk.py").write_text(BULK, encoding="utf-8")
    key = service.filing.key_of("gso-524")
    done = run(f"{FOLDER}/.venv/bin/python bulk.py {service.url} {key}", folder=folder)
    assert done.out.splitlines() == ["application/json 1 0", "text/csv 0 1"], done.err


def _copy(made: Path, to: Path) -> Path:
    """Return a copy of what was made: the programs write beside themselves."""
    return Path(shutil.copytree(made, to / "clients", symlinks=True))
