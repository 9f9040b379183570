"""Outcomes are stored so that they can be told to anybody: short, visible and without secrets."""

import json
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.access.service import PREFIX
from app.domain.batches.outcomes import RowOutcome, Spool, faults_of_refusal, rejected
from app.domain.batches.rows import RECORD_TOO_LONG, RawRow
from app.domain.errors import Fault, Invalid, NotFound

WRONG = RECORD_TOO_LONG  # any text with a parameter
BATCH = UUID(int=1)
REPORT = UUID(int=2)


def _told(raw: RawRow, pointer: str, **more: Any) -> dict[str, Any]:
    outcome = rejected(raw, [Fault(pointer, WRONG, {"limit": 1}, **more)])
    assert outcome.faults is not None
    (told,) = outcome.faults
    return told


def test_a_fault_keeps_its_code_and_its_parameters_and_no_text() -> None:
    told = _told(RawRow(3, 3, {"a": "x"}), "/a", permitted=["y", "z"])
    assert told == {
        "pointer": "/a",
        "code": "record_too_long",
        "params": {"limit": 1},
        "value": "x",
        "permitted": ["y", "z"],
    }


@pytest.mark.parametrize(
    ("pointer", "shown"),
    [
        ("/a~1b/0/~0c", "here"),
        ("/a~1b/1", None),
        ("/a~1b/x", None),
        ("/a~1b/-1", None),
        ("/a~1b/٠", None),
        ("/a~1b", None),
        ("/none", None),
        ("/n", "null"),
        ("", None),
    ],
)
def test_the_value_shown_is_the_one_at_the_pointer(pointer: str, shown: str | None) -> None:
    raw = RawRow(1, 1, {"a/b": [{"~c": "here"}], "n": None})
    assert _told(raw, pointer).get("value") == shown


def test_a_cell_is_named_by_the_heading_of_its_pointer_or_of_what_it_is_in() -> None:
    columns = {"/measures/0": "Số tin", "/title": "Tên"}
    raw = RawRow(1, 7, {"title": "", "measures": [{"value": "x"}]}, columns=columns)
    assert (_told(raw, "/measures/0/value")["column"], _told(raw, "/title")["line"]) == (
        "Số tin",
        7,
    )
    assert "column" not in _told(raw, "/measures/1/value")
    assert "column" not in _told(raw, "")


def test_a_record_that_could_not_be_read_has_a_line_and_no_value() -> None:
    raw = RawRow(2, 9, None, (Fault("", WRONG, {"limit": 1}),))
    assert _told(raw, "") == {
        "pointer": "",
        "line": 9,
        "code": "record_too_long",
        "params": {"limit": 1},
    }


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
        max_leaves=6,
    ),
    st.text(),
)
def test_whatever_was_sent_is_told_in_bounds_and_visibly(value: Any, name: str) -> None:
    raw = RawRow(1, 1, {"external_id": value, name: value})
    place = name.replace("~", "~0").replace("/", "~1")
    outcome = rejected(raw, [Fault(f"/{place}", WRONG, {"limit": 1})])
    told = json.dumps([outcome.external_id, outcome.faults], ensure_ascii=False)
    assert "\u0000" not in json.loads(told)[1][0]["pointer"]
    for text in (outcome.external_id or "", outcome.faults[0].get("value", "")):  # type: ignore[index]
        assert len(text) <= 128
        assert all(char.isprintable() or char == "\u00a0" or char.isspace() for char in text)
        assert not set(text) & set("\n\r\t\u0085\u2028\u2029\u202e\u200b\x00\x1b")
    told.encode()  # no lone surrogate


@pytest.mark.parametrize("begin", [0, 60, 77, 79, 120])
def test_a_secret_is_not_shown_wherever_the_value_is_cut(begin: int) -> None:
    secret = f"{PREFIX}{'aB3' * 12}Zz"
    raw = RawRow(1, 1, {"external_id": " " * begin + secret, "a": "x" * begin + secret})
    outcome = rejected(raw, [Fault("/a", WRONG), Fault(f"/{secret}", WRONG)])
    assert "aB3" not in json.dumps([outcome.external_id, outcome.faults])


def test_of_many_faults_and_permitted_values_the_first_are_kept() -> None:
    many = [Fault(f"/{n}", WRONG, permitted=[str(n) for n in range(1000)]) for n in range(1000)]
    outcome = rejected(RawRow(1, 1, {}), many)
    assert outcome.faults is not None
    assert [fault["pointer"] for fault in outcome.faults] == [f"/{n}" for n in range(50)]
    assert {len(fault["permitted"]) for fault in outcome.faults} == {60}


def test_a_refusal_without_faults_is_one_itself() -> None:
    own = Fault("/title", WRONG)
    assert list(faults_of_refusal(Invalid(own), "/unit")) == [own]
    (fault,) = faults_of_refusal(NotFound(), "/unit")
    assert (fault.pointer, fault.text.code) == ("/unit", "not_found")


@pytest.mark.parametrize("there", [set(), {REPORT}])
def test_what_is_not_there_has_no_id_and_no_revision(there: set[UUID]) -> None:
    row = RowOutcome(1, "r-1", "updated", REPORT, 2).columns(BATCH, there=there)
    assert (row["report_id"], row["revision"]) == ((REPORT, 2) if there else (None, None))


def test_outcomes_come_out_of_the_spool_as_they_went_in() -> None:
    portions = [
        [RowOutcome(1, "r-1", "created", REPORT, 1), RowOutcome(2, None, "rejected", faults=[])],
        [RowOutcome(n, f"ữ-{n}", "unchanged", REPORT, 3) for n in range(3, 20_000)],
        [rejected(RawRow(20_000, 20_001, {"a": "ữ\n"}), [Fault("/a", WRONG, {"limit": "ữ"})])],
    ]
    with Spool() as spool:
        for portion in portions:
            spool.add(portion)
        assert list(spool.read()) == portions
