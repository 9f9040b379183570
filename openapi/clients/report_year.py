from datetime import date
from os import environ
from time import sleep
from uuid import uuid4

from baocao_client import AuthenticatedClient, models
from baocao_client.api.activity_reports import create_activity_report as report_activity
from baocao_client.api.consolidated_reports import get_consolidation_request as look
from baocao_client.api.consolidated_reports import get_latest_consolidated_report as pull
from baocao_client.api.consolidated_reports import request_consolidated_report as consolidate
from baocao_client.api.submissions import accept_submission as accept
from baocao_client.api.submissions import draft_submission, list_submissions, submit_submission


def done(answer):
    if answer is None or isinstance(answer, models.Problem):
        raise SystemExit(f"refused: {answer}")
    return answer


unit = AuthenticatedClient(environ["URL"], environ["DISTRICT_KEY"])
focal = AuthenticatedClient(environ["URL"], environ["FOCAL_KEY"])
code, year = "524", {"plan": "tuyen-truyen-2021-2025", "year": 2021}
key = {"unit": code, "source_system": "report-year", "external_id": "2021-09-10"}
what = {"plan": year["plan"], "plan_item": "III.1.b", "channel": "portal", "title": "Tin Đại hội"}
activity = models.ActivityBody(**key, **what, occurred_on=date(2021, 9, 10))
done(report_activity.sync(client=unit, body=activity))
begun = done(list_submissions.sync(client=unit, unit=code, **year)).items
begun = begun or [done(draft_submission.sync(client=unit, body=models.DraftIn(**year)))]
paper = models.SubmissionDocument("215/BC", date(2021, 11, 22), "Phó Chủ tịch", date(2021, 11, 20))
done(submit_submission.sync(begun[0].id, client=unit, body=paper))
done(accept.sync(begun[0].id, client=focal))
wanted, attempt = models.ConsolidationIn(**year), str(uuid4())
asked = done(consolidate.sync(client=focal, body=wanted, idempotency_key=attempt))
while asked.state in ("queued", "running"):
    sleep(0.5)
    asked = done(look.sync(asked.id, client=focal))
report = pull.sync_detailed(**year, client=focal)
done(report.parsed)
with open("consolidated-report.json", "wb") as file:
    file.write(report.content)
print(f"version {asked.version}, SHA-256 {report.headers['X-Report-SHA256']}")
