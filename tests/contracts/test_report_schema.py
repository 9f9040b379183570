"""The report's JSON Schema, in the hands of a validator that knows nothing of this service."""

import copy
import json
from datetime import date
from typing import Any, Final
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from app.domain.consolidation.report import SCHEMA
from app.domain.consolidation.report_schema import FILE_NAME, ID, report_schema
from tests.domain.consolidation.made_reports import Year, a_fact, measured, years
from tests.support.api import Api
from tests.support.commands import ROOT
from tests.support.consolidating import consolidate
from tests.support.filing import DISTRICTS, Filing
from tests.support.makers import FOCAL_UNIT, OFFICE, PLAN

COMMITTED = ROOT / "openapi" / FILE_NAME
VALIDATOR = Draft202012Validator(
    report_schema(), format_checker=Draft202012Validator.FORMAT_CHECKER
)
Place = tuple[str | int, ...]


def faults(report: Any) -> list[str]:
    return [f"{fault.json_path}: {fault.message}" for fault in VALIDATOR.iter_errors(report)]


def parts(of: Any, place: Place = ()) -> list[tuple[Place, Any]]:
    """Return everything in a report, with the place where it stands."""
    found = [(place, of)]
    if isinstance(of, dict):
        found += [part for name in of for part in parts(of[name], (*place, name))]
    if isinstance(of, list):
        found += [part for n, one in enumerate(of) for part in parts(one, (*place, n))]
    return found


def changed(report: dict[str, Any], place: Place, change: Any) -> dict[str, Any]:
    """Return a copy in which that was done to what holds the place."""
    made = copy.deepcopy(report)
    holder: Any = made
    for step in place[:-1]:
        holder = holder[step]
    change(holder, place[-1])
    return made


def _a_year() -> dict[str, Any]:
    """Return a small report with something of everything that activity makes."""
    day = date(2021, 6, 1)
    both = {"themes": ("II.1.1",), "expenditure": (("budget", 5),)}
    first = a_fact("gso-11", day, measures=measured(posts=3, minutes=15, reach=7), **both)
    second = a_fact("gso-2", day, measures=measured(posts=3), **both)
    handed_in = {"gso-1": [first], "gso-2": [second]}
    year = Year(2021, handed_in, joined=[[("gso-1", 0), ("gso-2", 0)]], silent=["body-4"])
    report: dict[str, Any] = json.loads(json.dumps(year.report()))
    return report


REPORT = _a_year()


@pytest.fixture
def pulled(api: Api) -> dict[str, Any]:
    """Return a report as it is pulled, of two districts and the focal unit."""
    filing = Filing(api.engine)
    focal = filing.hand_in(api.http, (*DISTRICTS[:2], FOCAL_UNIT), activities=4)
    asked = focal.post("/v1/consolidated-reports", {"plan": PLAN, "year": 2021})
    consolidate(api.engine, UUID(asked.json()["id"]), at=api.now())
    path = f"/v1/consolidated-reports/{asked.json()['id']}"
    report: dict[str, Any] = api.portal(OFFICE).get(path).json()
    return report


def test_the_committed_schema_is_made_of_the_report_s_shape() -> None:
    assert json.loads(COMMITTED.read_text(encoding="utf-8")) == report_schema(), "run: make openapi"


def test_it_is_a_valid_schema_named_for_its_version() -> None:
    committed = json.loads(COMMITTED.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(committed)
    assert committed["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert (committed["$id"], ID) == (ID, f"urn:{SCHEMA.replace('/', ':')}")
    assert committed["properties"]["schema"]["const"] == SCHEMA
    assert SCHEMA in committed["title"]


def test_a_report_that_is_pulled_is_valid(pulled: dict[str, Any]) -> None:
    assert pulled["totals"]
    assert pulled["narratives"]
    assert faults(pulled) == []


@settings(max_examples=25, deadline=None)
@given(st.sampled_from([2021, 2023, 2025]).flatmap(years))
def test_reports_of_random_years_are_valid(year: Year) -> None:
    assert faults(json.loads(json.dumps(year.report()))) == []


def test_any_field_that_is_missing_or_unknown_is_a_fault() -> None:
    shown: set[tuple[str, ...]] = set()
    for place, part in parts(REPORT):
        kind = tuple(step for step in place if isinstance(step, str))
        if not isinstance(part, dict) or kind in shown:
            continue
        shown.add(kind)
        unknown = changed(REPORT, (*place, "khac"), lambda holder, name: holder.update({name: 1}))
        assert not VALIDATOR.is_valid(unknown), place
        for field in part:
            missing = changed(REPORT, (*place, field), lambda holder, name: holder.pop(name))
            assert not VALIDATOR.is_valid(missing), (place, field)
    assert len(shown) > 20


WRONG_AMOUNTS: Final[tuple[Any, ...]] = (
    1.5,
    1,
    True,
    "1.50",
    "01",
    "-1",
    "1e3",
    "1,5",
    "",
    " 1",
    "NaN",
    [],
)


def test_an_amount_is_a_plain_decimal_string_and_never_a_number() -> None:
    amounts = {"value", "counted", "credited"}
    shown: set[tuple[str, ...]] = set()
    for place, part in parts(REPORT):
        kind = tuple(step for step in place if isinstance(step, str))
        if not place or place[-1] not in amounts or not isinstance(part, str) or kind in shown:
            continue
        shown.add(kind)
        for wrong in WRONG_AMOUNTS:
            put = changed(REPORT, place, lambda holder, name, to=wrong: holder.update({name: to}))
            assert not VALIDATOR.is_valid(put), (place, wrong)
    assert len(shown) > 5


@pytest.mark.parametrize(
    ("place", "wrong"),
    [
        (("schema",), "baocao/consolidated-report/1"),
        (("plan", "issued_on"), "2021-02-30"),
        (("manifest", "plan_sha256"), "0"),
        (("coverage", "ordered", "accepted"), 1.5),
    ],
)
def test_what_is_of_another_form_is_a_fault(place: Place, wrong: object) -> None:
    assert faults(changed(REPORT, place, lambda holder, name: holder.update({name: wrong})))
