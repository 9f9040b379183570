"""The examples of the document: requests that the app took and its answers, as recorded.

`make examples` plays a year against the real app and writes them down (`tests.examples`); a test
plays it again and holds what it sees against them. Ids, hashes and cursors are made up, and of a
list the first two elements are shown.
"""

import json
from pathlib import Path
from typing import Any, Final

EXAMPLES: Final = Path(__file__).parents[1] / "examples"
RECORDED: Final = EXAMPLES / "recorded"


def example(name: str) -> Any:
    """Return a body that the app takes, from the files that are shown beside the document."""
    return json.loads((EXAMPLES / f"{name}.json").read_text(encoding="utf-8"))


def give_examples(made: dict[str, Any]) -> None:
    """Show with every operation of a document what was recorded of it."""
    for path in made["paths"].values():
        for operation in path.values():
            file = RECORDED / f"{operation['operationId']}.json"
            if file.exists():  # one that was just added is recorded next
                _show(operation, json.loads(file.read_text(encoding="utf-8")))


def _show(operation: dict[str, Any], recorded: dict[str, Any]) -> None:
    for parameter in operation.get("parameters", ()):
        sent = recorded.get(_place(parameter), {})
        if parameter.get("name") in sent:
            parameter["example"] = sent[parameter["name"]]
    contents = operation.get("requestBody", {}).get("content", {})
    for media_type, body in recorded.get("bodies", {}).items():
        contents[media_type]["example"] = body
    for status, answer in recorded.get("answers", {}).items():
        operation["responses"][status]["content"]["application/json"]["example"] = answer


def _place(parameter: dict[str, Any]) -> str:
    """Return under which name of a recorded request a parameter stands."""
    where = parameter.get("in", "")
    return "headers" if where == "header" else str(where)
