"""Stopping the demo: Ctrl-C and SIGTERM are noted when they come, and heeded between two requests.

A signal that raises can come anywhere, also in a finalizer, where Python drops what is raised, or
between a process's start and our knowing of it. A note is never lost and never comes too early.
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


class Stopped(Exception):
    """Somebody asked the demo to stop."""


class Stop:
    """Whether somebody asked the demo to stop."""

    def __init__(self) -> None:
        self._asked = False

    def note(self, *_signal: object) -> None:
        """Note that it was asked for."""
        self._asked = True

    def heed(self) -> None:
        """Raise Stopped where it was asked for."""
        if self._asked:
            raise Stopped


@contextmanager
def stoppable(*, hang_up: bool = False) -> Iterator[Stop]:
    """Note the signals that come during the block; with `hang_up` also that the terminal went.

    `nohup` ignores that, and it stays ignored.
    """
    stop = Stop()
    ignored = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    heard = (*SIGNALS, signal.SIGHUP) if hang_up and not ignored else SIGNALS
    before = {number: signal.signal(number, stop.note) for number in heard}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
