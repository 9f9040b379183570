"""Where a sandbox lives: a temporary folder. That of a killed one goes when another starts."""

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

PREFIX: Final = "baocao-sandbox-"
_LOCK: Final = "lock"
_YOUNG_SECONDS: Final = 60  # one that is about to take its lock is not swept away


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """Make a folder that nobody else can read, for the time of the block."""
    sweep()
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    try:
        with (folder / _LOCK).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield folder
    finally:
        shutil.rmtree(folder)


def sweep() -> None:
    """Remove our own folders of sandboxes that were killed. Those that run hold their lock."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        lock = folder / _LOCK
        try:
            told = lock.lstat()
            if told.st_uid != os.getuid() or time.time() - told.st_mtime < _YOUNG_SECONDS:
                continue
            with lock.open() as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
        except OSError:  # it runs, or is being removed by somebody else
            continue
