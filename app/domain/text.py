"""Vietnamese text: normal form, order and search, the same bytes on both databases."""

import unicodedata

_TONES = "\u0300\u0309\u0303\u0301\u0323"  # huyền, hỏi, ngã, sắc, nặng: the order of the tones
_LETTERS = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_RANK = {letter: chr(ord("A") + place) for place, letter in enumerate(_LETTERS)}


def nfc(text: str) -> str:
    """Return the text in Unicode NFC, the form in which everything is stored."""
    return unicodedata.normalize("NFC", text)


def search_key(text: str) -> str:
    """Return the text without case and diacritics (đ = d), for search."""
    plain = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return "".join(char for char in plain if not unicodedata.combining(char))


def sort_key(text: str) -> str:
    """Return a key whose bytewise order is the Vietnamese dictionary order.

    Word by word: its letters in the Vietnamese alphabet, then its tones, which decide between
    words of equal letters (TCVN 6909's letters, the customary tone order). So all that begins
    with "ba" comes before all that begins with "bà".
    """
    return "!".join(_word_key(word) for word in text.lower().split())


def _word_key(word: str) -> str:
    letters: list[str] = []
    tones: list[str] = []
    for char in unicodedata.normalize("NFD", word):
        if char in _TONES:
            tones[-1:] = [str(_TONES.index(char) + 1)]
        elif unicodedata.combining(char) and letters:
            composed = unicodedata.normalize("NFC", _raw(letters[-1]) + char)
            letters[-1] = _RANK.get(composed, letters[-1])
        else:
            letters.append(_RANK.get(char, char if char.isdigit() else "@"))
            tones.append("0")
    return "".join(letters) + " " + "".join(tones)


def _raw(rank: str) -> str:
    place = ord(rank) - ord("A")
    return _LETTERS[place] if 0 <= place < len(_LETTERS) else rank
