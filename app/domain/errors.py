"""Refusals: every one has a stable code and says where and what, in Vietnamese and English.

A refusal is a class with a `code` and its two texts; the front door gives it a status
(`app.api.problems`). The faults inside a body are `Fault`s, each a `Text` at a JSON Pointer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Final, Literal

Language = Literal["vi", "en"]
Param = str | int


_TEXTS: Final[dict[str, "Text"]] = {}


@dataclass(frozen=True)
class Text:
    """A message with a stable code, as a template in both languages."""

    code: str
    vi: str
    en: str

    def __post_init__(self) -> None:
        _TEXTS[self.code] = self

    def say(self, language: Language, params: Mapping[str, Param]) -> str:
        """Return the message in that language, its placeholders filled."""
        return (self.vi if language == "vi" else self.en).format(**params)


def text_of(code: str) -> Text | None:
    """Return the message with a code, or None for one that is no longer in use."""
    return _TEXTS.get(code)


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong in a request.

    `pointer` is a JSON Pointer (RFC 6901) into the body, or `?name` for a query parameter;
    `permitted` lists what would have been accepted where that is a short list.
    """

    pointer: str
    text: Text
    params: Mapping[str, Param] = field(default_factory=dict)
    permitted: Sequence[str] | None = None


DAY_IN_FUTURE = Text(
    "day_in_future",
    "Ngày này chưa đến; hôm nay là {today}.",
    "The day is in the future; today is {today}.",
)


class DomainError(Exception):
    """A refusal of the domain. `params` fill the templates; `faults` say where."""

    text: ClassVar[Text]

    def __init__(self, *faults: Fault, **params: Param) -> None:
        super().__init__(self.text.code)
        self.faults = faults
        self.params = params

    def __str__(self) -> str:
        lines = [self.text.say("en", self.params)]
        lines += [f"{f.pointer}: {f.text.say('en', f.params)}" for f in self.faults]
        return "\n".join(lines)


class NotFound(DomainError):
    """What was asked for does not exist, or this key may not see it."""

    text = Text(
        "not_found",
        "Không tìm thấy, hoặc khóa này không được xem.",
        "There is no such thing, or this key may not see it.",
    )


class Invalid(DomainError):
    """The body or a parameter is well formed but says something that cannot be."""

    text = Text(
        "invalid",
        "Nội dung gửi lên có {count} chỗ chưa hợp lệ; xem «errors».",
        "What was sent has {count} fault(s); see `errors`.",
    )

    def __init__(self, *faults: Fault) -> None:
        super().__init__(*faults, count=len(faults))


class ReferenceDataRefused(DomainError):
    """A file of reference data (plan, register, catalogue) that cannot be taken in."""

    text = Text(
        "reference_refused",
        "Tệp dữ liệu {file} bị từ chối: {reason}",
        "The data file {file} is refused: {reason}",
    )


def all_errors(root: type[DomainError] = DomainError) -> list[type[DomainError]]:
    """Return every concrete refusal that has been defined, in order of their codes."""
    found = {root} if "text" in root.__dict__ else set()
    for child in root.__subclasses__():
        found |= set(all_errors(child))
    return sorted(found, key=lambda error: error.text.code)
