"""The document keeps what its last released version promised, and the check would notice."""

import json
import subprocess
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.compatibility.documents import breaks
from tests.compatibility.mutations import BREAKING, HARMLESS, HOOK, POST, REPORTS, Document
from tests.compatibility.releases import (
    DOCUMENT,
    RELEASED,
    Version,
    check,
    hindrances,
    least_next,
    read,
    release,
    released,
)

WHOLE: Document = read(DOCUMENT)
PATHS = (REPORTS, "/v1/activity-report-batches", "/livez")
TEXT = json.dumps({**WHOLE, "paths": {path: WHOLE["paths"][path] for path in PATHS}})
"""Enough of the real document for every change; the whole one takes its time."""
TODAY = date(2027, 2, 1)
MISSING = (
    "pyproject.toml is of 1.5.0",
    "CHANGELOG.md has no heading",
    "work tree is not clean",
    "this is at least 1.5.0",
)


def a_document(version: str = "1.4.0") -> Document:
    made: Document = json.loads(TEXT)
    made["info"]["version"] = version
    made.setdefault("webhooks", {})["thing.done"] = {"post": json.loads(json.dumps(HOOK))}
    return made


BASE = a_document()
"""What is compared with; nobody changes it."""


def a_folder(folder: Path, *documents: Document) -> Path:
    for one in documents:
        (folder / f"{one['info']['version']}.json").write_text(json.dumps(one), encoding="utf-8")
    return folder


def deprecated(document: Document, since: str, sunset: str) -> Document:
    told = {"deprecated": True, "x-deprecated-since": since, "x-sunset": sunset}
    document["paths"][REPORTS]["post"] |= told
    return document


def test_the_document_keeps_what_the_last_release_promised() -> None:
    outcome = check(read(DOCUMENT), on=datetime.now(UTC).date())
    assert outcome.complaints == []
    assert (outcome.against is None) == (not released())


def test_a_released_document_is_kept_under_its_own_version() -> None:
    for version, file in released().items():
        assert read(file)["info"]["version"] == str(version), file
    assert {file.suffix for file in RELEASED.glob("*")} <= {".json", ".toml"}


def test_the_same_document_breaks_nothing() -> None:
    assert breaks(BASE, a_document()) == []


@pytest.mark.parametrize("name", BREAKING)
def test_a_break_is_found_and_named(name: str) -> None:
    changed = a_document()
    BREAKING[name].change(changed)
    found = [str(one) for one in breaks(BASE, changed)]
    assert any(BREAKING[name].found in one for one in found), found


@pytest.mark.parametrize("name", HARMLESS)
def test_what_breaks_nobody_is_let_through(name: str) -> None:
    changed = a_document()
    HARMLESS[name](changed)
    assert breaks(BASE, changed) == []
    assert changed != BASE, "the change changes something"


def test_a_break_of_something_shared_is_told_of_every_operation() -> None:
    changed: Document = json.loads(json.dumps(WHOLE))
    changed["components"]["schemas"]["Problem"]["properties"].pop("code")
    told = {one.operation for one in breaks(WHOLE, changed)}
    assert len(told) > 100
    assert breaks(WHOLE, WHOLE) == []


def test_with_nothing_released_there_is_nothing_to_break(tmp_path: Path) -> None:
    outcome = check(a_document(), on=TODAY, folder=tmp_path)
    assert (outcome.against, outcome.complaints) == (None, [])


def test_the_last_release_is_the_greatest_version_not_the_last_name(tmp_path: Path) -> None:
    a_folder(tmp_path, a_document("1.9.0"), a_document("1.10.0"))
    assert [str(one) for one in released(tmp_path)] == ["1.9.0", "1.10.0"]
    assert check(a_document("1.9.1"), on=TODAY, folder=tmp_path).complaints == [
        "the document is of 1.9.1, older than the released 1.10.0"
    ]


def _complaints(folder: Path, old: Document, new: Document, on: date = TODAY) -> list[str]:
    return check(new, on=on, folder=a_folder(folder, old)).complaints


@pytest.mark.parametrize("version", ["1.4.0", "1.5.0"])
def test_a_break_without_a_new_major_version_is_refused(tmp_path: Path, version: str) -> None:
    changed = a_document(version)
    del changed["paths"][REPORTS]["post"]
    assert _complaints(tmp_path, BASE, changed) == [f"breaks 1.4.0: {POST}: is removed"]


def test_before_1_0_0_a_break_needs_a_new_major_version_too(tmp_path: Path) -> None:
    for version, expected in {"0.2.0": 1, "1.0.0": 0}.items():
        changed = a_document(version)
        del changed["paths"][REPORTS]["post"]
        assert len(_complaints(tmp_path, a_document("0.1.0"), changed)) == expected


def test_a_new_major_version_breaks_only_what_has_ended(tmp_path: Path) -> None:
    changed = a_document("2.0.0")
    del changed["paths"][REPORTS]["post"]
    assert _complaints(tmp_path, BASE, changed) == [
        f"{POST}: was released and is not deprecated; give the new one another path"
    ]
    old = deprecated(a_document(), "2024-12-15T00:00:00+00:00", "2027-01-31T17:00:00+00:00")
    assert _complaints(tmp_path, old, changed, date(2027, 1, 30)) == [
        f"{POST}: lives until 2027-01-31T17:00:00+00:00"
    ]
    assert _complaints(tmp_path, old, changed, date(2027, 1, 31)) == []


@pytest.mark.parametrize(
    ("since", "sunset", "said"),
    [
        ("2027-01-01T00:00:00+07:00", "2029-01-01T00:00:00+07:00", None),
        ("2027-02-01T00:00:00+07:00", "2029-01-31T23:59:59+07:00", "24 months"),
        ("2024-02-29T00:00:00+07:00", "2026-02-28T00:00:00+07:00", None),
        ("2027-01-01T00:00:00+07:00", "2029-08-31T23:59:59+07:00", None),
        ("2027-01-01T00:00:00+07:00", "2029-09-01T00:00:00+07:00", "1 September"),
        ("2027-01-01T00:00:00+07:00", "2029-12-31T23:59:59+07:00", "31 December"),
    ],
)
def test_what_is_deprecated_lives_long_enough_and_ends_out_of_season(
    tmp_path: Path, since: str, sunset: str, said: str | None
) -> None:
    told = check(deprecated(a_document(), since, sunset), on=TODAY, folder=tmp_path).complaints
    assert [said in one for one in told] == [True] if said else told == []


def test_what_is_deprecated_says_when_it_ends(tmp_path: Path) -> None:
    changed = a_document()
    changed["paths"][REPORTS]["post"]["deprecated"] = True
    assert len(check(changed, on=TODAY, folder=tmp_path).complaints) == 1


def test_a_new_path_version_comes_with_its_major_version(tmp_path: Path) -> None:
    for version, expected in {"1.5.0": 1, "2.0.0": 0}.items():
        changed = a_document(version)
        changed["paths"]["/v2/activity-reports"] = {"get": {"responses": {}}}
        assert len(_complaints(tmp_path, BASE, changed)) == expected


def test_a_finding_can_be_waived_with_a_reason_and_only_that_one(tmp_path: Path) -> None:
    changed = a_document("1.5.0")
    BREAKING["a request's text has another pattern"].change(changed)
    found = [str(one) for one in breaks(BASE, changed)]
    waived = tmp_path / "waived.toml"

    def complaints(reason: str, *findings: str) -> list[str]:
        rows = (f"[[waived]]\nfinding = '''{one}'''\nreason = '{reason}'\n" for one in findings)
        waived.write_text("".join(rows), encoding="utf-8")
        return _complaints(tmp_path, BASE, changed)

    assert complaints("It takes more than before.", *found) == []
    assert complaints("More.", *found[1:]) == [f"breaks 1.4.0: {found[0]}"]
    assert complaints("More.", *found, "GET /x: is removed") == [
        "waived, but not found: GET /x: is removed"
    ]
    assert set(complaints("", *found)) == {
        *(f"waived without a reason: {one}" for one in found),
        *(f"breaks 1.4.0: {one}" for one in found),
    }


@pytest.mark.parametrize(
    ("change", "least"),
    [
        (BREAKING["a path is renamed"].change, "2.0.0"),
        (HARMLESS["an answer's property is new"], "1.5.0"),
        (HARMLESS["an operation is deprecated"], "1.5.0"),
        (HARMLESS["a description is another"], "1.4.1"),
        (HARMLESS["an example is another"], "1.4.1"),
    ],
)
def test_the_next_version_follows_from_what_changed(
    change: Callable[[Any], object], least: str
) -> None:
    changed = a_document()
    change(changed)
    assert least_next(Version(1, 4, 0), BASE, changed) == Version.read(least)


def _a_checkout(root: Path, document: Document, changelog: str) -> Callable[..., None]:
    def git(*words: str) -> None:
        who = ("-c", "user.name=a", "-c", "user.email=a@example.com")
        subprocess.run(["git", *who, *words], cwd=root, check=True, capture_output=True)

    (root / "openapi" / "released").mkdir(parents=True)
    (root / "openapi" / "openapi.json").write_text(json.dumps(document), encoding="utf-8")
    (root / "CHANGELOG.md").write_text(changelog, encoding="utf-8")
    (root / "pyproject.toml").write_text('project = {version = "1.5.0"}', encoding="utf-8")
    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "A state")
    return git


def test_a_release_is_made_where_nothing_is_missing_and_only_there(tmp_path: Path) -> None:
    changed = a_document("1.4.1")
    HARMLESS["an answer's property is new"](changed)
    git = _a_checkout(tmp_path, changed, "# Changelog\n\n## [Unreleased]\n")
    kept = tmp_path / "openapi" / "released"
    a_folder(kept, BASE)
    missing = [*hindrances(Version(1, 4, 1), on=TODAY, root=tmp_path)]
    assert [part in one for part, one in zip(MISSING, missing, strict=True)] == [True] * 4

    changed["info"]["version"] = "1.5.0"
    (tmp_path / "openapi" / "openapi.json").write_text(json.dumps(changed), encoding="utf-8")
    (tmp_path / "CHANGELOG.md").write_text("## [1.5.0] - 2027-02-01\n", encoding="utf-8")
    (kept / "waived.toml").write_text("", encoding="utf-8")
    git("add", ".")
    git("commit", "-qm", "Ready")
    assert [*hindrances(Version(1, 5, 0), on=TODAY, root=tmp_path)] == []
    assert read(release(Version(1, 5, 0), root=tmp_path)) == changed
    assert {file.name for file in kept.iterdir()} == {"1.4.0.json", "1.5.0.json"}
    again = [*hindrances(Version(1, 5, 0), on=TODAY, root=tmp_path)]
    assert again[-1] == "after 1.5.0 this is at least 1.5.1"
