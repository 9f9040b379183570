"""Reports that are built from made-up activity of some units, in any of the plan's years."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from typing import Any, Final, Literal

from hypothesis import strategies as st

from app.domain.consolidation.arithmetic import ActivityFact, MeasureFact, OverTime, Rollup, fold
from app.domain.consolidation.build import Contribution, Hashes, Inputs, build, units_of
from app.domain.consolidation.gaps import Asked
from app.domain.consolidation.hierarchy_view import Placement, UnitHead
from app.domain.consolidation.joint import Joined
from app.domain.consolidation.report import NarrativeSection
from app.domain.consolidation.report_figures import IndicatorHead, JointReport
from app.domain.consolidation.report_heads import CycleHead, PlanHead, RosterLine
from app.domain.consolidation.rollup_json import to_json
from app.domain.period import Period
from app.domain.submissions.narrative import Narrative
from app.domain.units.hierarchy import Hierarchy, KnownUnit, Parentage, Placed, Succession

Row = dict[str, Any]
ITEMS: Final = ("III.1.b", "III.2", "III.3")
OVER_TIME: Final[dict[str, OverTime]] = {
    "posts": "sum",
    "minutes": "sum",
    "followers": "latest",
    "screens": "max",
    "reach": "max",
}
DECIMALS: Final = {"minutes": 1}
NOT_OVER_UNITS: Final = {"reach"}
REFORM: Final = date(2025, 7, 1)
# Two districts with their communes until the reform, a department until 2023; what came of them.
PERIODS: Final = {
    "gso-51": Period(),
    "gso-1": Period(None, REFORM),
    "gso-11": Period(None, REFORM),
    "gso-12": Period(None, REFORM),
    "gso-2": Period(None, REFORM),
    "gso-21": Period(None, REFORM),
    "gso-101": Period(REFORM, None),  # was 11 and 12
    "gso-102": Period(REFORM, None),  # has a part of 21
    "gso-103": Period(REFORM, None),  # has the other
    "body-3": Period(None, date(2023, 3, 1)),
    "body-4": Period(date(2023, 3, 1), None),  # was body-3
}
ABOVE: Final = {
    "gso-1": "gso-51",
    "gso-11": "gso-1",
    "gso-12": "gso-1",
    "gso-2": "gso-51",
    "gso-21": "gso-2",
    "gso-101": "gso-51",
    "gso-102": "gso-51",
    "gso-103": "gso-51",
}
# Who hands in for whom.
WITHIN: Final = {
    "gso-1": ("gso-1", "gso-11", "gso-12"),
    "gso-2": ("gso-2", "gso-21"),
    "gso-101": ("gso-101",),
    "gso-102": ("gso-102",),
    "body-3": ("body-3",),
    "body-4": ("body-4",),
}
LEVELS: Final = {
    key: "province" if key == "gso-51" else "district" if key in ("gso-1", "gso-2") else "commune"
    for key in ABOVE.keys() | {"gso-51"}
}
HIERARCHY: Final = Hierarchy(
    units=[KnownUnit(key, period, LEVELS.get(key)) for key, period in PERIODS.items()],
    parentages=[
        Parentage(unit, parent, PERIODS[unit].intersect(PERIODS[parent]) or PERIODS[unit])
        for unit, parent in ABOVE.items()
    ],
    successions=[
        Succession("gso-11", "gso-101", REFORM, "whole"),
        Succession("gso-12", "gso-101", REFORM, "whole"),
        Succession("gso-21", "gso-102", REFORM, "part"),
        Succession("gso-21", "gso-103", REFORM, "part"),
        Succession("body-3", "body-4", date(2023, 3, 1), "whole"),
    ],
)
HEADS: Final = [
    IndicatorHead(
        code=code,
        name_vi=code,
        unit_vi=code,
        decimals=DECIMALS.get(code, 0),
        over_time=rule,
        over_units="none" if code in NOT_OVER_UNITS else "sum",
    )
    for code, rule in OVER_TIME.items()
]


@dataclass(frozen=True)
class Year:
    """What was handed in for a year, by unit; which of it is joined; who else is on the roster.

    `joined` are groups of places in the submissions: the unit, and which of its activities.
    """

    year: int
    handed_in: Mapping[str, Sequence[ActivityFact]]
    joined: Sequence[Sequence[tuple[str, int]]] = ()
    silent: Sequence[str] = ()
    revision: int = 1

    def report(self) -> Row:
        """Return the report's JSON."""
        return build(self.inputs()).model_dump(mode="json", by_alias=True)

    def rollup(self, unit: str) -> Rollup:
        """Return what a submission adds up to."""
        return fold(self.handed_in.get(unit, ()), OVER_TIME)

    def inputs(self) -> Inputs:
        """Return what the report is built from."""
        contributions = [self._contribution(unit) for unit in self.handed_in]
        units = units_of(contributions)
        return Inputs(
            plan=PlanHead(slug="p", title="P", issuer="UBND", number=None, issued_on=None),
            cycle=self._cycle(),
            roster=[
                *(one.line for one in contributions),
                *(self._line(unit, "missing") for unit in self.silent),
            ],
            contributions=contributions,
            joined=[[self._joined(*place) for place in group] for group in self.joined],
            indicators=HEADS,
            items=ITEMS,
            asked=Asked(items=ITEMS),
            placement=Placement(
                units_on="as_reported",
                placed={unit: Placed(unit) for unit in units},
                heads={unit: UnitHead(f"Đơn vị {unit}", LEVELS.get(unit)) for unit in units},
                parents={},
            ),
            known_at=f"{self.year + 1}-01-20T00:00:00.000000Z",
            purpose="sandbox",
            basis="accepted",
            hashes=Hashes(roster="0" * 64, register="1" * 64, indicators="2" * 64, plan="3" * 64),
        )

    def _cycle(self) -> CycleHead:
        return CycleHead(
            code=str(self.year),
            kind="yearly",
            name=None,
            year=self.year,
            window_from=date(self.year, 1, 1),
            window_to=date(self.year + 1, 1, 1),
            due_at=f"{self.year}-11-29T17:00:00.000000Z",
            supplement_due_at=None,
            items=None,
            edition="final",
        )

    def _contribution(self, unit: str) -> Contribution:
        digest = sha256(to_json(self.rollup(unit))).hexdigest()
        line = self._line(unit, "accepted", sha256=digest)
        narrative = NarrativeSection(
            unit=unit, name=line.name, nil_reason=None, narrative=Narrative()
        )
        return Contribution(line, self.rollup(unit), digest, narrative)

    def _line(
        self, unit: str, review: Literal["accepted", "missing"], *, sha256: str | None = None
    ) -> RosterLine:
        accepted = review == "accepted"
        return RosterLine.model_validate(
            {
                **dict.fromkeys(RosterLine.model_fields),
                "unit": unit,
                "name": f"Đơn vị {unit}",
                "level": LEVELS.get(unit),
                "basis": "ordered",
                "reason": "Theo kế hoạch",
                "closing": False,
                "covers_from": date(self.year, 1, 1),
                "covers_to": date(self.year + 1, 1, 1),
                "review": review,
                "timeliness": "on_time" if accepted else "late",
                "due_at": f"{self.year}-11-29T17:00:00.000000Z",
                "received_at": f"{self.year}-11-20T00:00:00.000000Z" if accepted else None,
                "content": "report" if accepted else None,
                "kind": "report" if accepted else None,
                "revision": self.revision if accepted else None,
                "sha256": sha256,
                "items": ["III.1.b", "III.3"],
            }
        )

    def _joined(self, unit: str, place: int) -> Joined:
        fact = self.handed_in[unit][place]
        head = JointReport(
            unit=fact.unit,
            source_system="portal",
            external_id=f"{unit}.{place}",
            revision=1,
            submission=unit,
        )
        return Joined(head, fact)


def a_fact(unit: str, day: date, **changes: Any) -> ActivityFact:
    """Return one activity on one day, which says little."""
    return ActivityFact(
        **{
            "unit": unit,
            "item": "III.1.b",
            "occurred_on": day,
            "ended_on": day,
            "occurrences": 1,
            "channel": "facebook",
            "format": None,
            "languages": ("vi",),
            "themes": (),
            "integrated": False,
            **changes,
        }
    )


def measured(**values: int) -> tuple[MeasureFact, ...]:
    """Return original measures, scaled."""
    return tuple(MeasureFact(code, "original", value) for code, value in values.items())


@st.composite
def facts(draw: st.DrawFn, unit: str, year: int) -> ActivityFact:
    """Draw an activity of a unit, or of one within it, on a day on which both are in being."""
    doer = draw(st.sampled_from(WITHIN[unit]))
    period = PERIODS[doer].intersect(Period(date(year, 1, 1), date(year + 1, 1, 1)))
    assert period is not None
    first, end = period.bounds
    day = draw(st.sampled_from([first, end - timedelta(days=1)]))
    amounts = st.integers(0, 9) | st.integers(2**53, 2**62)
    measures = draw(
        st.lists(
            st.tuples(
                st.sampled_from(sorted(OVER_TIME)), st.sampled_from(["original", "repost"]), amounts
            ),
            max_size=3,
            unique_by=lambda row: row[:2],
        )
    )
    money = draw(st.dictionaries(st.sampled_from(["budget", "other"]), amounts, max_size=1))
    return a_fact(
        doer,
        day,
        item=draw(st.sampled_from(ITEMS[:2])),
        occurrences=draw(st.integers(1, 3)),
        channel=draw(st.sampled_from(["facebook", "zalo"])),
        themes=draw(st.sampled_from([(), ("II.1.1",), ("II.1.1", "II.1.2")])),
        measures=tuple(MeasureFact(*row) for row in measures),
        expenditure=tuple(money.items()),
    )


@st.composite
def years(draw: st.DrawFn, year: int) -> Year:
    """Draw a year: who hands in what, and which of it is joined."""
    window = Period(date(year, 1, 1), date(year + 1, 1, 1))
    there = [unit for unit in WITHIN if PERIODS[unit].overlaps(window)]
    handed_in = {
        unit: draw(st.lists(facts(unit, year), max_size=3)) for unit in there if draw(st.booleans())
    }
    places = [(unit, n) for unit, rows in handed_in.items() for n in range(len(rows))]
    mixed = draw(st.permutations(places))
    joined = [mixed[:2]] if len(mixed) > 1 and draw(st.booleans()) else []
    silent = [unit for unit in there if unit not in handed_in and draw(st.booleans())]
    return Year(year, handed_in, joined, silent)
