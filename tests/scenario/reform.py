"""2025, in which departments, the station and the districts end, and 2021 loaded in 2026."""

from typing import Final

from tests.scenario.by_districts import NIL
from tests.scenario.deeds import BODIES, Paper
from tests.scenario.stage import ACTIVITIES, Stage
from tests.scenario.units import UNITS
from tests.support.makers import PLAN
from tests.support.problems import refused

BEFORE: Final = "so-tttt"
FOCAL: Final = "so-vhttdl"  # from 1/3/2025
OFFICE: Final = "vp-ubnd"
OLD_PAPER: Final = Paper("2120/CV-ĐẾN", "2021-11-27")  # Sở Tài chính's report of 2021


def play_departments(stage: Stage) -> None:
    """Two departments end on 1/3: one has closed by itself, the other's steward closes."""
    stage.at("2025-02-28 16:00")
    stage.did(BEFORE, "tt-25-1")
    planning = stage.report("so-khdt", 2025, "kh-25-1", data_to="2025-02-28")
    stage.restart()
    stage.at("2025-03-10 09:00")
    refused(stage.key(BEFORE).post("/v1/submissions", _of_2025(BEFORE)), 403, "steward_files")
    stage.accept(FOCAL, planning)
    place = stage.draft(FOCAL, 2025, of=BEFORE)
    receipt = stage.send(FOCAL, place, data_to="2025-02-28")
    assert (receipt["filed_as"], receipt["filed_by"]) == ("steward", UNITS[FOCAL])
    assert (receipt["closing"], receipt["timeliness"]) == (True, "on_time")
    refused(stage.key(FOCAL).post(f"{place}/accept"), 403, "not_reviewer")
    stage.at("2025-03-14 09:00")
    stage.accept(OFFICE, place)


def play_station(stage: Stage) -> None:
    """The radio-TV station ended on 19/5; the newspaper closes for it."""
    stage.at("2025-05-12 09:00")
    stage.did("dai-ptth", "dai-25-1")
    stage.at("2025-06-10 09:00")
    place = stage.report("bao-quang-ngai", 2025, of="dai-ptth", data_to="2025-05-18")
    stage.accept(FOCAL, place)


def play_districts(stage: Stage) -> None:
    """The districts end on 1/7; code 21238 is Sông Vệ up to the day before, then Vệ Giang."""
    stage.at("2025-06-30 20:00")
    stage.did("song-ve", "sv-25-1", "sv-25-2", "sv-25-3")
    stage.did("so-tai-chinh", "tc-25-1")
    stage.did("ly-son", "ls-25-1")
    stage.at("2025-06-30 23:00")
    closed = stage.report("binh-son", 2025, "bs-25-1", "bs-25-2", data_to="2025-06-30")
    stage.restart()
    stage.at("2025-07-01 08:00")
    posted = stage.key("ve-giang").post(ACTIVITIES, BODIES["vg-25-1"]).json()
    assert posted["unit"] == UNITS["ve-giang"]
    refused(stage.key("song-ve").post(ACTIVITIES, BODIES["vg-25-1"]), 403, "unit_not_yours")
    stage.did("xa-tu-nghia", "xtn-25-1")
    stage.at("2025-07-20 09:00")
    stage.did("ve-giang", "vg-25-2")
    stage.accept(FOCAL, closed)
    refused(
        stage.key("tu-nghia").post("/v1/submissions", _of_2025("tu-nghia")), 403, "steward_files"
    )
    place = stage.report("xa-tu-nghia", 2025, "tn-25-1", of="tu-nghia", data_to="2025-06-30")
    late = stage.draft("dac-khu-ly-son", 2025, of="ly-son")
    stage.at("2025-08-01 00:00:00.000000")
    receipt = stage.send("dac-khu-ly-son", late, data_to="2025-06-30")
    assert (receipt["timeliness"], receipt["filed_as"]) == ("late", "steward")
    stage.at("2025-08-04 09:00")
    stage.accept(FOCAL, place, late)


def play_end_of_2025(stage: Stage) -> None:
    """What is there reports by the deadline; Vệ Giang supplements."""
    stage.at("2025-11-20 09:00")
    to = "2025-11-15"
    ve_giang = stage.report("ve-giang", 2025, data_to=to)
    reports = [
        stage.report("xa-binh-son", 2025, data_to=to, **NIL),
        stage.report("xa-tu-nghia", 2025, data_to=to),
        stage.report("dac-khu-ly-son", 2025, "dls-25-1", data_to=to),
        stage.report("so-gddt", 2025, "gd-25-1", data_to=to),
        stage.report("so-tai-chinh", 2025, data_to=to),
        stage.report(OFFICE, 2025, "vp-25-1", data_to=to),
    ]
    own = stage.report(FOCAL, 2025, "vh-25-1", data_to=to)
    stage.at("2025-11-28 09:00")
    stage.accept(FOCAL, ve_giang, *reports)
    stage.accept(OFFICE, own)
    stage.at("2025-12-05 09:00")
    stage.consolidate(FOCAL, 2025)
    stage.at("2026-01-06 09:00")
    stage.did("ve-giang", "vg-25-3")
    stage.further("ve-giang", ve_giang, "supplement", data_to="2025-12-31")
    stage.at("2026-01-09 09:00")
    stage.accept(FOCAL, ve_giang)
    stage.at("2026-01-20 09:00")
    stage.consolidate(FOCAL, 2025, by_worker=True)


def play_late_loading(stage: Stage) -> None:
    """In 2026 the focal unit loads what Sở Tài chính had sent on paper in 2021."""
    stage.restart()
    stage.at("2026-03-02 09:00")
    stage.did(FOCAL, "tc-21-1", paper=OLD_PAPER)
    place = stage.draft(FOCAL, 2021, of="so-tai-chinh", paper=OLD_PAPER)
    receipt = stage.send(FOCAL, place, data_to="2021-11-20", document_on="2021-11-25")
    assert receipt["timeliness"] == "by_document"
    assert receipt["standing"]["incoming_on"] == OLD_PAPER.day
    assert receipt["standing"]["late_by"] == "PT0S"
    stage.accept(FOCAL, place)
    stage.consolidate(FOCAL, 2021)


def _of_2025(name: str) -> dict[str, object]:
    return {"plan": PLAN, "year": 2025, "unit": UNITS[name]}
