"""Units over time, over HTTP."""

import pytest

from tests.support.api import Api
from tests.support.makers import BINH_SON


@pytest.mark.parametrize(
    ("on", "level", "count"),
    [
        ("2021-09-01", "district", 13),
        ("2021-09-01", "commune", 173),
        ("2025-03-01", "commune", 170),
        ("2025-07-01", "commune", 96),
        ("2025-07-01", "district", 0),
    ],
)
def test_the_province_has_as_many_units_as_on_that_day(
    api: Api, on: str, level: str, count: int
) -> None:
    portal = api.portal(BINH_SON)
    found = portal.get("/v1/units", on=on, within="51", level=level, limit=500)
    assert found.status_code == 200, found.text
    assert len(found.json()["items"]) == count
    assert found.json()["next"] is None


def test_pages_hold_every_unit_once_in_vietnamese_order(api: Api) -> None:
    portal = api.portal(BINH_SON)
    keys: list[str] = []
    names: list[str] = []
    params = {"on": "2021-09-01", "within": "51", "limit": 50}
    while True:
        page = portal.get("/v1/units", **params).json()
        keys += [unit["key"] for unit in page["items"]]
        names += [unit["name"] for unit in page["items"]]
        if page["next"] is None:
            break
        params["cursor"] = page["next"]
    assert len(keys) == len(set(keys)) == 1 + 13 + 173 + 25
    assert names.index("Huyện Ba Tơ") < names.index("Huyện Bình Sơn") < names.index("Sở Y tế")
    assert names.index("Huyện Mộ Đức") < names.index("Huyện Nghĩa Hành")


def test_a_code_is_another_body_in_another_year(api: Api) -> None:
    portal = api.portal(BINH_SON)
    before = portal.get("/v1/units/21238", on="2024-05-01").json()
    after = portal.get("/v1/units/21238", on="2026-05-01").json()
    assert (before["name"], before["key"]) == ("Thị trấn Sông Vệ", "gso-21238")
    assert (after["name"], after["key"]) == ("Xã Vệ Giang", "gso-21238-2025-07-01")
    assert before["parent"] == "gso-528"
    assert after["parent"] == "gso-51-2025-07-01"


def test_a_history_names_what_passed_to_whom(api: Api) -> None:
    history = api.portal(BINH_SON).get("/v1/units/gso-21238-2025-07-01/history").json()
    assert [row["predecessor"] for row in history["predecessors"]] == [
        "gso-21238",
        "gso-21280",
        "gso-21283",
    ]
    assert [unit["name"] for unit in history["same_code"]] == ["Thị trấn Sông Vệ", "Xã Vệ Giang"]
    old = api.portal(BINH_SON).get("/v1/units/gso-536/history").json()
    assert [(row["successor"], row["kind"]) for row in old["successors"]] == [
        ("gso-21548-2025-07-01", "convert")
    ]
