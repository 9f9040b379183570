"""The API process's peak memory at 100,000 rows over that at 10,000: no file is held whole."""

from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from sqlalchemy import make_url

from tests.bench.measured import Measured, say
from tests.bench.rows import CSV, JSON_LINES, a_key, csv, json_lines, send_batch
from tests.bench.served import PRODUCT, served

FEW: Final = 10_000
MANY: Final = 100_000
TARGET: Final = 1.3
FORMATS: Final[dict[str, Callable[..., bytes]]] = {JSON_LINES: json_lines, CSV: csv}


def run(url: str) -> Iterator[Measured]:
    """Measure each number of rows in a server process of its own, that has done nothing else."""
    secret = a_key(url)
    database = make_url(url).get_backend_name()
    for media_type, make in FORMATS.items():
        peaks = {}
        for rows in (FEW, MANY):
            name = f"{make.__name__}-{rows}"
            body = make(rows, source_system=name.replace("_", "-"))
            with (
                TemporaryDirectory() as folder,
                served(PRODUCT, url, log=Path(folder) / "log") as api,
            ):
                send_batch(
                    api, body, mode="partial", media_type=media_type, secret=secret, name=name
                )
                peaks[rows] = api.peak_memory()
            say(f"bulk_memory, {database}, {media_type}: {rows} rows, {peaks[rows]:.0f} MiB")
        yield Measured(
            variant=f"{database}, {media_type}, {MANY} over {FEW} rows",
            unit="MiB",
            ours=round(peaks[MANY], 1),
            floor=round(peaks[FEW], 1),
            target=TARGET,
            at_most=True,
        )
