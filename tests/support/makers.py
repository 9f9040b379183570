"""Valid bodies with defaults: a test names only what it is about."""

from itertools import count
from typing import Any

PLAN = "tuyen-truyen-2021-2025"
BINH_SON = "gso-524"  # Huyện Bình Sơn, until 1/7/2025
FOCAL_UNIT = "body-so-tttt"
OFFICE = "body-vp-ubnd"
_numbers = count(1)


def an_activity(**changes: Any) -> dict[str, Any]:
    """Return an activity report of Bình Sơn in 2021, with an external id of its own."""
    body: dict[str, Any] = {
        "unit": "524",
        "plan": PLAN,
        "plan_item": "III.1.b",
        "source_system": "portal",
        "external_id": f"r-{next(_numbers)}",
        "occurred_on": "2021-09-10",
        "channel": "facebook",
        "format": "news",
        "title": "Đăng tin về Nghị quyết Đại hội Đảng bộ tỉnh lần thứ XX",
        "content_themes": ["II.1.1"],
        "measures": [{"indicator": "posts", "value": "3"}],
    }
    body.update(changes)
    return {name: value for name, value in body.items() if value is not ...}


def a_content(**changes: Any) -> dict[str, Any]:
    """Return an activity report without its natural key, as it is put under one."""
    key = {"unit": ..., "source_system": ..., "external_id": ...}
    return an_activity(**{**key, **changes})


def a_document(**changes: Any) -> dict[str, Any]:
    """Return the document under which a unit submits for 2021."""
    body: dict[str, Any] = {
        "document_number": "215/BC-UBND",
        "document_on": "2021-11-22",
        "signer_title": "Phó Chủ tịch",
        "data_to": "2021-11-20",
    }
    body.update(changes)
    return body


def a_draft(**changes: Any) -> dict[str, Any]:
    """Return a draft submission for 2021."""
    body: dict[str, Any] = {
        "plan": PLAN,
        "year": 2021,
        "narrative": {"results": "Đã triển khai đầy đủ các nội dung của Kế hoạch."},
    }
    body.update(changes)
    return body
