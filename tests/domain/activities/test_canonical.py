"""The hash of what a body says is that of its canonical JSON (RFC 8785), whatever is in it."""

import hashlib
from typing import Any

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from app.db import make_engine, unit_of_work
from app.domain.access.service import authenticate, create_key
from app.domain.activities.body import ActivityBody
from app.domain.activities.candidate import prepare, said_by
from app.domain.activities.patch import as_sent, read_correction
from app.domain.activities.queries import get_activity
from app.domain.activities.service import accept
from app.domain.canonical import canonical_sha256
from app.domain.fields import MAX_MONEY
from app.domain.principal import Scope
from app.domain.reference import Memory
from tests.conftest import Databases
from tests.support.api import A_WORKING_DAY
from tests.support.makers import BINH_SON, an_activity

# Whatever a JSON writer could write in another way: quotes, escapes, the ends of planes.
ODD = "\"\\/\u007f\u0085\u00a0\u2028\u2029\ufeff\ufffd\ufffe\u200b\u202e😀𝒳\U0010ffff<>&'đĐ\u0301"
LETTERS = st.one_of(st.sampled_from(ODD), st.characters(exclude_categories=("Cs", "Cc")))
LINES = st.one_of(LETTERS, st.sampled_from("\n\t"))
SHORT = st.text(LETTERS, min_size=1, max_size=40)
LONG = st.text(LINES, min_size=1, max_size=80)
LINK = st.text(st.sampled_from("aZ0/?#&=%~\"'<>{}|^`đ😀"), max_size=20).map("https://a.vn/".__add__)
MONEY = st.integers(0, MAX_MONEY)
VALUE = st.from_regex(r"[0-9]{1,12}(\.[0-9]{1,6})?", fullmatch=True)


@st.composite
def bodies(draw: st.DrawFn, *, whole: bool = False) -> dict[str, Any]:
    """Return a body with every field; of valid codes, and with `whole` of whole measures."""
    value = st.integers(0, 10**12 - 1).map(str) if whole else VALUE
    summary = {"ended_on": "2021-09-12", "occurrences": draw(st.integers(1, 1_000_000))}
    behalf = {"incoming_number": draw(SHORT), "incoming_on": "2021-11-19"}
    return {
        **an_activity(
            external_id=draw(st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._:~-]{0,20}", fullmatch=True))
        ),
        "title": draw(SHORT),
        "description": draw(st.none() | LONG),
        "integrated": draw(st.booleans()),
        "format": draw(st.sampled_from([None, "news"])),
        "languages": draw(st.lists(st.sampled_from(["vi", "hre", "cua"]), min_size=1, max_size=4)),
        "content_themes": draw(st.lists(st.sampled_from(["II.1.1", "II.1.2"]), max_size=3)),
        "participants": draw(st.lists(st.sampled_from(["so-y-te", "21238", "528"]), max_size=3)),
        "measures": [
            {"indicator": code, "value": draw(value)}
            for code in draw(st.sets(st.sampled_from(["posts", "views", "followers"])))
        ],
        "expenditure": [
            {"source": source, "amount": draw(MONEY)}
            for source in draw(st.sets(st.sampled_from(["other_lawful", "state_budget_district"])))
        ],
        "evidence": draw(
            st.lists(
                st.fixed_dictionaries({"url": LINK, "sha256": st.none() | st.just("ab" * 32)}),
                max_size=3,
            )
        ),
        **(summary if draw(st.booleans()) else {}),
        **({"on_behalf": behalf} if not whole and draw(st.booleans()) else {}),
    }


def _allowed(body: dict[str, Any]) -> ActivityBody | None:
    try:
        return ActivityBody.model_validate(body)
    except ValidationError:
        return None  # a text may be blank once its hidden ends are cut off


@settings(max_examples=400, deadline=None)
@given(body=bodies())
def test_the_hash_is_that_of_the_canonical_json(body: dict[str, Any]) -> None:
    sent = _allowed(body)
    if sent is None:
        return
    said = said_by(sent, unit=BINH_SON, participants=("body-so-y-te",))
    assert canonical_sha256(said) == hashlib.sha256(rfc8785.dumps(said)).hexdigest()


@given(text=st.text(st.characters(exclude_categories=["Cs"])), number=MONEY)
def test_every_text_is_hashed_as_canonical_json_is(text: str, number: int) -> None:
    said: dict[str, Any] = {
        "b": text,
        "a": [text, None, True],
        "amount": number,
        "z": {"y": text, "x": ""},
    }
    assert canonical_sha256(said) == hashlib.sha256(rfc8785.dumps(said)).hexdigest()


@pytest.mark.parametrize("text", list(ODD))
def test_odd_letters_are_hashed_as_canonical_json_is(text: str) -> None:
    said = {"title": f"a{text}b"}
    assert canonical_sha256(said) == hashlib.sha256(rfc8785.dumps(said)).hexdigest()


def test_what_is_read_back_has_the_hash_that_was_stored(databases: Databases) -> None:
    """So a patch is made of the very body that was sent, and a body sent again is known."""
    with databases.loaded() as url:
        engine = make_engine(url)
        with unit_of_work(engine) as session:
            _, secret = create_key(
                session,
                unit=BINH_SON,
                scopes=tuple(Scope),
                label="test",
                at=A_WORKING_DAY,
                expires_at=A_WORKING_DAY.replace(year=2030),
            )

        @settings(max_examples=60, deadline=None)
        @given(body=bodies(whole=True))
        def stored_and_read(body: dict[str, Any]) -> None:
            sent = _allowed(body)
            if sent is None:
                return
            with unit_of_work(engine, write=False) as session:
                by, reference = authenticate(session, Memory(), secret=secret, at=A_WORKING_DAY)
                expected = prepare(reference, body=sent, by=by, at=A_WORKING_DAY)
                made = accept(session, reference, body=sent, by=by, at=A_WORKING_DAY)
                assert made.outcome == "created"
                read = get_activity(session, by=by, report_id=made.activity.report.id)
                assert read.said == expected.said
                assert canonical_sha256(read.said) == read.revision.body_sha256 == expected.sha256
                again = read_correction({**as_sent(read), "reason": "Không đổi"})
                same = ActivityBody(
                    **again.model_dump(exclude={"reason", "unit"}),
                    unit=read.report.unit_key,
                    source_system=read.report.source_system,
                    external_id=read.report.external_id,
                )
                kept = prepare(reference, body=same, by=by, at=A_WORKING_DAY)
                assert kept.sha256 == expected.sha256

        stored_and_read()
        engine.dispose()
