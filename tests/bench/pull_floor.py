"""The floor of `pull`: a bare FastAPI route with the same key check, which answers the same bytes.

No rate limit, no scopes, no visibility, no request id, no Content-Location, no gzip. Fair in both
directions:

- the key check is the product's own statement, run once for each request, with its two instants;
- the bytes are held in memory from the start, so that the floor never reads them again;
- the session is a `yield` dependency, as the tutorials do it and as in the floor of `single`.
"""

import hashlib
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException, Request, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlmodel import Session, select

from app.db import make_engine
from app.domain.access.service import _IDENTIFY
from app.domain.consolidation.models import ConsolidatedReport

BEARER = HTTPBearer()


def app() -> FastAPI:
    """Return the application made from the environment: it answers the first report there is."""
    engine = make_engine(os.environ["DATABASE_URL"])
    reading = engine.execution_options(sqlite_begin="BEGIN DEFERRED")
    with Session(reading) as opened:
        content = opened.exec(select(ConsolidatedReport.content)).first()
    assert content is not None, "no report"
    tag = f'"{hashlib.sha256(content).hexdigest()}"'

    def get_session() -> Iterator[Session]:
        with Session(reading) as session:
            yield session

    made = FastAPI()

    @made.get("/report")
    def get_report(
        request: Request,
        session: Annotated[Session, Depends(get_session)],
        credentials: Annotated[HTTPAuthorizationCredentials, Depends(BEARER)],
    ) -> Response:
        sha256 = hashlib.sha256(credentials.credentials.encode()).hexdigest()
        key = session.connection().execute(_IDENTIFY, {"sha256": sha256}).first()
        now = datetime.now(UTC)
        if key is None or key.expires_at <= now or (key.revoked_at and key.revoked_at <= now):
            raise HTTPException(401)
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers={"ETag": tag})
        return Response(content, media_type="application/json", headers={"ETag": tag})

    return made
