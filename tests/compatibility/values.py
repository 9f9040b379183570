"""Lists of values: closed ones (`enum`, `const`) and those that may grow (`x-extensible-enum`)."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

Schema = Mapping[str, Any]

GROWING: Final = "x-extensible-enum"


def lists_values(schema: Schema) -> bool:
    """Tell whether a schema is a closed list of values."""
    return "enum" in schema or "const" in schema


def narrower_values(inner: Schema, outer: Schema, side: str) -> Iterator[str]:
    """Say which values the inner schema allows and the outer one does not.

    Of a list that may grow: which are never answered any more. A program waits for them.
    """
    told, known = _values(inner), _values(outer)
    if known is not None:
        if told is None:
            yield "the values were a closed list" if side == "answer" else "values are listed now"
        else:
            word = "is a new value" if side == "answer" else "is no longer taken"
            yield from (f"{value} {word}" for value in sorted(told - known))
    if side == "answer" and GROWING in outer:
        left = _texts(inner.get(GROWING, ())) | (told or set())
        yield from (f"{value} is removed" for value in sorted(_texts(outer[GROWING]) - left))


def _values(schema: Schema) -> set[str] | None:
    if not lists_values(schema):
        return None
    listed = _texts(schema["enum"]) if "enum" in schema else None
    only = _texts([schema["const"]]) if "const" in schema else None
    if listed is None or only is None:
        return only if listed is None else listed
    return listed & only


def _texts(values: Any) -> set[str]:
    return {json.dumps(value, ensure_ascii=False, sort_keys=True) for value in values}
