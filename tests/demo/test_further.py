"""Where `make serve` leads after the demo: to its data, unless there are data of one's own."""

import stat
from datetime import timedelta
from pathlib import Path

import pytest

from app.demo import further
from app.demo.stage import Stage
from app.demo.stopping import Stop
from app.settings import SETTINGS_FILE, load_settings


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    monkeypatch.chdir(tmp_path)
    for name in ("DATABASE_URL", "CLOCK_OFFSET"):
        monkeypatch.delenv(name, raising=False)
    made = Stage(folder=Path("var/demo"), database_url=None, stop=Stop())
    made.offset = timedelta(days=-1824, seconds=5)
    return made


def test_a_settings_file_leads_to_the_demos_data(stage: Stage) -> None:
    found = further.lead_to(stage)
    assert found.serve == "make serve"
    settings = load_settings()
    assert settings.database_url == "sqlite:///var/demo/baocao.sqlite3"
    assert settings.clock_offset == stage.offset
    assert stat.S_IMODE(SETTINGS_FILE.stat().st_mode) == 0o600


def test_the_next_demo_removes_it_first(stage: Stage) -> None:
    further.lead_to(stage)
    further.forget()
    assert not SETTINGS_FILE.exists()


def test_a_database_of_ones_own_is_not_hidden(stage: Stage) -> None:
    own = Path("var/baocao.sqlite3")
    own.parent.mkdir()
    own.touch()
    found = further.lead_to(stage)
    assert not SETTINGS_FILE.exists()
    front = f"DATABASE_URL=sqlite:///var/demo/baocao.sqlite3 CLOCK_OFFSET={stage.clock_offset} "
    assert found.serve == f"{front}make serve"
    assert found.key.startswith(f"KEY=$({front}.venv/bin/python -m app keys create ")


def test_a_database_url_in_the_environment_wins(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "sqlite:///elsewhere.sqlite3")
    assert further.lead_to(stage).settings_file is None
    assert not SETTINGS_FILE.exists()


def test_settings_of_ones_own_stay_as_they_are(stage: Stage) -> None:
    SETTINGS_FILE.parent.mkdir()
    SETTINGS_FILE.write_text("LOG_LEVEL=DEBUG\n")
    further.forget()
    assert further.lead_to(stage).settings_file is None
    assert SETTINGS_FILE.read_text() == "LOG_LEVEL=DEBUG\n"


def test_the_demos_processes_take_no_setting_from_the_environment(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("database_url", "sqlite:///elsewhere.sqlite3")
    monkeypatch.setenv("Rate_Limit", "1/day")
    environment = stage._environment()
    named = {name.lower(): value for name, value in environment.items()}
    assert named["database_url"] == "sqlite:///var/demo/baocao.sqlite3"
    assert named["rate_limit"] != "1/day"
