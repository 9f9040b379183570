"""Activity totals: what was done, by the units of the time or of another day."""

from typing import Annotated

from fastapi import APIRouter, Query

from app.api.contract.refusing import refuses
from app.api.deps import CanReadActivities
from app.api.strict import StrictRoute
from app.api.totals.schemas import ActivityTotalsOut, TotalsQuery
from app.domain.activities.totals import activity_totals
from app.domain.errors import NotFound
from app.domain.units.queries import find

router = APIRouter(tags=["Reconciliation"], route_class=StrictRoute)


@router.get("/activity-totals", responses=refuses(NotFound))
def get_activity_totals(
    caller: CanReadActivities, query: Annotated[TotalsQuery, Query()]
) -> ActivityTotalsOut:
    """Add up the activity reports that this key may see, by the units of a day (`units_on`).

    `as_reported` shows each unit that reported. A day shows the units of its hierarchy. Where that
    day is later, what passed as a whole to one unit stands on that unit's line, also by several
    steps; where it is earlier, only what came as a whole from one unit goes back to it. A unit in
    being on both days is one unit. Nothing is guessed: what can't be mapped stands under
    `unmapped`, with the reason. Lines and unmapped lines together are the `totals`, exactly.

    Withdrawn reports count in nothing. Indicators that do not add up, over time or over units
    (followers, reach), are in no line but under `left_out`. A joint activity counts with each of
    its units. An answer that would need more than 50,000 sums is refused
    (`too_much_to_reconcile`): narrow the period.
    """
    unit = None
    if query.unit is not None:
        unit = find(caller.session, query.unit, on=query.on or caller.today).unit_key
    found = activity_totals(
        caller.session,
        by=caller.by,
        plan=query.plan,
        unit=unit,
        occurred_from=query.occurred_from,
        occurred_to=query.occurred_to,
        units_on=query.units_on,
    )
    return ActivityTotalsOut.of(found, units_on=query.units_on)
