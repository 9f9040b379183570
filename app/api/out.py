"""What the answers of all resources share."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer

from app.domain.period import instant_text


class OutModel(BaseModel):
    """The parent of what is answered."""

    model_config = ConfigDict(frozen=True, extra="forbid")


InstantOut = Annotated[
    datetime,
    PlainSerializer(instant_text, return_type=str),
    Field(description="UTC instant, RFC 3339 with microseconds."),
]
NextCursor = Annotated[
    str | None, Field(description="Cursor of the next page; null on the last one.")
]
