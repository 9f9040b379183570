"""Markdown that is played: its commands run in a real shell, and what they answer is what it shows.

An `sh` block is run; the `json`, `http` or `text` block right below it is its answer. In an answer
`…` stands for whatever else is there. Ids, hashes, keys and cursors differ each time: the first
that is met where one is shown is what that one stands for, also in the commands that follow.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

REST: Final = "…"
PATIENCE: Final = 20.0  # seconds until the worker has done what a reading command shows
_ANSWERS: Final = ("json", "http", "text")
_CURSORS: Final = ("next", "cursor")
_UUID: Final = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_NAMED: Final = re.compile(rf"({_UUID}|\b[0-9a-f]{{64}}\b|baocao_\w+|whsec_[\w+/]+=)")
_INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
_MOMENT: Final = "a moment"
_WRITES: Final = re.compile(r"--json|--data|-X |--upload-file| -d |python -m app")


needs_curl = pytest.mark.skipif(
    shutil.which("curl") is None, reason="this machine has no curl: apt-get install curl"
)


class Different(AssertionError):
    """A command did not answer what is shown below it."""


@dataclass(frozen=True)
class Step:
    """A command, and the answer that is shown below it, if one is."""

    command: str
    kind: str = ""
    answer: str = ""

    def __str__(self) -> str:
        return self.command


def steps_of(markdown: str) -> Iterator[Step]:
    """Return the commands of a text in their order."""
    blocks = [token for token in MarkdownIt("commonmark").parse(markdown) if _is_block(token)]
    for number, block in enumerate(blocks):
        if block.info != "sh":
            continue
        below = blocks[number + 1] if number + 1 < len(blocks) else None
        if below is not None and below.info in _ANSWERS:
            yield Step(block.content, below.info, below.content)
        else:
            yield Step(block.content)


def blocks_of(markdown: str, language: str) -> list[str]:
    """Return a text's blocks in a language, in their order."""
    tokens = MarkdownIt("commonmark").parse(markdown)
    return [token.content for token in tokens if _is_block(token) and token.info == language]


def _is_block(token: Token) -> bool:
    return token.type == "fence"


@dataclass
class Reader:
    """Somebody at a shell who follows a text to the letter."""

    folder: Path
    environment: Mapping[str, str]
    known: dict[str, str] = field(default_factory=dict)
    _exports: list[str] = field(default_factory=list)

    def follow(self, markdown: str) -> int:
        """Run every command of a text; return how many. Raises Different."""
        steps = list(steps_of(markdown))
        for step in steps:
            self._run(step)
        return len(steps)

    def _run(self, step: Step) -> None:
        until = time.monotonic() + (0 if _WRITES.search(step.command) else PATIENCE)
        while True:
            said = self._say(step)
            known = dict(self.known)
            try:
                if step.kind:
                    _Answer(known).hold(step, said)
            except Different as different:
                if time.monotonic() > until:
                    message = f"{step.command}\n{different}\n\nIt answered:\n{_pretty(said)}"
                    raise Different(message) from None
                time.sleep(0.2)
            else:
                self.known = known
                return

    def _say(self, step: Step) -> str:
        lines = [line for line in self._real(step.command).splitlines() if not self._given(line)]
        script = "\n".join((*self._exports, *lines))
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=self.folder,
            env={**self.environment, "PATH": _path()},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT if step.kind == "text" else subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
        )
        if done.returncode:
            raise Different(f"{step.command}\nfailed: {done.stdout}{done.stderr or ''}")
        self._exports += [line for line in lines if line.startswith("export ")]
        return done.stdout

    def _given(self, line: str) -> bool:
        """Whether a line sets what the reader has set already: the address, the keys."""
        name = line.removeprefix("export ").partition("=")[0]
        return line.startswith("export ") and name in self.environment

    def _real(self, text: str) -> str:
        return _NAMED.sub(lambda found: self.known.get(found[0], found[0]), text)


@dataclass(frozen=True)
class _Answer:
    """One answer beside what is shown of it; what is shown comes to stand for what is answered."""

    known: dict[str, str]

    def hold(self, step: Step, said: str) -> None:
        """Raise Different where it is another."""
        if step.kind == "json":
            self._json(step.answer, said)
        elif step.kind == "http":
            self._http(step.answer, said)
        else:
            self._equal("", step.answer.strip(), said.strip())

    def _http(self, shown: str, said: str) -> None:
        shown_head, _, shown_body = shown.partition("\n\n")
        head, _, body = said.replace("\r\n", "\n").partition("\n\n")
        shown_lines, lines = shown_head.splitlines(), head.splitlines()
        if shown_lines[0].split()[1] != lines[0].split()[1]:
            raise Different(f"{lines[0]}, not {shown_lines[0]}")
        headers = dict(_header(line) for line in lines[1:])
        for name, value in map(_header, shown_lines[1:]):
            if name not in headers:
                raise Different(f"no header {name}")
            self._equal(name, value, headers[name])
        if shown_body.strip():
            self._json(shown_body, body)
        elif body.strip():
            raise Different("a body that is not shown")

    def _json(self, shown: str, said: str) -> None:
        try:
            found = json.loads(said)
        except json.JSONDecodeError as error:
            raise Different(str(error)) from None
        self._alike("", json.loads(_with_rest(shown)), found)

    def _alike(self, place: str, shown: Any, found: Any) -> None:
        if type(shown) is not type(found):
            raise Different(f"{place}: {found!r}, not {shown!r}")
        if isinstance(shown, dict):
            self._objects(place, shown, found)
        elif isinstance(shown, list):
            self._lists(place, shown, found)
        elif isinstance(shown, str):
            self._equal(place, shown, found)
        elif shown != found:
            raise Different(f"{place}: {found!r}, not {shown!r}")

    def _objects(self, place: str, shown: dict[str, Any], found: dict[str, Any]) -> None:
        named = shown.keys() - {REST}
        if named - found.keys():
            raise Different(f"{place}: without {sorted(named - found.keys())}")
        if REST not in shown and found.keys() - named:
            raise Different(f"{place}: {sorted(found.keys() - named)} are not shown")
        for name in named:
            self._alike(f"{place}/{name}", shown[name], found[name])

    def _lists(self, place: str, shown: list[Any], found: list[Any]) -> None:
        more = bool(shown) and shown[-1] == REST
        first = shown[:-1] if more else shown
        if len(first) > len(found) or (len(first) < len(found) and not more):
            raise Different(f"{place}: {len(found)} elements, not {len(first)}")
        for number, one in enumerate(first):
            self._alike(f"{place}/{number}", one, found[number])

    def _equal(self, place: str, shown: str, found: str) -> None:
        if place.rpartition("/")[2] in _CURSORS:
            return
        if shown.endswith(REST) and not _NAMED.search(shown):
            found, shown = found[: len(shown) - 1], shown[:-1]
        shown, found = (_INSTANT.sub(_MOMENT, one) for one in (shown, found))
        shown_parts, parts = _NAMED.split(shown), _NAMED.split(found)
        if shown_parts[::2] != parts[::2]:
            raise Different(f"{place}: {found!r}, not {shown!r}")
        for one, real in zip(shown_parts[1::2], parts[1::2], strict=True):
            if self.known.setdefault(one, real) != real:
                raise Different(f"{place}: {one} stood for {self.known[one]}, now for {real}")


def _header(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    return name.lower(), value.strip()


def _with_rest(shown: str) -> str:
    """Return JSON in which `…` between values is a value of its own."""
    inside: list[str] = []
    made: list[str] = []
    for part in re.findall(r'"(?:[^"\\]|\\.)*"|.', shown, re.DOTALL):
        if part in "{[":
            inside.append(part)
        elif part in "}]":
            inside.pop()
        if part == REST:
            made.append(f'"{REST}": 0' if inside[-1] == "{" else f'"{REST}"')
        else:
            made.append(part)
    return "".join(made)


def _pretty(said: str) -> str:
    head, _, body = said.rpartition("\r\n\r\n")
    try:
        return f"{head}\n{json.dumps(json.loads(body), ensure_ascii=False, indent=2)}"
    except json.JSONDecodeError:
        return said


def _path() -> str:
    return os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
