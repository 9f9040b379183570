"""Everything in the document is described, and everything in it has bounds."""

import re
from collections.abc import Callable, Iterator
from typing import Any, get_args

import pytest

from app.api.contract.answers import FRAMEWORKS_OWN
from app.domain import described
from tests.contracts.walking import (
    answers,
    described_places,
    fields,
    of_type,
    parameters,
    schemas,
)

_VIETNAMESE = re.compile(
    "[ăâđêôơưáàảãạấầẩẫậắằẳẵặéèẻẽẹếềểễệíìỉĩịóòỏõọốồổỗộớờởỡợúùủũụứừửữựýỳỷỹỵ]", re.IGNORECASE
)
# What they say is of what type a value is; what a field means it says itself.
_TYPES = (
    *(described.Id, described.Word, described.ListWord, described.Hash, described.Place),
    *(described.Count, described.Number, described.YearNumber, described.Vnd, described.VndText),
    *(described.AmountText, described.SignedText, described.DayOut, described.DayText),
    *(described.Instant, described.InstantText, described.Pointer, described.Path),
    *(described.OneLine, described.Prose, described.Name, described.ReasonText),
)


def _closed(one: dict[str, Any]) -> bool:
    return one.keys() & {"enum", "const"} != set()


def test_every_string_is_of_a_form_and_no_longer_than_said() -> None:
    texts = [(place, one) for place, one in of_type("string") if not _closed(one)]
    files = [place for place, one in texts if one.get("format") == "binary"]
    assert [p for p, one in texts if not one.keys() & {"format", "pattern"}] == []
    assert [p for p, one in texts if "maxLength" not in one and p not in files] == []


def test_every_whole_number_and_every_list_has_bounds() -> None:
    whole = [(place, one) for place, one in of_type("integer") if not _closed(one)]
    assert [p for p, one in whole if not {"minimum", "maximum", "format"} <= one.keys()] == []
    assert [place for place, one in of_type("array") if "maxItems" not in one] == []
    numbers = of_type("number")
    assert [p for p, one in numbers if not {"minimum", "maximum"} <= one.keys()] == []


def test_every_object_is_closed_or_says_what_it_is_a_map_of() -> None:
    opened = [
        place for place, one in of_type("object") if one.get("additionalProperties") is not False
    ]
    described = set(described_places())
    bare = [p for p in opened if not {p, p.removesuffix("/anyOf/0")} & described]
    assert bare == []


@pytest.mark.parametrize(
    ("walked", "least"),
    [(schemas, 250), (fields, 1500), (parameters, 300), (answers, 1000)],
)
def test_it_is_described_in_english_with_the_vietnamese_term(
    walked: Callable[[], Iterator[tuple[str, str]]], least: int
) -> None:
    found = list(walked())
    assert len(found) > least, "the walk is wrong"
    assert [f"{place}: {said}" for place, said in found if not _VIETNAMESE.search(said)] == []
    assert [place for place, said in found if said == FRAMEWORKS_OWN] == []


def test_a_field_says_what_it_means_and_not_only_of_what_type_it_is() -> None:
    types: set[str] = {get_args(alias)[1].description for alias in _TYPES}
    assert len(types) > 15
    assert [f"{place}: {said}" for place, said in fields() if said in types] == []
