"""Money: estimates by stage, dossiers, Sở Tài chính's sums, calendars and authorities."""

from typing import Final

from tests.examples.recording import Recorder
from tests.support.budgeting import FINANCE, NEWSPAPER, local
from tests.support.makers import PLAN

AFTER_THE_FREEZE: Final = local(2021, 12, 1, 9)
_YEAR: Final = {"plan": PLAN, "budget_year": 2022}
_ESTIMATE: Final = {
    **_YEAR,
    "plan_item": "III.1.a",
    "source": "state_budget_province",
    "chapter": "470",
    "category": "160",
    "subcategory": "171",
    "stage": "proposed",
    "amount": "450000000",
}
_DOCUMENT: Final = {
    "document_number": "88/BQN-TC",
    "document_on": "2021-11-10",
    "signer_title": "Tổng Biên tập",
    "explanation": "Mở chuyên trang, chuyên mục theo mục III.1.a của Kế hoạch.",
}
_AUTHORITY: Final = {
    "unit": "hoi-vhnt",
    "authority": "so-tai-chinh",
    "level": "province",
    "valid_from": "2021-06-01",
    "reason": "Đơn vị dự toán cấp tỉnh.",
}
_CALENDAR: Final = {
    "opens_at": "2022-06-01T00:00:00+07:00",
    "due_at": "2022-07-06T00:00:00+07:00",
    "freeze_at": "2022-07-20T00:00:00+07:00",
    "reason": "Theo hướng dẫn lập dự toán năm 2023.",
}


def estimate(recorder: Recorder) -> None:
    """Propose an estimate, and state it anew."""
    newspaper = recorder.of(NEWSPAPER)
    begun = newspaper.does_twice("begin_budget_estimate", body=_ESTIMATE)
    own = {"estimate_id": begun["id"]}
    newspaper.does("read_budget_estimate", **own)
    newspaper.does("list_budget_estimates", **_YEAR, limit=2)
    less = {"amount": "400000000", "reason": "Giảm theo thảo luận."}
    match = {"If-Match": '"1"'}
    newspaper.does("state_budget_figure", **own, stage="proposed", body=less, headers=match)
    newspaper.does("list_budget_figures", **own)


def hand_in(recorder: Recorder) -> None:
    """Submit a dossier, have it returned and consolidated, correct it, and build the sums."""
    newspaper, finance = recorder.of(NEWSPAPER), recorder.of(FINANCE)
    own = {"dossier_id": newspaper.does_twice("draft_budget_submission", body=_YEAR)["id"]}
    newspaper.does("submit_budget_submission", **own, body=_DOCUMENT)
    comments = {"comments": ["Làm rõ căn cứ tính mục III.1.a."]}
    finance.does("return_budget_submission", **own, body=comments)
    newspaper.does("revise_budget_submission", **own)
    newspaper.does("submit_budget_submission", **own, body=_DOCUMENT)
    finance.does("consolidate_budget_submission", **own)
    newspaper.does("read_budget_submission", **own)
    newspaper.does("list_budget_submissions", **_YEAR, limit=2)
    newspaper.does("list_budget_submission_revisions", **own, limit=2)
    newspaper.does("read_budget_submission_revision", **own, number=1)
    reason = {"reason": "Cập nhật dự toán được giao."}
    newspaper.does("correct_budget_submission", **own, body=reason)


def consolidate_budgets(recorder: Recorder) -> None:
    """After the freeze, build Sở Tài chính's sums; decide on authorities and calendars."""
    finance = recorder.of(FINANCE)
    recorder.api.set_clock(AFTER_THE_FREEZE)
    built = finance.does("build_budget_consolidation", body=_YEAR)
    as_then = {**_YEAR, "frozen_at": built["frozen_at"]}
    finance.does("build_budget_consolidation", body=as_then)
    finance.does("get_budget_consolidation", version_id=built["id"])
    finance.does("list_budget_consolidations", **_YEAR, limit=2)
    finance.does_twice("decide_budget_authority", body=_AUTHORITY)
    finance.does("list_budget_authorities", unit="hoi-vhnt", on="2021-11-22")
    finance.does("list_budget_calendars", plan=PLAN)
    match = {"If-Match": '"1"'}
    finance.does("change_budget_calendar", plan=PLAN, year=2023, body=_CALENDAR, headers=match)
