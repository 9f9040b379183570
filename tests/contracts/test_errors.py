"""Every refusal has a status, a stable code, and both languages."""

import inspect
import re
import sys
from string import Formatter

import app.main  # noqa: F401 - whatever can refuse is imported by then
from app.api.problems import STATUS
from app.domain import wire_faults as faults
from app.domain.errors import DomainError, Text, all_errors


def _texts() -> list[Text]:
    """Return every message: of the refusals, and of the faults in all our modules."""
    found = {id(error.text): error.text for error in all_errors()}
    for name, module in list(sys.modules.items()):
        if name.split(".")[0] == "app":
            for _, text in inspect.getmembers(module, lambda value: isinstance(value, Text)):
                found[id(text)] = text
    found |= {id(text): text for text in faults._TEXTS.values()}
    return list(found.values())


def _placeholders(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name is not None}


def test_every_refusal_has_a_status_and_no_other_has() -> None:
    assert len(all_errors()) > 20
    assert set(STATUS) == set(all_errors())
    assert all(400 <= status < 600 for status in STATUS.values())
    assert DomainError not in STATUS


def test_every_code_is_snake_case_and_says_one_thing() -> None:
    texts = _texts()
    assert len(texts) > 50
    by_code: dict[str, Text] = {}
    for text in texts:
        assert re.fullmatch(r"[a-z]+(_[a-z]+)*", text.code), text.code
        assert by_code.setdefault(text.code, text) == text, f"{text.code} says two things"
    codes = [error.text.code for error in all_errors()]
    assert len(codes) == len(set(codes))


def test_both_languages_say_the_same() -> None:
    for text in _texts():
        assert text.vi.strip(), text.code
        assert text.en.strip(), text.code
        assert text.vi != text.en, text.code
        assert _placeholders(text.vi) == _placeholders(text.en), text.code
        assert "" not in _placeholders(text.vi), text.code
