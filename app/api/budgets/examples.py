"""Request bodies about budgets that the app takes, shown in the API's document."""

from typing import Any, Final

_PLAN: Final = "tuyen-truyen-2021-2025"
EXAMPLES: Final[dict[str, Any]] = {
    "begin_budget_estimate": {
        "plan": _PLAN,
        "plan_item": "III.1.a",
        "budget_year": 2022,
        "source": "state_budget_province",
        "chapter": "470",
        "category": "160",
        "subcategory": "171",
        "stage": "proposed",
        "amount": "450000000",
    },
    "state_budget_figure": {
        "amount": "400000000",
        "document_number": "1205/QĐ-UBND",
        "document_on": "2021-12-15",
    },
    "draft_budget_submission": {"plan": _PLAN, "budget_year": 2022},
    "submit_budget_submission": {
        "document_number": "88/BQN-TC",
        "document_on": "2021-11-10",
        "signer_title": "Tổng Biên tập",
        "explanation": "Mở chuyên trang, chuyên mục theo mục III.1.a của Kế hoạch.",
    },
    "correct_budget_submission": {"reason": "Cập nhật dự toán được giao."},
    "return_budget_submission": {"comments": ["Làm rõ căn cứ tính mục III.1.a."]},
    "change_budget_calendar": {
        "opens_at": "2022-06-01T00:00:00+07:00",
        "due_at": "2022-07-06T00:00:00+07:00",
        "freeze_at": "2022-07-20T00:00:00+07:00",
        "reason": "Theo hướng dẫn lập dự toán năm 2023.",
    },
    "decide_budget_authority": {
        "unit": "hoi-vhnt",
        "authority": "so-tai-chinh",
        "level": "province",
        "valid_from": "2021-06-01",
        "reason": "Đơn vị dự toán cấp tỉnh.",
    },
    "build_budget_consolidation": {"plan": _PLAN, "budget_year": 2022},
}
