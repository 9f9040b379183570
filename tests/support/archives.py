"""Handovers taken apart and put together again, honestly or not."""

import hashlib
import io
import json
import zipfile
from typing import Any

from app.domain.canonical import canonical_bytes
from app.domain.handover.container import ArchiveWriter
from app.domain.handover.lines import BY_LINE, LINE_HASHES, LISTED, MANIFEST, NAMES
from app.domain.handover.verify import Broken, Verified, verify

Contents = dict[str, bytes]


def unpacked(archive: bytes) -> Contents:
    """Return the files of an archive, as any program for ZIP reads them."""
    with zipfile.ZipFile(io.BytesIO(archive)) as found:
        assert found.testzip() is None
        assert tuple(found.namelist()) == NAMES
        return {name: found.read(name) for name in found.namelist()}


def packed(contents: Contents) -> bytes:
    """Return the archive of some files."""
    made = io.BytesIO()
    writer = ArchiveWriter(made)
    for name, content in contents.items():
        with writer.member(name) as member:
            member.write(content)
    writer.close()
    return made.getvalue()


def with_line_hashes(contents: Contents) -> Contents:
    """Return the files with the hashes of their lines made anew."""
    listed = [
        f"{hashlib.sha256(line).hexdigest()} {name}:{number}\n"
        for name in BY_LINE
        for number, line in enumerate(contents[name].splitlines(keepends=True), 1)
    ]
    return {**contents, LINE_HASHES: "".join(listed).encode()}


def with_manifest(contents: Contents, **changes: Any) -> Contents:
    """Return the files with a manifest that fits them, and says some things otherwise."""
    manifest = json.loads(contents[MANIFEST])
    manifest["files"] = [
        {
            "name": name,
            "sha256": hashlib.sha256(contents[name]).hexdigest(),
            "size": len(contents[name]),
            "lines": contents[name].count(b"\n"),
        }
        for name in LISTED
    ]
    return {**contents, MANIFEST: canonical_bytes({**manifest, **changes})}


def forged(contents: Contents, **changes: Any) -> bytes:
    """Return an archive whose line hashes and manifest were made anew to fit its files."""
    return packed(with_manifest(with_line_hashes(contents), **changes))


def lines_of(contents: Contents, name: str) -> list[dict[str, Any]]:
    """Return what the lines of a file say."""
    return [json.loads(line) for line in contents[name].splitlines()]


def with_lines(contents: Contents, name: str, lines: list[dict[str, Any]]) -> Contents:
    """Return the files with other lines in one of them."""
    return {**contents, name: b"".join(canonical_bytes(line) + b"\n" for line in lines)}


def verified(archive: bytes, **options: Any) -> Verified:
    """Assert that an archive holds."""
    found = verify(io.BytesIO(archive), **options)
    assert isinstance(found, Verified), str(found)
    return found


def broken(archive: bytes, **options: Any) -> Broken:
    """Assert that an archive does not hold."""
    found = verify(io.BytesIO(archive), **options)
    assert isinstance(found, Broken)
    return found
