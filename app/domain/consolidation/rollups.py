"""Building the rollups of frozen submission revisions: each once, for good."""

import hashlib
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from app.domain.base import insert_once
from app.domain.consolidation.fold_sql import fold_frozen, most_at_once
from app.domain.consolidation.inputs import indicator_heads
from app.domain.consolidation.models import ConsolidationInput, StoredRollup
from app.domain.consolidation.rollup_json import to_json
from app.domain.submissions.queries import plan_of_revision


def build_rollups(session: Session, *, revisions: Sequence[UUID], at: datetime) -> None:
    """Add up the activity of some frozen submission revisions of one plan.

    A rollup that is there already stays as it is, also where somebody else just stored it: it
    is a function of what was frozen.
    """
    if not revisions:
        return
    plan = plan_of_revision(session, revisions[0])
    over_time = {head.code: head.over_time for head in indicator_heads(session, plan)}
    # In one order everywhere: two who store the same rollups wait for each other in turns.
    folded = fold_frozen(session, revisions=sorted(revisions), plan=plan, over_time=over_time)
    with closing(folded):
        for revision, rollup in folded:
            content = to_json(rollup)
            row = StoredRollup(
                submission_revision_id=revision,
                content=content,
                sha256=hashlib.sha256(content).hexdigest(),
                built_at=at,
            )
            insert_once(session, row)


def missing_with(session: Session, *, request_id: UUID, revision_id: UUID) -> list[UUID]:
    """Return the inputs of a request to build now: one, and the later ones that cost little more.

    None where the one is built. Inputs are prepared in the order of their ids.
    """
    if session.get(StoredRollup, revision_id) is not None:
        return []
    own = col(ConsolidationInput.submission_revision_id)
    missing = (
        select(own)
        .join(StoredRollup, col(StoredRollup.submission_revision_id) == own, isouter=True)
        .where(ConsolidationInput.request_id == request_id, own >= revision_id)
        .where(col(StoredRollup.submission_revision_id).is_(None))
    )
    return list(session.exec(missing.order_by(own).limit(most_at_once(session))))
