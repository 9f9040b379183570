"""Lists of words in answers that may grow without a break: marked `x-extensible-enum`.

They name kinds, causes and events, of which new rules bring more. A program shows one that it does
not know as it is. States and outcomes, which programs decide by, stay closed: a new one is a break
(the guide "versions"; Zalando's guidelines, 112).
"""

from collections.abc import Iterator
from typing import Any, Final

GROWING: Final = {
    "CauseOut": ("kind",),
    "DecidedProposalOut": ("actions",),
    "ExplainedFigureOut": ("part",),
    "FigureChangeOut": ("part",),
    "InputChangeOut": ("why",),
    "KeyOut": ("scopes",),
    "NotCountedOut": ("kind",),
    "NoticeOut": ("occasion",),
    "ProposalOut": ("actions",),
    "RoleHolding": ("role",),
    "TermOut": ("kind", "placed"),
    "UnitRoleOut": ("role",),
    "UnmappedTotalsOut": ("reason",),
    "WebhookDeliveryOut": ("event",),
    "WebhookOut": ("events",),
    "WebhookWithSecretOut": ("events",),
}
_WORD: Final = {"type": "string", "maxLength": 80, "pattern": "^[a-z][a-z0-9_.]*$"}
_SCOPE: Final = {**_WORD, "pattern": "^[a-z][a-z-]*:[a-z]+$"}


def let_lists_grow(made: dict[str, Any]) -> None:
    """Mark the lists of a document's answers that may grow."""
    for name, fields in GROWING.items():
        for field in fields:
            found = 0
            for place in _lists(made["components"]["schemas"][name]["properties"][field]):
                words = place.pop("enum", None) or [place.pop("const")]
                place |= {**(_SCOPE if field == "scopes" else _WORD), "x-extensible-enum": words}
                found += 1
            if not found:
                raise ValueError(f"{name}.{field} is no list of words")


def _lists(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Find the lists in what a field is, is one of, or is a list of."""
    if "enum" in schema or "const" in schema:
        yield schema
    for one in (*schema.get("anyOf", ()), *([schema["items"]] if "items" in schema else ())):
        yield from _lists(one)
