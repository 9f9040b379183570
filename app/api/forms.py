"""Choosing the form of an answer: by `format`, or by the Accept header (RFC 9110, 12.5.1)."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from app.api.refusals import NotAcceptable
from app.api.strict import JSON
from app.domain.batches.readers import XLSX
from app.domain.errors import Fault, Text

CSV: Final = "text/csv"
FORMS: Final[Mapping[str, str]] = {"json": JSON, "csv": CSV, "xlsx": XLSX}
FORMS_OFFERED = Text(
    "forms_offered",
    "Các dạng hiện có: {offered}; hoặc dùng tham số «format».",
    "The forms that there are: {offered}; or use the parameter `format`.",
)
_WEIGHT: Final = re.compile(r"q=(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)", re.ASCII | re.IGNORECASE)
_FILE: Final = {"schema": {"type": "string", "format": "binary"}}
# What an operation with forms says of its 200 in the document.
FILES_OF_ANSWER: Final[dict[str, Any]] = {CSV: _FILE, XLSX: _FILE}


def preferred(accept: str | None, offered: Sequence[str]) -> str | None:
    """Return the offered media type that Accept prefers; of equal ones the first that is offered.

    None where it welcomes none of them.
    """
    if not accept or accept == "*/*":
        return offered[0]
    weights = [(_weight(accept, one), one) for one in offered]
    best = max(weight for weight, _ in weights)
    return next(one for weight, one in weights if weight == best) if best else None


def form_of(sent: Sequence[str], wanted: str | None) -> str:
    """Return the media type to answer in; `wanted` is the parameter `format`, which wins.

    `sent` are the request's Accept headers. Raises NotAcceptable.
    """
    if wanted is not None:
        return FORMS[wanted]
    offered = tuple(FORMS.values())
    found = preferred(",".join(sent), offered)
    if found is None:
        listed = ", ".join(offered)
        fault = Fault("header:accept", FORMS_OFFERED, {"offered": listed}, permitted=offered)
        raise NotAcceptable(fault, header="Accept", offered=listed)
    return found


def _weight(accept: str, media_type: str) -> float:
    """Return the weight of a media type: that of the range that names it most exactly."""
    kind = media_type.partition("/")[0]
    exactness = {"*/*": 1, f"{kind}/*": 2, media_type: 3}
    found = (0, 0.0)
    for part in accept.lower().split(","):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        if name not in exactness:
            continue
        given = [match[1] for one in parameters if (match := _WEIGHT.fullmatch(one))]
        found = max(found, (exactness[name], float(given[0]) if given else 1.0))
    return found[1]
