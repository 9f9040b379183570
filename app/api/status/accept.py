"""Choosing the form of an answer by the request's Accept header (RFC 9110, 12.5.1)."""

import re
from collections.abc import Sequence
from typing import Final

_WEIGHT: Final = re.compile(r"q=([01](?:\.[0-9]{0,3})?)", re.ASCII | re.IGNORECASE)


def preferred(accept: str | None, offered: Sequence[str]) -> str:
    """Return the offered media type that Accept prefers; of equal ones the first that is offered.

    Where it names none of them it is the first offered: an answer is better than a refusal.
    """
    weights = [(_weight(accept or "*/*", one), one) for one in offered]
    best = max(weight for weight, _ in weights)
    return next(one for weight, one in weights if weight == best)


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
