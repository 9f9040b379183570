"""What is answered is what the document describes."""

from typing import Any

import httpx
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from app.api.contract.sharing import resolved
from tests.contracts.operations import SAMPLES, operations
from tests.support.api import Api
from tests.support.makers import BINH_SON, PLAN, a_document, a_draft, an_activity


def _told(response: httpx.Response, described: dict[str, Any], document: dict[str, Any]) -> None:
    """Assert that an answer has the status, the media type and the form that were described."""
    answer = described["responses"].get(str(response.status_code))
    assert answer, (response.request.url, response.status_code)
    answer = resolved(document, answer)
    media_type = response.headers["content-type"]
    schema = answer["content"][media_type]["schema"]
    if not media_type.endswith("json"):
        assert (schema, response.content != b"") == ({"type": "string", "format": "binary"}, True)
        return
    validator = Draft202012Validator({**schema, "components": document["components"]})
    faults = [
        f"{fault.json_path}: {fault.message}" for fault in validator.iter_errors(response.json())
    ]
    assert faults == [], response.request.url


def test_every_read_answers_as_described(api: Api) -> None:
    portal, document = api.portal(BINH_SON), api.app.openapi()
    report = portal.post("/v1/activity-reports", an_activity(external_id="r-1")).json()
    submission = portal.post("/v1/submissions", a_draft()).json()
    known = {**SAMPLES, "report_id": report["id"], "submission_id": submission["id"]}
    found = 0
    for operation in operations(api.app):
        if operation.method != "get":
            continue
        parameters = operation.described.get("parameters", [])
        needed = {p["name"] for p in parameters if p["in"] == "query" and p["required"]}
        query = {name: {"plan": PLAN, "pointer": "/counts/0/activities"}[name] for name in needed}
        response = portal.get(operation.path.format_map(known), **query)
        _told(response, operation.described, document)
        found += response.status_code == 200
    assert found > 20, "only the consolidated reports are not there yet"


def test_every_write_answers_as_described(api: Api) -> None:
    portal, document = api.portal(BINH_SON), api.app.openapi()
    paths = document["paths"]
    body = an_activity()
    for status in (201, 200):
        response = portal.post("/v1/activity-reports", body)
        assert response.status_code == status
        _told(response, paths["/v1/activity-reports"]["post"], document)
    for wrong in ({}, {**body, "title": "Khác"}, {**body, "unit": "528"}):
        response = portal.post("/v1/activity-reports", wrong)
        assert response.status_code in (403, 409, 422)
        _told(response, paths["/v1/activity-reports"]["post"], document)
    for status in (201, 200):
        response = portal.post("/v1/submissions", a_draft())
        assert response.status_code == status
        _told(response, paths["/v1/submissions"]["post"], document)
    submit = f"/v1/submissions/{response.json()['id']}/submit"
    for status in (200, 409):
        response = portal.post(submit, a_document())
        assert response.status_code == status, response.text
        _told(response, paths["/v1/submissions/{submission_id}/submit"]["post"], document)
