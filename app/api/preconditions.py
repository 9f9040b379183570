"""ETag and If-Match (RFC 9110, 13.1.1): a revision's number, as a strong entity tag."""

import re
from typing import Annotated, Final

from fastapi import Depends, Header, Request
from pydantic import Field

from app.domain.activities.service import Precondition
from app.domain.errors import Fault, Invalid, Text

_TAG: Final = re.compile(r'(W/)?"([!#-~]*)"', re.ASCII)
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,8}", re.ASCII)

BAD_IF_MATCH = Text(
    "if_match_format",
    'If-Match phải là «"3"» (lần sửa hiện hành, trong dấu nháy kép) hoặc «*».',
    'If-Match must be `"3"` (the current revision, in double quotes) or `*`.',
)


# How the document says what the header may hold.
_LISTED: Final = r'^(\*|(W/)?"[!#-~]*"([ \t]*,[ \t]*(W/)?"[!#-~]*")*)$'


_Tags = Annotated[str, Field(max_length=200, json_schema_extra={"pattern": _LISTED})]


def etag(revision: int) -> str:
    """Return the entity tag of a revision."""
    return f'"{revision}"'


async def _if_match(
    request: Request,
    if_match: Annotated[
        _Tags | None,
        Header(
            alias="If-Match",
            description="The ETag of the revision that this is meant for (lần sửa hiện hành), e.g. "
            '`"3"`. Without it 428, and 412 where another revision is current.',
        ),
    ] = None,
) -> Precondition | None:
    """Read the header. A weak tag matches nothing. Raises Invalid."""
    if if_match is None:
        return None
    if_match = ",".join(request.headers.getlist("if-match"))  # two headers are one list
    if if_match.strip() == "*":
        return Precondition(any_revision=True)
    tags = [part.strip() for part in if_match.split(",")]
    found = [_TAG.fullmatch(tag) for tag in tags]
    if not all(found):
        raise Invalid(Fault("header:if-match", BAD_IF_MATCH))
    strong = [match[2] for match in found if match and not match[1]]
    return Precondition(frozenset(int(tag) for tag in strong if _NUMBER.fullmatch(tag)))


IfMatch = Annotated[Precondition | None, Depends(_if_match)]
"""The revisions that If-Match names, or None where the header was not sent."""
