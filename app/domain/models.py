"""All table models, imported in one place for Alembic and the tests."""

from app.domain import instance
from app.domain.access import models as access
from app.domain.activities import models as activities
from app.domain.assignments import models as assignments
from app.domain.audit import models as audit
from app.domain.base import Base
from app.domain.batches import models as batches
from app.domain.budgets import models as budgets
from app.domain.catalogue import models as catalogue
from app.domain.consolidation import models as consolidation
from app.domain.cycles import models as cycles
from app.domain.idempotency import models as idempotency
from app.domain.joint import models as joint
from app.domain.notices import models as notices
from app.domain.plans import models as plans
from app.domain.submissions import models as submissions
from app.domain.units import models as units
from app.domain.webhooks import models as webhooks

TABLES = (
    access,
    activities,
    assignments,
    audit,
    batches,
    budgets,
    catalogue,
    consolidation,
    cycles,
    idempotency,
    instance,
    joint,
    notices,
    plans,
    submissions,
    units,
    webhooks,
)
METADATA = Base.metadata
