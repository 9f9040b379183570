"""The made-up activity of 2021: the same every time, and such as the service takes."""

import json
import subprocess
import sys
from collections import Counter
from datetime import date
from urllib.parse import urlsplit

from app.demo import papers
from app.demo.activity import LAST, Body, activities
from app.demo.directory import LANGUAGES
from app.demo.people import NEVER, NIL, reporters
from app.domain.activities.body import ActivityBody
from app.domain.submissions.contents import SubmissionDocument
from app.domain.submissions.narrative import Narrative
from app.setup import REFERENCE

FORMS = {"III.1.a", "III.1.b", "III.1.c", "III.2", "III.3", "III.4", "III.5"}
PRINT_A_HASH = (
    "import hashlib, json; from app.demo.activity import activities; "
    "print(hashlib.sha256(json.dumps(activities()).encode()).hexdigest())"
)


def bodies() -> list[Body]:
    return [body for posted in activities().values() for body in posted]


def test_the_same_bodies_are_made_in_every_process() -> None:
    runs = [
        subprocess.run([sys.executable, "-c", PRINT_A_HASH], capture_output=True, check=True)
        for _ in range(2)
    ]
    assert runs[0].stdout == runs[1].stdout != b""


def test_every_body_passes_the_wire_model() -> None:
    for body in bodies():
        ActivityBody.model_validate_json(json.dumps(body))


def test_some_2000_bodies_cover_all_forms_districts_departments_and_communes() -> None:
    assert 1900 <= len(bodies()) <= 2100
    assert {body["plan_item"] for body in bodies()} >= FORMS
    posting = {one.code for one in reporters() if activities()[one.code]}
    assert posting == {one.code for one in reporters()} - {NIL}
    assert sum(one.district for one in reporters()) == 13
    assert sum(one.kind in ("department", "office") for one in reporters()) == 20
    communes = {place.code for one in reporters() for place in one.communes}
    assert len(communes) == 173
    assert {body["unit"] for body in bodies()} >= communes


def test_every_measure_fits_its_item_and_only_what_can_be_reposted_is() -> None:
    catalogue = {
        row["code"]: row
        for row in json.loads((REFERENCE / "indicators.json").read_bytes())["indicators"]
    }
    for body in bodies():
        for measure in body["measures"]:
            indicator = catalogue[measure["indicator"]]
            assert body["plan_item"] in indicator["items"], body["title"]
            assert measure["origin"] == "original" or indicator["reposts"], body["title"]


def test_every_code_is_in_the_lists() -> None:
    lists = json.loads((REFERENCE / "codes.json").read_bytes())["lists"]
    known = {row["key"]: {entry["code"] for entry in row["entries"]} for row in lists}
    for body in bodies():
        assert body["channel"] in known["channel"]
        assert body["format"] in known["format"]
        assert set(body["languages"]) <= known["language"]
        assert {row["source"] for row in body["expenditure"]} <= known["funding_source"]


def test_no_natural_key_is_used_twice_and_no_day_lies_ahead() -> None:
    keys = Counter((b["unit"], b["source_system"], b["external_id"]) for b in bodies())
    assert set(keys.values()) == {1}
    for body in bodies():
        first = date.fromisoformat(body["occurred_on"])
        last = date.fromisoformat(str(body.get("ended_on", body["occurred_on"])))
        assert date(2021, 1, 1) <= first <= last <= LAST


def test_the_minorities_languages_are_spoken_where_they_live() -> None:
    for one in reporters():
        if one.district:
            spoken = {code for body in activities()[one.code] for code in body["languages"]}
            assert spoken == {"vi", LANGUAGES.get(one.code, "vi")}


def test_there_are_summaries_reposts_and_money_from_every_source() -> None:
    assert any("occurrences" in body for body in bodies())
    assert any(m["origin"] == "repost" for body in bodies() for m in body["measures"])
    sources = {row["source"] for body in bodies() for row in body["expenditure"]}
    assert len(sources) == 4


def test_no_title_is_left_with_a_hole_and_evidence_lies_on_the_provinces_domain() -> None:
    for body in bodies():
        assert not {"{", "}"} & set(body["title"])
        assert body["title"][0].isupper()
        for link in body["evidence"]:
            assert (urlsplit(link["url"]).hostname or "").endswith(".quangngai.gov.vn")


def test_every_body_but_the_silent_ones_has_a_narrative_and_a_document() -> None:
    for one in reporters():
        if one.code in NEVER:
            continue
        said = papers.narrative(one, data_to=LAST, count=1)
        assert Narrative.model_validate_json(json.dumps(said)).results
        document = papers.document(one, on=date(2021, 11, 24), data_to=LAST)
        assert SubmissionDocument.model_validate_json(json.dumps(document)).nil is (one.code == NIL)
