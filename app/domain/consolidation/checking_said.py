"""What a report says of gaps and proposals, held against the rest of it: pure code."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from app.domain.consolidation.figures import Row
from app.domain.consolidation.findings import ABSENT, Check, Failed, Rule, checked, same
from app.domain.consolidation.gaps import MINORITY_LANGUAGES_ASKED_IN
from app.domain.consolidation.proposals import Made, ProposalAnswer, collected
from app.domain.consolidation.report import Report

GAPS: Final = Rule(
    "gaps",
    "Khoảng trống khớp với danh sách, hoạt động và báo cáo không phát sinh",
    "The gaps are those of roster, activity and nil reports",
)
PROPOSALS: Final = Rule(
    "proposals",
    "Kiến nghị đúng như trong phần lời của các đơn vị",
    "The proposals are those of the units' narratives",
)


def check_said(report: Report, said: Row) -> list[Check]:
    """Check gaps and proposals. What only the plan and earlier years know is not looked at."""
    return [checked(GAPS, _gaps(said)), checked(PROPOSALS, _proposals(report, said))]


def _proposals(report: Report, said: Row) -> Iterable[Failed | None]:
    # What became of each is known by the database alone.
    answers: dict[str, dict[str, ProposalAnswer]] = {}
    for row in (row for group in report.proposals for row in group.proposals):
        answers.setdefault(row.unit, {})[row.sha256] = ProposalAnswer(
            row.status, row.answer, row.document_number, row.document_on
        )
    made = [
        Made(one.unit, one.narrative.proposals, answers.get(one.unit, {}))
        for one in report.narratives
    ]
    should = [group.model_dump(mode="json") for group in collected(made)]
    return same(said["proposals"], should, "/proposals")


def _gaps(said: Row) -> Iterator[Failed | None]:
    gaps = said["gaps"]
    seen = _Said(said)
    for place, row in enumerate(gaps["items_without_activity"]):
        at = f"/gaps/items_without_activity/{place}"
        yield from same(row, seen.without_activity(row["item"]), at)
        yield _unless(row["item"] not in seen.active, f"{at}/item", row["item"])
    yield from _assignments(gaps, seen)
    themes = {one["member"] for one in said["by_theme"]["members"]}
    for place, theme in enumerate(gaps["themes_never_touched"]):
        yield _unless(theme not in themes, f"/gaps/themes_never_touched/{place}", theme)
    languages = {
        one["member"]
        for one in said["by_language"]["members"]
        if any(row["item"] == MINORITY_LANGUAGES_ASKED_IN for row in one["counts"])
    }
    for place, language in enumerate(gaps["minority_languages_never_used"]):
        at = f"/gaps/minority_languages_never_used/{place}"
        yield _unless(language not in languages, at, language)


def _assignments(gaps: Row, seen: "_Said") -> Iterator[Failed | None]:
    part = "assignments_without_report"
    listed = {(row["item"], row["unit"]): (n, row) for n, row in enumerate(gaps[part])}
    items = seen.active | {row["item"] for row in gaps["items_without_activity"]}
    should = {(row["item"], row["unit"]): row for row in seen.assignments(items)}
    for key, (place, row) in listed.items():
        at = f"/gaps/{part}/{place}"
        if key in should:
            yield from same(row, should[key], at)
        else:
            yield Failed(at, " ".join(key), ABSENT)
    for key in should.keys() - listed.keys():
        yield Failed(f"/gaps/{part}", ABSENT, " ".join(key))


def _unless(holds: bool, pointer: str, says: str) -> Failed | None:  # noqa: FBT001 - what holds
    return None if holds else Failed(pointer, says, ABSENT)


class _Said:
    """What the roster and the units' own sections say of items."""

    def __init__(self, said: Row) -> None:
        roster = said["coverage"]["roster"]
        self._required = [row for row in roster if row["basis"] != "not_required"]
        self._sections = {one["unit"]: one for one in said["by_unit"]}
        self._nil = {row["unit"] for row in roster if row["content"] == "nil"}
        self.active = {row["item"] for row in said["counts"]}

    def without_activity(self, item: str) -> dict[str, Any]:
        assigned = [row["unit"] for row in self._required if item in row["items"]]
        return {
            "item": item,
            "assigned": len(assigned),
            "nil": sum(1 for unit in assigned if self._is_nil(unit, item)),
            "deliverables": sum(
                1
                for one in self._sections.values()
                for row in one["deliverables"]
                if row["plan_item"] == item
            ),
        }

    def assignments(self, items: set[str]) -> Iterator[dict[str, Any]]:
        for row in self._required:
            for item in items.intersection(row["items"]):
                why = self._why(row, item)
                if why is not None:
                    yield {"item": item, "unit": row["unit"], "basis": row["basis"], "why": why}

    def _is_nil(self, unit: str, item: str) -> bool:
        section = self._sections.get(unit)
        if section is None:
            return False
        return unit in self._nil or any(row["item"] == item for row in section["nil_items"])

    def _why(self, row: Row, item: str) -> str | None:
        section = self._sections.get(row["unit"])
        if section is None:
            review: str = row["review"]
            return review
        told = (
            any(one["item"] == item for one in section["counts"])
            or self._is_nil(row["unit"], item)
            or any(one["plan_item"] == item for one in section["deliverables"])
        )
        return None if told else "nothing_said"
