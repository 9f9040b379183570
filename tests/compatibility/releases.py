"""The released documents, what of the candidate breaks the last one, and making a release."""

import json
import re
import subprocess
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final, NamedTuple

from tests.compatibility.documents import Finding, breaks, operations
from tests.compatibility.ends import broken_before_its_end, ends_too_soon
from tests.support.commands import ROOT

DOCUMENT: Final = ROOT / "openapi" / "openapi.json"
RELEASED: Final = ROOT / "openapi" / "released"
CHANGELOG: Final = ROOT / "CHANGELOG.md"
WAIVED: Final = "waived.toml"
_TEXTS: Final = {"title", "summary", "description", "example", "examples", "tags", "info"}


class Version(NamedTuple):
    """A version's number, by semver.org."""

    major: int
    minor: int
    patch: int

    @classmethod
    def read(cls, text: str) -> "Version":
        """Read one. Raises ValueError for what is none."""
        found = re.fullmatch(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)", text)
        if found is None:
            raise ValueError(f"{text} is no version such as 1.4.0")
        return cls(*map(int, found.groups()))

    def __str__(self) -> str:
        """Return it as it is written."""
        return f"{self.major}.{self.minor}.{self.patch}"


@dataclass(frozen=True)
class Outcome:
    """What a comparison came to."""

    against: Version | None
    complaints: list[str]


def released(folder: Path = RELEASED) -> dict[Version, Path]:
    """Return the released documents, the last one last."""
    found = {Version.read(file.stem): file for file in folder.glob("*.json")}
    return dict(sorted(found.items()))


def read(file: Path) -> dict[str, Any]:
    """Read a document."""
    document: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return document


def check(candidate: Mapping[str, Any], *, on: date, folder: Path = RELEASED) -> Outcome:
    """Compare a document with the last released one; say what the policy forbids.

    Breaks need a greater major number. From 1.0.0 on they also wait for the operation's sunset.
    """
    complaints = [*ends_too_soon(candidate), *_ahead_of_its_version(candidate)]
    files = released(folder)
    if not files:
        return Outcome(None, complaints)
    last, file = [*files.items()][-1]
    old, version = read(file), Version.read(candidate["info"]["version"])
    findings, misjudged = _without_waived(breaks(old, candidate), folder)
    if version < last:
        complaints.append(f"the document is of {version}, older than the released {last}")
    if version.major <= last.major:
        complaints += [f"breaks {last}: {one}" for one in findings]
    elif last.major > 0:
        complaints += broken_before_its_end(old, findings, on)
        complaints += [f"breaks {last}: {one}" for one in findings if not one.operation]
    return Outcome(last, complaints + misjudged)


def least_next(last: Version, old: Mapping[str, Any], new: Mapping[str, Any]) -> Version:
    """Return the least version that a document may have after a released one."""
    if breaks(old, new):
        return Version(last.major + 1, 0, 0)
    if _without_texts(old) != _without_texts(new):
        return Version(last.major, last.minor + 1, 0)
    return Version(last.major, last.minor, last.patch + 1)


def hindrances(version: Version, *, on: date, root: Path = ROOT) -> Iterator[str]:
    """Say what is missing before a version can be released."""
    document = read(root / "openapi" / "openapi.json")
    folder = root / "openapi" / "released"
    if document["info"]["version"] != str(version):
        yield f"the document is of {document['info']['version']}: set VERSION in app/main.py"
    package = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    if package["version"] != str(version):
        yield f"pyproject.toml is of {package['version']}"
    heading = rf"^## \[{re.escape(str(version))}\] - \d{{4}}-\d\d-\d\d$"
    if not re.search(heading, (root / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE):
        yield f"CHANGELOG.md has no heading such as: ## [{version}] - {on}"
    if subprocess.check_output(["git", "status", "--porcelain"], cwd=root):
        yield "the work tree is not clean: commit first"
    yield from check(document, on=on, folder=folder).complaints
    files = released(folder)
    if files:
        last, file = [*files.items()][-1]
        least = least_next(last, read(file), document)
        if version < least:
            yield f"after {last} this is at least {least}"


def release(version: Version, *, root: Path = ROOT) -> Path:
    """Keep the document as the released one of a version; what was waived for it is forgotten."""
    folder = root / "openapi" / "released"
    folder.mkdir(exist_ok=True)
    kept = folder / f"{version}.json"
    kept.write_bytes((root / "openapi" / "openapi.json").read_bytes())
    (folder / WAIVED).unlink(missing_ok=True)
    return kept


def _ahead_of_its_version(document: Mapping[str, Any]) -> Iterator[str]:
    """A path /v2 comes with version 2."""
    major = max(1, Version.read(document["info"]["version"]).major)
    for name in operations(document):
        if (found := re.search(r" /v(\d+)/", name)) and int(found[1]) > major:
            yield f"{name}: comes with version {found[1]}.0.0"


def _without_waived(findings: list[Finding], folder: Path) -> tuple[list[Finding], list[str]]:
    """Take out what somebody judged to be no break; say which judgements do not hold."""
    file = folder / WAIVED
    if not file.exists():
        return findings, []
    rows = tomllib.loads(file.read_text(encoding="utf-8")).get("waived", [])
    waived = {row["finding"]: row["reason"].strip() for row in rows}
    unfounded = [f"waived without a reason: {one}" for one, why in waived.items() if not why]
    unused = waived.keys() - {str(one) for one in findings}
    left = [one for one in findings if not waived.get(str(one))]
    return left, unfounded + [f"waived, but not found: {one}" for one in sorted(unused)]


def _without_texts(part: Any) -> Any:
    """Return what programs go by; a property may be called as a keyword that holds a text."""
    if isinstance(part, list):
        return [_without_texts(one) for one in part]
    if not isinstance(part, dict):
        return part
    return {
        key: {name: _without_texts(one) for name, one in value.items()}
        if key == "properties"
        else _without_texts(value)
        for key, value in part.items()
        if key not in _TEXTS
    }
