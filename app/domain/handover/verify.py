"""Verifying a handover: everything in it is held against everything else, without a database.

What is found is named by file and line. What no archive can show by itself is that all of it was
made anew, hashes included: for that the seal must be known from elsewhere, `expect`, or from the
audit.
"""

import hashlib
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any, Final

from app.domain.canonical import canonical_bytes
from app.domain.errors import DomainError
from app.domain.handover.checks import (
    Activities,
    Check,
    Rollups,
    Submitted,
    Wrong,
    check_units,
    read,
)
from app.domain.handover.container import Damaged, Member, read_archive
from app.domain.handover.lines import (
    ACTIVITY,
    LINE_HASHES,
    LISTED,
    LONGEST_DOCUMENT,
    LONGEST_LINE,
    MANIFEST,
    NAMES,
    ROLLUPS,
    SUBMISSIONS,
    UNITS,
    Counts,
    FileEntry,
    Manifest,
    UnitsFile,
)
from app.domain.json_text import parse_json

_LINE_HASH: Final = re.compile(rb"([0-9a-f]{64}) ([a-z-]+\.jsonl):([1-9][0-9]{0,9})\n")


@dataclass(frozen=True)
class Verified:
    """All of it holds. `seal` is the SHA-256 of the manifest."""

    seal: str
    manifest: Manifest


@dataclass(frozen=True)
class Broken:
    """The first thing that does not hold: in which file, at which line where that is known."""

    file: str
    line: int | None
    why: str

    def __str__(self) -> str:
        line = "" if self.line is None else f", line {self.line}"
        return f"{self.file}{line}: {self.why}"


@dataclass(frozen=True)
class LineHash:
    """The hash of a line, and at which line of line-hashes.txt it is listed."""

    sha256: str
    file: str
    line: int
    listed_at: int


def verify(archive: IO[bytes], *, expect: str | None = None) -> Verified | Broken:
    """Verify an archive that can be sought in; `expect` is a seal that was noted elsewhere."""
    try:
        found = _Verification(archive).run()
    except Damaged as damage:
        return Broken(damage.file, damage.line, damage.why)
    if expect is not None and found.seal != expect:
        return Broken(MANIFEST, None, f"the seal is {found.seal}, not {expect}")
    return found


class _Verification:
    def __init__(self, archive: IO[bytes]) -> None:
        self._members = read_archive(archive, NAMES)
        raw = self._members[MANIFEST].whole(LONGEST_DOCUMENT)
        self._seal = hashlib.sha256(raw).hexdigest()
        self._manifest = _manifest(self._members[MANIFEST], raw)
        self._entries = {entry.name: entry for entry in self._manifest.files}
        self._hashes_intact = self._intact(LINE_HASHES)
        self._hashes = _line_hashes(self._members[LINE_HASHES])
        self._next: LineHash | None = None

    def run(self) -> Verified:
        units = self._units()
        self._next = next(self._hashes, None)
        activities = Activities(units)
        self._follow(ACTIVITY, activities)
        submitted = Submitted(units, activities.hashes)
        self._follow(SUBMISSIONS, submitted)
        rollups = Rollups(submitted.places)
        self._follow(ROLLUPS, rollups)
        if self._next is not None:
            at = self._next.listed_at
            raise Damaged(LINE_HASHES, at, "it lists a line behind the last file")
        self._whole(LINE_HASHES)
        counts = Counts(
            units=len(units.units),
            activity_reports=activities.reports,
            activity_revisions=activities.revisions,
            submissions=submitted.submissions,
            submission_revisions=len(submitted.places),
            rollups=rollups.count,
        )
        if counts != self._manifest.counts:
            raise Damaged(MANIFEST, 1, "it counts otherwise than the files do")
        return Verified(self._seal, self._manifest)

    def _units(self) -> UnitsFile:
        member = self._members[UNITS]
        raw = member.whole(LONGEST_DOCUMENT)
        self._whole(UNITS)
        try:
            units = check_units(_parsed(raw))
        except Wrong as wrong:
            raise Damaged(UNITS, 1, str(wrong)) from wrong
        _check_unit(self._manifest, units)
        return units

    def _follow(self, name: str, check: Check) -> None:
        """Hold the lines of a file against their hashes, and against what was read before."""
        number = 0
        for number, line in enumerate(self._members[name].lines(LONGEST_LINE), 1):
            self._check_listed(name, number, line)
            try:
                check.take(_parsed(line))
            except Wrong as wrong:
                raise Damaged(name, number, str(wrong)) from wrong
        if self._next is not None and self._next.file == name:
            self._accuse(name, number + 1, self._next, "it is missing")
        try:
            check.end()
        except Wrong as wrong:
            raise Damaged(name, number, str(wrong)) from wrong
        self._whole(name)

    def _check_listed(self, name: str, number: int, line: bytes) -> None:
        listed = self._next
        if listed is None or (listed.file, listed.line) != (name, number):
            self._accuse(name, number, listed, "it is not among the lines that were written")
        elif listed.sha256 != hashlib.sha256(line).hexdigest():
            self._accuse(name, number, listed, "it is not the line that was written here")
        self._next = next(self._hashes, None)

    def _accuse(self, name: str, number: int, listed: LineHash | None, why: str) -> None:
        """Raise Damaged for a line, or for its hash where only that was changed."""
        if not self._hashes_intact and self._intact(name):
            at = None if listed is None else listed.listed_at
            raise Damaged(LINE_HASHES, at, f"it does not fit {name}, line {number}")
        raise Damaged(name, number, why)

    def _intact(self, name: str) -> bool:
        return _described(self._members[name]) == self._entries[name]

    def _whole(self, name: str) -> None:
        """Hold a file against the manifest. Raises Damaged."""
        member, entry = self._members[name], self._entries[name]
        found = _described(member)
        for what in ("size", "lines", "sha256"):
            if getattr(found, what) != getattr(entry, what):
                line = 1 if name == UNITS else None
                why = f"its {what} is {getattr(found, what)}, the manifest says "
                raise Damaged(name, line, f"{why}{getattr(entry, what)}")
        _check_crc(member)


def _manifest(member: Member, raw: bytes) -> Manifest:
    _check_crc(member)
    try:
        said = _parsed(raw)
        found = read(Manifest, said)
    except Wrong as wrong:
        raise Damaged(MANIFEST, 1, str(wrong)) from wrong
    if canonical_bytes(said) != raw:
        raise Damaged(MANIFEST, 1, "it is not canonical JSON")
    if tuple(entry.name for entry in found.files) != LISTED:
        raise Damaged(MANIFEST, 1, f"it does not list exactly {', '.join(LISTED)}")
    return found


def _check_unit(manifest: Manifest, units: UnitsFile) -> None:
    """Check that the manifest is of the unit that units.json says, and for its steward."""
    fields = ("code", "name", "valid_from", "valid_to")
    unit = units.unit
    if manifest.unit != unit.key or any(
        getattr(manifest, field) != getattr(unit, field) for field in fields
    ):
        raise Damaged(MANIFEST, 1, f"it is of another unit than {UNITS}")
    if manifest.made_for != units.steward:
        raise Damaged(MANIFEST, 1, f"it is made for another steward than {UNITS} says")


def _line_hashes(member: Member) -> Iterator[LineHash]:
    for number, line in enumerate(member.lines(LONGEST_LINE), 1):
        found = _LINE_HASH.fullmatch(line)
        if found is None:
            raise Damaged(LINE_HASHES, number, "it is no hash of a line")
        yield LineHash(found[1].decode(), found[2].decode(), int(found[3]), number)


def _described(member: Member) -> FileEntry:
    """Return what the manifest should say of a file."""
    sha256, lines = hashlib.sha256(), 0
    for chunk in member.chunks():
        sha256.update(chunk)
        lines += chunk.count(b"\n")
    return FileEntry(name=member.name, sha256=sha256.hexdigest(), size=member.size, lines=lines)


def _check_crc(member: Member) -> None:
    crc = 0
    for chunk in member.chunks():
        crc = zlib.crc32(chunk, crc)
    if crc != member.crc:
        raise Damaged(member.name, None, "its checksum (CRC-32) is not the one in the ZIP")


def _parsed(raw: bytes) -> Any:
    try:
        return parse_json(raw)
    except DomainError as error:
        raise Wrong(f"it is not JSON: {error}") from error
