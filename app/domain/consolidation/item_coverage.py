"""Coverage: how many of those who must report did, for the whole roster and for each item."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from app.domain.consolidation.report_heads import (
    Coverage,
    ItemCoverage,
    Rates,
    Reported,
    RosterLine,
)

_OTHERS = ("assigned_only", "requested")


def coverage(roster: Sequence[RosterLine]) -> Coverage:
    """Return the coverage over a roster. Only ordered rows enter rates, so none passes 100 %."""
    ordered = [line for line in roster if line.basis == "ordered"]
    others = [line for line in roster if line.basis in _OTHERS]
    return Coverage(ordered=rates(ordered), others=rates(others), roster=list(roster))


def rates(lines: Iterable[RosterLine]) -> Rates:
    """Return the coverage over roster lines."""
    rows = list(lines)

    def count(keep: Callable[[RosterLine], bool]) -> int:
        return sum(1 for line in rows if keep(line))

    return Rates(
        required=len(rows),
        accepted=count(lambda line: line.review == "accepted"),
        in_review=count(lambda line: line.review == "in_review"),
        returned=count(lambda line: line.review == "returned"),
        missing=count(lambda line: line.review == "missing"),
        nil=count(lambda line: line.review == "accepted" and line.content == "nil"),
        on_time=count(lambda line: line.timeliness == "on_time"),
        late=count(lambda line: line.received_at is not None and line.timeliness == "late"),
        late_with_extension=count(lambda line: line.timeliness == "late_with_extension"),
        by_document=count(lambda line: line.timeliness == "by_document"),
    )


def coverage_by_item(
    roster: Sequence[RosterLine], *, items: Iterable[str], nil_items: Mapping[str, Collection[str]]
) -> dict[str, ItemCoverage]:
    """Return the coverage of each item over the rows that answer for it.

    `nil_items` are, by unit, the items of which a counted report says that nothing was done.
    """
    answering: dict[str, list[RosterLine]] = {item: [] for item in items}
    for line in roster:
        for item in line.items:
            answering[item].append(line)
    return {
        item: ItemCoverage(
            ordered=_reported(item, [one for one in lines if one.basis == "ordered"], nil_items),
            others=_reported(item, [one for one in lines if one.basis in _OTHERS], nil_items),
        )
        for item, lines in answering.items()
    }


def _reported(
    item: str, lines: Sequence[RosterLine], nil_items: Mapping[str, Collection[str]]
) -> Reported:
    reviews = [line.review for line in lines]
    nil = [
        line
        for line in lines
        if line.review == "accepted"
        and (line.content == "nil" or item in nil_items.get(line.unit, ()))
    ]
    return Reported(
        required=len(lines),
        accepted=reviews.count("accepted"),
        in_review=reviews.count("in_review"),
        returned=reviews.count("returned"),
        missing=reviews.count("missing"),
        nil=len(nil),
    )
