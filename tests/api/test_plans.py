"""The plan over HTTP, its units and duties on a day; and loading it by the operator's command."""

import copy
import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from app.db import make_engine, unit_of_work
from app.domain.cycles.service import open_cycle, read_reporting
from app.domain.errors import ReferenceDataRefused
from app.domain.period import LOCAL_TIME
from app.domain.plans.queries import get_plan
from app.domain.plans.service import load_plan
from app.domain.units.service import load_register
from app.migrate import migrate
from app.setup import PLAN_FILE, REFERENCE, REPORTING_FILE
from tests.conftest import Databases
from tests.support.api import A_WORKING_DAY, Api, Portal
from tests.support.commands import Outcome, run_app
from tests.support.makers import BINH_SON, PLAN
from tests.support.problems import faults, refused, rows
from tests.support.processes import environment_of

TRANSCRIPTION: dict[str, Any] = json.loads(PLAN_FILE.read_text(encoding="utf-8"))


def _all(reader: Portal, path: str, **query: Any) -> list[dict[str, Any]]:
    """Return the rows of all pages of a list, read in pages of seven."""
    found: list[dict[str, Any]] = []
    page = reader.get(path, limit=7, **query).json()
    found += page["items"]
    while page["next"] is not None:
        page = reader.get(path, limit=7, cursor=page["next"], **query).json()
        found += page["items"]
    return found


# The document


def test_the_plan_is_listed_and_read_whole(reader: Portal) -> None:
    (head,) = reader.get("/v1/plans").json()["items"]
    assert (head["slug"], head["valid_from"], head["valid_to"]) == (
        PLAN,
        "2021-01-01",
        "2026-01-01",
    )
    whole = reader.get(f"/v1/plans/{PLAN}").json()
    assert {name: whole[name] for name in head} == head
    assert whole["document"] == TRANSCRIPTION
    assert whole["document"]["document"]["number"] is None
    assert whole["document"]["document"]["issued_on"] is None


def test_the_content_themes_are_eight_and_three_in_the_plans_order(reader: Portal) -> None:
    themes = _all(reader, "/v1/content-themes", plan=PLAN)
    assert Counter(theme["phase"] for theme in themes) == {"II.1": 8, "II.2": 3}
    told = [theme for phase in TRANSCRIPTION["phases"] for theme in phase["themes"]]
    assert [theme["code"] for theme in themes] == [theme["code"] for theme in told]
    assert [theme["text"] for theme in themes] == [theme["text"] for theme in told]
    periods = {(t["phase"], t["valid_from"], t["valid_to"]) for t in themes}
    assert periods == {("II.1", "2021-05-24", "2022-01-01"), ("II.2", "2022-01-01", "2026-01-01")}


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"phase": "II.1"}, 8),
        ({"phase": "II.2"}, 3),
        ({"phase": "II.3"}, 0),
        ({"on": "2021-05-23"}, 0),
        ({"on": "2021-05-24"}, 8),
        ({"on": "2021-12-31"}, 8),
        ({"on": "2022-01-01"}, 3),
        ({"on": "2026-01-01"}, 0),
        ({"on": "2021-12-31", "phase": "II.2"}, 0),
    ],
)
def test_content_themes_are_narrowed(reader: Portal, query: dict[str, str], count: int) -> None:
    assert len(_all(reader, "/v1/content-themes", plan=PLAN, **query)) == count


def test_the_plan_items_are_its_forms_rules_and_tasks(reader: Portal) -> None:
    items = _all(reader, "/v1/plan-items", plan=PLAN)
    told = TRANSCRIPTION["items"]
    assert [item["code"] for item in items] == [item["code"] for item in told]
    assert [item["text"] for item in items] == [item["text"] for item in told]
    kinds = Counter(item["kind"] for item in items)
    assert (kinds["form"], kinds["funding_rule"]) == (7, 3)
    for kind, count in kinds.items():
        assert len(_all(reader, "/v1/plan-items", plan=PLAN, kind=kind)) == count
    misprinted = [item for item in items if item["readings"]]
    assert misprinted
    for item in misprinted:
        printed = " ".join([item["heading"] or "", *item["text"]])
        assert all(reading["printed"] in printed for reading in item["readings"])


@pytest.mark.parametrize("path", ["content-themes", "plan-items", "indicators", "unit-groups"])
def test_another_plan_has_nothing(reader: Portal, path: str) -> None:
    refused(reader.get(f"/v1/{path}", plan="khac"), 404, "not_found")


# Who is to do what


def _assigned(reader: Portal, **query: str) -> list[tuple[str, str, str]]:
    found = _all(reader, "/v1/assignments", plan=PLAN, **query)
    return [(row["item"], row["role"], row["unit"] or row["group"]) for row in found]


def test_assignments_are_narrowed_by_item_role_unit_and_day(reader: Portal) -> None:
    on = "2021-09-01"
    assert _assigned(reader, item="III.1.a", on=on) == [
        ("III.1.a", "lead", "body-bao-quang-ngai"),
        ("III.1.a", "lead", "body-dai-ptth"),
        ("III.1.a", "coordinating", "body-so-tttt"),
        ("III.1.a", "coordinating", "cac-don-vi-lien-quan"),
    ]
    assert _assigned(reader, item="V.2.1", role="lead", on=on) == [
        ("V.2.1", "lead", "body-so-tttt")
    ]
    assert _assigned(reader, role="requested", on=on) == [
        ("V.1.1", "requested", "body-ban-tuyen-giao")
    ]
    assert {item for item, _, _ in _assigned(reader, item="V.3.1", on=on)} == {"V.3.1"}
    assert {role for _, role, _ in _assigned(reader, item="V.3.1", on=on)} == {"coordinating"}
    expected = ["III.1.b", "III.1.c", "III.2", "III.3", "III.4", "III.5", "V.6.1", "V.6.2"]
    for unit in ("524", BINH_SON):
        found = _assigned(reader, unit=unit, role="lead", on=on)
        assert [item for item, _, _ in found] == expected
    assert _assigned(reader, unit="524", role="coordinating", on=on) == [
        ("V.2.1", "coordinating", "ubnd-cac-huyen-thi-xa-thanh-pho")
    ]
    assert _assigned(reader, unit="21040", on=on) == [], "a commune is in no group in 2021"
    assert faults(reader.get("/v1/assignments", unit="524", on="2025-07-01")) == {
        "?unit": "unit_not_in_being"
    }


def test_assignments_change_with_the_day(reader: Portal) -> None:
    before = _assigned(reader, item="III.1.a", role="lead", on="2025-05-18")
    after = _assigned(reader, item="III.1.a", role="lead", on="2025-05-19")
    assert [unit for _, _, unit in before] == ["body-bao-quang-ngai", "body-dai-ptth"]
    assert [unit for _, _, unit in after] == ["body-bao-quang-ngai"]
    commune = _assigned(reader, unit="21238", role="lead", on="2025-07-01")
    assert [item for item, _, _ in commune] == ["III.1.b", "III.2", "III.3", "III.4", "III.5"]
    assert _assigned(reader, on="2026-01-01") == []
    assert _assigned(reader, on="2020-12-31") == []


def test_an_assignment_shows_whom_it_selects_on_the_day(reader: Portal) -> None:
    def units(item: str, on: str) -> dict[str, int]:
        rows = _all(reader, "/v1/assignments", plan=PLAN, item=item, on=on)
        return {row["group"] or row["unit"]: len(row["units"]) for row in rows}

    places = "ubnd-cac-huyen-thi-xa-thanh-pho"
    assert units("V.6.1", "2025-06-30") == {places: 13}
    assert units("V.6.1", "2025-07-01") == {places: 0}
    assert units("III.1.a", "2021-09-01")["cac-don-vi-lien-quan"] == 0
    assert units("III.1.a", "2021-09-01")["body-so-tttt"] == 1


@pytest.mark.parametrize(
    ("on", "counts"),
    [
        ("2021-01-01", {"cac-dia-phuong": 13, "ubnd-cac-huyen-thi-xa-thanh-pho": 13}),
        ("2025-06-30", {"cac-dia-phuong": 13, "ubnd-cac-huyen-thi-xa-thanh-pho": 13}),
        ("2025-07-01", {"cac-dia-phuong": 56, "ubnd-cac-huyen-thi-xa-thanh-pho": 0}),
        ("2021-09-01", {"cac-so-ban-nganh-tinh": 20, "cac-co-quan-dia-phuong": 33}),
        ("2025-03-01", {"cac-so-ban-nganh-tinh": 14, "cac-co-quan-dia-phuong": 27}),
        ("2025-07-01", {"cac-so-ban-nganh-tinh": 14, "cac-co-quan-dia-phuong": 70}),
    ],
)
def test_a_group_selects_its_units_of_the_day(
    reader: Portal, on: str, counts: dict[str, int]
) -> None:
    groups = {group["key"]: group for group in _all(reader, "/v1/unit-groups", plan=PLAN, on=on)}
    assert {key: len(groups[key]["units"]) for key in counts} == counts
    assert {group["on"] for group in groups.values()} == {on}
    assert list(groups) == sorted(group["key"] for group in TRANSCRIPTION["groups"])
    opened = [group for group in groups.values() if group["open"]]
    assert len(opened) == 3
    assert [group["units"] for group in opened] == [[], [], []]
    everywhere = {unit["key"] for unit in _all(reader, "/v1/units", on=on)}
    assert all(set(group["units"]) <= everywhere for group in groups.values())


def test_former_kon_tum_is_in_no_group(reader: Portal) -> None:
    now = {unit["key"] for unit in _all(reader, "/v1/units", on="2025-07-01", level="commune")}
    groups = _all(reader, "/v1/unit-groups", plan=PLAN, on="2025-07-01")
    chosen = {unit for group in groups for unit in group["units"]}
    assert len(now) == 96
    assert len(now - chosen) == 40
    for key in sorted(now - chosen)[:3]:
        history = reader.get(f"/v1/units/{key}/history").json()
        parents = [
            row["parent"]
            for old in history["predecessors"]
            for row in reader.get(f"/v1/units/{old['predecessor']}/history").json()["parentages"]
        ]
        assert parents
        assert not {f"gso-{code}" for code in range(522, 537)} & set(parents)


def test_without_a_day_it_is_today(api: Api) -> None:
    portal = api.portal(BINH_SON)
    for at, count in (
        (datetime(2025, 6, 30, 23, 59, 59, tzinfo=LOCAL_TIME), 13),
        (datetime(2025, 7, 1, 0, 0, tzinfo=LOCAL_TIME), 0),
    ):
        api.set_clock(at)
        found = portal.get("/v1/assignments", plan=PLAN, item="V.6.1").json()
        assert found["on"] == str(at.date())
        assert len(found["items"][0]["units"]) == count
        assert len(portal.get("/v1/units", level="district", within="51").json()["items"]) == count


# The catalogue


def test_indicators_are_those_of_an_item(reader: Portal) -> None:
    told = json.loads((REFERENCE / "indicators.json").read_text(encoding="utf-8"))["indicators"]
    every = _all(reader, "/v1/indicators", plan=PLAN)
    assert [row["code"] for row in every] == [row["code"] for row in told]
    for item in ("III.1.a", "III.1.b", "III.5", "V.4.1"):
        found = _all(reader, "/v1/indicators", plan=PLAN, item=item)
        assert [r["code"] for r in found] == [r["code"] for r in told if item in r["items"]], item
    minutes = next(row for row in every if row["code"] == "broadcast_minutes")
    assert (minutes["decimals"], minutes["over_time"], minutes["reposts"]) == (1, "sum", True)
    forms = [i["code"] for i in TRANSCRIPTION["items"] if i["kind"] == "form"]
    assert all(any(form in row["items"] for row in every) for form in forms)


@pytest.mark.parametrize(
    ("list_", "on", "has", "has_not"),
    [
        ("language", "2025-06-30", {"vi", "hre", "cua", "sed"}, {"bdq", "jra", "jeh"}),
        ("language", "2025-07-01", {"vi", "hre", "bdq", "jra", "jeh"}, set[str]()),
        ("funding_source", "2025-06-30", {"state_budget_district"}, set[str]()),
        ("funding_source", "2025-07-01", {"other_lawful"}, {"state_budget_district"}),
        ("channel", "2021-01-01", {"facebook", "loudspeaker", "vcnet"}, {"vi"}),
    ],
)
def test_codes_are_those_of_the_day(
    reader: Portal, list_: str, on: str, has: set[str], has_not: set[str]
) -> None:
    rows = _all(reader, "/v1/codes", list=list_, on=on)
    codes = {row["code"] for row in rows}
    assert {row["list"] for row in rows} == {list_}
    assert has <= codes
    assert not has_not & codes
    assert codes < {row["code"] for row in _all(reader, "/v1/codes")}


# Cycles


def test_the_cycle_of_2021_says_when_it_is_due(reader: Portal) -> None:
    cycle = reader.get(f"/v1/reporting-cycles/{PLAN}.2021").json()
    assert (cycle["window_from"], cycle["window_to"]) == ("2021-01-01", "2022-01-01")
    assert cycle["due_at"] == "2021-11-29T17:00:00.000000Z"
    assert cycle["opens_at"] == "2020-12-31T17:00:00.000000Z"
    assert cycle["supplement_due_at"] == "2022-01-15T17:00:00.000000Z"
    assert (cycle["kind"], cycle["code"], cycle["items"]) == ("yearly", "2021", None)
    assert (cycle["provenance"], cycle["actor"]) == ("assumption", "operator")
    years = [row["year"] for row in _all(reader, "/v1/reporting-cycles", plan=PLAN)]
    assert years == [2021, 2022, 2023, 2024, 2025]
    assert [row["key"] for row in _all(reader, "/v1/reporting-cycles", year=2024)] == [
        f"{PLAN}.2024"
    ]


def test_the_roster_of_2021_names_each_duty(reader: Portal) -> None:
    path = f"/v1/reporting-cycles/{PLAN}.2021/roster"
    roster = _all(reader, path)
    assert Counter(row["basis"] for row in roster) == {
        "ordered": 33,
        "assigned_only": 4,
        "requested": 1,
    }
    assert len({row["unit"] for row in roster}) == 38
    by_unit = {row["unit"]: row for row in roster}
    assert by_unit["body-ban-tuyen-giao"]["basis"] == "requested"
    assert {row["unit"] for row in roster if row["basis"] == "assigned_only"} == {
        "body-bao-quang-ngai",
        "body-cong-ttdt",
        "body-dai-ptth",
        "body-hoi-vhnt",
    }
    assert Counter(row["level"] for row in roster if row["basis"] == "ordered") == {
        "district": 13,
        None: 20,
    }
    assert by_unit[BINH_SON]["name"] == "UBND huyện Bình Sơn"
    assert {row["due_at"] for row in roster} == {"2021-11-29T17:00:00.000000Z"}
    assert {(row["covers_from"], row["covers_to"]) for row in roster} == {
        ("2021-01-01", "2022-01-01")
    }
    for basis, count in (("ordered", 33), ("not_required", 0)):
        assert len(_all(reader, path, basis=basis)) == count


def test_a_unit_that_ends_within_the_year_is_covered_until_then(reader: Portal) -> None:
    roster = _all(reader, f"/v1/reporting-cycles/{PLAN}.2025/roster")
    covered = {row["unit"]: (row["covers_from"], row["covers_to"]) for row in roster}
    assert covered[BINH_SON] == ("2025-01-01", "2025-07-01")
    assert covered["body-so-tttt"] == ("2025-01-01", "2025-03-01")
    assert covered["body-dai-ptth"] == ("2025-01-01", "2025-05-19")
    assert covered["body-so-y-te"] == ("2025-01-01", "2026-01-01")
    assert covered["gso-21238-2025-07-01"] == ("2025-07-01", "2026-01-01")


def test_the_roster_of_2025_is_that_of_the_reform(reader: Portal) -> None:
    roster = _all(reader, f"/v1/reporting-cycles/{PLAN}.2025/roster")
    assert len(roster) == 137
    communes = [row for row in roster if row["level"] == "commune"]
    assert Counter(row["basis"] for row in communes) == {"ordered": 56, "not_required": 40}
    assert {row["covers_from"] for row in communes} == {"2025-07-01"}
    closing = [row for row in roster if row["closing"]]
    assert Counter((row["level"], row["covers_to"]) for row in closing) == {
        ("district", "2025-07-01"): 13,
        (None, "2025-02-01"): 1,
        (None, "2025-03-01"): 8,
        (None, "2025-05-19"): 1,
    }
    assert all(row["covers_to"] < "2026-01-01" for row in closing)
    assert not [r for r in roster if r["covers_to"] < "2026-01-01" and not r["closing"]]
    assert {row["provenance"] for row in [*communes, *closing]} == {"assumption"}
    assert {row["document"] for row in roster} == {None}


# The operator loads it


def test_loading_what_is_loaded_changes_nothing(database_url: str) -> None:
    engine = make_engine(database_url)
    before = rows(engine)
    offset = environment_of(database_url)["CLOCK_OFFSET"]
    loaded = run_app(database_url, "load-plan", CLOCK_OFFSET=offset)
    assert loaded == Outcome(0, f"plan {PLAN}: unchanged\n", "")
    register = run_app(database_url, "load-register", CLOCK_OFFSET=offset)
    assert (register.code, register.err) == (0, "")
    assert register.out.startswith("register: ")
    assert register.out.split(": ")[1].split()[1:] == ["unchanged"], register.out
    with unit_of_work(engine) as session:
        plan = get_plan(session, PLAN)
        reporting = read_reporting(REPORTING_FILE, plan=plan)
        for year in (2021, 2025):
            again = open_cycle(session, plan=plan, reporting=reporting, year=year, at=A_WORKING_DAY)
            assert set(again) <= {"unchanged"}
    assert rows(engine) == before
    engine.dispose()


@pytest.fixture(scope="module")
def registered(databases: Databases) -> Iterator[str]:
    """Return a database with the register and no plan."""
    with databases.empty() as url:
        engine = make_engine(url)
        migrate(engine, purpose="sandbox", at=A_WORKING_DAY)
        with unit_of_work(engine) as session:
            load_register(session, folder=REFERENCE / "register", at=A_WORKING_DAY)
        engine.dispose()
        yield url


Change = Callable[[dict[str, Any]], None]


@contextmanager
def _file(folder: Path, change: Change) -> Iterator[Path]:
    document = copy.deepcopy(TRANSCRIPTION)
    change(document)
    file = folder / "plan.json"
    file.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    yield file


def _unknown_unit(document: dict[str, Any]) -> None:
    item = next(item for item in document["items"] if item["code"] == "V.4.1")
    item["assignments"][0]["parties"] = ["unit:so-khong-co"]


def _unit_of_another_time(document: dict[str, Any]) -> None:
    document["roles"][0]["unit"] = "so-nnmt"


def _unknown_holder(document: dict[str, Any]) -> None:
    document["roles"][2]["unit"] = "vp-khac"


def _overlapping_phases(document: dict[str, Any]) -> None:
    document["phases"][1]["period"]["from"] = "2021-12-31"


def _overlapping_roles(document: dict[str, Any]) -> None:
    document["roles"][1]["from"] = "2025-02-28"


def _phase_beyond_the_plan(document: dict[str, Any]) -> None:
    document["phases"][1]["period"]["to"] = "2026-01-02"


def _empty_period(document: dict[str, Any]) -> None:
    document["roles"][0]["from"] = "2025-03-01"


def _unknown_group(document: dict[str, Any]) -> None:
    document["items"][0]["assignments"][0]["parties"] = ["group:khong-co"]


def _unknown_field(document: dict[str, Any]) -> None:
    document["number"] = "1/KH"


REFUSED: list[tuple[Change, str]] = [
    (
        _unknown_unit,
        "V.4.1 names the unknown unit so-khong-co (no such unit in [2021-01-01, 2026-01-01))",
    ),
    (
        _unit_of_another_time,
        "role focal_unit names the unknown unit so-nnmt (no such unit in […, 2025-03-01))",
    ),
    (
        _unknown_holder,
        "role peoples_committee_office names the unknown unit vp-khac (no such unit in […, …))",
    ),
    (
        _overlapping_phases,
        (
            "/: Value error, phases II.1 [2021-05-24, 2022-01-01) and "
            "II.2 [2021-12-31, 2026-01-01) overlap"
        ),
    ),
    (
        _overlapping_roles,
        (
            "/: Value error, role focal_unit: so-tttt […, 2025-03-01) and "
            "so-vhttdl [2025-02-28, …) overlap"
        ),
    ),
    (
        _phase_beyond_the_plan,
        (
            "/: Value error, II.2: period [2022-01-01, 2026-01-02) leaves the plan's "
            "[2021-01-01, 2026-01-01)"
        ),
    ),
    (
        _empty_period,
        "/: Value error, role focal_unit, so-tttt: period [2025-03-01, 2025-03-01) holds no day",
    ),
    (_unknown_group, "/: Value error, item III.1.a: group:khong-co is no group of this plan"),
    (_unknown_field, "number: Extra inputs are not permitted"),
]


BY_COMMAND = (_unknown_unit, _overlapping_phases, _overlapping_roles)


@pytest.mark.parametrize(("change", "reason"), REFUSED)
def test_a_wrong_plan_is_refused_with_its_reason_and_nothing_is_stored(
    registered: str, tmp_path: Path, change: Change, reason: str
) -> None:
    engine = make_engine(registered)
    before = rows(engine)
    message = f"The data file plan.json is refused: {reason}"
    with _file(tmp_path, change) as file:
        if change in BY_COMMAND:
            outcome = run_app(registered, "load-plan", file)
            assert outcome == Outcome(1, "", f"refused: {message}\n")
        else:
            with (
                pytest.raises(ReferenceDataRefused) as refusal,
                unit_of_work(engine) as session,
            ):
                load_plan(session, file=file, at=A_WORKING_DAY)
            assert str(refusal.value) == message
    assert rows(engine) == before
    engine.dispose()


def test_a_file_that_is_none_is_refused(registered: str, tmp_path: Path) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text('{"slug": ', encoding="utf-8")
    outcome = run_app(registered, "load-plan", broken)
    assert outcome.code == 1
    assert outcome.err.startswith("refused: The data file broken.json is refused: /: Invalid JSON")
    assert "Traceback" not in outcome.err
    engine = make_engine(registered)
    with (
        pytest.raises(ReferenceDataRefused, match=r"none\.json is refused: No such file"),
        unit_of_work(engine) as session,
    ):
        load_plan(session, file=tmp_path / "none.json", at=A_WORKING_DAY)
    engine.dispose()


def _another_text(document: dict[str, Any]) -> None:
    document["phases"][0]["themes"][2]["text"] += " Thêm."
    document["items"][0]["assignments"][0]["role"] = "coordinating"
    del document["recipients"][0]


def test_a_plan_that_is_loaded_never_changes(database_url: str, tmp_path: Path) -> None:
    engine = make_engine(database_url)
    before = rows(engine)
    offset = environment_of(database_url)["CLOCK_OFFSET"]
    with _file(tmp_path, _another_text) as file:
        outcome = run_app(database_url, "load-plan", file, CLOCK_OFFSET=offset)
    assert outcome == Outcome(
        1,
        "",
        f"refused: The data file plan.json is refused: {PLAN} is loaded already and differs at "
        "/items/0/assignments/0/role, /phases/0/themes/2/text, /recipients\n",
    )
    assert rows(engine) == before
    with unit_of_work(engine, write=False) as session:
        assert get_plan(session, PLAN).document == TRANSCRIPTION
    engine.dispose()


def test_a_year_outside_the_plan_opens_no_cycle(database_url: str) -> None:
    offset = environment_of(database_url)["CLOCK_OFFSET"]
    engine = make_engine(database_url)
    before = rows(engine)
    outcome = run_app(database_url, "open-cycle", "2026", CLOCK_OFFSET=offset)
    assert outcome == Outcome(
        1, "", f"refused: The plan {PLAN} runs [2021-01-01, 2026-01-01); it has no cycle 2026.\n"
    )
    assert rows(engine) == before
    engine.dispose()


def test_a_database_that_was_never_migrated_is_refused_in_words(empty_url: str) -> None:
    outcome = run_app(empty_url, "load-plan")
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err.startswith("refused: the database is at migration none, this version needs")
    assert outcome.err.endswith("run `python -m app migrate`\n")
