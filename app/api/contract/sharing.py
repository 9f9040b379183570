"""Answers that many operations give alike stand once, and are referred to.

Written out everywhere, the refusals would make the document twice as long.
"""

import json
from collections import defaultdict
from typing import Any

from app.api.contract.problems import CODES


def share_refusals(made: dict[str, Any]) -> None:
    """Move the refusals that several operations of a document share to its components."""
    places: dict[str, list[tuple[dict[str, Any], str]]] = defaultdict(list)
    for path in made["paths"].values():
        for operation in path.values():
            responses = operation["responses"]
            for status, response in responses.items():
                if CODES in response:
                    places[json.dumps([status, response])].append((responses, status))
    shared: dict[str, Any] = {}
    for content, those in places.items():
        if len(those) > 1:
            status, response = json.loads(content)
            name = ".".join([status, *response[CODES]])
            # Public operations and the others answer the same with other headers.
            name = f"{name}.public" if "RateLimit" not in response["headers"] else name
            shared[name] = response
            for responses, here in those:
                responses[here] = {"$ref": f"#/components/responses/{name}"}
    made["components"]["responses"] = dict(sorted(shared.items()))


def resolved(made: dict[str, Any], thing: dict[str, Any]) -> dict[str, Any]:
    """Return what a part of a document refers to, or the part itself."""
    place = thing.get("$ref")
    if place is None:
        return thing
    found: dict[str, Any] = made
    for step in place.removeprefix("#/").split("/"):
        found = found[step]
    return found
