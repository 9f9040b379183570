"""What the document says of an answer that is no refusal: what it is.

An endpoint that answers in several ways describes each beside itself (`responses`,
`response_description`). Any other answer is what its schema is. Where files can be answered in
place of JSON, the schema says what it is and the endpoint says in which forms.
"""

from typing import Any, Final

from app.api.contract.sharing import resolved
from app.api.strict import JSON

FRAMEWORKS_OWN: Final = (
    "Successful Response"  # what FastAPI says of an answer that nobody described
)


def describe_answers(made: dict[str, Any]) -> None:
    """Describe by its schema every answer of a document that its endpoint does not describe."""
    for path in made["paths"].values():
        for operation in path.values():
            for answer in operation["responses"].values():
                said, contents = answer["description"], answer.get("content", {})
                if said == FRAMEWORKS_OWN:
                    answer["description"] = _meaning(made, answer)
                elif JSON in contents and len(contents) > 1:
                    answer["description"] = f"{_meaning(made, answer)} {said}"


def _meaning(made: dict[str, Any], answer: dict[str, Any]) -> str:
    """Return what an answer's JSON is by its schema's first paragraph; fail where it has none."""
    said: str = resolved(made, answer["content"][JSON]["schema"])["description"]
    return said.split("\n\n", maxsplit=1)[0]
