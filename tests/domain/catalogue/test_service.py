"""Loading indicators again."""

import json
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session

from app.domain.catalogue.service import load_indicators
from app.domain.errors import ReferenceDataRefused
from app.setup import REFERENCE
from tests.support.databases import LOADED_AT
from tests.support.makers import PLAN


def _changed(folder: Path, **changes: Any) -> Path:
    said = json.loads((REFERENCE / "indicators.json").read_text(encoding="utf-8"))
    said["indicators"][0].update(changes)
    file = folder / "indicators.json"
    file.write_text(json.dumps(said), encoding="utf-8")
    return file


@pytest.mark.parametrize(("field", "value"), [("decimals", 2), ("over_time", "max")])
def test_what_stored_amounts_rest_on_cannot_change(
    session: Session, tmp_path: Path, field: str, value: object
) -> None:
    file = _changed(tmp_path, **{field: value})
    with pytest.raises(ReferenceDataRefused, match=rf"articles: {field} is .* cannot be {value}"):
        load_indicators(session, plan=PLAN, file=file, at=LOADED_AT)


def test_a_new_name_closes_a_version_and_adds_one(session: Session, tmp_path: Path) -> None:
    file = _changed(tmp_path, name_vi="Số tin, bài đăng báo")
    outcome = load_indicators(session, plan=PLAN, file=file, at=LOADED_AT)
    assert outcome == {"changed": 1, "unchanged": 29}


def test_an_indicator_of_an_unknown_item_is_refused(session: Session, tmp_path: Path) -> None:
    file = _changed(tmp_path, items=["III.9"])
    with pytest.raises(ReferenceDataRefused, match=r"articles names items .* not have: III.9"):
        load_indicators(session, plan=PLAN, file=file, at=LOADED_AT)
