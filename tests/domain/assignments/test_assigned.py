"""Whether an item is assigned to a unit is told without resolving whole groups."""

import random
from datetime import date, timedelta

from sqlmodel import Session, select

from app.domain.assignments.queries import assigned, assignments_on
from app.domain.plans.models import PlanItem
from app.domain.units.models import UnitVersion
from app.domain.units.queries import in_being, lineage
from tests.support.makers import PLAN


def test_it_agrees_with_the_resolved_groups(session: Session) -> None:
    chance = random.Random(5)
    items = list(session.exec(select(PlanItem.code)))
    days = [date(2021, 1, 1) + timedelta(days=chance.randrange(1825)) for _ in range(12)]
    days += [date(2025, 2, 28), date(2025, 3, 1), date(2025, 6, 30), date(2025, 7, 1)]
    seen = {True: 0, False: 0}
    for on in days:
        units = session.exec(select(UnitVersion).where(*in_being(on))).all()
        for unit in chance.sample(units, 12):
            item = chance.choice(items)
            above = lineage(session, unit, on)
            holding = assignments_on(session, on=on, plan=PLAN, item=item)
            expected = any({u.unit_key for u in above} & one.units for one in holding)
            found = assigned(session, plan=PLAN, item=item, above=above, on=on)
            assert found == expected, (unit.unit_key, item, on)
            seen[found] += 1
    assert min(seen.values()) > 20
