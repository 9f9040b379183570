"""Running the API and the worker as processes of their own, and stopping them together."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from types import FrameType
from typing import Final

_GRACE: Final = 15  # seconds to end by itself before it is killed


def start_api(
    *,
    host: str,
    port: int,
    environment: Mapping[str, str],
    log: Path | None = None,
    tether: int | None = None,
) -> subprocess.Popen[bytes]:
    """Start the API's server; `log` takes its standard error, `tether` is told in `app.tether`."""
    return _start(
        ["uvicorn", "app.main:app", "--factory", "--host", host, "--port", str(port)],
        environment,
        log,
        tether,
    )


def start_worker(
    *, environment: Mapping[str, str], log: Path | None = None, tether: int | None = None
) -> subprocess.Popen[bytes]:
    """Start a worker; `log` takes its standard error, `tether` is told in `app.tether`."""
    return _start(["worker"], environment, log, tether)


def stop(*processes: subprocess.Popen[bytes]) -> None:
    """End processes as an operator would, and kill what does not end."""
    for process in processes:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
    for process in processes:
        try:
            process.wait(_GRACE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def serve_until_stopped(*, host: str, port: int) -> int:
    """Run both until a signal comes or one of them ends; return the exit code.

    A signal is a wish and ends with 0; a process that ends by itself is a fault.
    """
    wished = threading.Event()

    def wish(_signal: int, _frame: FrameType | None) -> None:
        wished.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, wish)
    processes = [
        start_api(host=host, port=port, environment=os.environ),
        start_worker(environment=os.environ),
    ]
    while not wished.wait(0.2):
        if any(process.poll() is not None for process in processes):
            break
    stop(*processes)
    return 0 if wished.is_set() else 1


def _start(
    module: list[str], environment: Mapping[str, str], log: Path | None, tether: int | None
) -> subprocess.Popen[bytes]:
    held = () if tether is None else (tether,)
    tethered = [] if tether is None else ["app.tether", str(tether)]
    # A session of its own: Ctrl-C reaches this process alone, which then stops its children.
    command = [sys.executable, "-m", *tethered, *module]
    if log is None:
        return subprocess.Popen(  # noqa: S603 - our own modules
            command, env=dict(environment), start_new_session=True, pass_fds=held
        )
    with log.open("ab") as stream:
        return subprocess.Popen(  # noqa: S603 - our own modules
            command,
            env=dict(environment),
            stdout=stream,
            stderr=stream,
            start_new_session=True,
            pass_fds=held,
        )
