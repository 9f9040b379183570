"""Spreadsheet templates, for units without a program."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Response
from pydantic import Field

from app.api.contract.refusing import refuses
from app.api.deps import CanReadActivities, CanReadSubmissions
from app.api.strict import StrictRoute
from app.domain.base import new_id
from app.domain.batches.readers import XLSX
from app.domain.batches.template import activity_template
from app.domain.errors import NotFound
from app.domain.fields import Day, PlanSlug, UnitReference, WireModel
from app.domain.submissions.narrative_sheet import narrative_template
from app.domain.units.queries import find

router = APIRouter(tags=["Templates"], route_class=StrictRoute)

_FILE: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "A workbook (biểu mẫu); `Content-Disposition` suggests its name.",
        "content": {XLSX: {"schema": {"type": "string", "format": "binary"}}},
    }
}


class XlsxResponse(Response):
    """A workbook."""

    media_type = XLSX


class TemplateQuery(WireModel):
    """What the template is for."""

    plan: PlanSlug = Field(description="The plan's slug (kế hoạch).")
    unit: UnitReference | None = Field(
        default=None,
        description="The unit that the activity is of (đơn vị): its key, or its code on `on`; the "
        "key's own unit if not given.",
    )
    on: Day | None = Field(
        default=None,
        description="The day whose codes the drop-downs hold (tại ngày); today if not given.",
    )


@router.get(
    "/templates/activity-reports.xlsx",
    response_class=XlsxResponse,
    responses={**_FILE, **refuses(NotFound)},
)
def read_activity_reports_template(
    caller: CanReadActivities, query: Annotated[TemplateQuery, Query()]
) -> Response:
    """Make a spreadsheet in which a unit fills in its activity reports (biểu mẫu hoạt động).

    Headings and explanations are Vietnamese; code lists are drop-downs; unit, plan and record
    ids are filled in, the ids with a prefix that no other template has. A filled one is taken as
    it is by the bulk operation, and may be sent again. A unit that the key may not write for is
    404.
    """
    on = query.on or caller.today
    unit = find(caller.session, query.unit or caller.by.unit, on=on)
    plan = caller.reference.plan(query.plan)
    above = caller.reference.above(unit, on)
    own = not caller.by.acts_for.isdisjoint(higher.unit_key for higher in above)
    if plan is None or not (own or caller.by.province_wide):
        raise NotFound()
    made = activity_template(
        caller.session,
        unit=unit,
        plan=plan,
        on=on,
        prefix=f"m-{new_id(caller.at).hex[-12:]}",
        on_behalf=not own,
    )
    return _file(made, f"hoat-dong-{unit.unit_key}-{on}.xlsx")


@router.get("/templates/narrative.xlsx", response_class=XlsxResponse, responses=_FILE)
def read_narrative_template(_caller: CanReadSubmissions) -> Response:
    """Make a spreadsheet in which a unit writes its yearly report's narrative (phần lời).

    A filled one is taken by `PUT /v1/submissions/{submission_id}/narrative-sheet`.
    """
    return _file(narrative_template(), "bao-cao.xlsx")


def _file(content: bytes, name: str) -> Response:
    return XlsxResponse(content, headers={"Content-Disposition": f'attachment; filename="{name}"'})
