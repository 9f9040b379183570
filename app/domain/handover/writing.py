"""Writing a handover: what the database holds of a unit, a chunk at a time, into the archive."""

import hashlib
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO, Any, Final

from sqlmodel import Session

from app.domain.canonical import canonical_bytes
from app.domain.handover.container import CHUNK, ArchiveWriter
from app.domain.handover.lines import (
    ACTIVITY,
    LINE_HASHES,
    MANIFEST,
    ROLLUPS,
    SCHEMA,
    SUBMISSIONS,
    UNITS,
)
from app.domain.handover.records import activity_lines
from app.domain.handover.standing import Within, units_said, within
from app.domain.handover.submitted import Place, rollup_lines, submission_lines, submitted
from app.domain.units.models import UnitVersion

_IN_MEMORY: Final = 1024 * 1024  # bytes of line hashes that are not worth a file


@dataclass(frozen=True)
class Handover:
    """An archive that was made: `seal` is the SHA-256 of its manifest, `sha256` that of it all."""

    unit: str
    seal: str
    sha256: str
    size: int
    counts: dict[str, int]


def write(
    session: Session, *, unit: UnitVersion, made_for: str | None, into: IO[bytes]
) -> Handover:
    """Write a unit's handover into an empty file that can be sought in, and go to its beginning.

    `made_for` is its steward's key. Raises ValueError beyond what a ZIP of this format holds.
    """
    archive = _Archive(into)
    held = within(session, unit=unit.unit_key)
    places = submitted(session, unit=unit.unit_key)
    archive.add(UNITS, canonical_bytes(units_said(session, held=held, steward=made_for)))
    counts = _write_lines(session, archive, held, places)
    manifest = {
        "schema": SCHEMA,
        "unit": unit.unit_key,
        "code": unit.code,
        "name": unit.name,
        "valid_from": None if unit.valid_from is None else str(unit.valid_from),
        "valid_to": str(unit.valid_to),
        "made_for": made_for,
        "counts": counts,
        "files": archive.listed,
    }
    seal = archive.add(MANIFEST, canonical_bytes(manifest))
    size, sha256 = archive.close()
    return Handover(unit.unit_key, seal, sha256, size, counts)


def _write_lines(
    session: Session, archive: "_Archive", held: Within, places: list[Place]
) -> dict[str, int]:
    """Write the files of lines and the hashes of these; return how much there is."""
    reports = 0

    def counted() -> Iterator[dict[str, Any]]:
        nonlocal reports
        for line in activity_lines(session, held=held):
            reports += line["revision"] == 1
            yield line

    with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as hashes:
        revisions = archive.add_lines(ACTIVITY, counted(), hashes)
        lines = submission_lines(session, unit=held.unit, places=places)
        archive.add_lines(SUBMISSIONS, lines, hashes)
        rollups = archive.add_lines(ROLLUPS, rollup_lines(session, places=places), hashes)
        hashes.seek(0)
        archive.add_pieces(LINE_HASHES, iter(lambda: hashes.read(CHUNK), b""))
    return {
        "units": len(held.units) - 1,
        "activity_reports": reports,
        "activity_revisions": revisions,
        "submissions": len({place.cycle.id for place in places}),
        "submission_revisions": len(places),
        "rollups": rollups,
    }


class _Archive:
    """The archive while its files are added; `listed` is what the manifest says of them."""

    def __init__(self, file: IO[bytes]) -> None:
        self.listed: list[dict[str, Any]] = []
        self._file, self._writer = file, ArchiveWriter(file)

    def add(self, name: str, content: bytes) -> str:
        """Add a file and return its SHA-256."""
        return self.add_pieces(name, [content])

    def add_lines(self, name: str, lines: Iterable[dict[str, Any]], hashes: IO[bytes]) -> int:
        """Add a file of lines and note the hash of each; return how many there are."""
        count = 0

        def written() -> Iterator[bytes]:
            nonlocal count
            for line in lines:
                count += 1
                content = canonical_bytes(line) + b"\n"
                sha256 = hashlib.sha256(content).hexdigest()
                hashes.write(f"{sha256} {name}:{count}\n".encode())
                yield content

        self.add_pieces(name, written())
        return count

    def close(self) -> tuple[int, str]:
        """End the archive; return its size and SHA-256."""
        self._writer.close()
        self._file.seek(0)
        sha256, size = hashlib.sha256(), 0
        while chunk := self._file.read(CHUNK):
            sha256.update(chunk)
            size += len(chunk)
        self._file.seek(0)
        return size, sha256.hexdigest()

    def add_pieces(self, name: str, content: Iterable[bytes]) -> str:
        """Add a file, a piece at a time, and return its SHA-256."""
        with self._writer.member(name) as member:
            for piece in content:
                member.write(piece)
        self.listed.append(
            {
                "name": name,
                "sha256": member.sha256,
                "size": member.size,
                "lines": member.lines,
            }
        )
        return member.sha256
