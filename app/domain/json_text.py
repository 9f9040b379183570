"""Reading JSON exactly: one meaning per text, or a refusal."""

import json
import re
from typing import Any, Final

from app.domain.errors import DomainError, Text

# UTF-8 has no surrogates (RFC 3629), so only an escape can bring one in.
_SURROGATE_ESCAPE: Final = re.compile(rb"\\u[dD][89a-fA-F]")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


class MalformedJson(DomainError):
    """The text is not JSON, or not a JSON that means one thing only (RFC 8259, RFC 7493)."""

    text = Text(
        "malformed_json",
        "Nội dung gửi lên không phải JSON hợp lệ: {reason}.",
        "The body is not valid JSON: {reason}.",
    )


def parse_json(body: bytes) -> Any:
    """Parse a JSON text (RFC 8259) that keeps to I-JSON (RFC 7493).

    Raises MalformedJson for a broken text, NaN and Infinity, equal keys in one object, lone
    surrogates, numbers too long to be read, and nesting too deep to be followed.
    """
    try:
        value = _DECODER.decode(body.decode("utf-8"))
        if _SURROGATE_ESCAPE.search(body):
            _refuse_surrogates(value)
    except UnicodeDecodeError as error:
        raise MalformedJson(reason="not UTF-8") from error
    except json.JSONDecodeError as error:
        reason = f"line {error.lineno}, column {error.colno}"
        raise MalformedJson(reason=reason) from error
    except RecursionError as error:
        raise MalformedJson(reason="nested too deeply") from error
    except ValueError as error:  # an integer of more digits than Python reads
        raise MalformedJson(reason="a number is too long") from error
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise MalformedJson(reason="an object has the same key twice")
    return found


def _no_constant(name: str) -> Any:
    raise MalformedJson(reason=f"{name} is no JSON number")


# Made once: json.loads makes one for each text, which costs more than reading a short one.
_DECODER: Final = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_no_constant)


def _refuse_surrogates(value: Any) -> None:
    if isinstance(value, str):
        if _SURROGATE.search(value):
            raise MalformedJson(reason="a lone surrogate is no character")
    elif isinstance(value, dict):
        for name, member in value.items():
            _refuse_surrogates(name)
            _refuse_surrogates(member)
    elif isinstance(value, list):
        for member in value:
            _refuse_surrogates(member)
