"""The catalogue of errors: every code that is said, what it comes from, and what to do."""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from pathlib import Path

import app
import worker
from app.api.docs.catalogue import NO_REFUSAL, Entry, entries
from app.api.docs.guides import LANGUAGES, write_guides
from app.domain import errors
from app.main import create_app
from app.settings import Settings
from tests.support.api import Api
from tests.support.commands import ROOT
from tests.support.makers import BINH_SON


def said_codes() -> set[str]:
    """Return the codes of all messages in all our modules."""
    for package in (app, worker):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.endswith("__main__"):
                importlib.import_module(module.name)
    return {code for code in errors._TEXTS if not code.startswith(NO_REFUSAL)}


def sentences(entry: Entry) -> Iterator[str]:
    for told in entry.told.values():
        yield from (told.cause, told.remedy)


def test_it_holds_every_code_that_is_said_and_no_other() -> None:
    said = said_codes()
    assert len(said) > 200
    assert said - entries().keys() == set(), "say its cause and remedy in app/api/docs/errors"
    assert entries().keys() - said == set(), "nothing says it any more"


def test_a_code_that_refuses_nothing_is_a_rule_of_explain() -> None:
    rules = (text for code, text in errors._TEXTS.items() if code.startswith(NO_REFUSAL))
    module = importlib.import_module("app.domain.consolidation.explaining_rules")
    written = Path(module.__file__ or "").read_text(encoding="utf-8")
    assert all(f'"{rule.code}"' in written for rule in rules)


def test_cause_and_remedy_say_more_than_the_message() -> None:
    for code, entry in entries().items():
        assert tuple(entry.told) == LANGUAGES, code
        for language, told in entry.told.items():
            message = entry.message(language)
            for sentence in (told.cause, told.remedy):
                assert len(sentence) > 10, (code, language)
                assert sentence.endswith("."), (code, language)
                alike = SequenceMatcher(None, sentence, message).ratio()
                assert alike < 0.85, (code, language, sentence)
            assert told.cause != told.remedy, (code, language)


def test_the_operations_that_it_names_are_there() -> None:
    paths = create_app(Settings(database_url="sqlite:///none.sqlite3")).openapi()["paths"]
    found = 0
    for entry in entries().values():
        for sentence in sentences(entry):
            for method, path in re.findall(
                r"(GET|POST|PUT|PATCH) (/v1/[a-z0-9/{}_.-]*\w\}?)", sentence
            ):
                assert method.lower() in paths.get(path, {}), (entry.code, path)
                found += 1
            for end in re.findall(r"…(/[a-z{}/-]+\w\}?)", sentence):
                assert any(path.endswith(end) for path in paths), (entry.code, end)
    assert found > 30


def test_the_type_of_a_problem_is_a_page_that_tells_of_it(api: Api) -> None:
    refused = api.portal(BINH_SON).post("/v1/activity-reports", {"unit": 524})
    problem = refused.json()
    for code in (problem["code"], *(fault["code"] for fault in problem["errors"])):
        page = api.http.get(problem["type"].replace(problem["code"], code))
        assert page.status_code == 200, code
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        for sentence in sentences(entries()[code]):
            first = re.split(r"[<>&\"'`«]", sentence)[0]
            assert first in page.text, code
    assert api.http.get("/docs/problems/no_such_code").status_code == 404


def test_the_committed_guides_are_those_of_the_service(tmp_path: Path) -> None:
    write_guides(tmp_path)
    made = {file.relative_to(tmp_path): file.read_text("utf-8") for file in tmp_path.rglob("*.md")}
    place = ROOT / "openapi" / "guides"
    kept = {file.relative_to(place): file.read_text("utf-8") for file in place.rglob("*.md")}
    assert kept == made, "make openapi"
