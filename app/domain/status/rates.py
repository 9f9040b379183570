"""How many of those who are to report did, and when: pure, in whole numbers."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from app.domain.cycles.timeliness import Timeliness

Review = Literal["missing", "in_review", "returned", "accepted"]


@dataclass(frozen=True)
class Stand:
    """What a roster row adds to the rates; `timeliness` is that of its report."""

    review: Review
    nil: bool
    timeliness: Timeliness


@dataclass(frozen=True)
class Rates:
    """Counts over roster rows (tỷ lệ).

    required = accepted + in_review + returned + missing, and of the accepted `nil` report
    nothing. required = on_time + late_with_extension + late + by_document + outstanding +
    not_due: what was received, by its first receipt; of the missing `outstanding` are past their
    deadline, and `not_due` are not yet.
    """

    required: int
    accepted: int
    in_review: int
    returned: int
    missing: int
    nil: int
    on_time: int
    late_with_extension: int
    late: int
    by_document: int
    outstanding: int
    not_due: int

    def percent(self, name: str) -> str | None:
        """Return a count as a percentage of the required, `nil` as one of the accepted."""
        whole = self.accepted if name == "nil" else self.required
        return percentage(getattr(self, name), whole)


def rates(stands: Iterable[Stand]) -> Rates:
    """Count how rows stand."""
    all_of_them = list(stands)
    review = Counter(one.review for one in all_of_them)
    received = Counter(one.timeliness for one in all_of_them if one.review != "missing")
    waited = Counter(one.timeliness for one in all_of_them if one.review == "missing")
    return Rates(
        required=len(all_of_them),
        accepted=review["accepted"],
        in_review=review["in_review"],
        returned=review["returned"],
        missing=review["missing"],
        nil=sum(one.review == "accepted" and one.nil for one in all_of_them),
        on_time=received["on_time"],
        late_with_extension=received["late_with_extension"],
        late=received["late"],
        by_document=received["by_document"],
        outstanding=waited["late"],
        not_due=waited["not_due"],
    )


def percentage(part: int, whole: int) -> str | None:
    """Return a percentage with one decimal, half up, in whole numbers; None of nothing."""
    if whole == 0:
        return None
    tenths = (2000 * part + whole) // (2 * whole)
    return f"{tenths // 10}.{tenths % 10}"
