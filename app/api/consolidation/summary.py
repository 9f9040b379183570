"""A plan over its years: the yearly reports side by side, and all of it as one report."""

import hashlib
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
)

from app.api.consolidation.answer import REQUEST_HEADERS, RESPONSES
from app.api.contract.refusing import refuses
from app.api.deps import CanReadConsolidated
from app.api.paths import PlanInPath
from app.api.refusals import NotAcceptable
from app.api.representations import StoredBytes, answer
from app.api.strict import JSON, StrictRoute
from app.domain.canonical import canonical_bytes
from app.domain.consolidation.reading import ReportSchemaTooOld
from app.domain.consolidation.summary_queries import plan_summary
from app.domain.consolidation.summary_shape import PlanSummary
from app.domain.fields import Day

router = APIRouter(tags=["Consolidated reports"], route_class=StrictRoute)

AS_REPORTED: Final = "as_reported"
_DAY_OR_NOT: Final = {
    "anyOf": [
        {
            "type": "string",
            "format": "date",
            "minLength": 10,
            "maxLength": 10,
            "example": "2025-07-01",
        },
        {"type": "string", "const": AS_REPORTED},
    ]
}


class SummaryQuery(BaseModel):
    """Which years, by the units of which day. An unknown parameter is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    years: Annotated[
        str | None, StringConstraints(pattern=r"^[0-9]{4}(,[0-9]{4}){0,19}$", max_length=99)
    ] = Field(
        default=None,
        description="Some of the plan's years, by comma (các năm): `2021,2022`; all where it is "
        "left out. What goes over the plan then goes over these.",
    )
    units_on: Annotated[
        Day | None,
        BeforeValidator(lambda value: None if value == AS_REPORTED else value),
        WithJsonSchema(_DAY_OR_NOT),
    ] = Field(
        default=None,
        description="By which units: `as_reported` (theo đơn vị báo cáo), which is also meant "
        "where nothing is given, or those of a day (theo đơn vị tại ngày).",
    )

    @property
    def asked(self) -> list[int]:
        """The years; none are all."""
        return [int(year) for year in self.years.split(",")] if self.years else []


def _responses() -> dict[int | str, dict[str, Any]]:
    """Return those of the report's answers that a summary has."""
    told = {"X-Report-Version", "X-Report-SHA256", "Content-Location"}
    made: dict[int | str, dict[str, Any]] = {}
    for status, response in RESPONSES.items():
        made[status] = dict(response)
        if "headers" in response:
            headers = {name: one for name, one in response["headers"].items() if name not in told}
            made[status]["headers"] = headers | {"X-Summary-SHA256": _SHA256}
    return made


_SHA256: Final = {
    "description": "SHA-256 of the summary's canonical JSON, RFC 8785, not compressed (mã băm).",
    "schema": {"type": "string", "maxLength": 64, "pattern": "^[0-9a-f]{64}$"},
}


@router.get(
    "/plans/{plan}/summary",
    response_model=PlanSummary,
    responses={**_responses(), **refuses(NotAcceptable, ReportSchemaTooOld)},
    openapi_extra=REQUEST_HEADERS,
)
def get_plan_summary(
    caller: CanReadConsolidated,
    plan: PlanInPath,
    query: Annotated[SummaryQuery, Query()],
    request: Request,
) -> Response:
    """Pull a plan's years side by side and added up as one report, across all changes of units.

    Of each year the newest issued version goes in, or else, said so, the newest version that is
    no preview and no view; a year without any is missing, said so, and in no sum. Figures are
    those of these reports and point to where they stand there. `units_on` shows the lines by the
    units that reported or by those of a day: what cannot be mapped to these stands on lines of
    its own, with the reason, and lines and unmapped lines together are what is credited.

    It is built when asked for, canonical JSON (RFC 8785) with its SHA-256: from the same reports
    come the same bytes, so a client that has them asks with their ETag and gets 304.
    """
    made = plan_summary(
        caller.session, by=caller.by, plan=plan, years=query.asked, units_on=query.units_on
    )
    content = canonical_bytes(made.model_dump(mode="json", by_alias=True))
    told = {"X-Summary-SHA256": hashlib.sha256(content).hexdigest()}
    return answer(request, StoredBytes(content, media_type=JSON, told=told))
