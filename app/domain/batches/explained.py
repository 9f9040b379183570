"""What the template says about its columns, in Vietnamese, for people who fill it in."""

from collections.abc import Mapping
from typing import Final

EXPLAINED: Final[Mapping[str, str]] = {
    "external_id": "Mã đã điền sẵn, mỗi dòng một mã. Giữ nguyên: gửi lại cùng mã thì hệ thống "
    "không ghi thành hai bản.",
    "plan_item": "Hình thức (mục III) hoặc nhiệm vụ (mục V) của Kế hoạch. Chọn trong danh sách.",
    "content_themes": "Nội dung tuyên truyền (mục II). Chọn trong danh sách; nhiều nội dung thì "
    "ghi các mã cách nhau bằng dấu chấm phẩy: II.1.1; II.1.3",
    "occurred_on": "Ngày/tháng/năm, ví dụ 31/12/2021. Nếu gộp nhiều lần: ngày đầu tiên.",
    "ended_on": "Chỉ khi gộp nhiều lần giống nhau: ngày cuối cùng, trong cùng một năm.",
    "occurrences": "Chỉ khi gộp nhiều lần giống nhau: đã thực hiện bao nhiêu lần.",
    "channel": "Kênh, phương tiện tuyên truyền. Chọn trong danh sách.",
    "format": "Thể loại sản phẩm. Chọn trong danh sách; có thể để trống.",
    "title": "Tên hoạt động, một dòng, tối đa 500 ký tự. Không ghi thông tin cá nhân.",
    "description": "Mô tả thêm, có thể để trống. Không ghi thông tin cá nhân.",
    "languages": "Để trống là tiếng Việt. Nhiều ngôn ngữ thì ghi các mã cách nhau bằng dấu chấm "
    "phẩy: vi; hre",
    "integrated": "Có lồng ghép vào hoạt động khác không (mục V.5.2). Để trống là không.",
    "participants": "Mã các đơn vị phối hợp, cách nhau bằng dấu chấm phẩy; có thể để trống.",
    "evidence": "Đường dẫn đến ấn phẩm của cơ quan, đơn vị, cách nhau bằng dấu cách hoặc xuống "
    "dòng. Không dẫn đến trang cá nhân.",
    "on_behalf.incoming_number": "Nhập thay: số đến của văn bản trong sổ đăng ký.",
    "on_behalf.incoming_on": "Nhập thay: ngày đến, ngày/tháng/năm.",
    "expenditure": "Kinh phí đã thực hiện từ nguồn này, số nguyên, đơn vị đồng.",
}

GUIDE: Final = """\
CÁCH ĐIỀN VÀ GỬI BIỂU NÀY
1. Điền ở trang «Hoạt động», mỗi hoạt động một dòng. Cột có dấu * phải điền.
2. Để con trỏ lên tên cột để xem giải thích. Ô có mũi tên: chọn trong danh sách; toàn bộ danh sách \
ở trang «Danh mục».
3. Chỉ tiêu: chỉ điền những cột áp dụng cho hình thức, nhiệm vụ của dòng đó; ô tô xám là không \
áp dụng. Để trống khác với số 0: trống là không báo cáo chỉ tiêu này.
4. Ngày viết theo ngày/tháng/năm: 31/12/2021.
5. Số: gõ số bình thường. Nếu ô là văn bản thì 1.234,5 và 1.234.567 hiểu được; 1.234 ở chỉ tiêu \
có phần thập phân thì không rõ nghĩa và bị từ chối: hãy viết 1234 hoặc 1,2340.
6. Mã bản ghi đã điền sẵn cho {rows} dòng. Dòng chỉ có mã mà không có gì khác được bỏ qua. Cần \
thêm dòng thì tải một biểu mới.
7. Đơn vị, kế hoạch và hệ thống nguồn ghi một lần ở trang «Thông tin», áp dụng cho mọi dòng.
8. Không đổi tên cột, không thêm cột khác. Được xóa cột không dùng, trừ cột có dấu *. Để sửa bản \
ghi đã gửi, thêm hai cột «Lần sửa» và «Lý do sửa».
9. Gửi lại tệp nhiều lần không sao: dòng đã nhận mà không đổi thì không ghi lại.
10. Không ghi họ tên, số điện thoại, tài khoản hay ý kiến của cá nhân (Luật 91/2025/QH15).
"""
