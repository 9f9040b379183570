"""Failures in the modules that the scenarios are split into say what differs."""

import pytest

pytest.register_assert_rewrite(
    *(
        f"tests.scenario.{name}"
        for name in ("by_districts", "checks", "reform", "rush", "rush_checks", "stage")
    )
)
