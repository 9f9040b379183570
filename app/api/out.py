"""What the answers of all resources share."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer


class OutModel(BaseModel):
    """The parent of what is answered."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


InstantOut = Annotated[
    datetime,
    PlainSerializer(_utc, return_type=str),
    Field(description="UTC instant, RFC 3339 with microseconds."),
]
NextCursor = Annotated[
    str | None, Field(description="Cursor of the next page; null on the last one.")
]
