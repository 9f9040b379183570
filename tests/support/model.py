"""Activity reports as plain Python thinks of them: what tests compare the service with.

Nothing of the product is used here: the rules are written down a second time, as the issue and
the answers' descriptions tell them to integrators.
"""

import copy
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

Content = dict[str, Any]  # a body without its natural key
Said = dict[str, Any]
REASON: Final = "Ghi nhầm."


def said(content: Content) -> Said:
    """Return what a body says, the same however it is spelt."""
    return {
        "plan": content["plan"],
        "plan_item": content["plan_item"],
        "content_themes": sorted(set(content.get("content_themes", ()))),
        "occurred_on": content["occurred_on"],
        "ended_on": content.get("ended_on") or content["occurred_on"],
        "occurrences": content.get("occurrences") or 1,
        "channel": content["channel"],
        "format": content.get("format"),
        "title": content["title"].strip(),
        "description": content.get("description"),
        "languages": sorted(set(content.get("languages", ["vi"]))),
        "integrated": content.get("integrated", False),
        "measures": sorted(
            (row["indicator"], row.get("origin", "original"), Decimal(row["value"]))
            for row in content.get("measures", ())
        ),
        "expenditure": sorted(
            (row["source"], row["amount"]) for row in content.get("expenditure", ())
        ),
    }


def differing(one: Said, other: Said) -> set[str]:
    """Return the names of the fields in which two bodies differ."""
    return {name for name in one if one[name] != other[name]}


@dataclass(frozen=True)
class Told:
    """What a request comes to: a status, with the refusal's code or with outcome and revision."""

    status: int
    code: str | None = None
    outcome: str | None = None
    revision: int | None = None


@dataclass(frozen=True)
class Revision:
    """One revision."""

    kind: str
    content: Content
    reason: str | None

    @property
    def said(self) -> Said:
        """What it says."""
        return said(self.content)


@dataclass
class Report:
    """A report: its revisions, and the id that it was given."""

    revisions: list[Revision] = field(default_factory=list)
    report_id: str = ""

    @property
    def number(self) -> int:
        """The current revision."""
        return len(self.revisions)

    @property
    def now(self) -> Revision:
        """What it is now."""
        return self.revisions[-1]

    @property
    def withdrawn(self) -> bool:
        """Whether it is withdrawn."""
        return self.now.kind == "withdrawn"

    def says_since(self, content: Content, number: int) -> bool:
        """Tell whether the current revision, or one from `number` on, says that."""
        asked = said(content)
        return any(one.said == asked for one in [*self.revisions[number - 1 :], self.now])

    def add(self, kind: str, content: Content, reason: str | None) -> Told:
        """Add a revision."""
        self.revisions.append(Revision(kind, content, reason))
        first = kind == "created"
        return Told(
            201 if first else 200, outcome="created" if first else "updated", revision=self.number
        )

    def unchanged(self) -> Told:
        """Tell that nothing changed."""
        return Told(200, outcome="unchanged", revision=self.number)


@dataclass(frozen=True)
class Match:
    """What If-Match says: the header, and the revisions that it names."""

    header: str | None
    names: frozenset[int] = frozenset()
    anything: bool = False

    def admits(self, number: int) -> bool:
        """Tell whether the current revision is meant."""
        return self.anything or number in self.names

    def since(self, number: int) -> int:
        """Return the earliest revision that the request may have been made for."""
        if self.header is None or self.admits(number):
            return number
        return min(self.names, default=number)


@dataclass
class Reports:
    """All reports by external id, what happened in order, and what was frozen."""

    reports: dict[str, Report] = field(default_factory=dict)
    happened: list[list[tuple[str, int]]] = field(default_factory=list)
    frozen: dict[str, int] | None = None

    def copy(self) -> "Reports":
        """Return another one that says the same: for a dry run, or for what may be refused."""
        return copy.deepcopy(self)

    def create(self, name: str, content: Content) -> Told:
        """POST a body."""
        report = self.reports.get(name)
        if report is None:
            return self._create(name, content)
        if report.says_since(content, 1):
            return report.unchanged()
        return Told(409, "report_exists")

    def put(self, name: str, content: Content, reason: str | None, match: Match) -> Told:
        """PUT a body under its natural key."""
        report = self.reports.get(name)
        if report is None:
            if match.header is None:
                return self._create(name, content)
            return Told(412, "revision_changed")
        if match.header is None:
            known = report.says_since(content, 1)
            return report.unchanged() if known else Told(428, "precondition_required")
        if reason is None and said(content) != report.now.said:
            return Told(422, "invalid")
        return self.correct(name, content, reason, match)

    def correct(self, name: str, content: Content, reason: str | None, match: Match) -> Told:
        """PUT a correction by id."""
        report = self.reports[name]
        if report.says_since(content, match.since(report.number)):
            return report.unchanged()
        refused = self._precondition(report, match)
        if refused is None and report.withdrawn:
            refused = Told(409, "report_withdrawn")
        if refused is not None:
            return refused
        return self._add(name, "corrected", content, reason)

    def turn(self, name: str, kind: str, reason: str, match: Match) -> Told:
        """Withdraw or reinstate a report."""
        report = self.reports[name]
        if report.withdrawn == (kind == "withdrawn"):
            return report.unchanged()
        return self._precondition(report, match) or self._add(
            name, kind, report.now.content, reason
        )

    def withdrawal(self, name: str, expected: int) -> Told:
        """Take in a row of a bulk withdrawal; a status of 422 is a rejected row."""
        report = self.reports.get(name)
        if report is None:
            return Told(422, "not_found")
        match = Match(header="", names=frozenset({expected}))
        told = self.turn(name, "withdrawn", REASON, match)
        return told if told.code is None else Told(422, told.code)

    def as_one(self, since: int) -> None:
        """Have what happened from there on happen in one transaction."""
        self.happened[since:] = [[one for many in self.happened[since:] for one in many]]

    def row(self, name: str, row: Mapping[str, Any], *, update: bool) -> Told:
        """Take in a row of a bulk request; a status of 422 is a rejected row."""
        report = self.reports.get(name)
        content = {key: row[key] for key in row if key not in _BESIDE}
        expected = row.get("expected_revision")
        if report is None:
            if expected:
                return Told(422, "revision_changed")
            return _fault(row) or self._create(name, content)
        expected = expected if update else None
        if report.says_since(content, expected or 1):
            return report.unchanged()
        return self._refusal(report, row, expected) or self._add(
            name, "corrected", content, row["reason"]
        )

    def _refusal(self, report: Report, row: Mapping[str, Any], expected: int | None) -> Told | None:
        """Tell why a row does not correct its report; None where it does."""
        if expected is None:
            return _fault(row) or Told(422, "report_exists")
        if report.withdrawn:
            return Told(422, "report_withdrawn")
        if expected != report.number:
            return Told(422, "revision_changed")
        return _fault(row) or (None if "reason" in row else Told(422, "reason_needed"))

    def outdated(self, names: Iterable[str]) -> bool:
        """Tell whether the submission holds what one of these reports does not say any more."""
        for name in names:
            held = (self.frozen or {}).get(name)
            report = self.reports.get(name)
            if held and report and report.revisions[held - 1].said != report.now.said:
                return True
            if held and report and report.withdrawn:
                return True
        return False

    def freeze(self, *, data_to: str) -> int:
        """Freeze what a submission up to that day covers; return how many reports."""
        self.frozen = {
            name: report.number
            for name, report in self.reports.items()
            if not report.withdrawn and report.now.said["ended_on"] <= data_to
        }
        return len(self.frozen)

    def _create(self, name: str, content: Content) -> Told:
        self.reports[name] = Report()
        return self._add(name, "created", content, None)

    def _add(self, name: str, kind: str, content: Content, reason: str | None) -> Told:
        told = self.reports[name].add(kind, content, reason)
        self.happened.append([(name, self.reports[name].number)])
        return told

    def _precondition(self, report: Report, match: Match) -> Told | None:
        if match.header is None:
            return Told(428, "precondition_required")
        return None if match.admits(report.number) else Told(412, "revision_changed")


NO_CHANNEL: Final = "no_such_channel"
_BESIDE: Final = ("unit", "source_system", "external_id", "expected_revision", "reason")


def _fault(row: Mapping[str, Any]) -> Told | None:
    return Told(422, "unknown_code") if row["channel"] == NO_CHANNEL else None


def merged(content: Content, patch: Mapping[str, Any]) -> Content:
    """Return a content after a JSON Merge Patch of it."""
    made = {name: value for name, value in {**content, **patch}.items() if value is not None}
    made.pop("reason", None)
    return made


def sums(reports: Iterable[Report]) -> Said:
    """Count and add up reports, as reconciliation does."""
    all_of_them = list(reports)
    counted = [report.now.said for report in all_of_them if not report.withdrawn]
    values: dict[tuple[str, str], list[Decimal]] = {}
    money: dict[str, int] = {}
    for one in counted:
        for indicator, origin, value in one["measures"]:
            values.setdefault((indicator, origin), []).append(value)
        for source, amount in one["expenditure"]:
            money[source] = money.get(source, 0) + amount
    return {
        "reports": len(counted),
        "withdrawn": len(all_of_them) - len(counted),
        "on_behalf": 0,
        "occurrences": sum(one["occurrences"] for one in counted),
        "measures": sorted((*key, len(found), sum(found)) for key, found in values.items()),
        "expenditure": sorted(money.items()),
    }
