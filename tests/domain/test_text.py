"""Vietnamese order and search."""

import random
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.text import nfc, search_key, sort_key

# As a Vietnamese dictionary and a Vietnamese list of places have them.
IN_ORDER = [
    "An Hải",
    "An Phú",
    "Ánh Dương",
    "Ăn",
    "Âm",
    "Ba Tô",
    "Ba Tơ",
    "Bà Rịa",
    "Bình Châu",
    "Bình Sơn",
    "Co",
    "Cô Tô",
    "Cơ quan",
    "Dung Quất",
    "Dương",
    "Đại học",
    "Đức Phổ",
    "Em",
    "Êm",
    "Minh Long",
    "Mộ Đức",
    "Nghĩa Hà",
    "Nghĩa Hành",
    "Quảng Ngãi",
    "Sở Tài chính",
    "Sở Tài nguyên và Môi trường",
    "Sở Y tế",
    "Sơn",
    "Sơn Hà",
    "Sơn Tây",
    "Sơn Tịnh",
    "Tổ 1",
    "Trà Bồng",
    "Tư Nghĩa",
    "Xã Ba Tơ",
    "Y tế",
]
TONES = ["ma", "mà", "mả", "mã", "má", "mạ"]
LETTERS = ["a", "ă", "â", "b", "c", "d", "đ", "e", "ê", "g", "h", "i", "k", "l", "m", "n", "o"]
LETTERS += ["ô", "ơ", "p", "q", "r", "s", "t", "u", "ư", "v", "x", "y"]
VOWELS = "aăâeêioôơuưyàáảãạằắẳẵặầấẩẫậèéẻẽẹềếểễệìíỉĩịòóỏõọồốổỗộờớởỡợùúủũụừứửữựỳýỷỹỵ"
MARKS = "\u0300\u0309\u0303\u0301\u0323"  # the tone marks, in the order of the tones
words = st.text(alphabet="bcdđghklmnpqrstvx" + VOWELS, min_size=1, max_size=6)
names = st.lists(words, min_size=1, max_size=3).map(" ".join)


@pytest.mark.parametrize("order", [IN_ORDER, TONES, LETTERS], ids=["names", "tones", "letters"])
def test_names_come_in_the_order_of_a_vietnamese_dictionary(order: list[str]) -> None:
    shuffled = random.Random(5).sample(order, len(order))
    assert sorted(shuffled, key=lambda name: sort_key(name).encode()) == order


def test_a_words_tone_decides_before_the_next_word_and_its_letters_before_its_tone() -> None:
    order = ["ma b", "má a", "mạ a", "man", "mán a", "mạn"]
    assert sorted(random.Random(3).sample(order, len(order)), key=sort_key) == order


def test_numbers_and_case_are_told_apart_from_letters() -> None:
    assert sort_key("BA TƠ") == sort_key("ba tơ")
    assert sorted(["Tổ b", "Tổ 2", "Tổ 1"], key=sort_key) == ["Tổ 1", "Tổ 2", "Tổ b"]


@given(one=names, two=names)
def test_only_equal_names_have_equal_keys(one: str, two: str) -> None:
    assert (sort_key(one) == sort_key(two)) == (one == two)


@given(name=names)
def test_a_decomposed_name_has_the_keys_of_the_composed_one(name: str) -> None:
    decomposed = unicodedata.normalize("NFD", name)
    assert sort_key(decomposed) == sort_key(name)
    assert search_key(decomposed) == search_key(name)
    assert nfc(decomposed) == name


@given(one=names, two=names)
def test_a_beginning_comes_before_the_whole(one: str, two: str) -> None:
    assert sort_key(one) < sort_key(f"{one} {two}")


def dictionary_place(name: str) -> list[tuple[list[int], list[int]]]:
    """Return a name's place: of each word the letters' numbers, then the tones'."""
    place = []
    for word in name.split():
        parts = [unicodedata.normalize("NFD", char) for char in word]
        bare = [nfc("".join(c for c in part if c not in MARKS)) for part in parts]
        tones = [next((MARKS.index(c) for c in part if c in MARKS), -1) for part in parts]
        place.append(([LETTERS.index(char) for char in bare], tones))
    return place


@given(one=names, two=names)
def test_any_two_names_come_as_their_words_letters_and_then_tones_do(one: str, two: str) -> None:
    assert (sort_key(one) < sort_key(two)) == (dictionary_place(one) < dictionary_place(two))


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Đức Phổ", "duc pho"),
        ("ĐỨC PHỔ", "duc pho"),
        ("Thị trấn Sông Vệ", "thi tran song ve"),
        ("Nghĩa Hành", "nghia hanh"),
        ("Cổng/Trang thông tin điện tử", "cong/trang thong tin dien tu"),
        ("Tổ 10", "to 10"),
    ],
)
def test_search_ignores_case_and_diacritics(name: str, key: str) -> None:
    assert search_key(name) == key
    assert search_key(unicodedata.normalize("NFD", name)) == key


@given(name=names)
def test_a_search_key_is_plain_and_its_own_key(name: str) -> None:
    key = search_key(name)
    assert key.isascii()
    assert search_key(key) == key == search_key(name.upper())
