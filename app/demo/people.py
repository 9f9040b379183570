"""Who plays: the reporting bodies of 2021 from the shipped register, and their keys."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Final

from sqlmodel import Session

from app.demo.directory import FACTS, LANGUAGES, Facts
from app.domain.access.service import create_key
from app.domain.principal import Scope
from app.domain.units.models import TERRITORY_LEVELS
from app.domain.units.register import BODY, RegisterUnit, read_register
from app.setup import REGISTER

PROVINCE: Final = "51"
ON: Final = date(2021, 11, 24)
FOCAL: Final = "so-tttt"
COMMITTEE_OFFICE: Final = "vp-ubnd"
PARTY_BODY: Final = "ban-tuyen-giao"

NEVER: Final = frozenset({"536", "so-ngoai-vu", "cong-ttdt"})
"""Who posts all year and never submits: two that are ordered to, and one that is not."""
LATE: Final = "531"
NIL: Final = PARTY_BODY
"""Who submits that it has nothing to report."""

PORTAL: Final = (Scope.WRITE_ACTIVITIES, Scope.DRAFT_SUBMISSIONS)
OFFICER: Final = (Scope.SUBMIT_SUBMISSIONS,)
CONSOLIDATOR: Final = (
    Scope.READ_REFERENCE,
    Scope.READ_SUBMISSIONS,
    Scope.REVIEW_SUBMISSIONS,
    Scope.READ_CONSOLIDATED,
    Scope.REQUEST_CONSOLIDATED,
)
REVIEWER: Final = (Scope.READ_SUBMISSIONS, Scope.REVIEW_SUBMISSIONS)


@dataclass(frozen=True)
class Place:
    """A commune-level unit of a district."""

    code: str
    name: str
    urban: bool


@dataclass(frozen=True)
class Reporter:
    """A body that reports. A district also posts for its communes, where it has any."""

    key: str
    code: str
    name: str
    kind: str
    facts: Facts
    communes: tuple[Place, ...]

    @property
    def district(self) -> bool:
        """Whether it is of the district level."""
        return self.kind in TERRITORY_LEVELS

    @property
    def reference(self) -> str:
        """The unit as its portal names it: a district by its code, a provincial body by its key."""
        return self.code if self.district else self.key

    @property
    def language(self) -> str | None:
        """The minority language of its loudspeakers, if any."""
        return LANGUAGES.get(self.code)

    @property
    def ordered(self) -> bool:
        """Whether the plan orders it to report."""
        return self.district or self.kind in ("department", "office")


@dataclass(frozen=True)
class Secrets:
    """The keys of the demo, by the unit's code. They are in memory only."""

    portals: Mapping[str, str]
    officers: Mapping[str, str]
    consolidator: str
    reviewer: str


@cache
def reporters() -> tuple[Reporter, ...]:
    """Return the 38 reporting bodies of 2021: 13 districts, 20 departments and offices, others."""
    units = [unit for unit in read_register(REGISTER).units.values() if ON in unit.period]
    return tuple(
        Reporter(
            key=unit.key,
            code=unit.code,
            name=unit.name,
            kind=unit.kind,
            facts=FACTS[unit.code],
            communes=tuple(_places(units, unit.code)),
        )
        for unit in units
        if unit.parent_code == PROVINCE
    )


def _places(units: Iterable[RegisterUnit], district: str) -> Iterable[Place]:
    for unit in units:
        if unit.parent_code == district and unit.scheme != BODY:
            if TERRITORY_LEVELS[unit.kind] != "commune":
                raise ValueError(f"{unit.name} is no commune")
            yield Place(unit.code, lowered(unit.name), urban=unit.kind in ("ward", "township"))


def lowered(name: str) -> str:
    """Return a place's name as it stands inside a sentence: "huyện Ba Tơ"."""
    kinds = ("Thành phố", "Thị xã", "Thị trấn", "Huyện", "Phường", "Xã")
    return name[0].lower() + name[1:] if name.startswith(kinds) else name


def make_keys(session: Session, *, at: datetime) -> Secrets:
    """Make a portal's and an officer's key for every body, and the two of the review."""

    def key(unit: str, scopes: Iterable[Scope], label: str) -> str:
        expires_at = at + timedelta(days=90)
        _, secret = create_key(
            session, unit=unit, scopes=scopes, label=label, at=at, expires_at=expires_at
        )
        return secret

    keys = {one.code: one.key for one in reporters()}
    return Secrets(
        portals={code: key(unit, PORTAL, "demo: portal") for code, unit in keys.items()},
        officers={code: key(unit, OFFICER, "demo: officer") for code, unit in keys.items()},
        consolidator=key(keys[FOCAL], CONSOLIDATOR, "demo: focal unit"),
        reviewer=key(keys[COMMITTEE_OFFICE], REVIEWER, "demo: committee's office"),
    )
