from datetime import date
from os import environ
from pathlib import Path
from time import sleep
from typing import TypeVar
from uuid import uuid4

from baocao_client import AuthenticatedClient, models
from baocao_client.api.activity_reports import create_activity_report as report_activity
from baocao_client.api.consolidated_reports import get_consolidation_request as look
from baocao_client.api.consolidated_reports import get_latest_consolidated_report as pull
from baocao_client.api.consolidated_reports import request_consolidated_report as consolidate
from baocao_client.api.submissions import accept_submission as accept
from baocao_client.api.submissions import draft_submission, list_submissions, submit_submission

T = TypeVar("T")


def done(answer: T | models.Problem | None) -> T:
    if answer is None or isinstance(answer, models.Problem):
        raise SystemExit(f"refused: {answer}")
    return answer


unit = AuthenticatedClient(environ["URL"], environ["DISTRICT_KEY"])
focal = AuthenticatedClient(environ["URL"], environ["FOCAL_KEY"])
code, plan, year = "524", "tuyen-truyen-2021-2025", 2021
key = {"unit": code, "source_system": "report-year", "external_id": "2021-09-10"}
what = {"plan": plan, "plan_item": "III.1.b", "channel": "portal", "title": "Tin Đại hội"}
activity = models.ActivityBody.from_dict({**key, **what, "occurred_on": "2021-09-10"})
done(report_activity.sync(client=unit, body=activity))
begun = done(list_submissions.sync(client=unit, unit=code, plan=plan, year=year)).items
wanted = models.DraftIn(plan=plan, year=year)
draft = begun[0] if begun else done(draft_submission.sync(client=unit, body=wanted))
paper = models.SubmissionDocument("215/BC", date(2021, 11, 22), "Phó Chủ tịch", date(2021, 11, 20))
done(submit_submission.sync(draft.id, client=unit, body=paper))
done(accept.sync(draft.id, client=focal))
order, attempt = models.ConsolidationIn(plan=plan, year=year), str(uuid4())
asked = done(consolidate.sync(client=focal, body=order, idempotency_key=attempt))
while asked.state in ("queued", "running"):
    sleep(0.5)
    asked = done(look.sync(asked.id, client=focal))
report = pull.sync_detailed(plan, year, client=focal)
done(report.parsed)
Path("consolidated-report.json").write_bytes(report.content)
print(f"version {asked.version}, SHA-256 {report.headers['X-Report-SHA256']}")
