"""What bodies hand in at the year's end: a narrative, and the document it is submitted under."""

import hashlib
from datetime import date
from random import Random
from typing import Any, Final

from app.demo.activity import SEED
from app.demo.people import FOCAL, NIL, Reporter, lowered

# The last of each three is said by districts only.
_DIFFICULTIES: Final = (
    (
        "Dịch Covid-19 diễn biến phức tạp từ cuối tháng 6 nên nhiều hội nghị phải chuyển sang hình "
        "thức trực tuyến hoặc lùi thời gian tổ chức."
    ),
    (
        "Cán bộ làm công tác tuyên truyền phần lớn kiêm nhiệm; việc thống kê số liệu có lúc chưa "
        "kịp thời, chưa thống nhất giữa các đơn vị."
    ),
    (
        "Một số cụm loa, thiết bị truyền thanh đã xuống cấp, chất lượng âm thanh chưa bảo đảm ở "
        "các khu dân cư xa trung tâm."
    ),
)
_LESSONS: Final = (
    (
        "Nội dung tuyên truyền càng gắn với việc cụ thể của địa phương, đơn vị thì càng dễ nhớ, dễ "
        "làm theo."
    ),
    (
        "Cần giao rõ đầu mối và thời hạn; cập nhật số liệu ngay sau mỗi hoạt động thay vì chờ đến "
        "cuối năm."
    ),
    "Kết hợp truyền thanh cơ sở với mạng xã hội giúp thông tin đến được nhiều nhóm người dân hơn.",
)
_PROPOSALS: Final = (
    "Sớm ban hành đề cương tuyên truyền và bộ tài liệu dùng chung theo từng quý.",
    "Tổ chức tập huấn cập nhật số liệu, viết tin, bài cho cán bộ làm công tác thông tin cơ sở.",
    "Hỗ trợ kinh phí nâng cấp hệ thống truyền thanh ứng dụng công nghệ thông tin - viễn thông.",
)
_FUNDING: Final = (
    "Kinh phí được cân đối trong dự toán được giao năm 2021 theo Công văn số 2353/UBND-KT ngày "
    "26/5/2021; số liệu chi tiết theo từng hoạt động."
)
NIL_REASON: Final = (
    "Hoạt động của Ban được báo cáo theo hệ thống của Đảng; trong kỳ không phát sinh hoạt động "
    "phải báo cáo riêng trên hệ thống này."
)


def narrative(reporter: Reporter, *, data_to: date, count: int) -> dict[str, Any]:
    """Return the sections of a body's narrative."""
    if reporter.code == NIL:
        return {"results": NIL_REASON}
    random = Random(f"{SEED}/narrative/{reporter.code}")  # noqa: S311 - nothing secret
    unit = lowered(reporter.name)

    def one_of(said: tuple[str, ...]) -> str:
        return random.choice(said if reporter.district else said[:-1])

    return {
        "direction": _direction(reporter, unit),
        "results": f"Từ đầu năm đến ngày {data_to:%d/%m/%Y}, {unit} đã ghi nhận {count} hoạt động "
        "tuyên truyền; nội dung tập trung vào Nghị quyết Đại hội Đảng bộ tỉnh lần thứ XX, Nghị "
        f"quyết Đại hội XIII của Đảng và {reporter.facts.field}.",
        "difficulties": one_of(_DIFFICULTIES),
        "lessons": one_of(_LESSONS),
        "funding": _FUNDING,
        "proposals": [{"addressee": _above(reporter), "text": one_of(_PROPOSALS)}],
        "next_year": "Năm 2022, tiếp tục tuyên truyền các mục tiêu, nhiệm vụ phát triển kinh tế - "
        f"xã hội; trọng tâm của đơn vị là {reporter.facts.field}.",
    }


def document(reporter: Reporter, *, on: date, data_to: date) -> dict[str, Any]:
    """Return the document under which a body submits."""
    random = Random(f"{SEED}/document/{reporter.code}")  # noqa: S311 - nothing secret
    number = f"{random.randint(90, 690)}/BC-{reporter.facts.symbol}"
    said: dict[str, Any] = {
        "document_number": number,
        "document_on": on.isoformat(),
        "signer_title": _signer(reporter),
        "signed_file_sha256": hashlib.sha256(f"{number} {on}".encode()).hexdigest(),
        "data_to": data_to.isoformat(),
    }
    if reporter.code == NIL:
        said |= {"nil": True, "nil_reason": NIL_REASON}
    return said


def _direction(reporter: Reporter, unit: str) -> str:
    if reporter.district:
        return (
            f"UBND {unit} đã ban hành kế hoạch, giao Phòng Văn hóa và Thông tin tham mưu, hướng "
            "dẫn cơ sở thực hiện; đưa nội dung tuyên truyền vào chương trình công tác hằng tháng."
        )
    return (
        f"Lãnh đạo {unit} đã quán triệt Kế hoạch đến các phòng, đơn vị trực thuộc; phân công bộ "
        "phận đầu mối theo dõi, tổng hợp và gắn công tác tuyên truyền với nhiệm vụ chuyên môn."
    )


def _above(reporter: Reporter) -> str:
    return "UBND tỉnh" if reporter.code == FOCAL else "Sở Thông tin và Truyền thông"


def _signer(reporter: Reporter) -> str:
    signer = reporter.facts.signer
    return f"{signer} {lowered(reporter.name)}" if reporter.district else signer
