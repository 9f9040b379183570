"""What the standard library writes is canonical JSON as `rfc8785` writes it."""

from hypothesis import given
from hypothesis import strategies as st
from rfc8785 import dumps

from app.domain.canonical import canonical_bytes

names = st.text(st.characters(max_codepoint=126), max_size=6)
plain = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=9)
values = st.recursive(
    plain, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4)
)


@given(values)
def test_canonical_bytes_are_those_of_rfc_8785(value: object) -> None:
    assert canonical_bytes(value) == dumps(value)  # type: ignore[arg-type]


def test_characters_that_json_escapes_are_written_as_rfc_8785_does() -> None:
    text = "".join(map(chr, range(0x20))) + '"\\/\x7f  \u2028\ufeffđ😀'
    assert canonical_bytes({"a": text, text: 1}) == dumps({"a": text, text: 1})
