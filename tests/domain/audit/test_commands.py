"""The operator's side of the audit: `audit verify`, and what the commands themselves leave."""

import json
import re

import pytest
from sqlalchemy import Engine

from app.db import make_engine
from app.domain.audit.seal import GENESIS, seal_outstanding
from tests.support.auditing import all_entries, forge, noted
from tests.support.commands import Outcome, run_app
from tests.support.makers import BINH_SON, PLAN


@pytest.fixture
def url(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=False)


def _verify(url: str, *arguments: str) -> Outcome:
    return run_app(url, "audit", "verify", *arguments)


def test_verify_seals_first_and_prints_the_head(engine: Engine, url: str) -> None:
    empty = _verify(url)
    assert (empty.code, empty.out) == (0, f"0:{GENESIS}\n")
    noted(engine, "thing.a", "thing.b")
    outcome = _verify(url)
    assert outcome.code == 0
    assert re.fullmatch(r"2:[0-9a-f]{64}\n", outcome.out)
    assert outcome.err == "2 entries hold, 0 wait for their place\n"
    again = _verify(url, "--expect", outcome.out.strip())
    assert (again.code, again.out) == (0, outcome.out)


def test_verify_names_the_first_broken_link(engine: Engine, url: str) -> None:
    noted(engine, "thing.a", "thing.b", "thing.c")
    seal_outstanding(engine)
    second = all_entries(engine)[1].id
    forge(engine, "UPDATE audit_entry SET request_id = 'x' WHERE action <> 'thing.a'")
    outcome = _verify(url)
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err == (
        f"broken: link 2, entry {second} (thing.b, 2021-06-01T02:03:04.000005Z): "
        "the entry is not what was sealed\n"
    )


def test_verify_sees_an_end_that_was_cut_off(engine: Engine, url: str) -> None:
    noted(engine, "thing.a", "thing.b")
    head = _verify(url).out.strip()
    forge(engine, "DELETE FROM audit_entry WHERE action = 'thing.b'")
    forge(engine, "DELETE FROM audit_seal WHERE seq = 2")
    assert _verify(url).code == 0
    outcome = _verify(url, "--expect", head)
    assert outcome.code == 1
    assert "its end was cut off" in outcome.err


def test_verify_refuses_a_head_that_is_none(url: str) -> None:
    outcome = _verify(url, "--expect", "latest")
    assert (outcome.code, outcome.err) == (
        1,
        "refused: a head is written SEQ:HASH, the hash as 64 hexadecimal digits\n",
    )


def test_help_says_what_only_a_head_written_down_can_show(empty_url: str) -> None:
    said = " ".join(_verify(empty_url, "--help").out.split())
    assert "Write it down outside of this database" in said


def test_keys_leave_their_making_and_their_end_but_never_the_secret(
    engine: Engine, url: str
) -> None:
    made = run_app(url, "keys", "create", "--unit", BINH_SON, "--profile", "officer")
    assert made.code == 0, made.err
    found = re.match(r"key ([0-9a-f-]{36}) ", made.err)
    assert found
    for _ in range(2):  # the second changes nothing
        assert run_app(url, "keys", "revoke", found[1]).code == 0
    created, revoked = all_entries(engine)
    assert (created.action, revoked.action) == ("api_key.created", "api_key.revoked")
    assert (created.api_key_id, created.unit_key, created.target_id) == (None, None, found[1])
    assert created.after is not None
    assert created.after["unit"] == BINH_SON
    assert "audit:read" in created.after["scopes"]
    assert revoked.after == {"unit": BINH_SON}
    assert made.out.strip() not in json.dumps([created.after, revoked.after])


def test_loading_and_opening_leave_what_came_of_them(engine: Engine, url: str) -> None:
    commands = {
        ("load-register",): ("register.loaded", "register"),
        ("load-plan",): ("plan.loaded", "plan"),
        ("load-catalogue",): ("catalogue.loaded", PLAN),
        ("open-cycle", "2022"): ("reporting_cycle.opened", f"{PLAN}.2022"),
    }
    for command, expected in commands.items():
        outcome = run_app(url, *command)
        assert outcome.code == 0, outcome.err
        entry = all_entries(engine)[-1]
        assert (entry.action, entry.target_id) == expected
        assert entry.after == {"outcome": outcome.out.splitlines()}


def test_setting_up_leaves_one_entry(empty_url: str) -> None:
    assert run_app(empty_url, "setup").code == 0
    engine = make_engine(empty_url)
    assert [entry.action for entry in all_entries(engine)] == ["service.set_up"]
    engine.dispose()
