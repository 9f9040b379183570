"""Made-up activity reports of one district in 2021, as its portal would send them."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from http import HTTPStatus
from typing import Any, Final

from app.db import make_engine, unit_of_work
from app.domain.access.service import create_key
from app.domain.principal import Scope
from tests.bench.served import Served
from tests.support.makers import BINH_SON, an_activity

JSON_LINES: Final = "application/jsonl"
CSV: Final = "text/csv"
_CHANNELS: Final = ("facebook", "zalo", "portal", "youtube")
_FORMATS: Final = ("news", "article", "video_clip")


def a_key(url: str) -> str:
    """Make a key of the district; return its secret."""
    now = datetime.now(UTC)
    engine = make_engine(url)
    with unit_of_work(engine) as session:
        _, secret = create_key(
            session,
            unit=BINH_SON,
            scopes=tuple(Scope),
            label="bench",
            at=now,
            expires_at=now + timedelta(days=9),
        )
    engine.dispose()
    return secret


def bodies(many: int, *, source_system: str) -> Iterator[dict[str, Any]]:
    """Yield so many reports with two measures each, unlike one another."""
    for number in range(many):
        yield an_activity(
            source_system=source_system,
            external_id=f"r-{number:08}",
            occurred_on=str(date(2021, 1, 1) + timedelta(days=number % 320)),
            channel=_CHANNELS[number % 4],
            format=_FORMATS[number % 3],
            content_themes=[f"II.1.{number % 8 + 1}"],
            measures=[
                {"indicator": "posts", "value": str(number % 9 + 1)},
                {"indicator": "views", "value": str(number % 9_000)},
            ],
        )


def json_lines(many: int, *, source_system: str) -> bytes:
    """Return so many reports as JSON Lines."""
    return b"".join(
        json.dumps(body, ensure_ascii=False).encode() + b"\n"
        for body in bodies(many, source_system=source_system)
    )


def csv(many: int, *, source_system: str) -> bytes:
    """Return so many reports as CSV, with the fields' names for headings."""
    lines: list[str] = []
    for body in bodies(many, source_system=source_system):
        measures = {f"measures.{row['indicator']}": row["value"] for row in body.pop("measures")}
        [body["content_themes"]] = body["content_themes"]
        row = {**body, **measures}
        if not lines:
            lines.append(",".join(row))
        lines.append(",".join(row.values()))
    return "\n".join(lines).encode() + b"\n"


def send_batch(
    api: Served, body: bytes, *, mode: str, media_type: str, secret: str, name: str
) -> None:
    """Send one bulk request; assert that every row of it was created."""
    status, answer = api.post(
        f"/v1/activity-report-batches?mode={mode}",
        body,
        content_type=media_type,
        secret=secret,
        **{"Idempotency-Key": f"bench-{mode}-{name}"},
    )
    assert status == HTTPStatus.CREATED, (status, answer[:2000])
    counts = json.loads(answer)["counts"]
    assert (counts["rejected"], counts["unchanged"]) == (0, 0), counts
