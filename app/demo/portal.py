"""Speaking to the API as a portal does: one request, the answer that is due, or a clear failure."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from typing import Any, Final
from uuid import uuid4

import httpx

from app.demo.progress import Tick
from app.demo.stage import DemoFailed

PORTALS_AT_ONCE: Final = 6


@dataclass(frozen=True)
class Line:
    """A program's line to the API: its key."""

    http: httpx.Client
    secret: str

    def get(self, path: str, **params: str | int) -> httpx.Response:
        """Read; the answer is 200."""
        return self._ask("GET", path, 200, params=params)

    def post(self, path: str, body: Any = None, *, due: int) -> httpx.Response:
        """Write, safely again under the same Idempotency-Key; the answer is `due`."""
        return self._ask("POST", path, due, json=body, headers={"Idempotency-Key": str(uuid4())})

    def items(self, path: str, **params: str | int) -> list[dict[str, Any]]:
        """Read a whole list, page by page."""
        found: list[dict[str, Any]] = []
        cursor: dict[str, str] = {}
        while True:
            page = self.get(path, **params, **cursor).json()
            found += page["items"]
            if page["next"] is None:
                return found
            cursor = {"cursor": page["next"]}

    def _ask(self, method: str, path: str, due: int, **options: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.secret}", **options.pop("headers", {})}
        try:
            answer = self.http.request(method, path, headers=headers, **options)
        except httpx.TransportError as error:
            reason = str(error) or type(error).__name__
            raise DemoFailed(f"{method} {path}: no answer ({reason})") from error
        if answer.status_code != due:
            raise DemoFailed(f"{method} {path}: {due} was due, but {_said(answer)}")
        return answer


def at_once(tasks: Iterable[Callable[[], object]], tick: Tick) -> None:
    """Do tasks, several at a time and roughly in order; the first failure ends it."""
    with ThreadPoolExecutor(PORTALS_AT_ONCE, thread_name_prefix="portal") as pool:
        try:
            for done in as_completed([pool.submit(task) for task in tasks]):
                done.result()
                tick()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _said(answer: httpx.Response) -> str:
    """Return what an answer says, in one line."""
    try:
        problem = answer.json()
        faults = [f"{fault['pointer']} {fault['detail']}" for fault in problem.get("errors", ())]
        said = "; ".join([problem["detail"], *faults])
    except (ValueError, KeyError, TypeError):
        said = answer.text[:200]
    return f"{answer.status_code} came: {' '.join(said.split())}"
