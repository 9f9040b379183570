"""What openapi/README.md shows is what is committed, short, and needs no registry's address."""

import json
import re

import pytest

from tests.clients.tools import FOLDER, README, SHOWN, lacking

LINES = {"Python": 30, "TypeScript": 30, "curl": 30}


@pytest.mark.parametrize("language", ["Python", "TypeScript", "curl"])
def test_a_program_is_shown_as_it_is_committed(language: str) -> None:
    shown = SHOWN[language]
    assert shown.program == (FOLDER / shown.file).read_text(encoding="utf-8")
    work = [line for line in shown.program.splitlines() if line and "import" not in line]
    assert len(work) <= LINES[language]


def test_the_versions_it_names_are_those_that_are_installed() -> None:
    text = README.read_text(encoding="utf-8")
    package = json.loads((FOLDER / "package.json").read_text(encoding="utf-8"))
    name, version = (FOLDER / "requirements.in").read_text(encoding="utf-8").strip().split("==")
    npm = {**package["dependencies"], **package["devDependencies"]}
    npm["TypeScript"] = npm.pop("typescript")
    npm.pop("@types/node")
    for tool, pinned in {name: version, **npm}.items():
        assert f"{tool} {pinned}" in text


def test_its_links_lead_somewhere() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", README.read_text(encoding="utf-8"))
    assert links
    assert [link for link in links if not (README.parent / link).exists()] == []


@pytest.mark.parametrize("file", ["requirements.lock", "package-lock.json", "package.json"])
def test_no_lock_file_holds_an_address(file: str) -> None:
    locked = (FOLDER / file).read_text(encoding="utf-8")
    assert not re.search(r"index-url|resolved|registry|@ http|\.tgz", locked)


def test_a_machine_that_lacks_something_is_told_what(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert lacking("curl") == "the curl client needs bash, which is not on this machine"
