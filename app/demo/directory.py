"""Facts about the reporting bodies of 2021 that the register does not hold, for the demo only.

The hosts and document symbols are plausible, not checked; the topics are each body's own field.
"""

from typing import Final, NamedTuple


class Facts(NamedTuple):
    """What the demo says of a body."""

    host: str
    symbol: str
    signer: str
    field: str


_CHAIR, _DIRECTOR = "Phó Chủ tịch UBND", "Phó Giám đốc"

FACTS: Final = {
    "522": Facts("tpquangngai", "UBND", _CHAIR, "xây dựng đô thị văn minh, hiện đại"),
    "524": Facts("binhson", "UBND", _CHAIR, "phát triển công nghiệp và dịch vụ của huyện"),
    "525": Facts("trabong", "UBND", _CHAIR, "phát triển vùng quế và giảm nghèo bền vững"),
    "527": Facts("sontinh", "UBND", _CHAIR, "xây dựng nông thôn mới"),
    "528": Facts("tunghia", "UBND", _CHAIR, "xây dựng nông thôn mới nâng cao"),
    "529": Facts("sonha", "UBND", _CHAIR, "phát triển kinh tế rừng, giảm nghèo bền vững"),
    "530": Facts("sontay", "UBND", _CHAIR, "giảm nghèo bền vững ở vùng cao"),
    "531": Facts("minhlong", "UBND", _CHAIR, "phát triển sinh kế cho hộ nghèo, hộ cận nghèo"),
    "532": Facts("nghiahanh", "UBND", _CHAIR, "phát triển vườn cây ăn quả và nông thôn mới"),
    "533": Facts("moduc", "UBND", _CHAIR, "dồn điền đổi thửa và xây dựng nông thôn mới"),
    "534": Facts("ducpho", "UBND", _CHAIR, "phát triển kinh tế biển và chỉnh trang đô thị"),
    "535": Facts("bato", "UBND", _CHAIR, "phát huy truyền thống quê hương Khởi nghĩa Ba Tơ"),
    "536": Facts("lyson", "UBND", _CHAIR, "phát triển du lịch và kinh tế biển, đảo"),
    "so-tttt": Facts("stttt", "STTTT", _DIRECTOR, "chuyển đổi số và thông tin cơ sở"),
    "so-vhttdl": Facts("svhttdl", "SVHTTDL", _DIRECTOR, "xây dựng đời sống văn hóa cơ sở"),
    "so-tai-chinh": Facts("stc", "STC", _DIRECTOR, "quản lý, sử dụng hiệu quả ngân sách"),
    "vp-ubnd": Facts("vpubnd", "VPUB", "Phó Chánh Văn phòng", "kiểm soát thủ tục hành chính"),
    "so-noi-vu": Facts("snv", "SNV", _DIRECTOR, "cải cách hành chính và chế độ công vụ"),
    "so-tu-phap": Facts("stp", "STP", _DIRECTOR, "phổ biến, giáo dục pháp luật"),
    "so-khdt": Facts("skhdt", "SKHĐT", _DIRECTOR, "cải thiện môi trường đầu tư, kinh doanh"),
    "so-cong-thuong": Facts("sct", "SCT", _DIRECTOR, "phát triển công nghiệp và thương mại"),
    "so-nnptnt": Facts("snnptnt", "SNNPTNT", _DIRECTOR, "cơ cấu lại ngành nông nghiệp"),
    "so-gtvt": Facts("sgtvt", "SGTVT", _DIRECTOR, "phát triển kết cấu hạ tầng giao thông"),
    "so-xay-dung": Facts("sxd", "SXD", _DIRECTOR, "quy hoạch và phát triển đô thị, nhà ở"),
    "so-tnmt": Facts("stnmt", "STNMT", _DIRECTOR, "quản lý đất đai và bảo vệ môi trường"),
    "so-ldtbxh": Facts("sldtbxh", "SLĐTBXH", _DIRECTOR, "giảm nghèo và bảo đảm an sinh xã hội"),
    "so-khcn": Facts("skhcn", "SKHCN", _DIRECTOR, "ứng dụng khoa học và đổi mới sáng tạo"),
    "so-gddt": Facts("sgddt", "SGDĐT", _DIRECTOR, "đổi mới căn bản, toàn diện giáo dục"),
    "so-y-te": Facts("syt", "SYT", _DIRECTOR, "phòng, chống dịch và chăm sóc sức khỏe Nhân dân"),
    "thanh-tra": Facts(
        "thanhtra", "TTT", "Phó Chánh Thanh tra", "công tác thanh tra và phòng, chống tham nhũng"
    ),
    "so-ngoai-vu": Facts("songv", "SNgV", _DIRECTOR, "công tác đối ngoại và hội nhập quốc tế"),
    "ban-dan-toc": Facts(
        "bdt", "BDT", "Phó Trưởng ban", "chính sách đối với vùng đồng bào dân tộc thiểu số"
    ),
    "bql-kkt": Facts("bqlkkt", "BQL", "Phó Trưởng ban", "thu hút đầu tư vào Khu kinh tế Dung Quất"),
    "bao-quang-ngai": Facts(
        "bao", "BQN", "Phó Tổng Biên tập", "phát triển kinh tế - xã hội của tỉnh"
    ),
    "dai-ptth": Facts("ptth", "PTTH", _DIRECTOR, "phát triển kinh tế - xã hội của tỉnh"),
    "cong-ttdt": Facts("www", "CTTĐT", "Trưởng ban Biên tập", "chỉ đạo, điều hành của UBND tỉnh"),
    "hoi-vhnt": Facts("vhnt", "HVHNT", "Phó Chủ tịch Hội", "văn học - nghệ thuật của tỉnh"),
    "ban-tuyen-giao": Facts(
        "tuyengiao", "BTGTU", "Phó Trưởng Ban", "định hướng công tác tuyên truyền"
    ),
}

# Which minority's language a district's loudspeakers also speak.
LANGUAGES: Final = {"535": "hre", "531": "hre", "529": "hre", "525": "cua", "530": "sed"}
LANGUAGE_NAMES: Final = {"hre": "tiếng Hrê", "cua": "tiếng Co", "sed": "tiếng Ca Dong"}
