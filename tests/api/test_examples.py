"""The committed examples are what the real app takes."""

import json
from pathlib import Path
from typing import Any

from app.api import document
from tests.support.api import Api
from tests.support.makers import BINH_SON, FOCAL_UNIT

EXAMPLES = Path(__file__).parents[2] / "openapi" / "examples"


def _example(name: str) -> Any:
    return json.loads((EXAMPLES / f"{name}.json").read_text(encoding="utf-8"))


def test_every_example_is_taken_in_the_order_of_the_year(api: Api) -> None:
    portal, focal = api.portal(BINH_SON), api.portal(FOCAL_UNIT)
    created = portal.post("/v1/activity-reports", _example("activity-report"))
    assert created.status_code == 201, created.text
    draft = portal.post("/v1/submissions", _example("submission-draft"))
    assert draft.status_code == 201, draft.text
    path = f"/v1/submissions/{draft.json()['id']}"
    receipt = portal.post(f"{path}/submit", _example("submission-document"))
    assert receipt.status_code == 200, receipt.text
    assert (receipt.json()["timeliness"], receipt.json()["activities"]) == ("on_time", 1)
    assert focal.post(f"{path}/accept").json()["review"] == "accepted"
    asked = focal.post("/v1/consolidated-reports", _example("consolidation-request"))
    assert asked.status_code == 202, asked.text
    assert asked.json()["progress"] == {"done": 0, "total": 1}


def test_the_committed_examples_are_the_documents_own() -> None:
    shown = Path(document.__file__).parent / "examples"
    names = sorted(file.name for file in shown.glob("*.json"))
    assert names == sorted(file.name for file in EXAMPLES.glob("*.json"))
    assert len(names) == 4
    for name in names:
        assert (shown / name).read_bytes() == (EXAMPLES / name).read_bytes()
