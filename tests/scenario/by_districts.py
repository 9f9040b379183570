"""2021 to 2024: the years of the districts."""

from typing import Any, Final

from tests.scenario.deeds import Paper
from tests.scenario.stage import ACTIVITIES, Stage, measures
from tests.support.makers import PLAN
from tests.support.problems import refused

FOCAL: Final = "so-tttt"
OFFICE: Final = "vp-ubnd"
PAPER: Final = Paper("2114/CV-ĐẾN", "2021-11-26")  # Trà Bồng's report
NIL: Final[dict[str, Any]] = {"nil": True, "nil_reason": "Không phát sinh hoạt động tuyên truyền."}


def play_autumn_of_2021(stage: Stage) -> dict[str, str]:
    """Play up to the deadline; return the reports that are not accepted yet, and Bình Sơn's."""
    stage.at("2021-11-15 10:00")
    education = stage.report("so-gddt", 2021, "gd-21-1", data_to="2021-11-14")
    stage.at("2021-11-17 08:00")
    record = stage.key("so-gddt").get(ACTIVITIES).json()["items"][0]["id"]
    comments = [
        {"text": "20 hội nghị trong một ngày?", "activity_report": record},
        {"text": "Nêu rõ kết quả.", "field": "/narrative/results"},
    ]
    returned = stage.key(FOCAL).post(f"{education}/return", {"comments": comments})
    assert returned.json()["review"] == "returned", returned.text
    stage.restart()
    _in_time_for_2021(stage)
    places = _on_the_last_evening_of_2021(stage)
    stage.at("2021-11-25 09:00")
    stage.amend("so-gddt", "gd-21-1", measures=measures("conferences", "2"))
    begun, again = stage.further("so-gddt", education, "revise", data_to="2021-11-24")
    assert [one["text"] for one in begun["comments"]] == [one["text"] for one in comments]
    assert (again["revision"], again["timeliness"]) == (2, "on_time")
    stage.at("2021-11-25 14:00")
    stage.accept(FOCAL, education)
    return places


def _in_time_for_2021(stage: Stage) -> None:
    stage.at("2021-11-22 09:00")
    reports = [
        stage.report("binh-son", 2021, "bs-21-1", "bs-21-2", "co-21-1", data_to="2021-11-20"),
        stage.report("vp-ubnd", 2021, "vp-21-1", data_to="2021-11-20"),
        stage.report("thanh-tra", 2021, data_to="2021-11-20", **NIL),
    ]
    own = stage.report(FOCAL, 2021, "tt-21-1", "tt-21-2", data_to="2021-11-20")
    stage.at("2021-11-23 09:00")
    refused(stage.key(FOCAL).post(f"{own}/accept"), 403, "not_reviewer")
    stage.accept(OFFICE, own)
    stage.accept(FOCAL, *reports)


def _on_the_last_evening_of_2021(stage: Stage) -> dict[str, str]:
    stage.at("2021-11-24 09:00")
    places = {
        "son-tinh": stage.report("son-tinh", 2021, "st-21-1", data_to="2021-11-23"),
        "so-vhttdl": stage.report("so-vhttdl", 2021, "vh-21-1", data_to="2021-11-23"),
    }
    stage.did("tu-nghia", "tn-21-1")
    stage.did("song-ve", "sv-21-1")
    stage.did("ly-son", "ls-21-1")
    stage.did("so-khdt", "kh-21-1")
    for name in ("tu-nghia", "ly-son", "so-khdt"):
        places[name] = stage.draft(name, 2021)
    (binh_son,) = stage.key("binh-son").get("/v1/submissions").json()["items"]
    return places | {"binh-son": f"/v1/submissions/{binh_son['id']}"}


def play_deadline_of_2021(stage: Stage, places: dict[str, str]) -> None:
    """Play the last instant on time, the first late one, an extension, and a paper."""
    row = f"/v1/reporting-cycles/{PLAN}.2021/roster/body-so-khdt/extend"
    longer = {"extended_to": "2021-12-10T00:00:00+07:00", "reason": "Đang kiểm tra số liệu."}
    assert stage.key(FOCAL).post(row, longer).status_code == 200
    for name, instant, timeliness, received_at in (
        ("tu-nghia", "2021-11-29 23:59:59.999999", "on_time", "2021-11-29T16:59:59.999999Z"),
        ("ly-son", "2021-11-30 00:00:00.000000", "late", "2021-11-29T17:00:00.000000Z"),
    ):
        stage.at(instant)
        receipt = stage.send(name, places[name], data_to="2021-11-28")
        assert (receipt["timeliness"], receipt["received_at"]) == (timeliness, received_at)
    stage.at("2021-12-01 09:00")
    stage.accept(FOCAL, places["tu-nghia"], places["ly-son"])
    too_many = {"comments": [{"text": "60 phút hay 6 phút?"}]}
    assert stage.key(FOCAL).post(f"{places['son-tinh']}/return", too_many).status_code == 200
    stage.at("2021-12-02 09:00")
    stage.did(FOCAL, "tb-21-1", paper=PAPER)
    entered = stage.draft(FOCAL, 2021, of="tra-bong", paper=PAPER)
    receipt = stage.send(FOCAL, entered, data_to="2021-11-20", document_on="2021-11-24")
    assert (receipt["timeliness"], receipt["filed_as"]) == ("by_document", "focal_unit")
    stage.accept(FOCAL, entered)
    stage.at("2021-12-05 16:00")
    receipt = stage.send("so-khdt", places["so-khdt"], data_to="2021-11-30")
    assert receipt["timeliness"] == "late_with_extension"
    stage.at("2021-12-06 08:00")
    stage.accept(FOCAL, places["so-khdt"])
    stage.at("2021-12-06 09:00")
    stage.consolidate(FOCAL, 2021, by_worker=True)


def play_winter_of_2021(stage: Stage, places: dict[str, str]) -> None:
    """Play what comes after the deadline: a late answer, a late review, a supplement."""
    stage.at("2021-12-10 09:00")
    stage.amend("son-tinh", "st-21-1", measures=measures("loudspeaker_minutes", "6"))
    stage.further("son-tinh", places["son-tinh"], "revise", data_to="2021-12-09")
    stage.at("2021-12-21 09:00")
    stage.did("binh-son", "bs-21-3")
    pending = stage.key("binh-son").get(places["binh-son"]).json()["not_yet_reported"]
    assert pending == {"added": 1, "changed": 0, "removed": 0}
    stage.restart()
    stage.at("2022-01-05 09:00")
    stage.accept(FOCAL, places["so-vhttdl"], places["son-tinh"])
    stage.at("2022-01-10 09:00")
    _, receipt = stage.further("binh-son", places["binh-son"], "supplement", data_to="2021-12-31")
    assert (receipt["kind"], receipt["supplement"]["timeliness"]) == ("supplement", "on_time")
    stage.at("2022-01-12 09:00")
    stage.accept(FOCAL, places["binh-son"])
    stage.at("2022-01-20 09:00")
    stage.consolidate(FOCAL, 2021)


def play_2022(stage: Stage) -> str:
    """Play a quiet year; return Bình Sơn's report."""
    stage.at("2022-11-21 09:00")
    binh_son = stage.report("binh-son", 2022, "bs-22-1", "bs-22-2", data_to="2022-11-15")
    stage.did("song-ve", "sv-22-1")
    others = [
        stage.report("tu-nghia", 2022, "tn-22-1", data_to="2022-11-15"),
        stage.report("ly-son", 2022, "ls-22-1", data_to="2022-11-15"),
        stage.report("so-gddt", 2022, "gd-22-1", data_to="2022-11-15"),
    ]
    own = stage.report(FOCAL, 2022, "tt-22-1", data_to="2022-11-15")
    stage.at("2022-11-25 09:00")
    stage.accept(FOCAL, binh_son, *others)
    stage.accept(OFFICE, own)
    stage.restart()
    stage.at("2023-01-17 09:00")
    stage.consolidate(FOCAL, 2022)
    return binh_son


def play_corrections_in_2023(stage: Stage, binh_son: str) -> None:
    """Play the correction of what was accepted and consolidated for 2022."""
    stage.at("2023-03-06 09:00")
    unit = stage.key("binh-son")
    amended = stage.amend("binh-son", "bs-22-1", measures=measures("posts", "13"))
    assert amended["revision"] == 2
    assert unit.get(binh_son).json()["not_yet_reported"]["changed"] == 1
    begun, receipt = stage.further(
        "binh-son", binh_son, "correct", data_to="2022-12-31", reason="Đếm sót 3 tin."
    )
    affected = [(one["year"], one["version"]) for one in begun["affected_reports"]]
    assert affected == [(2022, 1)], begun
    assert (receipt["review"], receipt["kind"]) == ("submitted", "correction")
    assert receipt["timeliness"] == "on_time"  # by the first receipt
    stage.restart()
    stage.at("2023-04-10 09:00")
    stage.accept(FOCAL, binh_son)
    stage.at("2023-04-15 09:00")
    stage.consolidate(FOCAL, 2022, by_worker=True)


def play_2023(stage: Stage) -> None:
    """Play a year in which a report is withdrawn before it is counted."""
    stage.at("2023-11-20 09:00")
    stage.did("nghia-my", "nm-23-1")
    stage.did("tu-nghia", "tn-23-1", "tn-23-2")
    stage.withdraw("tu-nghia", "tn-23-2")
    reports = [
        stage.report("binh-son", 2023, "bs-23-1", data_to="2023-11-15"),
        stage.report("tu-nghia", 2023, data_to="2023-11-15"),
        stage.report("so-gddt", 2023, "gd-23-1", data_to="2023-11-15"),
    ]
    own = stage.report(FOCAL, 2023, "tt-23-1", data_to="2023-11-15")
    stage.at("2023-11-27 09:00")
    stage.accept(FOCAL, *reports)
    stage.accept(OFFICE, own)
    stage.at("2024-01-20 09:00")
    stage.consolidate(FOCAL, 2023)


def play_2024(stage: Stage) -> None:
    """Play the year at whose end a commune of Tư Nghĩa ends."""
    stage.at("2024-11-20 09:00")
    tu_nghia = stage.report("tu-nghia", 2024, "tn-24-1", data_to="2024-11-15")
    reports = [
        stage.report("binh-son", 2024, "bs-24-1", data_to="2024-11-15"),
        stage.report("dai-ptth", 2024, "dai-24-1", data_to="2024-11-15"),
    ]
    own = stage.report(FOCAL, 2024, "tt-24-1", data_to="2024-11-15")
    stage.at("2024-11-26 09:00")
    stage.accept(FOCAL, tu_nghia, *reports)
    stage.accept(OFFICE, own)
    stage.at("2025-01-06 09:00")
    stage.did("nghia-my", "nm-24-1")  # the commune ended five days ago; its key writes on
    stage.further("tu-nghia", tu_nghia, "supplement", data_to="2024-12-31")
    stage.at("2025-01-08 09:00")
    stage.accept(FOCAL, tu_nghia)
    stage.at("2025-01-20 09:00")
    stage.consolidate(FOCAL, 2024)
