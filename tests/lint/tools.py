"""The linters: what each is called with, and what it found, by rule."""

import json
import os
import subprocess
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.support.commands import ROOT

DOCUMENT: Final = ROOT / "openapi" / "openapi.json"
FOLDER: Final = ROOT / "openapi" / "lint"
_BIN: Final = FOLDER / "node_modules" / ".bin"
_QUIET: Final = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}
_SEVERITIES: Final = ("error", "warn", "info", "hint")


@dataclass(frozen=True)
class Finding:
    """What a rule says of one place."""

    severity: str
    rule: str
    place: str
    message: str


Findings = list[Finding]


class NotRun(Exception):
    """A linter did not come to a result."""


def by_rule(findings: Findings) -> list[tuple[str, int]]:
    """Return how often each rule found something, most often first."""
    return Counter(f"{one.severity} {one.rule}" for one in findings).most_common()


def _run(*command: str) -> Any:
    done = subprocess.run(
        command,
        cwd=FOLDER,
        env={**os.environ, **_QUIET},
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        return json.loads(done.stdout)
    except json.JSONDecodeError as error:
        raise NotRun(f"{' '.join(command)}\n{done.stdout}{done.stderr}") from error


def _spectral(ruleset: str) -> Findings:
    found = _run(
        *(f"{_BIN}/spectral", "lint", str(DOCUMENT), "--ruleset", ruleset),
        *("--format", "json", "--quiet", "--fail-severity", "hint"),
    )
    return [
        Finding(
            _SEVERITIES[one["severity"]],
            str(one["code"]),
            "/".join(map(str, one["path"])),
            one["message"],
        )
        for one in found
    ]


def _redocly() -> Findings:
    found = _run(
        *(f"{_BIN}/redocly", "lint", str(DOCUMENT)),
        *("--config", "redocly.yaml", "--format", "json", "--max-problems", "1000"),
    )
    return [
        Finding(one["severity"], one["ruleId"], one["location"][0]["pointer"], one["message"])
        for one in found["problems"]
    ]


def _validator() -> Findings:
    document = json.loads(DOCUMENT.read_text(encoding="utf-8"))
    return [
        Finding("error", "openapi-spec-validator", error.json_path, error.message)
        for error in OpenAPIV31SpecValidator(document).iter_errors()
    ]


LINTERS: Final[dict[str, Callable[[], Findings]]] = {
    "openapi-spec-validator": _validator,
    "Spectral: spectral:oas (all) and OWASP 2023": lambda: _spectral("spectral.yaml"),
    "Spectral: Zalando's guidelines": lambda: _spectral("zalando.yaml"),
    "Redocly: recommended-strict": _redocly,
}
