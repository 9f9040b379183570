"""The guides, followed to the letter: every command runs, and answers what is shown below it."""

import re
from itertools import zip_longest
from pathlib import Path

import pytest

from app.api.docs.guides import GUIDES, LANGUAGES, guide, names
from tests.support.api import Api
from tests.support.playing import Different, Reader, Step, needs_curl, steps_of
from tests.support.receiving import receiving
from tests.support.serving import served

HTML = "text/html; charset=utf-8"


def written(language: str, name: str) -> str:
    text = guide(language, name)  # type: ignore[arg-type]
    assert text is not None
    return text


@needs_curl
def test_who_follows_them_sees_what_they_show(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEBHOOK_HTTP", "true")
    monkeypatch.setenv("WEBHOOK_NETWORKS", "127.0.0.0/8")
    with receiving() as receiver, served(database_url, tmp_path) as environment:
        reader = Reader(tmp_path, {**environment, "BAOCAO_HOOK": receiver.url()})
        commands = sum(reader.follow(written("en", name)) for name in GUIDES)
    assert commands > 50
    signed = [[one.signed_with(secret) for secret in _secrets(reader)] for one in receiver.received]
    assert signed[0] == [True, False]
    assert [True, True] in signed, "after the rotation both secrets sign"


def _secrets(reader: Reader) -> list[str]:
    return [real for shown, real in reader.known.items() if shown.startswith("whsec_")]


def test_both_languages_have_the_same_commands_and_answers() -> None:
    for name in names("en"):
        one, other = (steps_of(written(language, name)) for language in LANGUAGES)
        for step, same in zip_longest(one, other):
            assert step == same, name


def test_a_link_leads_to_a_page_that_is_there(api: Api) -> None:
    found = 0
    for language in LANGUAGES:
        for name in names(language):
            place = f"/docs/guides/{language}/{name}"
            page = api.http.get(place)
            assert page.status_code == 200, place
            for link in set(re.findall(r'<a [^>]*href="([^"#]+)', page.text)):
                answered = api.http.get(str(api.http.base_url.copy_with(path=place).join(link)))
                assert answered.status_code == 200, (place, link)
                found += 1
            anchors = set(re.findall(r'href="errors#([a-z_]+)"', page.text))
            errors = api.http.get(f"/docs/guides/{language}/errors").text
            assert all(f'id="{anchor}"' in errors for anchor in anchors), place
    assert found > 50


def test_whoever_has_only_an_address_is_led_to_the_documents(api: Api) -> None:
    for place in ("/", "/docs/", "/docs/guides", "/docs/guides/en", "/docs/problems"):
        page = api.http.get(place, follow_redirects=True)
        assert (page.status_code, page.headers["content-type"]) == (200, HTML), place
        assert page.url.path.startswith("/docs"), place


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        ('{"a": 1}', '{"a": 1, "b": 2}'),
        ('{"a": 1, …}', '{"b": 2}'),
        ('{"a": [1, …]}', '{"a": [2]}'),
        ('{"a": [1]}', '{"a": [1, 2]}'),
        ('{"a": "Tin về…"}', '{"a": "Bài về Đại hội"}'),
        ('{"a": true}', '{"a": 1}'),
        ('{"a": null}', '{"a": "x"}'),
    ],
)
def test_an_answer_that_differs_is_seen(shown: str, said: str, tmp_path: Path) -> None:
    text = f"```sh\necho --data '{said}' | cut -c 8-\n```\n\n```json\n{shown}\n```\n"
    with pytest.raises(Different):
        Reader(tmp_path, {}).follow(text)


def test_an_id_that_is_shown_twice_is_the_same_both_times(tmp_path: Path) -> None:
    one, other, shown = (f"017d4560-0000-7000-8000-00000000000{number}" for number in (1, 2, 3))
    steps = "".join(
        f'```sh\necho \'{{"id": "{real}"}}\'  # -d \n```\n\n```json\n{{"id": "{shown}"}}\n```\n\n'
        for real in (one, other)
    )
    with pytest.raises(Different, match="stood for"):
        Reader(tmp_path, {}).follow(steps)


def test_a_block_is_a_command_and_its_answer() -> None:
    text = "```sh\ncurl a\n```\n\n```sh\ncurl b\n```\n\nIt says:\n\n```json\n{}\n```\n"
    assert list(steps_of(text)) == [Step("curl a\n"), Step("curl b\n", "json", "{}\n")]
