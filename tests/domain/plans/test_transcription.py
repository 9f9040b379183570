"""The transcription of the plan against the plan itself."""

import hashlib
import json
import unicodedata
from collections import Counter
from collections.abc import Iterator
from functools import reduce
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from app.domain.plans.document import Item, PlanDocument

PLANS = Path(__file__).parents[3] / "app" / "reference" / "plans"
FILE = PLANS / "tuyen-truyen-2021-2025.json"
PLAN = PlanDocument.model_validate_json(FILE.read_bytes())
SOURCE = (PLANS / PLAN.document.source.file).read_bytes()
PAGE_BREAKS = ("phù hợp với ngôn ngữ\n\ncủa các vùng", "quyết tâm phấn\n\nđầu thực hiện")


def joined(text: str) -> str:
    return " ".join(text.split())


def source_lines() -> list[str]:
    text = SOURCE.decode()
    for broken in PAGE_BREAKS:
        assert text.count(broken) == 1
        text = text.replace(broken, joined(broken))
    return [line for line in text.split("\n") if line]


def number(code: str) -> str:
    """Return the mark before a heading or a numbered paragraph."""
    last = code.rpartition(".")[2]
    return f"{last})" if last.islower() else f"{last}."


def item_lines(item: Item) -> Iterator[str]:
    if item.kind == "form":
        lead, coordinating = item.assignments
        assert item.period
        assert (lead.role, coordinating.role) == ("lead", "coordinating")
        yield f"{number(item.code)} {item.heading}"
        yield f"- Nội dung: {item.text[0]}"
        yield from item.text[1:]
        yield f"- Thời gian thực hiện: {item.period.text}."
        yield f"- Đơn vị thực hiện: {lead.text}."
        yield f"- Đơn vị phối hợp: {coordinating.text}."
        return
    (text,) = item.text
    if item.kind == "funding_rule":
        yield f"{number(item.code)} {text}"
    else:  # V.1, V.3 and V.4 have one paragraph each, without a dash
        alone = item.code in {"V.1.1", "V.3.1", "V.4.1"}
        yield text if alone else f"- {text}"


def coded_lines() -> Iterator[tuple[str, str]]:
    for section in PLAN.sections:
        yield section.code, f"{number(section.code)} {section.heading}"
    for bullet in (*PLAN.statements, *PLAN.themes):
        yield bullet.code, f"- {bullet.text}"
    for phase in PLAN.phases:
        yield phase.code, f"{number(phase.code)} {phase.heading}"
        yield phase.code, phase.intro
    for item in PLAN.items:
        for line in item_lines(item):
            yield item.code, line


def page_order(code: str) -> list[str]:
    """Return a key by which codes sort as they are printed: "I" to "V", single characters."""
    return code.split(".")


def printed() -> Iterator[tuple[str, str]]:
    """Set the plan again from its transcription: place and line, in the order of the page."""
    yield "kind", PLAN.document.kind.upper()
    yield "title", PLAN.title
    yield "preamble", PLAN.preamble
    yield from sorted(coded_lines(), key=lambda coded: page_order(coded[0]))
    yield "reporting", PLAN.reporting.text
    yield "recipients", "Nơi nhận:"
    for recipient in PLAN.recipients:
        yield "recipients", f"- {recipient}" + ("" if recipient.endswith(".") else ";")
    yield "signatory", PLAN.document.signatory.name


def verbatim(value: Any, key: str = "") -> Iterator[str]:
    """Yield every string of the file that claims to be the plan's own words."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from verbatim(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from verbatim(inner, key)
    elif value is not None and key in VERBATIM:
        yield value


VERBATIM = {
    "title", "preamble", "heading", "intro", "text", "also_as", "printed", "issuer", "number",
    "addressee", "recipients", "name",
}  # fmt: skip


def places_of(*forms: str) -> list[str]:
    """Return where any of these words stand, in the order of the page."""
    lines = [(place, line) for place, line in printed() if any(form in line for form in forms)]
    return list(dict.fromkeys(place for place, _ in lines))


def either_case(name: str) -> tuple[str, str]:
    return name, name[0].lower() + name[1:]


def test_the_file_beside_is_the_plan_that_was_transcribed() -> None:
    assert hashlib.sha256(SOURCE).hexdigest() == PLAN.document.source.sha256
    assert unicodedata.is_normalized("NFC", SOURCE.decode())


def test_every_text_stands_in_the_plan() -> None:
    plan = joined("\n".join(source_lines()))
    texts = list(verbatim(json.loads(FILE.read_bytes())))
    assert len(texts) > 150
    assert [t for t in texts if not any(form in plan for form in either_case(t))] == []
    assert [r.kind for r in PLAN.references if r.kind not in r.text] == []


def test_only_names_of_groups_differ_in_case() -> None:
    plan = joined("\n".join(source_lines()))
    differing = [t for t in verbatim(json.loads(FILE.read_bytes())) if t not in plan]
    assert set(differing) <= {group.name for group in PLAN.groups}


def test_nothing_of_the_plan_is_left_out_or_moved() -> None:
    assert [line for _, line in printed()] == source_lines()


def test_every_list_is_in_the_order_of_the_page() -> None:
    assert max(len(word) for code in PLAN.codes for word in code.split(".")[1:]) == 1
    for codes in (
        [part.code for part in PLAN.sections],
        [part.code for part in (*PLAN.statements, *PLAN.themes)],
        [part.code for part in PLAN.phases],
        [part.code for part in PLAN.items],
    ):
        assert codes == sorted(codes, key=page_order)


def test_counts() -> None:
    assert [len(phase.themes) for phase in PLAN.phases] == [8, 3]
    assert Counter(statement.kind for statement in PLAN.statements) == {
        "purpose": 2,
        "requirement": 2,
    }
    assert Counter(i.kind for i in PLAN.items) == {"form": 7, "funding_rule": 3, "task": 13}
    forms = [item.code for item in PLAN.items if item.kind == "form"]
    assert forms == ["III.1.a", "III.1.b", "III.1.c", "III.2", "III.3", "III.4", "III.5"]
    assert len(PLAN.recipients) == 10
    assert len(PLAN.groups) == 9


def test_an_assignment_is_printed_at_its_item_or_in_the_heading_above() -> None:
    page = "\n".join
    for item in PLAN.items:
        above = item.code.rpartition(".")[0]
        here = page(line for place, line in printed() if place in {item.code, above})
        assert [a.text for a in item.assignments if a.text not in here] == [], item.code


def test_misprints_are_marked_and_kept() -> None:
    bullets = [(part.code, part.text, part.readings) for part in (*PLAN.statements, *PLAN.themes)]
    phases = [(part.code, f"{part.heading} {part.intro}", part.readings) for part in PLAN.phases]
    items = [(part.code, " ".join(part.text), part.readings) for part in PLAN.items]
    readings = [(code, text, r) for code, text, rs in bullets + phases + items for r in rs]
    assert all(r.printed in text for _, text, r in readings)
    assert [(code, r.printed, r.reading) for code, _, r in readings] == [
        ("II.1.2", "Khoi dậy", "Khơi dậy"),
        ("II.2", "Tập trung truyền truyền", "Tập trung tuyên truyền"),
        ("III.4", "phấn đầu", "phấn đấu"),
    ]


def test_references_are_cited_where_they_are_printed() -> None:
    for r in PLAN.references:
        assert list(r.cited_in) == places_of(r.text, *r.also_as), r.key
        if r.issued_on:
            assert f"ngày {r.issued_on:%d}/{r.issued_on.month}/{r.issued_on.year}" in r.text
    numbered = [r.number for r in PLAN.references if r.number]
    assert numbered == ["49-KH/TU", "01-CTr/TU", "05-CT/TW", "2353/UBND-KT"]
    assert SOURCE.decode().count(" số ") - SOURCE.decode().count("một số ") == len(numbered) + 1
    assert [r.key for r in PLAN.references if r.relation == "legal_basis"] == ["49-KH/TU"]


def test_groups_are_mentioned_where_they_are_printed() -> None:
    for group in PLAN.groups:
        assert list(group.mentioned_in) == places_of(*either_case(group.name)), group.key


def test_what_the_plan_does_not_say_is_null() -> None:
    document = PLAN.document
    assert (document.number, document.issued_on, document.signatory.title) == (None, None, None)


Steps = tuple[str | int, ...]


def changed(path: Steps, value: object) -> bytes:
    """Return the file with one value replaced."""
    data = json.loads(FILE.read_bytes())
    *above, last = path
    reduce(lambda part, step: part[step], above, data)[last] = value
    return json.dumps(data).encode()


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("items", 3, "code"), "III.3", "code III.3 stands 2 times"),
        (("sections", 1, "code"), "I.1.2", "code I.1.2 stands 2 times"),
        (("references", 4, "key"), "05-CT/TW", "reference 05-CT/TW stands 2 times"),
        (("groups", 1, "key"), "cac-dia-phuong", "group cac-dia-phuong stands 2 times"),
        (
            ("items", 3, "code"),
            "III.8.a",
            "code III.8.a stands under III.8, which has no heading",
        ),
        (
            ("references", 0, "cited_in"),
            ["I.2.9"],
            "reference 49-KH/TU names I.2.9, which is no place of this plan",
        ),
        (
            ("groups", 2, "mentioned_in", 0),
            "VI",
            "group cac-dia-phuong names VI, which is no place of this plan",
        ),
        (
            ("phases", 0, "themes", 1, "readings", 0, "printed"),
            "Khoi day",
            "II.1.2 does not print 'Khoi day'",
        ),
        (
            ("items", 3, "assignments", 0, "parties", 0),
            "group:cac-huyen",
            "item III.2: group:cac-huyen is no group of this plan",
        ),
        (
            ("reporting", "ordered", 0),
            "group:cac-huyen",
            "reporting: group:cac-huyen is no group of this plan",
        ),
        (
            ("groups", 2, "open"),
            True,
            "group cac-dia-phuong is open and yet selects members",
        ),
        (
            ("groups", 2, "members"),
            [],
            "group cac-dia-phuong selects nobody and yet is not open",
        ),
        (("period", "to"), "2021-01-01", "plan: period [2021-01-01, 2021-01-01) holds no day"),
        (
            ("phases", 0, "period", "to"),
            "2021-05-23",
            "II.1: period [2021-05-24, 2021-05-23) holds no day",
        ),
        (
            ("items", 0, "period", "from"),
            "2026-01-01",
            "III.1.a: period [2026-01-01, 2026-01-01) holds no day",
        ),
        (
            ("groups", 2, "members", 0, "from"),
            "2025-07-01",
            "group cac-dia-phuong, district: period [2025-07-01, 2025-07-01) holds no day",
        ),
        (
            ("roles", 0, "from"),
            "2025-03-02",
            "role focal_unit, so-tttt: period [2025-03-02, 2025-03-01) holds no day",
        ),
        (
            ("items", 0, "period", "to"),
            "2026-01-02",
            "III.1.a: period [2021-01-01, 2026-01-02) leaves the plan's [2021-01-01, 2026-01-01)",
        ),
        (
            ("phases", 1, "period", "to"),
            "2026-02-01",
            "II.2: period [2022-01-01, 2026-02-01) leaves the plan's [2021-01-01, 2026-01-01)",
        ),
        (
            ("phases", 0, "period", "to"),
            "2022-01-02",
            "phases II.1 [2021-05-24, 2022-01-02) and II.2 [2022-01-01, 2026-01-01) overlap",
        ),
        (
            ("roles", 0, "to"),
            "2025-03-02",
            "role focal_unit: so-tttt […, 2025-03-02) and so-vhttdl [2025-03-01, …) overlap",
        ),
        (
            ("title",),
            unicodedata.normalize("NFD", PLAN.title),
            "text is not in Unicode NFC",
        ),
        (
            ("title",),
            PLAN.title + "\n",
            "text is empty or holds other white space than single spaces",
        ),
    ],
)
def test_a_wrong_file_is_refused_with_an_exact_message(
    path: Steps, value: object, message: str
) -> None:
    with pytest.raises(ValidationError) as refusal:
        PlanDocument.model_validate_json(changed(path, value))
    assert [error["msg"] for error in refusal.value.errors()] == [f"Value error, {message}"]


@pytest.mark.parametrize(
    ("path", "value", "kind"),
    [
        (("items", 0, "unit"), "so-tttt", "extra_forbidden"),
        (("items", 0, "assignments", 0, "role"), "owner", "literal_error"),
        (("items", 0, "assignments", 0, "parties", 0), "so-tttt", "string_pattern_mismatch"),
        (("reporting", "due_before", "day"), "30", "int_type"),
        (("phases", 0, "period", "from"), 0, "date_type"),
        (("items", 0, "period", "to"), None, "date_type"),
    ],
)
def test_a_wrong_shape_is_refused_at_its_place(path: Steps, value: object, kind: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        PlanDocument.model_validate_json(changed(path, value))
    assert [(error["loc"], error["type"]) for error in refusal.value.errors()] == [(path, kind)]
