"""Any change to a handover is found, and named by file and line."""

import io
import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any, Final

import pytest
import rfc8785
import structlog
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from app.domain.canonical import canonical_bytes
from app.domain.handover.container import DIRECTORY, read_archive
from app.domain.handover.lines import (
    ACTIVITY,
    BY_LINE,
    LINE_HASHES,
    MANIFEST,
    NAMES,
    ROLLUPS,
    SUBMISSIONS,
    UNITS,
)
from tests.conftest import Databases
from tests.support.api import running_api
from tests.support.archives import (
    Contents,
    broken,
    forged,
    lines_of,
    packed,
    unpacked,
    verified,
    with_lines,
    with_manifest,
)
from tests.support.handing_over import IN_2026, STEWARD, handed, play_years

OTHER_HASH: Final = "ab" * 32
MANY: Final = settings(max_examples=300, deadline=None)


@pytest.fixture(autouse=True, scope="module")
def plain_logs() -> None:
    """Log errors in one line: drawing a traceback with all its variables takes seconds."""
    structlog.configure(processors=[structlog.processors.KeyValueRenderer()])


@pytest.fixture(scope="module")
def archive(databases: Databases) -> Iterator[bytes]:
    """Return Bình Sơn's handover."""
    with databases.loaded() as url, running_api(url) as api:
        play_years(api)
        api.set_clock(IN_2026)
        answer = handed(api.portal(STEWARD), "gso-524")
        assert answer.status_code == 200, answer.text
        yield answer.content


@pytest.fixture(scope="module")
def contents(archive: bytes) -> Contents:
    """Return its files."""
    return unpacked(archive)


def _place(archive: bytes, position: int) -> tuple[set[str], int | None]:
    """Return which files a byte may be said to be in, and its line where that must be named."""
    members = read_archive(io.BytesIO(archive), NAMES)
    for name, member in members.items():
        if position < member.start:
            return {name, DIRECTORY}, None  # its header
        if position < member.start + member.size:
            content = archive[member.start : position]
            by_line = name in BY_LINE or name == LINE_HASHES
            return {name}, content.count(b"\n") + 1 if by_line else None
    return set(NAMES) | {DIRECTORY}, None  # the directory says what the headers say


def test_an_archive_that_was_left_alone_holds(archive: bytes, contents: Contents) -> None:
    found = verified(archive)
    assert verified(archive, expect=found.seal) == found
    assert packed(contents) == archive
    assert forged(contents) == archive


@MANY
@given(data=st.data())
def test_a_flipped_byte_is_found_at_its_place(archive: bytes, data: st.DataObject) -> None:
    position = data.draw(st.integers(0, len(archive) - 1))
    changed = bytearray(archive)
    changed[position] ^= data.draw(st.integers(1, 255))
    found = broken(bytes(changed))
    files, line = _place(archive, position)
    assert found.file in files, str(found)
    if line is not None:
        assert found.line == line, str(found)


def test_every_byte_of_the_frame_counts(archive: bytes) -> None:
    members = read_archive(io.BytesIO(archive), NAMES)
    inside = {place for one in members.values() for place in range(one.start, one.start + one.size)}
    frame = set(range(len(archive))) - inside
    assert len(frame) > 500
    for position in frame:
        changed = bytearray(archive)
        changed[position] ^= 1
        assert broken(bytes(changed)).file in {*NAMES, DIRECTORY}


@MANY
@given(data=st.data())
def test_a_cut_or_a_longer_archive_is_found(archive: bytes, data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(archive) - 1))
    more = data.draw(st.binary(min_size=1, max_size=30))
    where = data.draw(st.integers(0, len(archive)))
    broken(archive[:cut])
    broken(archive[:where] + more + archive[where:])


@MANY
@given(data=st.data())
def test_a_dropped_line_is_found_and_so_is_one_too_many(
    contents: Contents, data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from(BY_LINE))
    lines = contents[name].splitlines(keepends=True)
    gone = data.draw(st.integers(0, len(lines) - 1))
    dropped = {**contents, name: b"".join(lines[:gone] + lines[gone + 1 :])}
    for archive in (packed(dropped), packed(with_manifest(dropped))):
        found = broken(archive)
        assert (found.file, found.line) == (name, gone + 1)
    twice = {**contents, name: b"".join([*lines, lines[gone]])}
    for archive in (packed(twice), packed(with_manifest(twice))):
        found = broken(archive)
        assert (found.file, found.line) == (name, len(lines) + 1)


@MANY
@given(data=st.data())
def test_two_swapped_lines_are_found(contents: Contents, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from((*BY_LINE, LINE_HASHES)))
    lines = contents[name].splitlines(keepends=True)
    places = st.integers(0, len(lines) - 1)
    one, other = sorted((data.draw(places), data.draw(places)))
    assume(lines[one] != lines[other])
    lines[one], lines[other] = lines[other], lines[one]
    swapped = {**contents, name: b"".join(lines)}
    found = broken(packed(swapped))
    assert (found.file, found.line) == (name, one + 1)
    if name != LINE_HASHES:  # even where all hashes are made anew
        again = broken(forged(swapped))
        assert again.file == name
        assert again.line is not None
        assert one < again.line <= other + 1 or again.line == one + 1


def _leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, dict):
        for name, part in value.items():
            yield from _leaves(part, (*path, name))
    elif isinstance(value, list):
        for place, part in enumerate(value):
            yield from _leaves(part, (*path, place))
    else:
        yield path


def _changed(value: Any, path: tuple[Any, ...], to: Any) -> Any:
    made = deepcopy(value)
    inside = made
    for part in path[:-1]:
        inside = inside[part]
    inside[path[-1]] = to
    return made


_VALUES: Final = st.one_of(st.none(), st.booleans(), st.integers(0, 9999), st.text(max_size=9))


@MANY
@given(data=st.data())
def test_an_edited_value_is_found_at_its_line(contents: Contents, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(BY_LINE))
    lines = lines_of(contents, name)
    number = data.draw(st.integers(0, len(lines) - 1))
    path = data.draw(st.sampled_from(list(_leaves(lines[number]))))
    edited = _changed(lines[number], path, data.draw(_VALUES))
    assume(canonical_bytes(edited) != canonical_bytes(lines[number]))
    lines[number] = edited
    changed = with_lines(contents, name, lines)
    for archive in (packed(changed), packed(with_manifest(changed))):
        found = broken(archive)
        assert (found.file, found.line) == (name, number + 1), str(found)
    # Whoever makes all hashes anew, too, is found where one value must fit another; by the seal
    # in any case.
    seal = verified(packed(contents)).seal
    found = broken(forged(changed), expect=seal)
    if path[0] == "body":
        assert (found.file, found.line) == (name, number + 1), str(found)
    if path[0] == "said":
        assert found.file == name, str(found)


@MANY
@given(data=st.data())
def test_an_edited_manifest_or_unit_is_found(contents: Contents, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from((MANIFEST, UNITS)))
    said = json.loads(contents[name])
    path = data.draw(st.sampled_from(list(_leaves(said))))
    edited = canonical_bytes(_changed(said, path, data.draw(_VALUES)))
    assume(edited != contents[name])
    found = broken(packed({**contents, name: edited}))
    # A hash in the manifest that is not its file's: which of the two was changed nobody can tell.
    assert found.file in ({name} if path[0] != "files" else {name, *BY_LINE, UNITS, LINE_HASHES})


def _line(name: str, number: int, **changes: Any) -> Callable[[Contents], Contents]:
    def change(contents: Contents) -> Contents:
        lines = lines_of(contents, name)
        lines[number - 1].update(changes)
        return with_lines(contents, name, lines)

    return change


def _without(name: str, number: int) -> Callable[[Contents], Contents]:
    def change(contents: Contents) -> Contents:
        lines = lines_of(contents, name)
        del lines[number - 1]
        return with_lines(contents, name, lines)

    return change


@pytest.mark.parametrize(
    ("change", "file", "line", "why"),
    [
        (_line(ACTIVITY, 1, body_sha256=OTHER_HASH), ACTIVITY, 1, "the body's hash is"),
        (_line(ACTIVITY, 2, revision=3), ACTIVITY, 2, "revision 3 where 2"),
        (_without(ACTIVITY, 2), ACTIVITY, 2, "revision 3 where 2"),
        (_without(ACTIVITY, 1), ACTIVITY, 1, "revision 2 where 1"),
        (_line(ACTIVITY, 2, withdrawn=False), ACTIVITY, 2, "contradicts the kind"),
        (_line(ACTIVITY, 2, reason=None), ACTIVITY, 2, "has its reason"),
        (_line(ACTIVITY, 1, kind="corrected"), ACTIVITY, 1, "created the report"),
        (_line(ACTIVITY, 1, external_id="c.0"), ACTIVITY, 1, "another external_id"),
        (_line(ACTIVITY, 1, extra=1), ACTIVITY, 1, "has not the form"),
        (_without(SUBMISSIONS, 2), SUBMISSIONS, 2, "hashes of the revision's activity"),
        (_line(SUBMISSIONS, 1, sha256=OTHER_HASH), SUBMISSIONS, 2, "the hash of revision 1"),
        (_line(SUBMISSIONS, 1, activities=4), SUBMISSIONS, 2, "or too many"),
        (_line(SUBMISSIONS, 1, activities=6), SUBMISSIONS, 3, "1 hashes"),
        (_line(SUBMISSIONS, 1, state="accepted"), SUBMISSIONS, 1, "contradicts its return"),
        (_line(SUBMISSIONS, 2, hashes=[OTHER_HASH] * 5), SUBMISSIONS, 2, "not among the act"),
        (_line(ROLLUPS, 1, revision=3), ROLLUPS, 1, "no such submitted revision"),
        (_without(ROLLUPS, 1), MANIFEST, 1, "counts otherwise"),
    ],
)
def test_what_does_not_fit_is_found_though_all_hashes_were_made_anew(
    contents: Contents, change: Callable[[Contents], Contents], file: str, line: int, why: str
) -> None:
    found = broken(forged(change(contents)))
    assert (found.file, found.line) == (file, line), str(found)
    assert why in found.why


def test_a_report_that_a_submission_froze_cannot_be_left_out(contents: Contents) -> None:
    kept = [line for line in lines_of(contents, ACTIVITY) if line["external_id"] != "d.0"]
    found = broken(forged(with_lines(contents, ACTIVITY, kept)))
    assert (found.file, found.line) == (SUBMISSIONS, 2)
    assert "is not among the activity reports" in found.why


def test_what_nothing_else_says_is_found_by_the_seal_alone(contents: Contents) -> None:
    archive = packed(contents)
    other = forged(_line(ACTIVITY, 2, reason="Khác")(contents))
    verified(other)
    found = broken(other, expect=verified(archive).seal)
    assert (found.file, found.line) == (MANIFEST, None)


@pytest.mark.parametrize(
    "names",
    [
        ("../units.json", *NAMES[1:]),
        (*NAMES[1:], NAMES[0]),
        NAMES[:-1],
        (*NAMES, "extra.txt"),
    ],
)
def test_other_names_are_refused(contents: Contents, names: tuple[str, ...]) -> None:
    found = broken(packed({name: contents.get(name, b"") for name in names}))
    assert found.file == DIRECTORY


def test_a_checksum_that_is_wrong_wherever_it_stands_is_found(archive: bytes) -> None:
    for name, member in read_archive(io.BytesIO(archive), NAMES).items():
        right, wrong = (crc.to_bytes(4, "little") for crc in (member.crc, member.crc ^ 1))
        assert archive.count(right) == 2, "before the file, and in the directory"
        assert broken(archive.replace(right, wrong)).file == name


@pytest.mark.parametrize("archive_", [b"", b"PK", b"x" * 10_000, b"\0" * 10_000])
def test_what_is_no_archive_is_refused(archive_: bytes) -> None:
    assert broken(archive_).file == DIRECTORY


@given(
    value=st.recursive(
        st.one_of(st.none(), st.booleans(), st.integers(-(2**53) + 1, 2**53 - 1), st.text()),
        lambda inner: st.one_of(
            st.lists(inner, max_size=4),
            st.dictionaries(st.from_regex(r"[a-z_]{1,8}", fullmatch=True), inner, max_size=4),
        ),
        max_leaves=12,
    )
)
def test_canonical_is_rfc_8785(value: Any) -> None:
    assert canonical_bytes(value) == rfc8785.dumps(value)
