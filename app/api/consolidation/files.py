"""A version of the consolidated report as a file for people: CSV, or a workbook.

They are made when they are first asked for, and held as the JSON is. The same version gives the
same bytes; the workbook says where its version stands, and so is another one for each state.
"""

from typing import Final

from fastapi import Request, Response

from app.api.consolidation.kept import KeptReport
from app.api.deps import Caller, front_of
from app.api.forms import CSV
from app.api.representations import StoredBytes, answer
from app.domain.consolidation.course import Course, course_of
from app.domain.consolidation.queries import ReportHead, StoredReport, get_report
from app.domain.consolidation.reading import report_json
from app.domain.consolidation.table_names import names_for
from app.domain.consolidation.tables import figures_csv
from app.domain.consolidation.workbook import Stamp, workbook

CSV_CONTENT: Final = f"{CSV}; charset=utf-8"


def pull_file(caller: Caller, request: Request, head: ReportHead, form: str) -> Response:
    """Answer a version as a file. Raises ReportSchemaTooOld, NotAcceptable."""
    course = None if form == CSV else _course(caller, head)
    state = "" if course is None else f" {_stamp(course, head)}"
    name = form + state
    kept = front_of(request).reports.find(head.id, name)
    return answer(request, (kept or _make(caller, request, head, form, course, name)).stored)


def _course(caller: Caller, head: ReportHead) -> Course:
    return course_of(caller.session, _stored(caller, head))


def _stored(caller: Caller, head: ReportHead) -> StoredReport:
    return get_report(caller.session, by=caller.by, report_id=head.id)


def _make(
    caller: Caller,
    request: Request,
    head: ReportHead,
    form: str,
    course: Course | None,
    name: str,
) -> KeptReport:
    stored = course.stored if course is not None else _stored(caller, head)
    report = report_json(stored)
    names = names_for(caller.session, report)
    if course is None:
        content, media_type, ending = figures_csv(report, names), CSV_CONTENT, "csv"
    else:
        content = workbook(report, stamp=_stamp(course, head), names=names)
        media_type, ending = form, "xlsx"
    file = f"bao-cao-tong-hop-{stored.cycle.code}-ban-{head.version}.{ending}"
    told = {
        "Content-Location": f"/v1/consolidated-reports/{head.id}?format={ending}",
        "Content-Disposition": f'attachment; filename="{file}"',
        "X-Report-Version": str(head.version),
        "X-Report-SHA256": head.sha256,
    }
    made = KeptReport(head, StoredBytes(content, media_type=media_type, told=told, vary="Accept"))
    front_of(request).reports.keep(made, name)
    return made


def _stamp(course: Course, head: ReportHead) -> Stamp:
    issued = [step for step in course.steps if step.step == "issued"]
    document = None
    if issued:
        last = issued[-1]
        document = f"{last.document_number} ngày {last.document_on:%d/%m/%Y}"
    return Stamp(head.version, head.sha256, course.state, document)
