"""What the web's front door itself refuses, before the domain is asked."""

from app.domain.errors import DomainError, Text


class BodyTooLarge(DomainError):
    """The body is larger than this operation takes."""

    text = Text(
        "body_too_large",
        "Nội dung gửi lên vượt quá {limit} byte.",
        "The body is larger than {limit} bytes.",
    )


class UnsupportedMediaType(DomainError):
    """The body's Content-Type is none that this operation reads."""

    text = Text(
        "unsupported_media_type",
        "Cần «Content-Type» là: {accepted}.",
        "`Content-Type` must be: {accepted}.",
    )


class MethodNotAllowed(DomainError):
    """The path is known, the method is not one of its own."""

    text = Text(
        "method_not_allowed",
        "Địa chỉ này không nhận phương thức {method}; nhận: {allowed}.",
        "This path does not take {method}, but: {allowed}.",
    )


class NotAcceptable(DomainError):
    """What is asked for exists, but in no form that the request accepts."""

    text = Text(
        "not_acceptable",
        "Tiêu đề «{header}» loại trừ mọi dạng mà địa chỉ này cung cấp: {offered}.",
        "The header `{header}` excludes every form that this path offers: {offered}.",
    )


class RateLimited(DomainError):
    """The key has used up its requests for now."""

    text = Text(
        "rate_limited",
        "Khóa này đã dùng hết số yêu cầu cho phép; thử lại sau {seconds} giây.",
        "This key has used up its requests for now; try again in {seconds} seconds.",
    )


class Unavailable(DomainError):
    """The database cannot be reached, or is not ready for this version."""

    text = Text(
        "unavailable",
        "Dịch vụ tạm thời chưa sẵn sàng; hãy gửi lại sau ít phút.",
        "The service is not available just now; send the same again in a moment.",
    )


class InternalError(DomainError):
    """A fault of ours. Nothing of the request was stored."""

    text = Text(
        "internal_error",
        "Lỗi của hệ thống; chưa có gì được lưu. Hãy báo mã yêu cầu cho quản trị.",
        "A fault of the service; nothing was stored. Tell the operator the request id.",
    )


class BadCursor(DomainError):
    """The cursor is not one that this list gave out."""

    text = Text(
        "bad_cursor",
        "Con trỏ trang không phải do danh sách này cấp; hãy đọc lại từ đầu.",
        "The cursor was not given out by this list; start again without one.",
    )


class HttpError(DomainError):
    """Any other refusal of the HTTP layer."""

    text = Text("http_error", "Yêu cầu bị từ chối.", "The request is refused.")
