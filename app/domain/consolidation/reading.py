"""Reading a published version as JSON, to say something of its figures."""

import json
from typing import Any

from app.domain.consolidation.queries import StoredReport
from app.domain.consolidation.report import SCHEMA
from app.domain.errors import DomainError, Text


class ReportSchemaTooOld(DomainError):
    """The version was published by a former release; its figures stand elsewhere in its JSON."""

    text = Text(
        "report_schema_too_old",
        "Bản tổng hợp số {version} của kỳ {cycle} theo lược đồ cũ «{schema}», cần «{needed}»; "
        "hãy tổng hợp bản mới.",
        "Version {version} of the cycle {cycle} is of the former schema `{schema}`, where "
        "`{needed}` is needed: have a new version built.",
    )


def report_json(stored: StoredReport) -> dict[str, Any]:
    """Return a version's JSON, of the schema that this release writes.

    Raises ReportSchemaTooOld for one that a former release published.
    """
    said: dict[str, Any] = json.loads(stored.report.content)
    if said["schema"] != SCHEMA:
        raise ReportSchemaTooOld(
            version=stored.report.version,
            cycle=stored.cycle.code,
            schema=str(said["schema"]),
            needed=SCHEMA,
        )
    return said
