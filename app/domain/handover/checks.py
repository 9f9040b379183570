"""Whether what a handover says holds together, line by line. Pure: no database is asked.

Each check takes the lines of one file in their order and raises `Wrong` at the one that cannot
be. Of all revisions it remembers only the hashes that a submission may have frozen: some 100
bytes for each revision of an activity report.
"""

import hashlib
from typing import Any, Final, Protocol

from pydantic import ValidationError

from app.domain.canonical import canonical_bytes
from app.domain.handover.lines import (
    ActivityLine,
    HeldLine,
    RevisionLine,
    RollupLine,
    UnitsFile,
    WireModelT,
)

Place = tuple[str, str, int]
_FIRST: Final = "activity"


class Wrong(Exception):
    """A line says what cannot be."""


class Check(Protocol):
    """Takes the lines of a file."""

    def take(self, said: Any) -> None:
        """Look at the next line. Raises Wrong."""

    def end(self) -> None:
        """Look at what is left behind the last line. Raises Wrong, which is about that line."""


def read(model: type[WireModelT], said: Any) -> WireModelT:
    """Return what a line says. Raises Wrong where it has not the form."""
    try:
        return model.model_validate(said)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise Wrong(f"it has not the form: {place}: {first['msg']}") from error


def check_units(said: Any) -> UnitsFile:
    """Return what units.json says. Raises Wrong."""
    found = read(UnitsFile, said)
    below = [one.key for one in found.units]
    if below != sorted(set(below)) or found.unit.key in below:
        raise Wrong("the units are not in the order of their keys, or one is there twice")
    known = {found.unit.key, *below}
    for place in found.parentages:
        if place.unit not in known:
            raise Wrong(f"it places the unit {place.unit}, which it does not list")
    for steward in found.stewardships:
        if steward.unit not in known:
            raise Wrong(f"it names a steward of {steward.unit}, which it does not list")
    stewards = {one.steward for one in found.stewardships if one.unit == found.unit.key}
    if found.steward is not None and found.steward not in stewards:
        raise Wrong(f"the steward {found.steward} has no stewardship of the unit")
    return found


class Activities:
    """The check of activity-reports.jsonl."""

    def __init__(self, units: UnitsFile) -> None:
        self.reports = self.revisions = 0
        self.hashes: set[bytes] = set()
        self._units = {units.unit.key, *(one.key for one in units.units)}
        self._last: tuple[tuple[str, str, str], int] = (("", "", ""), 0)

    def take(self, said: Any) -> None:
        """Look at the next revision of an activity report."""
        line = read(ActivityLine, said)
        self._follows(line)
        _check_body(line)
        if line.unit not in self._units:
            raise Wrong(f"the unit {line.unit} is not one that units.json lists")
        if (line.kind == "created") != (line.revision == 1):
            raise Wrong("the first revision, and only that, is the one that created the report")
        if (line.kind == "created") != (line.reason is None):
            raise Wrong("every revision but the first has its reason")
        if line.withdrawn != (line.kind == "withdrawn"):
            raise Wrong(f"`withdrawn` contradicts the kind, {line.kind}")
        self.revisions += 1
        self.hashes.add(bytes.fromhex(line.body_sha256))

    def end(self) -> None:
        """Nothing is left behind the last line."""

    def _follows(self, line: ActivityLine) -> None:
        key, (last, number) = (line.unit, line.source_system, line.external_id), self._last
        expected = number + 1 if key == last else 1
        if key < last:
            raise Wrong("the reports are not in the order of unit, source system and external id")
        if line.revision != expected:
            raise Wrong(f"it is revision {line.revision} where {expected} should be")
        self.reports += key != last
        self._last = key, line.revision


def _check_body(line: ActivityLine) -> None:
    body = line.body
    found = hashlib.sha256(canonical_bytes(body)).hexdigest()
    if found != line.body_sha256:
        raise Wrong(f"the body's hash is {found}, not {line.body_sha256}")
    for name in ("unit", "source_system", "external_id"):
        if body.get(name) != getattr(line, name):
            raise Wrong(f"the body has another {name}")
    on_behalf = None if line.on_behalf is None else line.on_behalf.model_dump()
    if body.get("on_behalf") != on_behalf:
        raise Wrong("the body has another on_behalf")


class Submitted:
    """The check of submissions.jsonl. `places` are the submitted revisions."""

    def __init__(self, units: UnitsFile, hashes: set[bytes]) -> None:
        self.submissions = 0
        self.places: set[Place] = set()
        self._unit, self._hashes = units.unit.key, hashes
        self._line: RevisionLine | None = None
        self._sha256 = hashlib.sha256()
        self._left = 0

    def take(self, said: Any) -> None:
        """Look at the next revision, or the next hashes of the one before."""
        if isinstance(said, dict) and said.get("type") == "held":
            self._take_held(read(HeldLine, said))
            return
        self.end()
        line = read(RevisionLine, said)
        self._follows(line)
        _check_said(line, self._unit)
        self._line, self._left = line, line.activities
        self.places.add(_place(line))
        # Canonical JSON begins with `activity`, the first of the names, so that the hash is made
        # without holding all hashes at once.
        self._sha256 = hashlib.sha256(b'{"activity":[')
        if self._left == 0:
            self._close()

    def end(self) -> None:
        """All hashes of the last revision must have come."""
        if self._left:
            raise Wrong(f"{self._left} hashes of the revision's activity are missing")

    def _take_held(self, held: HeldLine) -> None:
        line = self._line
        if line is None or _place(held) != _place(line) or len(held.hashes) > self._left:
            raise Wrong("these hashes are not of the revision before, or too many")
        for sha256 in held.hashes:
            if bytes.fromhex(sha256) not in self._hashes:
                raise Wrong(f"the frozen activity {sha256} is not among the activity reports")
        separator = b"" if self._left == line.activities else b","
        self._sha256.update(separator + canonical_bytes(held.hashes)[1:-1])
        self._left -= len(held.hashes)
        if self._left == 0:
            self._close()

    def _close(self) -> None:
        line = self._line
        assert line is not None  # noqa: S101 - it is what is closed
        self._sha256.update(b"]," + canonical_bytes(line.said)[1:])
        found = self._sha256.hexdigest()
        if found != line.sha256:
            raise Wrong(f"the hash of revision {line.revision} is {found}, not {line.sha256}")

    def _follows(self, line: RevisionLine) -> None:
        before = self._line
        same = before is not None and _place(before)[:2] == _place(line)[:2]
        expected = before.revision + 1 if before is not None and same else 1
        if before is not None and _place(line)[:2] < _place(before)[:2]:
            raise Wrong("the submissions are not in the order of plan and cycle")
        if line.revision != expected:
            raise Wrong(f"it is revision {line.revision} where {expected} should be")
        self.submissions += not same


def _place(line: RevisionLine | HeldLine | RollupLine) -> Place:
    return line.plan, line.cycle, line.revision


def _check_said(line: RevisionLine, unit: str) -> None:
    said = line.said
    if any(name <= _FIRST for name in said):
        raise Wrong("what it says has a name that no submission has")
    cycle = said.get("cycle") or str(said.get("year"))
    found = said.get("unit"), said.get("plan"), cycle, said.get("revision")
    if found != (unit, line.plan, line.cycle, line.revision):
        raise Wrong("what it says is of another unit, plan, cycle or revision")
    if (line.state == "returned") != (line.returned_at is not None):
        raise Wrong("its state contradicts its return")
    if (line.state in ("accepted", "superseded")) != (line.accepted_at is not None):
        raise Wrong("its state contradicts its acceptance")


class Rollups:
    """The check of rollups.jsonl."""

    def __init__(self, places: set[Place]) -> None:
        self.count = 0
        self._places, self._last = places, ("", "", 0)

    def take(self, said: Any) -> None:
        """Look at the next rollup."""
        place = _place(read(RollupLine, said))
        if place <= self._last:
            raise Wrong("the rollups are not in the order of plan, cycle and revision")
        if place not in self._places:
            raise Wrong("there is no such submitted revision")
        self._last = place
        self.count += 1

    def end(self) -> None:
        """Nothing is left behind the last line."""
