"""Schemathesis, all checks on, against the real app: what it makes up of the document alone.

Bounded and seeded, so that it says the same each time; `python -m tests.schemathesis` goes on for
as long as one likes, with other seeds.
"""

import pytest

from tests.schemathesis.running import attack
from tests.support.api import running_api
from tests.support.makers import BINH_SON, FOCAL_UNIT


@pytest.mark.parametrize(
    ("unit", "phases"),
    [(BINH_SON, "examples,coverage"), (FOCAL_UNIT, "fuzzing,stateful")],
)
def test_nothing_it_sends_is_answered_wrongly(database_url: str, unit: str, phases: str) -> None:
    with running_api(database_url, rate_limit="100000000/minute") as api:
        found = attack(api, unit, phases=phases, examples=3, seed=2021)
    assert found == "", found
