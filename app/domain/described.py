"""What the document says of values that are answered: meaning, format and bounds.

Nothing here is checked when an answer is made: what is stored is answered. Each bound is that of
the column or of the body that the value came in by, and the tests hold every answer that they get
against it. What comes in has types of its own, which do refuse: `app.domain.fields`.
"""

from datetime import date, datetime
from typing import Annotated, Any, Final, TypeVar
from uuid import UUID

from pydantic import Field

from app.domain.fields import LONGEST_TEXT, MAX_MONEY, MULTI_LINE, ONE_LINE

_T = TypeVar("_T")

INT_32: Final = 2**31 - 1  # the largest integer that an INTEGER column takes
INT_64: Final = 2**63 - 1
_SLUG: Final = "[a-z0-9]+(-[a-z0-9]+)*"
_ITEM: Final = r"[IVX]+(\.([1-9][0-9]*|[a-zđ]))*"


def said(description: str, **schema: Any) -> Any:
    """Return what the document says of a value: its meaning, and keywords of JSON Schema."""
    return Field(description=description, json_schema_extra=schema)


def told(**schema: Any) -> Any:
    """Return keywords of JSON Schema that the document says of a value and nothing checks."""
    return Field(json_schema_extra=schema)


def text(description: str, longest: int, pattern: str) -> Any:
    """Return what the document says of a text of at most `longest` characters."""
    return said(description, maxLength=longest, pattern=f"^{pattern}$")


def words(description: str, *values: str) -> Any:
    """Return what the document says of one of a few words, which the database checks."""
    return said(description, enum=list(values))


def whole(description: str, least: int = 0, most: int = MAX_MONEY) -> Any:
    """Return what the document says of a whole number."""
    size = "int32" if most <= INT_32 else "int64"
    return said(description, format=size, minimum=least, maximum=most)


# Lists. What a body or a column bounds is `Few` or `Some`. Nothing cuts the others: the ceiling is
# far above what the province's register, plan and years can come to, for readers that need one.
Few = Annotated[list[_T], told(maxItems=100)]
Some = Annotated[list[_T], told(maxItems=1000)]
Many = Annotated[list[_T], told(maxItems=100_000)]
Page = Annotated[
    list[_T], said("The page's rows, in order (các dòng của trang).", maxItems=500)
]  # MAX_LIMIT

# Names of things.
Id = Annotated[UUID, said("Id (mã định danh).", minLength=36, maxLength=36)]
UnitKey = Annotated[
    str, text("Key of the unit (khóa của đơn vị): it never changes, as a code does.", 80, _SLUG)
]
Actor = Annotated[
    str, text("Key of the unit that recorded it, or `operator` (người ghi).", 80, _SLUG)
]
UnitCode = Annotated[
    str,
    text("The unit's code (mã đơn vị), unique only within a period: codes are reused.", 64, _SLUG),
]
GroupName = Annotated[str, text("Key of the unit group (nhóm đơn vị).", 80, _SLUG)]
PlanName = Annotated[str, text("The plan's slug (kế hoạch).", 64, _SLUG)]
ItemCode = Annotated[
    str, text("Code of the plan item (hình thức, nhiệm vụ), e.g. `III.1.b`.", 20, _ITEM)
]
ThemeCode = Annotated[
    str, text("Code of the content theme (nội dung tuyên truyền), e.g. `II.1.3`.", 20, _ITEM)
]
CycleName = Annotated[
    str,
    text("Key of the reporting cycle (kỳ báo cáo).", 105, rf"{_SLUG}\.{_SLUG}"),
]
CycleCode = Annotated[
    str, text("The cycle's code in its plan; of a yearly one its year (mã kỳ).", 40, _SLUG)
]
Word = Annotated[str, text("A code word (mã).", 80, r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)*")]
ListWord = Annotated[str, text("Code of a list (mã danh mục).", 40, "[a-z][a-z0-9_]*")]
IndicatorCode = Annotated[str, text("Code of the indicator (mã chỉ tiêu).", 40, "[a-z][a-z0-9_]*")]
SourceCode = Annotated[
    str, text("Code of the funding source (nguồn kinh phí).", 40, "[a-z][a-z0-9_]*")
]
SystemCode = Annotated[
    str, text("The sending system (hệ thống nguồn).", 64, "[a-z0-9][a-z0-9._-]*")
]
ExternalCode = Annotated[
    str, text("The record's id in that system (mã bản ghi).", 128, "[A-Za-z0-9][A-Za-z0-9._:~-]*")
]
Classification = Annotated[
    str, text("Code of the budget classification (mục lục ngân sách).", 3, "[0-9]{3}")
]
Hash = Annotated[str, text("SHA-256, lower-case hex (mã băm).", 64, "[0-9a-f]{64}")]
Pointer = Annotated[
    str, text("JSON Pointer, RFC 6901 (vị trí).", 400, r"(/([^~/\x00-\x1f]|~[01])*)*")
]

RequestId = Annotated[
    str, text("The request's id (mã yêu cầu), as in X-Request-Id.", 64, "[A-Za-z0-9._-]{8,64}")
]
ProposalId = Annotated[
    str,
    text(
        "The proposal's id: its submission's, a point, 16 digits of its hash (mã kiến nghị).",
        53,
        r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.[0-9a-f]{16}",
    ),
]
Since = Annotated[str, text("Where to go on (con trỏ).", 400, "[A-Za-z0-9_-]+")]
Path = Annotated[str, text("Path (đường dẫn).", 200, r"/v1(/[a-z0-9.-]+)+")]

# Words of which the database takes no other.
OriginWord = Annotated[str, words("original (tin gốc) or repost (đăng lại).", "original", "repost")]
LevelWord = Annotated[
    str,
    words(
        "Level of a territory (cấp): province, district or commune.",
        *("province", "district", "commune"),
    ),
]

# Days and instants.
_DAY: Final = {"format": "date", "minLength": 10, "maxLength": 10, "example": "2021-11-22"}
_INSTANT: Final = {
    "type": "string",
    "format": "date-time",
    "minLength": 27,
    "maxLength": 27,
    "pattern": r"^[0-9]{4}(-[0-9]{2}){2}T[0-9]{2}(:[0-9]{2}){2}\.[0-9]{6}Z$",
    "example": "2021-11-22T02:00:00.000000Z",
}
DayOut = Annotated[date, said("Local day, YYYY-MM-DD (ngày).", **_DAY)]
Month = Annotated[str, text("Month (tháng), e.g. `2021-09`.", 7, "[0-9]{4}-(0[1-9]|1[0-2])")]
DayText = Annotated[str, said("Local day, YYYY-MM-DD (ngày).", **_DAY)]
Instant = Annotated[datetime, said("UTC instant, RFC 3339 (thời điểm).", **_INSTANT)]
InstantText = Annotated[str, said("UTC instant, RFC 3339 (thời điểm).", **_INSTANT)]

# Whole numbers.
Count = Annotated[int, whole("How many (số lượng).")]
Number = Annotated[int, whole("Number, from 1 (số thứ tự).", 1, INT_32)]
Place = Annotated[int, whole("Place in a list, from 0 (vị trí).", 0, INT_32)]
YearNumber = Annotated[int, whole("Calendar year (năm).", 2000, 2100)]
Vnd = Annotated[int, whole("Whole VND (đồng).")]
VndSum = Annotated[
    int,
    whole("A sum in whole VND (tổng số tiền, đồng): it may be more than 2^53 - 1.", most=INT_64),
]

# Amounts are decimal strings, in their shortest form.
AmountText = Annotated[
    str,
    text("Decimal string (số lượng, số tiền).", 40, r"(0|[1-9][0-9]{0,30})(\.[0-9]{0,6}[1-9])?"),
]
SignedText = Annotated[
    str,
    text(
        "Decimal string, may be negative (số liệu).",
        41,
        r"-?(0|[1-9][0-9]{0,30})(\.[0-9]{0,6}[1-9])?",
    ),
]
Percent = Annotated[str, text("Percent, one decimal (phần trăm).", 5, r"(100|[1-9]?[0-9])\.[0-9]")]
Rate = Annotated[str, text("Ratio, six decimals (tỷ lệ).", 40, r"[0-9]{1,32}\.[0-9]{6}")]
VndText = Annotated[str, text("Whole VND, a decimal string (đồng).", 31, "0|[1-9][0-9]{0,30}")]

# What people wrote.
OneLine = Annotated[str, text("One line of text (một dòng).", 500, ONE_LINE)]
Prose = Annotated[str, text("Text of several lines (đoạn văn).", LONGEST_TEXT, MULTI_LINE)]
Passage = Annotated[str, text("The plan's own words (nguyên văn).", LONGEST_TEXT, MULTI_LINE)]
Name = Annotated[str, text("Name (tên gọi).", 500, ONE_LINE)]
ReasonText = Annotated[str, text("Why (lý do).", LONGEST_TEXT, MULTI_LINE)]
DocumentNumber = Annotated[
    str, text("Number and symbol of the document (số, ký hiệu văn bản).", 500, ONE_LINE)
]
SignerTitle = Annotated[
    str, text("The signer's title (chức danh người ký); never a name.", 500, ONE_LINE)
]
Link = Annotated[
    str,
    said(
        "http or https link to a publication of a public body (đường dẫn).",
        format="uri",
        maxLength=2010,
        pattern="^https?://",
    ),
]
