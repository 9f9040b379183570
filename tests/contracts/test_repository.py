"""What git holds: no address of one machine, and lock files that pin everything by hash."""

import re
import subprocess
import tomllib

import pytest

from tests.support.commands import ROOT

# Put together here, so that this file does not find itself.
LOCAL = re.compile(
    "|".join(
        first + second
        for first, second in (
            ("file:", r"///\w"),
            ("/opt", "/pypi"),
            ("/work", "/"),
            (r"pypi\.org", "/simple"),
            ("files.python", r"hosted\.org"),
        )
    )
)
LOCKS = ("requirements.lock", "requirements-dev.lock")


def _files() -> list[str]:
    """Return what git holds, and what it would hold after `git add`."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [name for name in set(listed.stdout.split("\0")) if name and (ROOT / name).is_file()]


def test_no_file_in_git_holds_an_address_of_one_machine() -> None:
    files = _files()
    assert "app/main.py" in files
    assert len(files) > 100
    found = []
    for name in files:
        text = (ROOT / name).read_text(encoding="utf-8", errors="replace")
        found += [f"{name}: {hit}" for hit in LOCAL.findall(text)]
    assert found == []


def _locked(name: str) -> dict[str, list[str]]:
    """Return the hashes of each pinned version in a lock file."""
    found: dict[str, list[str]] = {}
    text = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", " ")
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        pinned = re.match(r"([a-z0-9-]+)(?:\[[a-z,]+\])?==([^\s;]+)( ; [^\\]*?)?\s+--hash", line)
        assert pinned, f"{name}: {line[:80]}"
        found[f"{pinned[1]}=={pinned[2]}"] = re.findall(r"--hash=sha256:([0-9a-f]{64})\b", line)
        assert line.count("--") == line.count("--hash=sha256:"), line[:80]
    return found


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_file_pins_everything_with_hashes(name: str) -> None:
    locked = _locked(name)
    assert len(locked) > 30
    assert [pinned for pinned, hashes in locked.items() if not hashes] == []


def test_the_locks_hold_what_the_project_asks_for_and_agree() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    runtime, dev = (set(_locked(name)) for name in LOCKS)
    assert runtime < dev
    names = {pinned.partition("==")[0] for pinned in dev}
    wanted = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    for requirement in wanted:
        assert re.match(r"[a-z0-9-]+", requirement)[0] in names, requirement  # type: ignore[index]
    own = {pinned.partition("==")[0] for pinned in runtime}
    for requirement in project["project"]["dependencies"]:
        assert re.match(r"[a-z0-9-]+", requirement)[0] in own, requirement  # type: ignore[index]
