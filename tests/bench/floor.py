"""The floor of `single`: what a FastAPI + SQLModel tutorial would write for the same job.

Look up a key, insert one row, answer it. No idempotency, no revisions, no audit, no checks
against plan and register. Fair in both directions:

- the engine is the product's, so that SQLite waits for the disk at each commit in both, and a
  second writer waits for its turn in place of failing;
- the body is the product's own model: validating the same fields costs both the same;
- the endpoint is `def`, the session a `yield` dependency, the row is added, committed, refreshed
  and returned, all as the tutorials do it; the key is looked up in the endpoint, which spares
  the floor a further dependency.
"""

import hashlib
import os
from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any

from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy import JSON, MetaData
from sqlalchemy.orm import registry
from sqlmodel import Field, Session, SQLModel, select

from app.db import make_engine, unit_of_work
from app.domain.activities.body import ActivityBody

BEARER = HTTPBearer()


class FloorTable(SQLModel, registry=registry(metadata=MetaData())):
    """The parent of the floor's tables: apart from the product's."""


class FloorKey(FloorTable, table=True):
    """A key."""

    __tablename__ = "floor_key"

    id: int | None = Field(default=None, primary_key=True)
    sha256: str = Field(unique=True)


class FloorReport(FloorTable, table=True):
    """A report, flat: what the product keeps in tables of its own is JSON here."""

    __tablename__ = "floor_report"

    id: int | None = Field(default=None, primary_key=True)
    key_id: int = Field(foreign_key="floor_key.id")
    unit: str
    source_system: str
    external_id: str
    plan: str
    plan_item: str
    occurred_on: date
    channel: str
    title: str
    body: dict[str, Any] = Field(sa_type=JSON)


class FloorReportOut(SQLModel):
    """A report as it is answered."""

    id: int
    unit: str
    source_system: str
    external_id: str
    plan: str
    plan_item: str
    occurred_on: date
    channel: str
    title: str
    body: dict[str, Any]


def make_tables(url: str, *, secret: str) -> None:
    """Make the floor's tables in a database, and one key."""
    engine = make_engine(url)
    FloorTable.metadata.create_all(engine)
    with unit_of_work(engine) as session:
        session.add(FloorKey(sha256=hashlib.sha256(secret.encode()).hexdigest()))
    engine.dispose()


def app() -> FastAPI:
    """Return the application made from the environment."""
    engine = make_engine(os.environ["DATABASE_URL"])

    def get_session() -> Iterator[Session]:
        with Session(engine) as session:
            yield session

    made = FastAPI()

    @made.post("/reports", status_code=201, response_model=FloorReportOut)
    def create_report(
        report: ActivityBody,
        session: Annotated[Session, Depends(get_session)],
        credentials: Annotated[HTTPAuthorizationCredentials, Depends(BEARER)],
    ) -> FloorReport:
        sha256 = hashlib.sha256(credentials.credentials.encode()).hexdigest()
        key = session.exec(select(FloorKey).where(FloorKey.sha256 == sha256)).first()
        if key is None or key.id is None:
            raise HTTPException(401)
        row = FloorReport(
            key_id=key.id,
            unit=report.unit,
            source_system=report.source_system,
            external_id=report.external_id,
            plan=report.plan,
            plan_item=report.plan_item,
            occurred_on=report.occurred_on,
            channel=report.channel,
            title=report.title,
            body=report.model_dump(mode="json"),
        )
        session.add(row)
        session.commit()
        session.refresh(row)
        return row

    return made
