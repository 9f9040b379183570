"""How a reporting cycle stands, in one call: JSON for programs, CSV and XLSX for people."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Query, Response

from app.api.cycles.routes import cycle_in
from app.api.cycles.schemas import CycleKey
from app.api.deps import CanReadSubmissions
from app.api.forms import CSV, FILES_OF_ANSWER, FORMS, preferred
from app.api.status.schemas import CycleStatusOut, StatusQuery
from app.api.strict import JSON, StrictRoute
from app.domain.batches.readers import XLSX
from app.domain.errors import Fault, Invalid, Text
from app.domain.status.csv_file import communes_csv, units_csv
from app.domain.status.picture import CycleStatus, cycle_status
from app.domain.status.workbook import workbook

router = APIRouter(tags=["Reporting cycles"], route_class=StrictRoute)

PART_ONLY_OF_CSV = Text(
    "part_only_of_csv",
    "Chỉ tệp CSV mới chia phần (part); JSON và XLSX luôn có đủ.",
    "Only CSV comes in parts; JSON and XLSX hold everything.",
)
_FORMS_OF_ANSWER: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "As JSON, or as a file (tệp kết xuất), whose name `Content-Disposition` "
        "suggests.",
        "content": FILES_OF_ANSWER,
    }
}


@router.get(
    "/reporting-cycles/{cycle}/status", response_model=CycleStatusOut, responses=_FORMS_OF_ANSWER
)
def get_reporting_cycle_status(
    caller: CanReadSubmissions,
    cycle: CycleKey,
    query: Annotated[StatusQuery, Query()],
    response: Response,
    accept: Annotated[str | None, Header(include_in_schema=False)] = None,
) -> CycleStatusOut | Response:
    """Read the whole picture of a cycle (tình hình báo cáo): who reported what, when, how late.

    The focal unit, the People's Committee's office and the province see every row, and rates; any
    other unit its own row and those of the ended units that it answers for. As JSON, CSV or XLSX
    by `Accept` or `format`, which wins. CSV (UTF-8 with its mark) and XLSX have Vietnamese
    headings and words, local days and times; the workbook's sheets are the rates, the units and
    the communes within districts.
    """
    # Where Accept welcomes none of them it is JSON: an answer is better than a refusal.
    form = FORMS[query.format] if query.format else preferred(accept, (*FORMS.values(),)) or JSON
    if query.part is not None and form != CSV:
        raise Invalid(Fault("?part", PART_ONLY_OF_CSV))
    found = cycle_status(
        caller.session,
        caller.reference,
        cycle=cycle_in(caller, cycle),
        by=caller.by,
        at=caller.at,
    )
    if form == JSON:
        response.headers["Vary"] = "Accept"
        return CycleStatusOut.of(found)
    return _file(found, form, communes=query.part == "communes")


def _file(found: CycleStatus, form: str, *, communes: bool) -> Response:
    if form == XLSX:
        content, ending = workbook(found), ".xlsx"
    elif communes:
        content, ending = communes_csv(found), "-cap-xa.csv"
    else:
        content, ending = units_csv(found), ".csv"
    name = f"tinh-hinh-bao-cao-{found.cycle.code}{ending}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Vary": "Accept"}
    return Response(content, media_type=form, headers=headers)
