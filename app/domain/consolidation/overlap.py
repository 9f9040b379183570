"""Whether two of the reports that a consolidation adds up hold the same activity.

Reports are frozen by the roster and by the activity's day as they were then. Where a unit below
another got a row of its own, or lost it, after the other's report was frozen, or where a correction
moved an activity to a day on which its unit stood elsewhere, an activity may stand in both: it
would count twice, so such a consolidation is refused until one of the reports is corrected.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from app.domain.activities.models import ActivityRevision
from app.domain.errors import DomainError, Fault, Text
from app.domain.submissions.models import FrozenActivity
from app.domain.units.queries import subtree


class CountedTwice(DomainError):
    """Two reports hold the same activity; the faults name each pair."""

    text = Text(
        "activity_counted_twice",
        "Có {count} cặp báo cáo cùng gồm một số hoạt động; cần đính chính một báo cáo của mỗi cặp.",
        "{count} pair(s) of reports hold the same activity: have one of each pair corrected.",
    )


HELD_BY_BOTH = Text(
    "activity_held_by_both",
    "Báo cáo của {one} và của {other} cùng gồm {count} hoạt động.",
    "The reports of {one} and of {other} both hold {count} activity reports.",
)


def refuse_double_counting(session: Session, *, reports: Mapping[str, UUID]) -> None:
    """Refuse reports (a submission's revision by its unit's key) that hold the same activity.

    Only reports of units under which the same unit ever stood are compared: no others can hold
    the same, and all activity need not be read. Raises CountedTwice.
    """
    pairs = _meeting(session, sorted(reports))
    shared = _shared(session, pairs, reports) if pairs else {}
    faults = [
        Fault("", HELD_BY_BOTH, {"one": one, "other": other, "count": shared[one, other]})
        for one, other in pairs
        if (one, other) in shared
    ]
    if faults:
        raise CountedTwice(*faults, count=len(faults))


def _meeting(session: Session, units: Sequence[str]) -> list[tuple[str, str]]:
    """Return the pairs of these units under which one unit ever stood, themselves included."""
    if not units:
        return []
    tree = subtree(*units, nearest=False)
    also = tree.alias("also")
    statement = (
        select(tree.c.root, also.c.root.label("other"))
        .join(also, also.c.unit_key == tree.c.unit_key)
        .where(tree.c.root < also.c.root)
        .distinct()
        .order_by(tree.c.root, also.c.root)
    )
    return [(row.root, row.other) for row in session.connection().execute(statement)]


def _shared(
    session: Session, pairs: Sequence[tuple[str, str]], reports: Mapping[str, UUID]
) -> dict[tuple[str, str], int]:
    """Return how many activity reports both of a pair hold, of those pairs that hold any.

    One statement for all pairs. It begins from a few reports, those of the units that are in most
    pairs (districts), and looks up who else holds what they do.
    """
    units = {reports[unit]: unit for pair in pairs for unit in pair}
    meets = Counter(unit for pair in pairs for unit in pair)
    first = {reports[max(pair, key=lambda unit: (meets[unit], unit))] for pair in pairs}
    one, other = aliased(FrozenActivity), aliased(FrozenActivity)
    held, also = aliased(ActivityRevision), aliased(ActivityRevision)
    sides = col(one.submission_revision_id), col(other.submission_revision_id)
    statement = (
        select(*sides, func.count())
        .select_from(one)
        .join(held, col(held.id) == col(one.activity_revision_id))
        .join(also, col(also.report_id) == col(held.report_id))
        .join(other, col(other.activity_revision_id) == col(also.id))
        .where(sides[0].in_(first), sides[1].in_(units), sides[0] != sides[1])
        .group_by(*sides)
    )
    found: dict[tuple[str, str], int] = {}
    for begun, met, count in session.connection().execute(statement):
        low, high = sorted((units[begun], units[met]))
        found[low, high] = count
    return found
