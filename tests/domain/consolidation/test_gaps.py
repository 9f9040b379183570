"""What a cycle lacks: what is signed to be nil is no gap, and everything else is told why."""

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any, Final
from uuid import uuid4

import pytest
from sqlmodel import Session

from app.domain.consolidation.arithmetic import ActivityFact, fold
from app.domain.consolidation.asked import what_is_asked
from app.domain.consolidation.build import Contribution
from app.domain.consolidation.gaps import Asked, Gaps, gaps
from app.domain.consolidation.report import NarrativeSection
from app.domain.consolidation.report_figures import NilItemLine
from app.domain.consolidation.report_heads import RosterLine
from app.domain.cycles.queries import duty_of, get_cycle
from app.domain.submissions.contents import Deliverable
from app.domain.submissions.models import Submission, SubmissionRevision
from app.domain.submissions.narrative import Narrative
from tests.support.makers import BINH_SON, PLAN
from tests.support.revisions import a_key

ITEMS: Final = ("III.1.a", "III.1.b", "III.1.c", "V.1.1", "V.2.1", "V.6.2", "V.7.1")
ASKED: Final = Asked(
    items=ITEMS,
    themes=("II.1.1", "II.1.2"),
    languages=("hre", "cua"),
)
NOW: Final = datetime(2026, 1, 10, tzinfo=UTC)


def a_line(unit: str, *items: str, **changes: Any) -> RosterLine:
    said: dict[str, Any] = {
        "unit": unit,
        "name": unit,
        "level": "district",
        "basis": "ordered",
        "reason": "",
        "closing": False,
        "covers_from": date(2021, 1, 1),
        "covers_to": date(2022, 1, 1),
        "review": "accepted",
        "timeliness": "on_time",
        "due_at": "2021-11-29T17:00:00.000000Z",
        "content": "report",
        "items": list(items),
    }
    unsaid = dict.fromkeys(RosterLine.model_fields.keys() - said.keys())
    return RosterLine.model_validate({**said, **unsaid, **changes})


def a_report(
    line: RosterLine,
    *done: tuple[str, str, str],
    nil: Sequence[str] = (),
    deliverables: Sequence[tuple[str, str]] = (),
) -> Contribution:
    """Return what a row's report brings; of what was done the item, the language, the theme."""
    facts = [
        ActivityFact(
            unit=line.unit,
            item=item,
            occurred_on=date(2021, 3, 10),
            ended_on=date(2021, 3, 10),
            occurrences=1,
            channel="loudspeaker",
            format=None,
            languages=(language,),
            themes=(theme,),
            integrated=False,
        )
        for item, language, theme in done
    ]
    narrative = NarrativeSection(
        unit=line.unit, name=line.name, nil_reason=None, narrative=Narrative()
    )
    return Contribution(
        line,
        fold(facts, {}),
        "0" * 64,
        narrative,
        nil_items=[NilItemLine(item=item, reason="Chưa phát sinh.") for item in nil],
        deliverables=[
            Deliverable.model_validate({"kind": kind, "plan_item": item, "title": "Kế hoạch"})
            for kind, item in deliverables
        ],
    )


def found(
    *parts: Contribution | RosterLine, asked: Asked = ASKED, shuffled: int | None = None
) -> Gaps:
    """Return the gaps of rows, some with reports that count and some without."""
    rows = list(parts)
    if shuffled is not None:
        random.Random(shuffled).shuffle(rows)
    counted = [one for one in rows if isinstance(one, Contribution)]
    roster = [one.line if isinstance(one, Contribution) else one for one in rows]
    return gaps(roster=roster, counted=counted, asked=asked)


def assignments(lacking: Gaps) -> list[tuple[str, str, str]]:
    return [(one.item, one.unit, one.why) for one in lacking.assignments_without_report]


def deliverables(lacking: Gaps) -> list[tuple[str, str, str]]:
    return [(one.unit, one.kind, one.item) for one in lacking.missing_deliverables]


def test_an_assignment_without_a_report_says_why() -> None:
    lacking = found(
        a_line("a", "III.1.b", review="missing"),
        a_line("b", "III.1.b", review="in_review"),
        a_line("c", "III.1.b", review="returned", basis="assigned_only"),
        a_report(a_line("d", "III.1.b", "V.1.1"), ("III.1.b", "vi", "II.1.1")),
        a_line("e", "III.1.b", review="missing", basis="not_required"),
    )
    assert assignments(lacking) == [
        ("III.1.b", "a", "missing"),
        ("III.1.b", "b", "in_review"),
        ("III.1.b", "c", "returned"),
        ("V.1.1", "d", "nothing_said"),
    ]
    assert [one.basis for one in lacking.assignments_without_report][2] == "assigned_only"


def test_nil_is_no_gap_and_neither_is_a_deliverable() -> None:
    lacking = found(
        a_report(a_line("a", "III.1.b", "V.1.1", content="nil")),
        a_report(a_line("b", "III.1.b", "V.1.1"), nil=["V.1.1"]),
        a_report(a_line("c", "V.6.2"), deliverables=[("own_plan", "V.6.2")]),
    )
    assert assignments(lacking) == [("III.1.b", "b", "nothing_said")]


def test_in_a_preview_what_is_in_review_counts() -> None:
    line = a_line("a", "III.1.b", review="in_review")
    assert assignments(found(a_report(line, ("III.1.b", "vi", "II.1.1")))) == []


def test_an_item_without_activity_tells_assigned_nil_and_brought_apart() -> None:
    lacking = found(
        a_report(
            a_line("a", "III.1.b", "V.6.2"),
            ("III.1.b", "vi", "II.1.1"),
            deliverables=[("own_plan", "V.6.2")],
        ),
        a_report(a_line("b", "V.1.1", "V.6.2"), nil=["V.1.1"]),
        a_line("c", "V.1.1", review="missing"),
        a_line("d", "V.2.1", review="missing", basis="not_required"),
        a_report(a_line("e", "V.1.1", basis="not_required"), ("V.7.1", "vi", "none")),
    )
    assert [tuple(one.model_dump().values()) for one in lacking.items_without_activity] == [
        ("III.1.a", 0, 0, 0),
        ("III.1.c", 0, 0, 0),
        ("V.1.1", 2, 1, 0),
        ("V.2.1", 0, 0, 0),
        ("V.6.2", 2, 0, 1),
    ]


def test_a_deliverable_is_asked_of_those_assigned_its_item_item_by_item() -> None:
    lacking = found(
        a_line("a", "V.6.2", review="missing"),
        a_report(a_line("b", "III.1.a", "V.7.1"), deliverables=[("dedicated_column", "V.7.1")]),
        a_report(a_line("c", "V.2.1", content="nil")),
        a_report(a_line("d", "III.1.b")),
    )
    assert deliverables(lacking) == [
        ("a", "own_plan", "V.6.2"),
        ("b", "dedicated_column", "III.1.a"),
        ("c", "inspection", "V.2.1"),
    ]


def test_what_is_made_once_in_a_plan_may_have_been_brought_before() -> None:
    both = {("own_plan", "V.6.2"), ("inspection", "V.2.1")}
    asked = Asked(items=ITEMS, brought_before={"a": both})
    lacking = found(
        a_report(a_line("a", "V.6.2", "V.2.1")), a_report(a_line("b", "V.6.2")), asked=asked
    )
    assert deliverables(lacking) == [("a", "inspection", "V.2.1"), ("b", "own_plan", "V.6.2")]


def test_detailed_plans_are_asked_of_all_who_lead_once_the_rule_is_in_force() -> None:
    rows = (
        a_line("a", "III.1.b", review="missing"),
        a_line("b", "V.1.1", basis="requested", review="missing"),
        a_report(a_line("c")),
        a_report(a_line("d", "III.1.b"), deliverables=[("detailed_plan", "IV.3")]),
    )
    assert deliverables(found(*rows)) == []
    asked = Asked(items=ITEMS, rules=("IV.1", "IV.3"))
    assert deliverables(found(*rows, asked=asked)) == [("a", "detailed_plan", "IV.3")]


def test_themes_and_languages_that_nobody_used() -> None:
    lacking = found(
        a_report(a_line("a", "III.1.c"), ("III.1.c", "hre", "II.1.2"), ("III.1.c", "vi", "none")),
        a_report(
            a_line("b", "III.1.c", "III.1.b"),
            ("III.1.c", "vi", "II.1.2"),
            ("III.1.b", "cua", "II.1.2"),  # elsewhere: the plan asks for it under III.1.c
        ),
        a_report(a_line("c", "III.1.c"), nil=["III.1.c"]),
        a_report(a_line("d", "III.1.b"), ("III.1.c", "vi", "II.1.2")),  # nobody assigned it
    )
    assert lacking.themes_never_touched == ["II.1.1"]
    assert lacking.minority_languages_never_used == ["cua"]
    assert lacking.units_without_minority_language == ["b"]
    elsewhere = Asked(items=("III.1.b",), languages=("hre", "cua"))
    assert found(asked=elsewhere).minority_languages_never_used == []


@pytest.mark.parametrize("seed", range(5))
def test_it_is_the_same_in_any_order(seed: int) -> None:
    parts = [
        a_line(unit, *ITEMS, review="missing")
        if index % 3 == 0
        else a_report(a_line(unit, *ITEMS), ("III.1.c", "hre", "II.1.1"), ("V.7.1", "vi", "none"))
        for index, unit in enumerate("bdacfeg")
    ]
    assert found(*parts, shuffled=seed) == found(*parts)


@pytest.mark.parametrize(
    ("year", "themes", "languages", "rules"),
    [
        (2021, "II.1", ["hre", "cua", "sed"], ["IV.1", "IV.2"]),
        (2025, "II.2", ["hre", "cua", "sed", "bdq", "jra", "jeh"], ["IV.1", "IV.3"]),
    ],
)
def test_what_the_plan_asks_for_depends_on_the_window(
    session: Session, year: int, themes: str, languages: list[str], rules: list[str]
) -> None:
    cycle = get_cycle(session, plan=PLAN, code=str(year))
    asked = what_is_asked(session, cycle=cycle, known_at=NOW)
    assert asked.items[:4] == ["III.1.a", "III.1.b", "III.1.c", "III.2"]
    assert len(asked.items) == 20
    assert {theme.rpartition(".")[0] for theme in asked.themes} == {themes}
    assert asked.languages == languages
    assert [rule for rule in asked.rules if rule in {"IV.2", "IV.3", "IV.1"}] == rules


def test_lasting_deliverables_are_those_of_what_was_accepted_last(session: Session) -> None:
    own_plan = {"kind": "own_plan", "plan_item": "V.6.2", "title": "Kế hoạch"}
    yearly = {"kind": "inspection", "plan_item": "V.2.1", "title": "Kiểm tra"}
    cycle = get_cycle(session, plan=PLAN, code="2021")
    row = duty_of(session, cycle_id=cycle.id, unit=BINH_SON)
    assert row is not None
    key = a_key(session)
    submission = Submission(id=uuid4(), roster_row_id=row.row_id, number=2, created_at=NOW)
    session.add(submission)
    session.flush()
    at = datetime(2021, 12, 1, tzinfo=UTC), datetime(2022, 2, 1, tzinfo=UTC)
    for number, accepted_at, rows in ((1, at[0], [own_plan, yearly]), (2, at[1], None)):
        session.add(
            SubmissionRevision(
                id=uuid4(),
                submission_id=submission.id,
                number=number,
                state="superseded" if number == 1 else "accepted",
                narrative={},
                drafted_at=accepted_at,
                drafted_by=key,
                received_at=accepted_at,
                submitted_by=key,
                accepted_at=accepted_at,
                accepted_by=key,
                deliverables=rows,
            )
        )
    session.flush()
    later = get_cycle(session, plan=PLAN, code="2022")

    def brought(known_at: datetime, of: Any = later) -> dict[str, Any]:
        return dict(what_is_asked(session, cycle=of, known_at=known_at).brought_before)

    assert brought(at[0]) == {BINH_SON: {("own_plan", "V.6.2")}}
    assert not brought(at[1]).get(BINH_SON)  # the correction brings it no longer
    assert brought(at[0], of=cycle) == {}
