"""The ZIP around a handover, of which every byte is determined by what is in it.

Members are stored, not deflated: the output of deflate differs between builds of zlib, and the
same rows must give the same bytes on any machine. No times, no comments, no extra fields. So an
archive can be read by any program for ZIP, while we read it by composing anew what must be there
and comparing: there is nothing to unpack and no name to follow.
"""

import hashlib
import struct
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Final

DIRECTORY: Final = "ZIP directory"
MAX_ARCHIVE: Final = 2**32 - 2**20  # bytes; beyond it ZIP needs another format (ZIP64)
CHUNK: Final = 256 * 1024
_DOS_DATE: Final = 0x21  # 1 January 1980, the first day that ZIP knows
_VERSION: Final = 20
_UNIX_FILE: Final = 0o100600 << 16


class Damaged(Exception):
    """Something is not as it was written: in which file, at which line where that is known."""

    def __init__(self, file: str, line: int | None, why: str) -> None:
        super().__init__(why)
        self.file, self.line, self.why = file, line, why


@dataclass(frozen=True)
class Member:
    """A file of the archive: where its bytes lie."""

    archive: IO[bytes]
    name: str
    start: int
    size: int
    crc: int

    def chunks(self) -> Iterator[bytes]:
        """Yield its bytes."""
        place, end = self.start, self.start + self.size
        while place < end:
            self.archive.seek(place)
            chunk = self.archive.read(min(CHUNK, end - place))
            if not chunk:
                raise Damaged(self.name, None, "the archive ends within it")
            place += len(chunk)
            yield chunk

    def lines(self, longest: int) -> Iterator[bytes]:
        """Yield its lines with their ends; other members may be read meanwhile.

        Raises Damaged for a line of more than `longest` bytes.
        """
        left, number = b"", 1
        for chunk in self.chunks():
            *whole, left = (left + chunk).split(b"\n")
            for line in whole:
                yield line + b"\n"
            number += len(whole)
            if len(left) > longest:
                raise Damaged(self.name, number, f"it is longer than {longest} bytes")
        if left:
            yield left

    def whole(self, longest: int) -> bytes:
        """Return all its bytes. Raises Damaged where they are more than `longest`."""
        if self.size > longest:
            raise Damaged(self.name, None, f"it is longer than {longest} bytes")
        return b"".join(self.chunks())


@dataclass
class Written:
    """A member while it is written, and what is known of it then."""

    archive: IO[bytes]
    name: str
    size: int = 0
    crc: int = 0
    lines: int = 0

    def __post_init__(self) -> None:
        self._sha256 = hashlib.sha256()

    @property
    def sha256(self) -> str:
        """The SHA-256 of what was written so far."""
        return self._sha256.hexdigest()

    def write(self, content: bytes) -> None:
        """Add bytes."""
        self.archive.write(content)
        self._sha256.update(content)
        self.crc = zlib.crc32(content, self.crc)
        self.size += len(content)
        self.lines += content.count(b"\n")


class ArchiveWriter:
    """Writes an archive into an empty file that can be sought in."""

    def __init__(self, archive: IO[bytes]) -> None:
        self._archive = archive
        self._members: list[Written] = []

    @contextmanager
    def member(self, name: str) -> Iterator[Written]:
        """Begin a member; it ends with the block. Raises ValueError where it grows too large."""
        start = self._archive.tell()
        self._archive.write(_header(name, 0, 0))
        written = Written(self._archive, name)
        yield written
        end = self._archive.tell()
        if end > MAX_ARCHIVE:
            raise ValueError(f"a handover of more than {MAX_ARCHIVE} bytes is not possible")
        self._archive.seek(start)
        self._archive.write(_header(name, written.crc, written.size))
        self._archive.seek(end)
        self._members.append(written)

    def close(self) -> None:
        """Write the directory, which ends the archive."""
        entries = [(one.name, one.crc, one.size) for one in self._members]
        self._archive.write(_directory(entries))
        self._archive.flush()


def read_archive(archive: IO[bytes], names: Sequence[str]) -> dict[str, Member]:
    """Return the members of an archive, which are exactly these in this order.

    Raises Damaged where any byte between them is not what the format would write.
    """
    size = archive.seek(0, 2)
    start = size - len(_directory([(name, 0, 0) for name in names]))
    if start < 0 or size > MAX_ARCHIVE * 2:
        raise Damaged(DIRECTORY, None, "this is no handover: it is too short or too long")
    archive.seek(start)
    found = archive.read()
    entries = _entries(found, names)
    if found != _directory(entries):
        raise Damaged(DIRECTORY, None, f"it does not list exactly {', '.join(names)}")
    members, place = {}, 0
    for name, crc, length in entries:
        header = _header(name, crc, length)
        archive.seek(place)
        if archive.read(len(header)) != header:
            raise Damaged(name, None, "its ZIP header is not what the format writes")
        members[name] = Member(archive, name, place + len(header), length, crc)
        place += len(header) + length
    if place != start:
        raise Damaged(DIRECTORY, None, "there are bytes in the archive that belong to no file")
    return members


def _header(name: str, crc: int, size: int) -> bytes:
    """Return what stands before a member (APPNOTE.TXT 4.3.7)."""
    fields = (_VERSION, 0, 0, 0, _DOS_DATE, crc, size, size, len(name), 0)
    return struct.pack("<4s5H3I2H", b"PK\x03\x04", *fields) + name.encode("ascii")


def _directory(entries: Sequence[tuple[str, int, int]]) -> bytes:
    """Return what stands behind all members (APPNOTE.TXT 4.3.12 and 4.3.16)."""
    listed, place = b"", 0
    for name, crc, size in entries:
        made_by = 3 << 8 | _VERSION
        fields = (made_by, _VERSION, 0, 0, 0, _DOS_DATE, crc, size, size, len(name), 0, 0, 0, 0)
        listed += struct.pack("<4s6H3I5H2I", b"PK\x01\x02", *fields, _UNIX_FILE, place % 2**32)
        listed += name.encode("ascii")
        place += len(_header(name, crc, size)) + size
    ends = (0, 0, len(entries), len(entries), len(listed), place % 2**32, 0)
    return listed + struct.pack("<4s4H2IH", b"PK\x05\x06", *ends)


def _entries(directory: bytes, names: Sequence[str]) -> list[tuple[str, int, int]]:
    """Return checksum and size of each member, as a directory of these names says them."""
    entries, place = [], 0
    for name in names:
        crc, size = struct.unpack_from("<2I", directory, place + 16)
        entries.append((name, crc, size))
        place += 46 + len(name)
    return entries
