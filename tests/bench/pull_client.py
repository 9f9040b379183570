"""The client of `pull`: a process of its own, cheap enough not to be what is measured.

It keeps its connections busy for so many seconds, each with the same request again and again, and
prints as JSON how many were answered with the status, in how long. Whole answers of 100 kB are
counted, not kept.

    python -m tests.bench.pull_client PORT CONNECTIONS SECONDS STATUS < request
"""

import json
import re
import selectors
import socket
import sys
import time
from dataclasses import dataclass
from typing import Final

_LENGTH: Final = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_NOT_MODIFIED: Final = b"304"
_BUFFER: Final = 1 << 18


@dataclass
class Answer:
    """How much of an answer is still to come; None before its head was read."""

    missing: int | None = None


def send(port: int, *, connections: int, duration: float, status: bytes) -> dict[str, float]:
    """Send for so long; return how many requests were answered so, and in what time."""
    request = sys.stdin.buffer.read()
    selector = selectors.DefaultSelector()
    buffer = memoryview(bytearray(_BUFFER))
    started = time.perf_counter()
    for _ in range(connections):
        line = socket.create_connection(("127.0.0.1", port))
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        selector.register(line, selectors.EVENT_READ, Answer())
        line.sendall(request)
    answered = 0
    while selector.get_map():
        for key, _ in selector.select(60):
            answer: Answer = key.data
            served: socket.socket = key.fileobj  # type: ignore[assignment]
            _take(answer, buffer[: served.recv_into(buffer)], status)
            if answer.missing:
                continue
            answered, answer.missing = answered + 1, None
            if time.perf_counter() - started < duration:
                served.sendall(request)
            else:
                selector.unregister(served)
                served.close()
    return {"answered": answered, "seconds": time.perf_counter() - started}


def _take(answer: Answer, piece: memoryview, status: bytes) -> None:
    """Count what came. Raises RuntimeError for an answer with another status."""
    if not piece:
        raise RuntimeError("the server hung up")
    if answer.missing is not None:
        answer.missing -= len(piece)
        return
    head, end, _ = bytes(piece[:4096]).partition(b"\r\n\r\n")  # it comes in one piece
    if not end or not head.startswith(b"HTTP/1.1 " + status):
        raise RuntimeError(f"not {status!r}: {head!r}")
    length = _LENGTH.search(head)
    body = int(length[1]) if length and status != _NOT_MODIFIED else 0
    answer.missing = len(head) + 4 + body - len(piece)


if __name__ == "__main__":
    port_, connections_, duration_, status_ = sys.argv[1:]
    counted = send(
        int(port_),
        connections=int(connections_),
        duration=float(duration_),
        status=status_.encode(),
    )
    print(json.dumps(counted))  # noqa: T201
