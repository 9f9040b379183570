"""Short names for the summary: a table in a terminal has no room for the full ones."""

from typing import Final

ITEMS: Final = {
    "III.1.a": "Báo Quảng Ngãi, Đài Phát thanh và Truyền hình tỉnh",
    "III.1.b": "Cổng/Trang thông tin điện tử, mạng xã hội",
    "III.1.c": "Hệ thống thông tin cơ sở",
    "III.2": "Tuyên truyền miệng",
    "III.3": "Cổ động trực quan",
    "III.4": "Ấn phẩm tuyên truyền, tác phẩm văn học - nghệ thuật",
    "III.5": "Phát động phong trào thi đua yêu nước",
    "V.1.1": "Định hướng, chỉ đạo công tác tuyên truyền",
    "V.2.1": "Triển khai, theo dõi, kiểm tra việc thực hiện Kế hoạch",
    "V.2.2": "Nắm bắt dư luận, kiểm tra và xử lý vi phạm",
    "V.2.3": "Kế hoạch hợp tác truyền thông với báo chí",
    "V.3.1": "Phối hợp tổ chức cổ động trực quan",
    "V.4.1": "Tổng hợp dự toán kinh phí",
    "V.5.1": "Sở, ngành: đăng tải trên cổng, phổ biến trong cơ quan",
    "V.5.2": "Sở, ngành: quán triệt, lồng ghép trong hội nghị pháp luật",
    "V.5.3": "Sở, ngành: ngăn chặn, xử lý thông tin sai sự thật",
    "V.6.1": "Huyện: đăng tải trên cổng, trang của địa phương",
    "V.6.2": "Huyện: ban hành kế hoạch của địa phương",
    "V.7.1": "Báo, Đài, Cổng: ứng dụng công nghệ, mở chuyên trang",
    "V.7.2": "Báo, Đài, Cổng: nội dung trọng tâm, biểu dương điển hình",
}

# In the order of their weight: a summary shows the first few of an item.
INDICATORS: Final = {
    "special_pages": "chuyên trang, chuyên mục mới",
    "articles": "tin, bài báo chí",
    "broadcasts": "lượt phát sóng",
    "broadcast_minutes": "phút phát sóng",
    "posts": "tin, bài trên cổng, mạng xã hội",
    "loudspeaker_sessions": "buổi truyền thanh",
    "loudspeaker_minutes": "phút truyền thanh",
    "notice_postings": "lượt niêm yết bảng tin",
    "conferences": "hội nghị",
    "seminars": "hội thảo, tọa đàm",
    "sessions": "buổi sinh hoạt, phổ biến",
    "slogans": "lượt khẩu hiệu điện tử",
    "screens": "bảng điện tử, màn hình",
    "banners_panels": "băng rôn, pa nô, áp phích",
    "publications": "đầu ấn phẩm",
    "copies": "bản ấn phẩm phát hành",
    "works": "tác phẩm",
    "exhibitions_performances": "cuộc triển lãm, biểu diễn",
    "movements": "phong trào phát động",
    "models_commended": "mô hình được biểu dương",
    "exemplars_commended": "điển hình được biểu dương",
    "cooperation_plans": "kế hoạch hợp tác",
    "inspections": "cuộc kiểm tra",
    "cases_handled": "vụ việc đã xử lý",
    "participants": "lượt người dự",
    "views": "lượt xem",
    "followers": "lượt theo dõi",
    "staff_shares": "lượt chia sẻ do vận động",
    "documents": "văn bản triển khai",
}

LEVELS: Final = {
    "provincial_body": "Cơ quan, đơn vị cấp tỉnh · provincial bodies",
    "province": "Cấp tỉnh · province",
    "district": "Cấp huyện · districts",
    "commune": "Cấp xã · communes",
}
