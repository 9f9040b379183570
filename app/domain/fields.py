"""The exact types of what comes in: nothing is guessed, nothing is silently converted.

They work alike on parsed JSON and on JSON text: a day is an ISO 8601 string and never a number.
"""

import re
import unicodedata
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any, Final
from urllib.parse import unquote, urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

MAX_MONEY: Final = 2**53 - 1  # the largest integer that every JSON reader keeps exactly
LONGEST_TEXT: Final = 20_000  # characters of what is written in several lines
# Texts without control characters, as regular expressions that every dialect reads alike.
ONE_LINE: Final = r"[^\x00-\x1f\x7f-\x9f]*"
MULTI_LINE: Final = r"[^\x00-\x08\x0b-\x1f\x7f-\x9f]*"

SMALL: Final[dict[str, Any]] = {"format": "int32"}  # how the document names small integers
ID: Final[dict[str, Any]] = {"minLength": 36, "maxLength": 36}  # of a UUID, as it is written


def tell_once(schema: dict[str, Any]) -> None:
    """Let what may be null be described where it stands, and not inside its alternatives."""
    for told in schema.get("properties", {}).values():
        kinds = told.get("anyOf", ())
        if {"type": "null"} in kinds:
            meanings = [kind.pop("description") for kind in kinds if "description" in kind]
            if meanings:
                told.setdefault("description", meanings[0])


class WireModel(BaseModel):
    """The parent of what is read from outside: strict, closed, immutable."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        frozen=True,
        allow_inf_nan=False,
        json_schema_extra=tell_once,
    )


# Unicode's categories Cc and Cs, but for the ends of lines and tabulators.
_CONTROL: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def _day(value: Any) -> date:
    if isinstance(value, date):
        return value
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, re.ASCII):
        raise PydanticCustomError("day_format", "a day is a string YYYY-MM-DD")
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise PydanticCustomError("day_unknown", "there is no such day") from error


_INSTANT: Final = re.compile(
    r"(20\d{2}|2100)-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?(Z|[+-]\d{2}:\d{2})", re.ASCII
)


def _instant(value: Any) -> datetime:
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value
    if not isinstance(value, str) or not _INSTANT.fullmatch(value):
        raise PydanticCustomError("instant_format", "an instant is a string with its offset")
    try:
        return datetime.fromisoformat(value).astimezone(UTC)
    except ValueError as error:
        raise PydanticCustomError("instant_unknown", "there is no such instant") from error


def _clean(text: str) -> str:
    text = text.replace("\r\n", "\n")  # how Windows ends a line
    if _CONTROL.search(text):
        raise PydanticCustomError("control_character", "no control characters")
    clean = unicodedata.normalize("NFC", text).strip()
    if not clean:
        raise PydanticCustomError("blank_text", "text must not be blank")
    return clean


def _one_line(text: str) -> str:
    if "\n" in text or "\t" in text:
        raise PydanticCustomError("control_character", "no control characters")
    return _clean(text)


def _at_most(length: int) -> AfterValidator:
    # NFC takes some letters apart, so what was short enough as it was sent may be longer now.
    def check(text: str) -> str:
        if len(text) > length:
            raise PydanticCustomError("string_too_long", "too long", {"max_length": length})
        return text

    return AfterValidator(check)


def _decimal(text: str) -> str:
    whole = Decimal(text)
    return f"{whole.normalize():f}" if whole else "0"


# Where a personal profile can be told by its address alone. Pages and channels of bodies pass.
_PERSONAL: Final = re.compile(
    r"""
    (?:[a-z0-9-]+\.)*
    (?:
        (?:facebook|fb)\.com/(?:
            profile\.php(?:/|$) | people/ | app_scoped_user_id/ | groups/[^/]+/user/
        )
        | linkedin\.com/(?:in|pub)/
        | zalo\.me/\+?(?:84|0)\d{8,10}(?!\d)
        | zaloapp\.com/qr/p/
        | t\.me/\+\d{8,15}(?![\w-])
        | (?:wa\.me|api\.whatsapp\.com)/
    )
    """,
    re.VERBOSE | re.ASCII | re.IGNORECASE,
)


def _of_a_public_body(link: str) -> str:
    link = unicodedata.normalize("NFC", link)
    if any(unicodedata.category(char) in ("Cc", "Cf", "Cs") for char in link):
        raise PydanticCustomError("control_character", "no control characters")
    try:
        parts = urlsplit(link)
        host, _port = (parts.hostname or "").rstrip("."), parts.port  # a wrong port raises, too
    except ValueError:
        host = ""
    if not host or parts.username is not None or "\\" in link:
        raise PydanticCustomError("link_not_public", "a link has a host and no user in it")
    path = re.sub("/+", "/", unquote(parts.path))
    if _PERSONAL.match(f"{host}{path}"):
        raise PydanticCustomError("personal_profile", "no links to personal profiles")
    return link


def _told_length(longest: int) -> Any:
    # Where a pattern refuses what is too long, the document says so in plain words, too.
    return Field(json_schema_extra={"maxLength": longest})


Day = Annotated[
    date,
    BeforeValidator(_day),
    WithJsonSchema(
        {
            "type": "string",
            "format": "date",
            "minLength": 10,
            "maxLength": 10,
            "description": "Local day, YYYY-MM-DD (ngày).",
            "example": "2021-11-22",
        }
    ),
]
InstantIn = Annotated[
    datetime,
    BeforeValidator(_instant),
    WithJsonSchema(
        {
            "type": "string",
            "format": "date-time",
            "minLength": 20,
            "maxLength": 32,
            "description": "Instant (thời điểm), RFC 3339 with its offset: "
            "`2021-11-30T00:00:00+07:00`. In UTC in answers. Years 2000 to 2100.",
            "example": "2021-11-29T17:00:00Z",
        }
    ),
]
UnitReference = Annotated[
    str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)
]
PlanSlug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=64)]
PlanCode = Annotated[
    str, StringConstraints(pattern=r"^[IVX]+(\.([1-9][0-9]?|[a-zđ]))*$", max_length=20)
]
ListCode = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$", max_length=40)]
SystemName = Annotated[
    str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$"), _told_length(64)
]
ExternalId = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:~-]{0,127}$"), _told_length(128)
]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$"), _told_length(64)]
Money = Annotated[int, Field(ge=0, le=MAX_MONEY, json_schema_extra={"format": "int64"})]
DecimalText = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9]{1,12}(\.[0-9]{1,6})?$", max_length=19),
    AfterValidator(_decimal),
]
WebLink = Annotated[
    str,
    StringConstraints(pattern=r"^https?://[^\s\x00-\x20]{3,2000}$"),
    _told_length(2008),
    AfterValidator(_of_a_public_body),
]


# What is not blank, for the document: the validators find it out by `strip`.
A_LINE: Final = r"[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*"
_SOME_LINES: Final = (
    r"([^\x00-\x08\x0b-\x1f\x7f-\x9f]|\r\n)*[^\s\x00-\x1f\x7f-\x9f]"
    r"([^\x00-\x08\x0b-\x1f\x7f-\x9f]|\r\n)*"
)
ShortText = Annotated[
    str,
    StringConstraints(max_length=500),
    AfterValidator(_one_line),
    _at_most(500),
    Field(json_schema_extra={"minLength": 1, "pattern": f"^{A_LINE}$"}),
]
LongText = Annotated[
    str,
    StringConstraints(max_length=LONGEST_TEXT),
    AfterValidator(_clean),
    _at_most(LONGEST_TEXT),
    Field(json_schema_extra={"minLength": 1, "pattern": f"^{_SOME_LINES}$"}),
]
