"""Saying in both languages what pydantic found wrong; what was sent is never echoed."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pydantic import ValidationError

from app.domain.errors import Fault, Text

_TEXTS: Final = {
    text.code: text
    for text in (
        Text("missing", "Thiếu trường bắt buộc này.", "This field is required."),
        Text("extra_forbidden", "Không có trường này.", "There is no such field."),
        Text("string_type", "Phải là chuỗi.", "It must be a string."),
        Text("int_type", "Phải là số nguyên.", "It must be an integer."),
        Text("int_parsing", "Phải là số nguyên.", "It must be an integer."),
        Text("bool_type", "Phải là true hoặc false.", "It must be true or false."),
        Text("list_type", "Phải là danh sách.", "It must be a list."),
        Text("model_type", "Phải là một đối tượng JSON.", "It must be a JSON object."),
        Text("literal_error", "Phải là một trong: {expected}.", "It must be one of: {expected}."),
        Text(
            "string_pattern_mismatch",
            "Phải theo mẫu {pattern}",
            "It must match the pattern {pattern}",
        ),
        Text(
            "string_too_long",
            "Tối đa {max_length} ký tự.",
            "At most {max_length} characters.",
        ),
        Text(
            "string_too_short",
            "Tối thiểu {min_length} ký tự.",
            "At least {min_length} characters.",
        ),
        Text("too_long", "Tối đa {max_length} phần tử.", "At most {max_length} elements."),
        Text("too_short", "Tối thiểu {min_length} phần tử.", "At least {min_length} elements."),
        Text("greater_than_equal", "Phải từ {ge} trở lên.", "It must be at least {ge}."),
        Text("less_than_equal", "Không được quá {le}.", "It must be at most {le}."),
        Text(
            "day_format",
            "Ngày phải là chuỗi dạng YYYY-MM-DD.",
            "A day must be a string of the form YYYY-MM-DD.",
        ),
        Text("day_unknown", "Không có ngày này.", "There is no such day."),
        Text(
            "instant_format",
            "Thời điểm phải là chuỗi RFC 3339 có múi giờ, ví dụ 2021-11-30T00:00:00+07:00, "
            "từ năm 2000 đến năm 2100.",
            "An instant must be a string of RFC 3339 with its offset, e.g. "
            "2021-11-30T00:00:00+07:00, of the years 2000 to 2100.",
        ),
        Text("instant_unknown", "Không có thời điểm này.", "There is no such instant."),
        Text(
            "control_character",
            "Không được có ký tự điều khiển.",
            "There must be no control characters.",
        ),
        Text("blank_text", "Không được để trống.", "It must not be blank."),
        Text(
            "personal_profile",
            "Không nhận liên kết đến trang cá nhân; hãy dẫn ấn phẩm của cơ quan, đơn vị.",
            "Links to personal profiles are not taken: link the body's own publication.",
        ),
        Text(
            "link_not_public",
            "Liên kết phải có tên máy chủ và không chứa tài khoản, mật khẩu.",
            "A link has a host, and no user or password in it.",
        ),
        Text(
            "names_no_report",
            "Nêu báo cáo hoặc bằng id, hoặc bằng unit, on, source_system và external_id.",
            "Name the report by id, or by unit, on, source_system and external_id.",
        ),
        Text(
            "cycle_unclear",
            "Nêu kỳ báo cáo hoặc bằng plan và year, hoặc bằng cycle.",
            "Name the cycle by plan and year, or by cycle.",
        ),
        Text(
            "summary_incomplete",
            "Hoạt động gộp cần cả ended_on và occurrences; hoạt động đơn không có cả hai.",
            "A summary has both ended_on and occurrences, a single activity neither.",
        ),
    )
}
# What pydantic says in several ways, by how the model was asked.
_ALIKE: Final = {"model_attributes_type": "model_type", "dict_type": "model_type"}
_OTHER: Final = Text("not_valid", "Giá trị chưa hợp lệ.", "The value is not valid.")


def faults_of(errors: Sequence[Mapping[str, Any]]) -> list[Fault]:
    """Return pydantic's errors as faults with JSON Pointers (`?name` for query parameters)."""
    return [_fault(error) for error in errors]


def faults_in_body(error: ValidationError) -> list[Fault]:
    """Return what is wrong with a body that was validated by itself."""
    return faults_of([{**one, "loc": ("body", *one["loc"])} for one in error.errors()])


def _fault(error: Mapping[str, Any]) -> Fault:
    text = _TEXTS.get(_ALIKE.get(error["type"], error["type"]), _OTHER)
    context = error.get("ctx", {})
    params = {name: value for name, value in context.items() if isinstance(value, str | int)}
    return Fault(_pointer(error["loc"]), text, params)


def _pointer(loc: Sequence[str | int]) -> str:
    place, *parts = loc or ("body",)
    steps = [str(part).replace("~", "~0").replace("/", "~1") for part in parts]
    if place == "body":
        return "".join(f"/{step}" for step in steps)
    return f"?{'.'.join(steps)}" if place == "query" else f"{place}:{'.'.join(steps)}"
