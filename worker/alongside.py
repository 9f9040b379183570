"""A thread beside the jobs, for the time of a block."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def alongside(
    run: Callable[[], None], *, name: str, stop: Callable[[], None], within: float
) -> Iterator[None]:
    """Run a function in a thread during the block; then stop it, and wait so many seconds for it.

    A daemon: what does not heed `stop` in time keeps no process from its end.
    """
    thread = threading.Thread(target=run, name=name, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop()
        thread.join(timeout=within)
