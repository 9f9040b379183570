"""Made-up activity reports of 2021: the same every time, as a portal would send them."""

import hashlib
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from random import Random
from typing import Any, Final

from app.demo import words
from app.demo.directory import LANGUAGE_NAMES
from app.demo.kinds import Kind, Much
from app.demo.kinds_of_bodies import DEPARTMENT, EXTRA
from app.demo.kinds_of_communes import COMMUNE
from app.demo.kinds_of_districts import DISTRICT
from app.demo.kinds_of_media import ARTISTS, NEWSPAPER, STATION, WEB_PORTAL
from app.demo.people import NIL, Place, Reporter, reporters
from app.setup import PLAN

Body = dict[str, Any]

SEED: Final = 2021
FIRST, LAST = date(2021, 5, 24), date(2021, 11, 23)
BEFORE_PHASE: Final = date(2021, 3, 1)
WEEKEND: Final = (5, 6)
HOLIDAYS: Final = (date(2021, 4, 21), date(2021, 4, 30), date(2021, 9, 2), date(2021, 9, 3))
PER_DISTRICT, PER_COMMUNE, PER_DEPARTMENT = 37, 5, 24
_OTHERS: Final = {
    "bao-quang-ngai": (NEWSPAPER, 58),
    "dai-ptth": (STATION, 58),
    "cong-ttdt": (WEB_PORTAL, 24),
    "hoi-vhnt": (ARTISTS, 14),
    NIL: ((), 0),
}
_BONUS: Final = {"so-tttt": 12, "so-vhttdl": 8}


@cache
def activities() -> dict[str, list[Body]]:
    """Return what each body's portal posts in 2021, by the body's code, in the order of days."""
    return {one.code: _Portal(one).bodies() for one in reporters()}


class _Portal:
    """Makes up what one portal posts. Each has random numbers of its own."""

    def __init__(self, reporter: Reporter) -> None:
        self.reporter = reporter
        self.random = Random(f"{SEED}/{reporter.code}")  # noqa: S311 - nothing secret
        self.followers = self.random.randint(1500, 24000)

    def bodies(self) -> list[Body]:
        """Return the bodies, numbered in the order of their days."""
        made = sorted(self._made(), key=lambda body: str(body["occurred_on"]))
        host = f"{self.reporter.facts.host}.quangngai.gov.vn"
        return [
            {**body, "source_system": host, "external_id": f"2021-{number:04}"}
            for number, body in enumerate(made, start=1)
        ]

    def _made(self) -> Iterator[Body]:
        kinds, count = _repertoire(self.reporter)
        yield from (self._body(kind, None) for kind in kinds if kind.once)
        often = [kind for kind in kinds if not kind.once]
        for kind in self._choices(often, count - len(kinds) + len(often)):
            yield self._body(kind, None)
        for place in self.reporter.communes:
            for kind in self._choices(COMMUNE, PER_COMMUNE):
                yield self._body(kind, place)

    def _choices(self, kinds: list[Kind] | tuple[Kind, ...], count: int) -> list[Kind]:
        if not kinds:
            return []
        return self.random.choices(kinds, weights=[kind.weight for kind in kinds], k=count)

    def _body(self, kind: Kind, place: Place | None) -> Body:
        title = self.random.choice(kind.titles)
        day, last, told = self._when(kind, title)
        theme, subject = words.subject(kind, title, self.reporter, self.random)
        times = self.random.randint(*kind.times)
        languages = self._languages(kind)
        told |= words.of(self.reporter, place, subject, self.random)
        body: Body = {
            "unit": place.code if place else self.reporter.reference,
            "plan": PLAN,
            "plan_item": kind.item,
            "content_themes": theme,
            "occurred_on": day.isoformat(),
            "channel": kind.channel,
            "format": kind.format,
            "title": words.capital(title.format(**told)) + _spoken_in(kind, languages),
            "languages": languages,
            "integrated": kind.integrated,
            "measures": list(self._measures(kind, times, day)),
            "expenditure": self._expenditure(kind, place),
            "participants": self._partners(kind),
            "evidence": self._evidence(kind, day),
        }
        if last is not None:
            body |= {"ended_on": last.isoformat(), "occurrences": times}
        if kind.description is not None and self._chance(0.5):
            body["description"] = kind.description
        return body

    def _when(self, kind: Kind, title: str) -> tuple[date, date | None, dict[str, str]]:
        """Return the first day, of a summary the last, and the words that say so."""
        if "{commemoration}" in title:
            feast, name = words.commemoration(self.random)
            day = _working(feast - timedelta(days=self.random.randint(4, 17)))
            return day, None, {"commemoration": name}
        day = self._day(kind)
        month = {"month": f"{day.month}/2021"}
        if kind.days is None:
            return day, None, month
        last = min(day + timedelta(days=self.random.randint(*kind.days)), LAST)
        return day, last, {**month, "days": words.days(day, last)}

    def _day(self, kind: Kind) -> date:
        if kind.once:
            return _working(date(2021, 6, 14) + timedelta(days=self.random.randint(0, 40)))
        if self._chance(0.01):  # some work came before the themes' phase
            return _working(BEFORE_PHASE + timedelta(days=self.random.randint(0, 70)))
        latest = LAST - timedelta(days=5 if kind.days else 1)
        return _working(FIRST + timedelta(days=self.random.randint(0, (latest - FIRST).days)))

    def _languages(self, kind: Kind) -> list[str]:
        if kind.languages:
            return list(kind.languages)
        own = self.reporter.language
        if own is None or not kind.spoken or self._chance(0.5):
            return ["vi"]
        return self.random.choice([["vi", own], [own]])

    def _measures(self, kind: Kind, times: int, day: date) -> Iterator[dict[str, str]]:
        for much in kind.much:
            amount = self._amount(much, times, day)
            if not amount:
                continue
            half = ".5" if much.indicator.endswith("minutes") and self._chance(0.2) else ""
            origin = "repost" if kind.relayed else "original"
            yield {"indicator": much.indicator, "value": f"{amount}{half}", "origin": origin}
            if self._chance(much.reposts):
                again = self.random.randint(1, max(1, amount * 2 // 3))
                yield {"indicator": much.indicator, "value": str(again), "origin": "repost"}

    def _amount(self, much: Much, times: int, day: date) -> int:
        if much.indicator == "followers":  # grows over the year: the latest one stands
            return self.followers + (day - BEFORE_PHASE).days * 9
        if much.each:
            return sum(self.random.randint(much.low, much.high) for _ in range(times))
        return self.random.randint(much.low, much.high)

    def _expenditure(self, kind: Kind, place: Place | None) -> list[dict[str, Any]]:
        if not self._chance(kind.paid):
            return []
        amount = self.random.randint(kind.cost[0] // 50, kind.cost[1] // 50) * 50_000
        level = "commune" if place else "district" if self.reporter.district else "province"
        spent = [{"source": f"state_budget_{level}", "amount": amount}]
        if self._chance(0.12):  # somebody gave something besides
            spent.append({"source": "other_lawful", "amount": amount // 4 // 50_000 * 50_000})
        return [row for row in spent if row["amount"]]

    def _partners(self, kind: Kind) -> list[str]:
        others = [key for key in kind.partners if key != self.reporter.key]
        return others if self._chance(0.6) else []

    def _evidence(self, kind: Kind, day: date) -> list[dict[str, str]]:
        if not self._chance(kind.linked):
            return []
        page = f"{day:%Y/%m}/tuyen-truyen-{self.random.randint(10_000, 99_999)}.html"
        link = {"url": f"https://{self.reporter.facts.host}.quangngai.gov.vn/tin-tuc/{page}"}
        if self._chance(0.2):
            link["sha256"] = hashlib.sha256(page.encode()).hexdigest()
        return [link]

    def _chance(self, likelihood: float) -> bool:
        return self.random.random() < likelihood


def _repertoire(reporter: Reporter) -> tuple[tuple[Kind, ...], int]:
    """Return what kinds of activity a body does, and how many it reports itself."""
    if reporter.code in _OTHERS:
        return _OTHERS[reporter.code]
    if reporter.district:
        return DISTRICT, PER_DISTRICT
    kinds = DEPARTMENT + EXTRA.get(reporter.code, ())
    return kinds, PER_DEPARTMENT + _BONUS.get(reporter.code, 0)


def _spoken_in(kind: Kind, languages: list[str]) -> str:
    named = [LANGUAGE_NAMES.get(code, "tiếng Việt") for code in languages]
    return "" if languages == ["vi"] or kind.languages else f" ({' và '.join(named)})"


def _working(day: date) -> date:
    """Return the day, or the first working day after it."""
    while day.weekday() in WEEKEND or day in HOLIDAYS:
        day += timedelta(days=1)
    return day
