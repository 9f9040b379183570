"""Whether the process lives, and whether it can serve."""

from typing import Literal

from fastapi import APIRouter, Request, Response
from pydantic import Field
from sqlalchemy import text

from app.api.deps import front_of
from app.api.out import InstantOut, OutModel
from app.db import unit_of_work
from app.domain.described import Word

router = APIRouter(tags=["Health"])


class LiveOut(OutModel):
    """The process answers (tiến trình đang chạy)."""

    status: Literal["ok"] = Field(description="ok where it answers (trạng thái).")


class ClockOut(OutModel):
    """The clock that this process lives by (đồng hồ của hệ thống)."""

    simulated: bool = Field(
        description="True where the clock was set, as in a demo (đồng hồ giả lập)."
    )
    offset_seconds: float = Field(
        description="By how many seconds it is ahead of the machine's (độ lệch).",
        json_schema_extra={"format": "double", "minimum": -1e11, "maximum": 1e11},
    )
    now: InstantOut = Field(description="What it shows now (thời điểm hiện tại), in UTC.")


class ReadyOut(OutModel):
    """The process can serve (hệ thống sẵn sàng): its database answers."""

    status: Literal["ok"] = Field(description="ok where it answers (trạng thái).")
    database: Word = Field(
        description="The database that answers: sqlite or postgresql (cơ sở dữ liệu)."
    )
    purpose: Word = Field(
        description="What the database was created for: production, demo or sandbox (mục đích)."
    )
    clock: ClockOut


@router.get("/livez")
def is_live() -> LiveOut:
    """Tell whether the process answers. Public."""
    return LiveOut(status="ok")


@router.get("/readyz")
def is_ready(request: Request, response: Response) -> ReadyOut:
    """Tell whether the process can serve, and by which clock. Public."""
    front = front_of(request)
    with unit_of_work(front.engine, write=False) as session:
        session.connection().execute(text("SELECT 1"))
    response.headers["Cache-Control"] = "no-store"
    return ReadyOut(
        status="ok",
        database=front.engine.dialect.name,
        purpose=front.instance.purpose,
        clock=ClockOut(
            simulated=front.clock.simulated,
            offset_seconds=front.clock.offset.total_seconds(),
            now=front.clock.now(),
        ),
    )
