"""Reconciliation: whether the service holds what a portal sent."""

from typing import Annotated

from fastapi import APIRouter, Query

from app.api.contract.refusing import refuses
from app.api.deps import CanReadActivities
from app.api.reconciliation.schemas import ReconciliationOut, ReconciliationQuery
from app.api.strict import StrictRoute
from app.domain.activities.reconciliation import reconciliation
from app.domain.errors import NotFound
from app.domain.units.queries import find

router = APIRouter(tags=["Reconciliation"], route_class=StrictRoute)


@router.get("/reconciliation", responses=refuses(NotFound))
def reconcile(
    caller: CanReadActivities, query: Annotated[ReconciliationQuery, Query()]
) -> ReconciliationOut:
    """Count and add up the activity reports that this key may see: per unit, month and item.

    All in one call and of one moment, to be compared with what the portal holds itself. Where a
    row differs, the list of activity reports and their revisions tell which report it is. An
    answer of more than 50,000 lines is refused (`too_much_to_reconcile`): narrow the period.
    """
    unit = None
    if query.unit is not None:
        unit = find(caller.session, query.unit, on=query.on or caller.today).unit_key
    found = reconciliation(
        caller.session,
        by=caller.by,
        plan=query.plan,
        unit=unit,
        source_system=query.source_system,
        occurred_from=query.occurred_from,
        occurred_to=query.occurred_to,
    )
    return ReconciliationOut.of(found)
