import io
import json
import tracemalloc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.batches.json_rows import read_json, read_json_lines
from app.domain.batches.rows import MAX_ARRAY, MAX_RECORD, ArrayTooLarge
from app.domain.errors import Invalid
from app.domain.json_text import MalformedJson, parse_json

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def lines(text: str | bytes) -> list[tuple[int, int, Any, list[str]]]:
    body = text.encode() if isinstance(text, str) else text
    return [
        (row.number, row.line, row.value, [fault.text.code for fault in row.faults])
        for row in read_json_lines(io.BytesIO(body))
    ]


@given(st.lists(VALUES, max_size=5))
def test_an_array_and_lines_say_the_same(values: list[Any]) -> None:
    array = read_json(io.BytesIO(json.dumps(values).encode()))
    assert [row.value for row in array] == values
    text = "\n".join(json.dumps(value, ensure_ascii=False) for value in values)
    assert [value for _, _, value, _ in lines(text)] == values


def test_blank_lines_are_skipped_and_rows_counted_without_them() -> None:
    assert lines('{"a":1}\r\n\n  \n{"a":2}') == [(1, 1, {"a": 1}, []), (2, 4, {"a": 2}, [])]


def test_a_broken_line_is_a_fault_of_its_own_row() -> None:
    found = lines(b'{"a":1}\n{"a":\n{"a":1,"a":2}\n\xff\n{"a":2}\n')
    assert found == [
        (1, 1, {"a": 1}, []),
        (2, 2, None, ["malformed_json"]),
        (3, 3, None, ["malformed_json"]),
        (4, 4, None, ["malformed_json"]),
        (5, 5, {"a": 2}, []),
    ]


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b""])
def test_a_line_may_have_1_mib_and_no_byte_more(end: bytes) -> None:
    fits = b'"' + b"x" * (MAX_RECORD - 2) + b'"'
    assert [codes for *_, codes in lines(fits + end)] == [[]]
    found = lines(b'"x' + fits[1:] + (end or b"\n") + b'{"a":1}')
    assert [codes for *_, codes in found] == [["record_too_long"], []]


def test_a_long_line_is_not_held_in_memory() -> None:
    class Endless(io.RawIOBase):
        left = 64

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: Any) -> int:
            if not self.left:
                return 0
            self.left -= 1
            buffer[:] = b"x" * len(buffer)
            return len(buffer)

    tracemalloc.start()
    found = list(read_json_lines(io.BufferedReader(Endless(), 1024 * 1024)))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [fault.text.code for row in found for fault in row.faults] == ["record_too_long"]
    assert peak < 8 * 1024 * 1024


def test_an_array_has_a_limit() -> None:
    with pytest.raises(ArrayTooLarge):
        next(read_json(io.BytesIO(b"[" + b" " * MAX_ARRAY + b"]")))
    assert list(read_json(io.BytesIO(b"[" + b" " * (MAX_ARRAY - 2) + b"]"))) == []


@pytest.mark.parametrize("body", [b'{"a":1}', b"1", b"null", b'"x"'])
def test_what_is_no_array_is_refused(body: bytes) -> None:
    with pytest.raises(Invalid) as refusal:
        next(read_json(io.BytesIO(body)))
    assert [fault.text.code for fault in refusal.value.faults] == ["not_an_array"]


STRANGE = (
    b"",
    b"{",
    b"[1,]",
    b"NaN",
    b"-Infinity",
    b'{"a":1,"a":1}',
    b"\xff",
    b"\xef\xbb\xbf1",
    b'"\\ud800"',
    b'{"\\uDFFF":1}',
    b'["\\udc00\\ud800"]',
    b"9" * 5000,
    b"[" * 100_000,
)


@pytest.mark.parametrize("body", STRANGE)
def test_json_that_may_mean_two_things_is_refused(body: bytes) -> None:
    with pytest.raises(MalformedJson):
        parse_json(body)


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'"\\ud83d\\ude00"', "😀"),
        (b'"\\\\ud800"', "\\ud800"),
        ('"Quảng Ngãi"'.encode(), "Quảng Ngãi"),
    ],
)
def test_json_that_means_one_thing_is_read(body: bytes, value: str) -> None:
    assert parse_json(body) == value
