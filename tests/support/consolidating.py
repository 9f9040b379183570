"""Consolidation done in the test's own process, step by step as the worker does it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Engine

from app.db import unit_of_work
from app.domain.consolidation import service


def consolidate(engine: Engine, request_id: UUID, *, at: datetime) -> None:
    """Do what a request asks for, each step in a transaction of its own."""
    with unit_of_work(engine) as session:
        revisions = service.begin(session, request_id=request_id, at=at)
    for revision in revisions:
        with unit_of_work(engine) as session:
            service.prepare_input(session, request_id=request_id, revision_id=revision, at=at)
    with unit_of_work(engine) as session:
        service.publish(session, request_id=request_id, at=at)
