"""What 2021's communication work was about: the themes of phase 1, movements, commemorations."""

from datetime import date
from typing import Final

# Each is a noun phrase that follows "tuyên truyền" and "về" alike.
TOPICS: Final = {
    "II.1.1": (
        "kết quả Đại hội đại biểu Đảng bộ tỉnh lần thứ XX",
        "kết quả, thành công Đại hội XIII của Đảng",
        "niềm tin của Nhân dân trong tỉnh vào kết quả Đại hội",
    ),
    "II.1.2": (
        "những điểm mới trong văn kiện Đại hội XIII của Đảng",
        "khát vọng phát triển đất nước phồn vinh, hạnh phúc",
        "06 nhiệm vụ trọng tâm, 03 khâu đột phá chiến lược của nhiệm kỳ Đại hội XIII",
        "4 nhiệm vụ trọng tâm, 3 đột phá chiến lược của Đảng bộ tỉnh",
        "12 nội dung định hướng phát triển đất nước giai đoạn 2021 - 2030",
    ),
    "II.1.3": (
        "các mục tiêu, nhiệm vụ phát triển kinh tế - xã hội năm 2021",
        "Chương trình hành động số 01-CTr/TU của Tỉnh ủy",
        "mục tiêu kép: vừa phòng, chống dịch Covid-19, vừa phát triển kinh tế - xã hội",
    ),
    "II.1.4": (
        "kết quả Hội nghị Trung ương lần thứ 2 khóa XIII",
        "kết quả kỳ họp thứ 11 Quốc hội khóa XIV",
    ),
    "II.1.5": (
        "việc học tập và làm theo tư tưởng, đạo đức, phong cách Hồ Chí Minh",
        "kết quả 05 năm thực hiện Chỉ thị số 05-CT/TW của Bộ Chính trị",
        "các phong trào thi đua yêu nước thực hiện Nghị quyết Đại hội XIII của Đảng",
    ),
    "II.1.6": (
        "Nghị quyết Đại hội đại biểu Đảng bộ tỉnh lần thứ XX",
        "Nghị quyết Đại hội đại biểu toàn quốc lần thứ XIII của Đảng",
        "chương trình hành động thực hiện Nghị quyết Đại hội",
        "kế hoạch đưa Nghị quyết Đại hội vào cuộc sống",
    ),
    "II.1.7": (
        "kết quả năm đầu thực hiện nghị quyết đại hội đảng bộ các cấp",
        "Chiến lược phát triển kinh tế - xã hội 10 năm 2021 - 2030",
        "những cách làm hay trong năm đầu thực hiện Nghị quyết Đại hội",
    ),
    "II.1.8": (
        "công tác xây dựng Đảng và hệ thống chính trị trong sạch, vững mạnh",
        "công tác phòng, chống tham nhũng, lãng phí",
        "việc cơ cấu lại nền kinh tế, nâng cao năng suất lao động",
    ),
}
RESOLUTIONS: Final = "II.1.6"
OWN_FIELD: Final = ("II.1.3", "II.1.7")
"""The themes under which a body writes about its own field."""

MOVEMENTS: Final = (
    "Cả nước chung sức xây dựng nông thôn mới",
    "Vì người nghèo - Không để ai bị bỏ lại phía sau",
    "Cả nước đoàn kết, chung sức, đồng lòng thi đua phòng, chống và chiến thắng đại dịch Covid-19",
    "Toàn dân đoàn kết xây dựng đời sống văn hóa",
    "Lao động giỏi, lao động sáng tạo",
)
OFFICE_MOVEMENTS: Final = (
    "Cán bộ, công chức, viên chức thi đua thực hiện văn hóa công sở",
    "Lao động giỏi, lao động sáng tạo",
    "Cả nước đoàn kết, chung sức, đồng lòng thi đua phòng, chống và chiến thắng đại dịch Covid-19",
)
COMMEMORATIONS: Final = (
    (date(2021, 6, 11), "73 năm Ngày Chủ tịch Hồ Chí Minh ra Lời kêu gọi thi đua ái quốc"),
    (date(2021, 7, 27), "74 năm Ngày Thương binh - Liệt sĩ"),
    (date(2021, 8, 28), "62 năm Khởi nghĩa Trà Bồng và miền Tây Quảng Ngãi"),
    (date(2021, 9, 2), "76 năm Cách mạng Tháng Tám và Quốc khánh 2/9"),
    (date(2021, 10, 20), "91 năm Ngày thành lập Hội Liên hiệp Phụ nữ Việt Nam"),
    (date(2021, 11, 18), "91 năm Ngày truyền thống Mặt trận Tổ quốc Việt Nam"),
)
ORGANISATIONS: Final = (
    "các chi hội nông dân",
    "các chi hội phụ nữ",
    "các chi đoàn thanh niên",
    "các chi hội cựu chiến binh",
    "các ban công tác Mặt trận",
)
