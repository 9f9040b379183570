"""The Vietnamese words of a consolidated report's tables, and the names of its codes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from app.domain.consolidation.figures import Shown
from app.domain.consolidation.report_heads import Rates
from app.domain.status.words import RATES

PARTS: Final[Mapping[str, str]] = {
    "total": "Toàn tỉnh",
    "total_unit": "Toàn tỉnh: phần của đơn vị",
    "unit": "Báo cáo của đơn vị",
    "expectation": "Ước cả năm của đơn vị",
    "breakdown": "Chia theo chiều",
    "hierarchy": "Theo hệ thống đơn vị",
    "unmapped": "Không xếp được vào hệ thống đơn vị",
    "left_out": "Trùng do hoạt động chung (không tính)",
    "coverage": "Mức độ báo cáo",
}
COLUMNS: Final[Mapping[str, str]] = {
    "activities": "Số hoạt động",
    "occurrences": "Số lượt",
    "credited_activities": "Số hoạt động ghi nhận cho đơn vị",
    "credited_occurrences": "Số lượt ghi nhận cho đơn vị",
    "counted": "Tính (hoạt động chung tính một lần)",
    "credited": "Ghi nhận cho đơn vị",
    "value": "Giá trị",
    **{name: RATES[name] for name in Rates.model_fields},
}
ORIGINS: Final[Mapping[str, str]] = {"original": "Tin gốc", "repost": "Đăng lại"}
DIMENSIONS: Final[Mapping[str, str]] = {
    "level": "Cấp",
    "channel": "Kênh",
    "format": "Thể loại",
    "language": "Ngôn ngữ",
    "month": "Tháng",
    "theme": "Nội dung tuyên truyền",
    "integrated": "Lồng ghép",
}
_MEMBERS: Final[Mapping[str, Mapping[str, str]]] = {
    "level": {
        "provincial_body": "Cơ quan cấp tỉnh",
        "province": "Cấp tỉnh",
        "district": "Cấp huyện",
        "commune": "Cấp xã",
    },
    "integrated": {"yes": "Có lồng ghép", "no": "Không lồng ghép"},
}
COVERED: Final[Mapping[str, str]] = {
    "ordered": "Phải báo cáo",
    "others": "Được giao, được đề nghị",
}
STATES: Final[Mapping[str, str]] = {
    "preview": "Bản xem thử, không trình",
    "draft": "Dự thảo",
    "proposed": "Đã trình",
    "returned": "Đã trả lại",
    "approved": "Đã duyệt",
    "issued": "Đã ban hành",
    "superseded": "Đã ban hành, có bản mới hơn thay thế",
}
EDITIONS: Final[Mapping[str, str]] = {
    "deadline": "Bản theo hạn báo cáo",
    "final": "Bản cuối",
}
MADE_FOR: Final[Mapping[str, str]] = {
    "production": "Số liệu chính thức",
    "demo": "SỐ LIỆU MINH HỌA, không có thật",
    "sandbox": "SỐ LIỆU THỬ NGHIỆM, không có thật",
}
COUNTED: Final[Mapping[str, str]] = {
    "accepted": "Chỉ báo cáo đã duyệt",
    "submitted": "Cả báo cáo đang chờ duyệt (xem thử)",
}
ANSWERED: Final[Mapping[str, str]] = {
    "open": "Chưa xử lý",
    "forwarded": "Đã chuyển",
    "accepted": "Được tiếp thu",
    "declined": "Không được tiếp thu",
}
MONEY: Final = "đồng"
_NOTHING_SAID: Final = "Không nêu"


@dataclass(frozen=True)
class Names:
    """The names of codes as they were known at a report's instant; an unknown code has none."""

    items: Mapping[str, str] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)
    members: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def member(self, dimension: str, code: str) -> str | None:
        """Return the name of a dimension's member."""
        if code == "none":
            return _NOTHING_SAID
        if dimension == "month":
            year, _, month = code.partition("-")
            return f"Tháng {int(month)}/{year}" if month.isdecimal() else None
        own = _MEMBERS.get(dimension, {})
        return own.get(code) or self.members.get(dimension, {}).get(code)


def measured_in(one: Shown, indicators: Mapping[str, str]) -> str:
    """Return a figure's unit of measure; `indicators` are those of the indicators."""
    if one.indicator is not None:
        return indicators.get(one.indicator, "")
    if one.source is not None:
        return MONEY
    if one.part == "coverage":
        return "đơn vị"
    return "hoạt động" if one.column.endswith("activities") else "lượt"
