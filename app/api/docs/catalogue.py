"""Every code that a refusal or a fault can bear: its cause and its remedy, in both languages.

They stand in `errors/`, a file an area, in reading order; the messages stand beside the code that
says them (`Text`). A test holds that each code of the service is there.
"""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import app.domain.notices.mailboxes  # noqa: F401 - of all that refuses, only commands import it
from app.api.problems import STATUS
from app.domain.errors import Language, Text, text_of

FOLDER: Final = Path(__file__).parent / "errors"
# What `explain` answers as the rule of a figure bears a code too, and refuses nothing.
NO_REFUSAL: Final = "rule_"

_STATUS: Final = {error.text.code: status for error, status in STATUS.items()}
_NO_REQUEST: Final = {"reference_refused", "year_outside_plan", "bad_address"}


@dataclass(frozen=True)
class Told:
    """Why a refusal comes and what to do, in one language."""

    cause: str
    remedy: str


@dataclass(frozen=True)
class Entry:
    """One code of the catalogue. Its message is a template: `{…}` is filled in when it is said."""

    text: Text
    told: dict[Language, Told]

    @property
    def code(self) -> str:
        """The stable code."""
        return self.text.code

    @property
    def status(self) -> int | None:
        """The status that it is answered with; None where it stands in `errors` of another."""
        return None if self.code in _NO_REQUEST else _STATUS.get(self.code)

    @property
    def of_a_command(self) -> bool:
        """Whether only the operator's commands say it."""
        return self.code in _NO_REQUEST

    def message(self, language: Language) -> str:
        """Return the template of what is said."""
        return self.text.vi if language == "vi" else self.text.en


@dataclass(frozen=True)
class Area:
    """Codes that belong together."""

    title: dict[Language, str]
    entries: tuple[Entry, ...]


@lru_cache
def areas() -> tuple[Area, ...]:
    """Return the whole catalogue in reading order. Raises KeyError for a code that nobody says."""
    return tuple(_area(file) for file in sorted(FOLDER.glob("*.toml")))


@lru_cache
def entries() -> dict[str, Entry]:
    """Return the catalogue by code."""
    return {entry.code: entry for area in areas() for entry in area.entries}


def _area(file: Path) -> Area:
    written = tomllib.loads(file.read_text(encoding="utf-8"))
    title = written.pop("title")
    return Area(title, tuple(_entries(written)))


def _entries(written: dict[str, dict[Language, dict[str, str]]]) -> Iterator[Entry]:
    for code, languages in written.items():
        text = text_of(code)
        if text is None:
            raise KeyError(code)
        yield Entry(text, {language: Told(**told) for language, told in languages.items()})
