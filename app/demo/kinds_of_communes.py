"""The kinds of activity of communes, which their district's portal posts."""

from typing import Final

from app.demo.kinds import Kind, Much

COMMUNE: Final = (
    Kind(
        "III.1.c",
        "loudspeaker",
        "audio",
        (
            "Phát thanh tuyên truyền {topic} trên hệ thống truyền thanh {place}, {days}",
            "Chuyên mục “Đưa Nghị quyết vào cuộc sống” trên Đài Truyền thanh {place}, {days}",
            "Bản tin truyền thanh {place} tuyên truyền {topic}, {days}",
            "Bản tin truyền thanh {place} về {field}, {days}",
        ),
        (
            Much("articles", 2, 9),
            Much("loudspeaker_sessions", 1, 1, each=True),
            Much("loudspeaker_minutes", 8, 20, each=True),
        ),
        weight=9,
        days=(5, 14),
        times=(5, 24),
        cost=(200, 900),
        paid=0.5,
        spoken=True,
        description="Mỗi buổi phát vào 5 giờ 30 và 17 giờ 30, có nhắc lại ý chính cuối buổi.",
    ),
    Kind(
        "III.1.c",
        "loudspeaker",
        "programme",
        (
            "Tiếp sóng Đài Phát thanh và Truyền hình tỉnh tuyên truyền {topic} ở {place}, {days}",
            "Tiếp sóng chương trình thời sự Đài Tiếng nói Việt Nam ở {place}, {days}",
        ),
        (
            Much("loudspeaker_sessions", 1, 1, each=True),
            Much("loudspeaker_minutes", 15, 30, each=True),
        ),
        weight=3,
        days=(5, 14),
        times=(5, 14),
        relayed=True,
        linked=0,
    ),
    Kind(
        "III.1.c",
        "notice_board",
        "document",
        (
            "Niêm yết tài liệu tuyên truyền {topic} tại bảng tin các {hamlets} ở {place}",
            "Niêm yết tóm tắt {topic} tại trụ sở UBND và nhà văn hóa các {hamlets} ở {place}",
        ),
        (Much("notice_postings", 3, 14),),
        weight=2,
        cost=(150, 600),
        paid=0.5,
        linked=0,
    ),
    Kind(
        "III.1.c",
        "loudspeaker",
        "mobile_campaign",
        ("Tuyên truyền lưu động {topic} bằng xe loa tại các {hamlets} ở {place}, {days}",),
        (
            Much("loudspeaker_sessions", 1, 1, each=True),
            Much("loudspeaker_minutes", 20, 45, each=True),
        ),
        days=(2, 4),
        times=(3, 10),
        cost=(500, 2500),
        paid=0.7,
        spoken=True,
    ),
    Kind(
        "III.2",
        "association_meeting",
        "talk",
        (
            "Sinh hoạt {organisation} ở {place}, lồng ghép phổ biến {topic}",
            "Phổ biến {topic} tại buổi sinh hoạt {organisation} ở {place}",
        ),
        (Much("sessions", 2, 9), Much("participants", 60, 320)),
        weight=3,
        integrated=True,
        linked=0.1,
    ),
    Kind(
        "III.3",
        "other",
        "banner",
        (
            "Treo băng rôn, phướn tuyên truyền {topic} trên các trục đường chính ở {place}",
            "Thay mới pa nô, áp phích cổ động về {topic} tại trung tâm {place}",
        ),
        (Much("banners_panels", 3, 22),),
        weight=2,
        cost=(900, 6000),
        paid=0.9,
    ),
    Kind(
        "III.5",
        "emulation_movement",
        "launch_ceremony",
        ("Phát động phong trào “{movement}” ở {place}, hướng tới kỷ niệm {commemoration}",),
        (Much("movements", 1, 1), Much("participants", 50, 180)),
        themes=("II.1.5",),
        cost=(500, 3000),
        paid=0.5,
    ),
)
