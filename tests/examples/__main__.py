"""`make examples`: play the year on a fresh database and write down what the document shows."""

import json
import tempfile
from pathlib import Path

from app.api.contract.examples import RECORDED
from tests.examples.year import play
from tests.support.api import running_api
from tests.support.databases import SqliteDatabases

if __name__ == "__main__":
    with (
        tempfile.TemporaryDirectory() as folder,
        SqliteDatabases(Path(folder)).loaded() as url,
        running_api(url) as api,
    ):
        found = play(api).found
    RECORDED.mkdir(exist_ok=True)
    for left in RECORDED.glob("*.json"):
        left.unlink()
    for name, recorded in found.items():
        text = json.dumps(recorded.written(), ensure_ascii=False, indent=2)
        (RECORDED / f"{name}.json").write_text(f"{text}\n", encoding="utf-8")
