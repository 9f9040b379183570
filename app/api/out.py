"""What the answers of all resources share."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, PlainSerializer

from app.domain.described import Instant, text
from app.domain.fields import tell_once
from app.domain.period import instant_text


class OutModel(BaseModel):
    """The parent of what is answered."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra=tell_once)


InstantOut = Annotated[Instant, PlainSerializer(instant_text, return_type=str)]
_Cursor = Annotated[
    str,
    text("Cursor of the next page (trang tiếp); null on the last one.", 400, "[A-Za-z0-9_-]+"),
]
NextCursor = _Cursor | None
