"""Reading batches and what became of their rows."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from app.domain.batches.models import Batch, BatchRow
from app.domain.errors import NotFound
from app.domain.principal import Principal


def visible_batches(by: Principal) -> SelectOfScalar[Batch]:
    """Return the select of the batches that a caller may see: of the keys of units it acts for."""
    return select(Batch).where(col(Batch.unit_key).in_(by.acts_for))


def batches(session: Session, *, by: Principal, after: UUID | None, limit: int) -> Sequence[Batch]:
    """Return the caller's batches, newest first."""
    statement = visible_batches(by)
    if after is not None:
        statement = statement.where(col(Batch.id) < after)
    return session.exec(statement.order_by(col(Batch.id).desc()).limit(limit)).all()


def get_batch(session: Session, *, by: Principal, batch_id: UUID) -> Batch:
    """Return a batch. Raises NotFound, also for another unit's."""
    found = session.exec(visible_batches(by).where(Batch.id == batch_id)).first()
    if found is None:
        raise NotFound()
    return found


def batch_rows(
    session: Session, *, batch_id: UUID, outcome: str | None, after: int, limit: int
) -> Sequence[BatchRow]:
    """Return what became of a batch's rows behind number `after`, in order."""
    statement = select(BatchRow).where(BatchRow.batch_id == batch_id, BatchRow.number > after)
    if outcome is not None:
        statement = statement.where(BatchRow.outcome == outcome)
    return session.exec(statement.order_by(col(BatchRow.number)).limit(limit)).all()
