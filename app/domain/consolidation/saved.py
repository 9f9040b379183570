"""A report that somebody saved, as it is read: pure code, and nothing in the file is believed."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import rfc8785
from pydantic import ValidationError

from app.domain.consolidation.figures import figures
from app.domain.consolidation.findings import (
    ABSENT,
    Check,
    Failed,
    Rule,
    differences,
    shown,
)
from app.domain.consolidation.report import SCHEMA, Report
from app.domain.errors import DomainError
from app.domain.json_text import parse_json
from app.domain.wire_faults import faults_in_body

SHAPE: Final = Rule("shape", "Cấu trúc đúng lược đồ", "Its shape is that of its schema")
_SCHEMA: Final = re.compile(r"baocao/consolidated-report/([1-9][0-9]{0,5})")
_CURRENT: Final = int(SCHEMA.rpartition("/")[2])
_LONGEST: Final = 60  # digits of an amount; the database holds 19


class Unreadable(ValueError):
    """The file is no report at all: not JSON, of no schema, or not to be written canonically."""


@dataclass(frozen=True)
class Saved:
    """A saved report: what it says, and the bytes that it should be kept as.

    `reformatted` files say the same in other bytes (spaces, line ends, the order of keys): their
    hash is that of the canonical bytes.
    """

    said: dict[str, Any]
    schema: int
    canonical: bytes
    sha256: str
    reformatted: bool

    @property
    def current(self) -> bool:
        """Whether this release knows the schema, and so the sums."""
        return self.schema == _CURRENT

    @property
    def newer(self) -> bool:
        """Whether it was made by a later release than this one."""
        return self.schema > _CURRENT


def read_saved(content: bytes) -> Saved:
    """Read a saved report. Raises Unreadable."""
    try:
        said = parse_json(content.removeprefix(b"\xef\xbb\xbf"))
    except DomainError as error:
        raise Unreadable(f"it is not JSON: {error}") from error
    name = said.get("schema") if isinstance(said, dict) else None
    found = _SCHEMA.fullmatch(name) if isinstance(name, str) else None
    if found is None:
        raise Unreadable(f"it is no consolidated report: /schema is {name!r}, not {SCHEMA!r}")
    try:
        canonical = rfc8785.dumps(said)
    except (rfc8785.CanonicalizationError, RecursionError) as error:
        raise Unreadable(f"it has no canonical form (RFC 8785): {error}") from error
    return Saved(
        said=said,
        schema=int(found[1]),
        canonical=canonical,
        sha256=hashlib.sha256(canonical).hexdigest(),
        reformatted=canonical != content,
    )


def check_shape(saved: Saved) -> tuple[Check, Report | None]:
    """Hold a report against its schema; return the report where it fits."""
    try:
        report = Report.model_validate_json(saved.canonical, strict=True)
    except ValidationError as error:
        faults = [
            Failed(one.pointer, _at(saved.said, one.pointer), one.text.say("en", one.params))
            for one in faults_in_body(error)
        ]
        return Check(SHAPE, len(faults), faults), None
    # What was left out and has a default would not be noticed otherwise.
    whole = report.model_dump(mode="json", by_alias=True)
    failed = [*differences(saved.said, whole), *_too_long(saved.said)]
    return Check(SHAPE, max(1, len(failed)), failed), report


def _too_long(said: dict[str, Any]) -> Iterator[Failed]:
    """Yield the amounts that no database held, and that sums are not to be made of."""
    for one in figures(said):
        if one.value is not None and len(one.value) > _LONGEST:
            yield Failed(one.pointer, shown(one.value), f"at most {_LONGEST} digits")


def _at(said: Any, pointer: str) -> str:
    """Return what stands at a pointer, as it is shown."""
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        try:
            said = said[int(name)] if isinstance(said, list) else said[name]
        except (KeyError, IndexError, ValueError, TypeError):
            return ABSENT
    return shown(said)
