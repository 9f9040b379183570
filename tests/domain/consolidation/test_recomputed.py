"""The consolidated report against the raw activity reports, read back over HTTP and added up anew.

Nothing here comes from `app.domain.consolidation`: plain loops over what the API answers.
"""

import hashlib
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

from app.domain.period import LOCAL_TIME
from tests.support.api import A_WORKING_DAY, Api, Portal
from tests.support.makers import FOCAL_UNIT, OFFICE, PLAN, a_document, a_draft, an_activity
from tests.support.processes import running_worker, wait_until

Row = dict[str, Any]
Figures = dict[tuple[str, ...], Any]
Said = tuple[Row, Fraction]  # an activity, and the value it gives an indicator

SEED: Final = 20210523
BEFORE_DUE: Final = A_WORKING_DAY + timedelta(days=1)
AFTER_DUE: Final = datetime(2021, 11, 30, 8, 0, tzinfo=LOCAL_TIME)
REVIEW: Final = datetime(2021, 12, 1, 8, 0, tzinfo=LOCAL_TIME)
DATA_TO: Final = {  # who submits, and up to which day
    "gso-524": "2021-11-20",
    "gso-525": "2021-10-31",
    "gso-522": "2021-11-22",
    "gso-536": "2021-11-20",
    "body-so-vhttdl": "2021-11-15",
    "body-so-gddt": "2021-11-20",
    "body-bao-quang-ngai": "2021-11-20",
    FOCAL_UNIT: "2021-11-21",
    "body-so-y-te": "2021-11-20",
    "body-so-tu-phap": "2021-11-20",
}
LATE: Final = {"gso-522", "body-so-gddt"}
NOT_ACCEPTED: Final = {"body-so-y-te"}
NIL: Final = {"body-so-tu-phap"}
ONLY_DRAFTED: Final = "gso-527"
ONLY_POSTED: Final = "gso-531"
DIMENSIONS: Final = ("level", "channel", "format", "language", "month", "theme", "integrated")
OVERLAPPING: Final = {"language", "theme"}
ONE_DAY: Final[Row] = {"ended_on": ..., "occurrences": ...}  # no summary: neither is sent


@dataclass
class Year:
    """2021 as a few units play it: who has which key, and what may be said about what."""

    api: Api
    random: random.Random
    focal: Portal
    indicators: list[Row]
    portals: dict[str, Portal] = field(default_factory=dict)
    places: dict[str, list[str]] = field(default_factory=dict)

    def enter(self, unit: str) -> None:
        self.portals[unit] = self.api.portal(unit)
        self.places[unit] = [unit]
        if unit.startswith("gso-"):
            query = {"within": unit, "level": "commune", "on": "2021-06-01", "limit": 500}
            self.places[unit] += [row["key"] for row in listed(self.focal, "units", **query)]

    def post(self, unit: str, **changes: Any) -> None:
        body = an_activity(**{**self.some_activity(unit), **changes})
        answer = self.portals[unit].post("/v1/activity-reports", body)
        assert answer.status_code == 201, answer.text

    def some_activity(self, unit: str) -> Row:
        pick = self.random
        item = pick.choice(
            ["III.1.b"] * 5 + ["III.3"] * 3 + ["III.1.a", "III.1.c", "III.2", "V.5.2"]
        )
        fitting = [row for row in self.indicators if item in row["items"]]
        if item == "III.1.b":  # those that replace themselves over time, more often than others
            fitting += [row for row in fitting if row["over_time"] != "sum"] * 2
        day = date(2021, 1, 5) + timedelta(days=pick.randrange(320))
        body: Row = {
            # A unit posts for few places, so that their values meet.
            "unit": pick.choice(self.places[unit][:4]),
            "plan_item": item,
            "occurred_on": str(day),
            "channel": pick.choice(["facebook", "zalo", "electronic_board", "loudspeaker"]),
            "format": pick.choice([None, "news", "article", "video_clip"]),
            "content_themes": pick.sample(
                ["II.1.1", "II.1.2", "II.1.3", "II.2.1"], pick.randrange(4)
            ),
            "languages": pick.sample(["vi", "hre", "cua"], pick.randint(1, 3)),
            "integrated": pick.random() < 0.3,
            "measures": list(self._measures(fitting)),
            "expenditure": [
                {"source": source, "amount": pick.randrange(0, 9_000_000_000_000)}
                for source in ("state_budget_province", "state_budget_district", "other_lawful")
                if pick.random() < 0.25
            ],
        }
        if pick.random() < 0.25:
            last = min(day + timedelta(days=pick.randrange(60)), date(2021, 11, 22))
            body |= {"ended_on": str(last), "occurrences": pick.randint(2, 40)}
        return body

    def _measures(self, fitting: list[Row]) -> Iterator[Row]:
        codes = {row["code"]: row for row in self.random.choices(fitting, k=4)}
        for row in codes.values():
            for origin in ("original", "repost") if row["reposts"] else ("original",):
                if self.random.random() < 0.7:
                    value = Decimal(self.random.randrange(0, 5000)).scaleb(-row["decimals"])
                    yield {"indicator": row["code"], "value": str(value), "origin": origin}


def test_every_figure_is_what_the_raw_activity_reports_add_up_to(api: Api, tmp_path: Path) -> None:
    year = a_year(api)
    after_submitting(year)
    report = consolidated(year, api, tmp_path)
    raw = Raw.read(year)
    raw.must_be_worth_comparing()
    found, expected = figures_in(report), figures_from(raw)
    assert found.keys() - expected.keys() == set()
    assert expected.keys() - found.keys() == set()
    assert {key: (found[key], expected[key]) for key in found if found[key] != expected[key]} == {}


def a_year(api: Api) -> Year:
    focal = api.portal(FOCAL_UNIT)
    year = Year(
        api=api,
        random=random.Random(SEED),
        focal=focal,
        indicators=listed(focal, "indicators", plan=PLAN),
    )
    for unit in (*DATA_TO, ONLY_POSTED, ONLY_DRAFTED):
        year.enter(unit)
        if unit not in NIL:
            for _ in range(20):
                year.post(unit)
    # A unit whose whole figure is nought did say so.
    nought = [{"indicator": "works", "value": "0"}, {"indicator": "copies", "value": "0"}]
    year.post(
        "body-so-vhttdl", plan_item="III.4", occurred_on="2021-03-08", measures=nought, **ONE_DAY
    )
    for unit, data_to in DATA_TO.items():
        if unit in NIL:
            continue
        end = date.fromisoformat(data_to)
        # On the last day it counts, a day later not, nor does a summary that goes on beyond it.
        year.post(unit, occurred_on=data_to, **ONE_DAY)
        ended = min(end + timedelta(days=1), date(2021, 11, 22))
        year.post(unit, occurred_on=data_to, ended_on=str(ended), occurrences=3)
        if end < date(2021, 11, 22):
            day = str(end + timedelta(days=1))
            year.post(unit, occurred_on=day, **ONE_DAY)
    return year


def after_submitting(year: Year) -> None:
    """Have all submit, on time or late, and post more; have what can be accepted accepted."""
    submissions: dict[str, str] = {}
    for unit in sorted(DATA_TO, key=lambda unit: unit in LATE):
        year.api.set_clock(AFTER_DUE if unit in LATE else BEFORE_DUE)
        submissions[unit] = drafted(year, unit)
        document = a_document(data_to=DATA_TO[unit], document_number=f"{unit}/BC")
        if unit in NIL:
            document |= {"nil": True, "nil_reason": "Đơn vị không được giao hoạt động nào."}
        answer = year.portals[unit].post(f"/v1/submissions/{submissions[unit]}/submit", document)
        assert answer.status_code == 200, answer.text
        if unit not in NIL:
            year.post(unit, occurred_on="2021-05-05", **ONE_DAY)
    drafted(year, ONLY_DRAFTED)
    year.api.set_clock(REVIEW)
    office = year.api.portal(OFFICE)
    for unit, submission in submissions.items():
        if unit not in NOT_ACCEPTED:
            reviewer = office if unit == FOCAL_UNIT else year.focal
            answer = reviewer.post(f"/v1/submissions/{submission}/accept")
            assert answer.status_code == 200, answer.text


def drafted(year: Year, unit: str) -> str:
    body = a_draft(narrative={"results": f"Kết quả của {unit}."})
    answer = year.portals[unit].post("/v1/submissions", body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def consolidated(year: Year, api: Api, folder: Path) -> Row:
    asked = year.focal.post("/v1/consolidated-reports", {"plan": PLAN, "year": 2021})
    assert asked.status_code == 202, asked.text
    url = api.engine.url.render_as_string(hide_password=False)
    place = asked.headers["Location"]
    with running_worker(url, folder / "worker.log"):
        wait_until(lambda: year.focal.get(place).json()["state"] in ("succeeded", "failed"))
    state = year.focal.get(place).json()
    assert state["state"] == "succeeded", state
    pulled = year.focal.get(f"/v1/plans/{PLAN}/cycles/2021/consolidated-report")
    assert hashlib.sha256(pulled.content).hexdigest() == pulled.headers["X-Report-SHA256"]
    body: Row = pulled.json()
    return body


def listed(portal: Portal, path: str, **query: Any) -> list[Row]:
    rows: list[Row] = []
    cursor: dict[str, str] = {}
    while True:
        answer = portal.get(f"/v1/{path}", **query, **cursor)
        assert answer.status_code == 200, answer.text
        rows += answer.json()["items"]
        if answer.json()["next"] is None:
            return rows
        cursor = {"cursor": answer.json()["next"]}


@dataclass
class Raw:
    """What the API answers about the parts: activity, submissions, roster, units, indicators."""

    activities: list[Row]
    submissions: dict[str, Row]
    roster: list[Row]
    units: dict[str, Row]
    indicators: dict[str, Row]

    @classmethod
    def read(cls, year: Year) -> "Raw":
        activities = listed(year.focal, "activity-reports", plan=PLAN, limit=77)
        rows = listed(year.focal, "submissions", plan=PLAN, year=2021)
        units = {row["unit"] for row in activities}
        return cls(
            activities=activities,
            submissions={row["unit"]: row for row in rows},
            roster=listed(year.focal, f"reporting-cycles/{PLAN}.2021/roster", limit=10),
            units={
                key: year.focal.get(f"/v1/units/{key}", on="2021-06-01").json() for key in units
            },
            indicators={row["code"]: row for row in year.indicators},
        )

    def body_behind(self, activity: Row) -> str:
        unit = self.units[activity["unit"]]
        return str(unit["parent"] if unit["level"] == "commune" else unit["key"])

    def why_not(self, activity: Row) -> str | None:
        """Tell why an activity is not in the consolidated report, or None where it is."""
        submission = self.submissions.get(self.body_behind(activity))
        if submission is None:
            return "nothing submitted"
        if submission["review"] != "accepted":
            return "not accepted"
        if activity["received_at"] > submission["received_at"]:
            return "posted afterwards"
        if activity["ended_on"] > submission["data_to"]:
            return "after data_to"
        return None

    def counted(self) -> list[Row]:
        return [row for row in self.activities if self.why_not(row) is None]

    def must_be_worth_comparing(self) -> None:
        """A comparison of little would show little."""
        counted = self.counted()
        left_out = [self.why_not(row) for row in self.activities]
        assert len(counted) > 120
        assert {left_out.count(why) > 5 for why in left_out} == {True}
        assert {"nothing submitted", "not accepted", "posted afterwards", "after data_to"} <= set(
            left_out
        )
        assert any(
            row["ended_on"]
            > self.submissions[self.body_behind(row)]["data_to"]
            >= row["occurred_on"]
            for row in self.activities
            if self.why_not(row) == "after data_to"
        )
        assert any(len(row["languages"]) > 1 and len(row["content_themes"]) > 1 for row in counted)
        assert {len(row["content_themes"]) for row in counted} == {0, 1, 2, 3}
        assert {row["integrated"] for row in counted} == {True, False}
        assert {row["format"] for row in counted} >= {None, "news", "article"}
        assert any(row["occurrences"] > 1 for row in counted)
        said = [(row, measure) for row in counted for measure in row["measures"]]
        assert {m["origin"] for _, m in said} == {"original", "repost"}
        assert any("." in m["value"] for _, m in said)
        assert {self.units[row["unit"]]["level"] for row in counted} == {
            None,
            "district",
            "commune",
        }
        assert {m["value"] for _, m in said if m["indicator"] == "works"} == {"0"}
        for code in ("followers", "reach", "screens"):
            series = [(row["unit"], row["channel"]) for row, m in said if m["indicator"] == code]
            assert len(set(series)) > 3
            assert len(set(series)) < len(series)


@dataclass
class Shown:
    """The figures of a report, each under a name of its own."""

    figures: Figures = field(default_factory=dict)

    def put(self, value: Any, *name: str) -> None:
        assert name not in self.figures, f"twice in the report: {name}"
        self.figures[name] = value

    def put_with_units(self, row: Row, *name: str) -> None:
        self.put(row["value"] if "value" in row else row["counted"], *name)
        for part in row["units"]:
            self.put(part["value"], *name, part["unit"])

    def put_part(self, part: Row, *name: str) -> None:
        for row in part["counts"]:
            self.put((row["activities"], row["occurrences"]), *name, "counts", row["item"])
        for row in part["figures"]:
            self.put(row["value"], *name, "figure", row["item"], row["indicator"], row["origin"])
        for row in part.get("expenditure", ()):
            self.put(row["value"], *name, "money", row["item"], row["source"])

    def put_coverage(self, coverage: Row) -> None:
        for name in ("ordered", "others"):
            for rate, number in coverage[name].items():
                self.put(number, "coverage", name, rate)
        for row in coverage["roster"]:
            for name in ("review", "timeliness", "content", "received_at", "data_to", "sha256"):
                self.put(row[name], "roster", row["unit"], name)


def figures_in(report: Row) -> Figures:
    """Return every figure of a report."""
    shown = Shown()
    shown.put_part({"counts": report["counts"], "figures": []})
    for row in report["totals"]:
        shown.put_with_units(row, "total", row["item"], row["indicator"], row["origin"])
    for row in report["expenditure"]:
        shown.put_with_units(row, "money", row["item"], row["source"])
    for part in report["by_unit"]:
        shown.put_part(part, "unit", part["unit"])
    for name in DIMENSIONS:
        shown.put(report[f"by_{name}"]["overlapping"], name, "overlapping")
        for part in report[f"by_{name}"]["members"]:
            shown.put_part(part, name, part["member"])
    shown.put_coverage(report["coverage"])
    for row in report["missing"]:
        shown.put(row["basis"], "missing", row["unit"])
    for row in report["narratives"]:
        said = row["narrative"]["results"], row["nil_reason"]
        shown.put(said, "narrative", row["unit"])
    for row in report["manifest"]["inputs"]:
        shown.put((row["revision"], row["sha256"]), "input", row["unit"])
    return shown.figures


def figures_from(raw: Raw) -> Figures:
    """Return every figure that the raw rows stand for."""
    expected: Figures = {}
    for activity in raw.counted():
        add_counts(expected, raw, activity)
        add_money(expected, raw, activity)
    add_measures(expected, raw)
    expected |= {(name, "overlapping"): name in OVERLAPPING for name in DIMENSIONS}
    add_coverage(expected, raw)
    return expected


def places_of(raw: Raw, activity: Row, *, month: str) -> list[tuple[str, ...]]:
    """Return the parts of the report in which an activity shows, the whole of it among them."""
    return [
        (),
        ("unit", raw.body_behind(activity)),
        ("level", raw.units[activity["unit"]]["level"] or "provincial_body"),
        ("channel", activity["channel"]),
        ("month", month[:7]),
        ("format", "none" if activity["format"] is None else activity["format"]),
        ("integrated", {True: "yes", False: "no"}[activity["integrated"]]),
        *(("language", code) for code in activity["languages"]),
        *(("theme", code) for code in activity["content_themes"] or ["none"]),
    ]


def add_counts(expected: Figures, raw: Raw, activity: Row) -> None:
    for place in places_of(raw, activity, month=activity["occurred_on"]):
        key = (*place, "counts", activity["plan_item"])
        many, times = expected.get(key, (0, 0))
        expected[key] = (many + 1, times + activity["occurrences"])


def add_money(expected: Figures, raw: Raw, activity: Row) -> None:
    body = raw.body_behind(activity)
    for row in activity["expenditure"]:
        name = ("money", activity["plan_item"], row["source"])
        for key in (name, (*name, body), ("unit", body, *name)):
            expected[key] = str(int(expected.get(key, "0")) + row["amount"])


def add_measures(expected: Figures, raw: Raw) -> None:
    said: dict[tuple[str, str, str], list[Said]] = {}
    for activity in raw.counted():
        for measure in activity["measures"]:
            name = (activity["plan_item"], measure["indicator"], measure["origin"])
            said.setdefault(name, []).append((activity, Fraction(measure["value"])))
    for name, values in said.items():
        rules = raw.indicators[name[1]]
        if rules["over_units"] == "sum":
            add_measure(expected, raw, name, values, rules["over_time"])
            continue
        expected["total", *name] = None
        for unit in {activity["unit"] for activity, _ in values}:
            own = [pair for pair in values if pair[0]["unit"] == unit]
            expected["total", *name, unit] = text(together(own, rules["over_time"]))


def add_measure(
    expected: Figures, raw: Raw, name: tuple[str, ...], values: list[Said], over_time: str
) -> None:
    """Add an indicator that adds over units: in all parts, or in those where it has a meaning."""
    parts: dict[tuple[str, ...], list[Said]] = {}
    for activity, value in values:
        month = activity["occurred_on" if over_time == "sum" else "ended_on"]
        for place in places_of(raw, activity, month=month):
            parts.setdefault(place, []).append((activity, value))
    meaningless = () if over_time == "sum" else ("format", "language", "theme", "integrated")
    for place, own in parts.items():
        whole = text(together(own, over_time))
        if not place:
            expected["total", *name] = whole
        elif place[0] not in meaningless:
            expected[(*place, "figure", *name)] = whole
        if place[:1] == ("unit",):
            expected["total", *name, place[1]] = whole


def together(values: list[Said], over_time: str) -> Fraction:
    if over_time == "sum":
        return sum((value for _, value in values), Fraction(0))
    whole = Fraction(0)
    if over_time == "max":
        for unit in {activity["unit"] for activity, _ in values}:
            whole += max(value for activity, value in values if activity["unit"] == unit)
        return whole
    for series in {(activity["unit"], activity["channel"]) for activity, _ in values}:
        own = [pair for pair in values if (pair[0]["unit"], pair[0]["channel"]) == series]
        day = max(activity["ended_on"] for activity, _ in own)
        whole += max(value for activity, value in own if activity["ended_on"] == day)
    return whole


def text(value: Fraction) -> str:
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return f"{exact.normalize():f}" if exact else "0"


def add_coverage(expected: Figures, raw: Raw) -> None:
    rates = (
        *("required", "accepted", "in_review", "returned", "missing", "nil"),
        *("on_time", "late", "late_with_extension", "by_document"),
    )
    for name in ("ordered", "others"):
        for rate in rates:
            expected["coverage", name, rate] = 0
    for row in raw.roster:
        unit, group = row["unit"], "ordered" if row["basis"] == "ordered" else "others"
        submission = raw.submissions.get(unit)
        in_hand = submission is not None and submission["review"] != "draft"
        review = "missing"
        if submission and in_hand:
            state = str(submission["review"])
            review = "in_review" if state == "submitted" else state
        expected["roster", unit, "review"] = review
        expected["roster", unit, "timeliness"] = "late"  # it is December, and nothing came
        for name in ("content", "received_at", "data_to", "sha256"):
            expected["roster", unit, name] = submission[name] if submission and in_hand else None
        expected["coverage", group, "required"] += 1
        expected["coverage", group, review] += 1
        if not submission or not in_hand:
            expected["missing", unit] = row["basis"]
            continue
        timely = "on_time" if submission["received_at"] < row["due_at"] else "late"
        expected["roster", unit, "timeliness"] = timely
        expected["coverage", group, timely] += 1
        if review == "accepted":
            expected["coverage", group, "nil"] += submission["content"] == "nil"
            words = submission["narrative"]["results"], submission["nil_reason"]
            expected["narrative", unit] = words
            expected["input", unit] = submission["revision"], submission["sha256"]
