"""A rollup as canonical JSON (RFC 8785) and back: the same rollup has the same bytes.

Amounts are written as decimal digits in strings: they may exceed what JSON numbers keep.
"""

import json
from datetime import date
from typing import Any, Final

import rfc8785

from app.domain.consolidation.arithmetic import Cell, Count, Dated, Figure, Rollup, Series

SCHEMA: Final = "baocao/rollup/1"


def to_json(rollup: Rollup) -> bytes:
    """Return the canonical bytes of a rollup."""
    return rfc8785.dumps(
        {
            "schema": SCHEMA,
            "counts": sorted(
                [item, *cell, *map(str, count)] for (item, cell), count in rollup.counts.items()
            ),
            "sums": sorted(
                [*figure, *cell, str(amount)] for (figure, cell), amount in rollup.sums.items()
            ),
            "latest": sorted(
                [*figure, *series, dated.day.isoformat(), str(dated.amount)]
                for (figure, series), dated in rollup.latest.items()
            ),
            "peaks": sorted(
                [*figure, *series, str(amount)] for (figure, series), amount in rollup.peaks.items()
            ),
            "money": sorted(
                [item, source, *cell, str(amount)]
                for (item, source, cell), amount in rollup.money.items()
            ),
        }
    )


def from_json(content: bytes) -> Rollup:
    """Return the rollup of its bytes. Raises ValueError for another schema."""
    data: dict[str, Any] = json.loads(content)
    if data["schema"] != SCHEMA:
        raise ValueError(f"a rollup of schema {data['schema']}, not {SCHEMA}")
    return Rollup(
        counts={(r[0], Cell(*r[1:3])): Count(int(r[3]), int(r[4])) for r in data["counts"]},
        sums={(Figure(*r[:3]), Cell(*r[3:5])): int(r[5]) for r in data["sums"]},
        latest={
            (Figure(*r[:3]), Series(*r[3:6])): Dated(date.fromisoformat(r[6]), int(r[7]))
            for r in data["latest"]
        },
        peaks={(Figure(*r[:3]), Series(*r[3:6])): int(r[6]) for r in data["peaks"]},
        money={(r[0], r[1], Cell(*r[2:4])): int(r[4]) for r in data["money"]},
    )
