"""A newcomer's way from the address to the pulled report, mistakes included, gone again."""

import re
from pathlib import Path

from tests.support.playing import Reader, needs_curl, steps_of
from tests.support.serving import served

TRANSCRIPT = (Path(__file__).parent / "transcript.md").read_text(encoding="utf-8")
MET = (
    "unauthenticated",
    "unsupported_media_type",
    "day_format",
    "string_pattern_mismatch",
    "extra_forbidden",
    "unknown_plan_item",
    "report_exists",
    "precondition_required",
    "revision_changed",
    "unknown_column",
    "scope_missing",
    "not_found",
    "action_not_allowed",
    "idempotency_key_missing",
)
"""The mistakes that are made on the way, by the codes of their refusals, in their order."""


@needs_curl
def test_who_knows_only_the_docs_posts_submits_and_pulls(database_url: str, tmp_path: Path) -> None:
    with served(database_url, tmp_path) as environment:
        assert Reader(tmp_path, environment).follow(TRANSCRIPT) > len(MET)


def test_every_mistake_is_made_and_its_answer_shown() -> None:
    shown = [code for step in steps_of(TRANSCRIPT) for code in _codes(step.answer)]
    assert tuple(dict.fromkeys(code for code in shown if code != "invalid")) == MET
    assert all(step.kind for step in list(steps_of(TRANSCRIPT))[1:]), "a command without its answer"


def _codes(answer: str) -> list[str]:
    return re.findall(r'"code": "([a-z_]+)"', answer)
