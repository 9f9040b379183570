"""In what two bodies differ."""

from typing import Any

import pytest

from app.domain.activities.body import ActivityContent
from app.domain.activities.differences import Plain, differences

SAID: dict[str, Any] = {
    "unit": "gso-524",
    "source_system": "portal",
    "external_id": "r-1",
    "plan": "ke-hoach",
    "plan_item": "III.1.b",
    "content_themes": ["II.1.1", "II.1.3"],
    "occurred_on": "2021-09-10",
    "ended_on": "2021-09-10",
    "occurrences": 1,
    "channel": "facebook",
    "format": "news",
    "title": "Tin",
    "description": None,
    "languages": ["vi"],
    "integrated": False,
    "measures": [
        {"indicator": "posts", "value": "3", "origin": "original"},
        {"indicator": "posts", "value": "1", "origin": "repost"},
    ],
    "expenditure": [{"source": "other_lawful", "amount": 0}],
    "participants": ["gso-528"],
    "evidence": [{"url": "https://binhson.gov.vn/1", "sha256": None}],
}
NAMES = {"posts": "Số bài đăng", "other_lawful": "Nguồn hợp pháp khác"}
BEHALF = {"incoming_number": "12", "incoming_on": "2021-10-01"}


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({}, []),
        ({"title": "Bài"}, [("title", "Tên hoạt động", "Tin", "Bài")]),
        ({"description": "Có"}, [("description", "Mô tả", None, "Có")]),
        ({"format": None}, [("format", "Thể loại", "news", None)]),
        ({"integrated": True}, [("integrated", "Lồng ghép", False, True)]),
        (
            {"ended_on": "2021-09-12", "occurrences": 4},
            [
                ("ended_on", "Ngày kết thúc", "2021-09-10", "2021-09-12"),
                ("occurrences", "Số lượt", 1, 4),
            ],
        ),
        (
            {"measures": [{"indicator": "posts", "value": "5", "origin": "original"}]},
            [
                ("measures.posts.original", "Kết quả: Số bài đăng (tin gốc)", "3", "5"),
                ("measures.posts.repost", "Kết quả: Số bài đăng (đăng lại)", "1", None),
            ],
        ),
        (
            {"measures": [*SAID["measures"], {"indicator": "x", "value": "0", "origin": "repost"}]},
            [("measures.x.repost", "Kết quả: x (đăng lại)", None, "0")],
        ),
        (
            {"expenditure": []},
            [
                (
                    "expenditure.other_lawful",
                    "Kinh phí đã thực hiện: Nguồn hợp pháp khác",
                    0,
                    None,
                )
            ],
        ),
        (
            {"content_themes": ["II.1.2", "II.1.3"]},
            [
                ("content_themes", "Nội dung tuyên truyền", "II.1.1", None),
                ("content_themes", "Nội dung tuyên truyền", None, "II.1.2"),
            ],
        ),
        (
            {"participants": [], "languages": ["hre", "vi"]},
            [
                ("languages", "Ngôn ngữ", None, "hre"),
                ("participants", "Đơn vị phối hợp", "gso-528", None),
            ],
        ),
        (
            {"evidence": [{"url": "https://binhson.gov.vn/1", "sha256": "ab"}]},
            [
                ("evidence", "Minh chứng", "https://binhson.gov.vn/1", None),
                ("evidence", "Minh chứng", None, "https://binhson.gov.vn/1 (SHA-256 ab)"),
            ],
        ),
        (
            {"on_behalf": BEHALF},
            [
                ("on_behalf.incoming_number", "Số đến", None, "12"),
                ("on_behalf.incoming_on", "Ngày đến", None, "2021-10-01"),
            ],
        ),
    ],
    ids=str,
)
def test_each_field_differs_in_words(
    change: dict[str, Any], found: list[tuple[str, str, Plain, Plain]]
) -> None:
    there = differences(SAID, {**SAID, **change}, names=NAMES)
    assert [(d.field, d.label, d.before, d.after) for d in there] == found
    back = differences({**SAID, **change}, SAID, names=NAMES)
    assert sorted((d.field, str(d.after), str(d.before)) for d in back) == sorted(
        (field, str(before), str(after)) for field, _, before, after in found
    )


def test_no_field_of_a_body_can_change_unseen() -> None:
    """Whoever adds a field to the content has to say how it differs."""
    others: dict[str, Any] = {
        "measures": [{"indicator": "x", "value": "9", "origin": "original"}],
        "expenditure": [{"source": "x", "amount": 1}],
        "evidence": [{"url": "https://x.vn", "sha256": None}],
        "on_behalf": BEHALF,
        "content_themes": ["x"],
        "languages": ["x"],
        "participants": ["x"],
    }
    for name in ActivityContent.model_fields:
        changed = {**SAID, name: others.get(name, "x")}
        seen = {d.field.partition(".")[0] for d in differences(SAID, changed, names={})}
        assert seen == {name}
