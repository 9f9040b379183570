from datetime import date
from os import environ
from pathlib import Path
from time import sleep
from typing import TypeVar
from uuid import uuid4

from baocao_client import AuthenticatedClient
from baocao_client.api.activity_reports import create_activity_report as report_activity
from baocao_client.api.consolidated_reports import get_consolidation_request as look
from baocao_client.api.consolidated_reports import get_latest_consolidated_report as pull
from baocao_client.api.consolidated_reports import request_consolidated_report as consolidate
from baocao_client.api.submissions import accept_submission, draft_submission, submit_submission
from baocao_client.models import ActivityBody, ConsolidationIn, DraftIn, Problem, SubmissionDocument

T = TypeVar("T")


def done(answer: T | Problem | None) -> T:
    if isinstance(answer, Problem) or answer is None:
        raise SystemExit(f"refused: {answer}")
    return answer


unit = AuthenticatedClient(environ["BAOCAO_URL"], environ["BAOCAO_KEY"])
focal = AuthenticatedClient(environ["BAOCAO_URL"], environ["BAOCAO_FOCAL_KEY"])
plan, year = "tuyen-truyen-2021-2025", 2021
what = {"plan": plan, "plan_item": "III.1.b", "channel": "portal", "title": "Đăng tin về Đại hội"}
whose = {"unit": environ["BAOCAO_UNIT"], "source_system": "report-year"}
for day in ("2021-09-10", "2021-09-11"):
    body = ActivityBody.from_dict({**what, **whose, "occurred_on": day, "external_id": day})
    done(report_activity.sync(client=unit, body=body))
draft = done(draft_submission.sync(client=unit, body=DraftIn(plan=plan, year=year)))
paper = SubmissionDocument("215/BC", date(2021, 11, 22), "Phó Chủ tịch", date(2021, 11, 20))
done(submit_submission.sync(draft.id, client=unit, body=paper))
done(accept_submission.sync(draft.id, client=focal))
wanted = ConsolidationIn(plan=plan, year=year)
asked = done(consolidate.sync(client=focal, body=wanted, idempotency_key=str(uuid4())))
while asked.state in {"queued", "running"}:
    sleep(0.2)
    asked = done(look.sync(asked.id, client=focal))
report = pull.sync_detailed(plan, year, client=focal)
done(report.parsed)
Path("consolidated-report.json").write_bytes(report.content)
print(f"{asked.state}: version {asked.version}, SHA-256 {report.headers['X-Report-SHA256']}")
