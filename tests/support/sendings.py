"""What a portal may send, in few variants, so that it often sends what is there already."""

from dataclasses import dataclass
from typing import Any, Final

from hypothesis import strategies as st

from tests.support.makers import BINH_SON, PLAN
from tests.support.model import NO_CHANNEL, REASON, Content, Match, Reports

SYSTEM: Final = "portal"
MEASURED: Final[tuple[tuple[str, list[dict[str, Any]]], ...]] = (
    ("III.1.b", []),
    ("III.1.b", [{"indicator": "posts", "value": "3"}]),
    (
        "III.1.b",
        [
            {"indicator": "posts", "value": "3"},
            {"indicator": "posts", "value": "1", "origin": "repost"},
            {"indicator": "followers", "value": "250"},
        ],
    ),
    ("III.1.c", [{"indicator": "loudspeaker_minutes", "value": "1.5"}]),
)
WHEN: Final[tuple[dict[str, Any], ...]] = (
    {"occurred_on": "2021-09-10"},
    {"occurred_on": "2021-10-01"},
    {"occurred_on": "2021-11-21"},
    {"occurred_on": "2021-09-10", "ended_on": "2021-11-21", "occurrences": 5},
)
MONEY: Final[tuple[dict[str, Any], ...]] = (
    {},
    {"expenditure": [{"source": "state_budget_district", "amount": 1_500_000}]},
    {
        "expenditure": [
            {"source": "state_budget_district", "amount": 2**53 - 1},
            {"source": "other_lawful", "amount": 0},
        ]
    },
)
SAYING: Final[tuple[dict[str, Any], ...]] = (
    {"title": "Đăng tin"},
    {"title": "Đăng tin", "description": "Dòng một.\nDòng hai."},
    {"title": "Phát thanh", "content_themes": ["II.1.3", "II.1.1"], "languages": ["vi", "hre"]},
    {"title": "Đăng tin", "integrated": True},
)


def _content(
    measured: tuple[str, list[dict[str, Any]]], *parts: dict[str, Any], channel: str = "facebook"
) -> Content:
    made: Content = {"plan": PLAN, "plan_item": measured[0], "channel": channel}
    if measured[1]:
        made["measures"] = measured[1]
    for part in parts:
        made |= part
    return made


NAMES = st.sampled_from(["a", "b", "c"])
CONTENTS = st.builds(_content, *map(st.sampled_from, (MEASURED, WHEN, MONEY, SAYING)))
PATCHES = st.sampled_from(
    [
        {"title": "Đăng tin"},
        {"title": " Phát thanh "},
        {"description": None},
        {"occurred_on": "2021-09-10"},
        {"expenditure": [{"source": "other_lawful", "amount": 7}]},
        {"integrated": True, "languages": ["hre"]},
        {"content_themes": None},
    ]
)
MATCHES = st.sampled_from(
    ["current"] * 8 + ["none", "before", "first", "after", "any", "weak", "several"]
)
KEYS = st.sampled_from([None] * 6 + ["k1", "k2", "k3", "k4"])
RARELY = st.sampled_from([False] * 5 + [True])
OFTEN = st.sampled_from([True] * 5 + [False])


@dataclass(frozen=True)
class SentRow:
    """A row of a bulk request, before it is known at which revision its report is."""

    name: str
    content: Content
    ahead: int | None  # what is expected: the current revision, one before, one after, or nothing
    with_reason: bool
    wrong: bool

    def of(self, model: Reports) -> dict[str, Any]:
        """Return the row without its natural key."""
        report = model.reports.get(self.name)
        row = self.content | ({"channel": NO_CHANNEL} if self.wrong else {})
        if self.ahead is not None:
            row["expected_revision"] = max(1, (report.number if report else 1) + self.ahead)
        if self.with_reason:
            row["reason"] = REASON
        return row


def _with_repeats(rows: list[SentRow], repeated: list[int]) -> list[SentRow]:
    return [*rows, *(rows[number % len(rows)] for number in repeated)]


ROWS = st.builds(
    _with_repeats,
    st.lists(
        st.builds(
            SentRow,
            NAMES,
            CONTENTS,
            st.sampled_from([None, None, 0, 0, 0, -1, 1]),
            OFTEN,
            st.sampled_from([False] * 7 + [True]),
        ),
        min_size=1,
        max_size=4,
    ),
    st.lists(st.integers(0, 3), max_size=2),
)


@dataclass(frozen=True)
class SentWithdrawal:
    """A row of a bulk withdrawal, likewise."""

    name: str
    ahead: int
    by_id: bool

    def of(self, model: Reports) -> dict[str, Any]:
        """Return the row."""
        report = model.reports.get(self.name)
        named: dict[str, Any] = {
            "unit": "524",
            "on": "2021-09-10",
            "source_system": SYSTEM,
            "external_id": self.name,
        }
        if self.by_id and report:
            named = {"id": report.report_id}
        number = max(1, (report.number if report else 1) + self.ahead)
        return named | {"expected_revision": number, "reason": REASON}


WITHDRAWALS = st.lists(
    st.builds(SentWithdrawal, NAMES, st.sampled_from([0, 0, 0, -1, 1]), st.booleans()),
    min_size=1,
    max_size=3,
)


def body_of(name: str, content: Content, *, respelt: bool) -> dict[str, Any]:
    """Return a content with its natural key; respelt it says the same in another way."""
    body = {"unit": "524", "source_system": SYSTEM, "external_id": name, **content}
    if not respelt:
        return body
    body = dict(reversed(body.items())) | {"unit": BINH_SON, "title": f" {content['title']} "}
    for field in ("content_themes", "languages", "expenditure"):
        if field in body:
            body[field] = body[field][::-1]
    if "measures" in body:
        body["measures"] = [
            row | {"value": f"0{row['value']}" + ("0" if "." in row["value"] else ".0")}
            for row in body["measures"][::-1]
        ]
    return {"integrated": False, "languages": ["vi"], "description": None, **body}


def match_of(which: str, number: int) -> Match:
    """Return an If-Match of a report that is at that revision."""
    named = {
        "current": {number},
        "before": {max(1, number - 1)},
        "first": {1},
        "after": {number + 1},
        "several": {1, number},
    }.get(which)
    if named is not None:
        return Match(", ".join(f'"{one}"' for one in sorted(named)), frozenset(named))
    if which == "any":
        return Match("*", anything=True)
    return Match(f'W/"{number}"' if which == "weak" else None)
