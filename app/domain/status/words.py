"""The Vietnamese words of a cycle's status, for those who read it as a spreadsheet."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

YES: Final = "Có"
LEVELS: Final[Mapping[str | None, str]] = {
    None: "Cơ quan cấp tỉnh",
    "province": "Cấp tỉnh",
    "district": "Cấp huyện",
    "commune": "Cấp xã",
}
BASES: Final[Mapping[str, str]] = {
    "ordered": "Phải báo cáo",
    "assigned_only": "Được giao nhiệm vụ",
    "requested": "Được đề nghị",
    "not_required": "Không phải báo cáo",
}
PROVENANCES: Final[Mapping[str, str]] = {
    "plan": "Theo kế hoạch",
    "assumption": "Giả định, chờ xác nhận",
    "decision": "Theo quyết định",
}
REVIEWS: Final[Mapping[str, str]] = {
    "missing": "Chưa gửi",
    "in_review": "Chờ duyệt",
    "returned": "Đã trả lại",
    "accepted": "Đã duyệt",
}
CONTENTS: Final[Mapping[str, str]] = {
    "report": "Có báo cáo",
    "nil": "Không phát sinh",
}
TIMELINESS: Final[Mapping[str, str]] = {
    "not_due": "Chưa đến hạn",
    "on_time": "Đúng hạn",
    "late": "Muộn",
    "late_with_extension": "Muộn, được gia hạn",
    "by_document": "Nhập theo văn bản đến",
}
OUTSTANDING: Final = "Quá hạn, chưa gửi"
FILED_AS: Final[Mapping[str, str]] = {
    "self": "Tự gửi",
    "steward": "Đơn vị tiếp quản gửi",
    "focal_unit": "Cơ quan đầu mối nhập thay",
}
KINDS: Final[Mapping[str, str]] = {
    "report": "Báo cáo",
    "correction": "Đính chính",
    "supplement": "Bổ sung cuối năm",
}
RATES: Final[Mapping[str, str]] = {
    "required": "Số đơn vị",
    "accepted": "Đã duyệt",
    "in_review": "Chờ duyệt",
    "returned": "Đã trả lại",
    "missing": "Chưa gửi",
    "nil": "Không phát sinh (trong số đã duyệt)",
    "on_time": "Gửi đúng hạn",
    "late_with_extension": "Gửi muộn, được gia hạn",
    "late": "Gửi muộn",
    "by_document": "Nhập theo văn bản đến",
    "outstanding": "Quá hạn, chưa gửi",
    "not_due": "Chưa đến hạn",
}


def duration_words(span: timedelta) -> str:
    """Return a duration as people say it: its days, hours and minutes, each where it is not 0."""
    minutes = span // timedelta(minutes=1)
    parts = (
        (minutes // 1440, "ngày"),
        (minutes // 60 % 24, "giờ"),
        (minutes % 60, "phút"),
    )
    said = " ".join(f"{number} {word}" for number, word in parts if number)
    return said or ("dưới 1 phút" if span else "")
