"""A correction as a JSON Merge Patch (RFC 7396): only what changes is sent."""

from typing import Any

from pydantic import ValidationError

from app.domain.activities.body import ActivityBody, ActivityCorrection
from app.domain.activities.queries import StoredActivity
from app.domain.errors import Invalid
from app.domain.wire_faults import faults_in_body

_KEY = ("unit", "source_system", "external_id")


def as_sent(activity: StoredActivity) -> dict[str, Any]:
    """Return what a report says as a portal would send it; of a single thing, without an end."""
    said = {name: value for name, value in activity.said.items() if name not in _KEY}
    if said["ended_on"] == said["occurred_on"] and said["occurrences"] == 1:
        del said["ended_on"], said["occurrences"]
    return said


def patched(activity: StoredActivity, patch: dict[str, Any]) -> ActivityCorrection:
    """Return the correction that a merge patch of a report comes to. Raises Invalid."""
    return read_correction(_merged(as_sent(activity), patch))


def read_correction(value: Any) -> ActivityCorrection:
    """Validate a correction. Raises Invalid."""
    try:
        return ActivityCorrection.model_validate(value)
    except ValidationError as error:
        raise Invalid(*faults_in_body(error)) from error


def body_of(activity: StoredActivity, correction: ActivityCorrection) -> ActivityBody:
    """Return the body that a correction makes of a report: its natural key stays."""
    report = activity.report
    content = correction.model_dump(exclude={"reason", "unit"})
    return ActivityBody(
        **content,
        unit=correction.unit or report.unit_key,
        source_system=report.source_system,
        external_id=report.external_id,
    )


def _merged(target: Any, patch: Any) -> Any:
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = _merged(merged.get(name), value)
    return merged
