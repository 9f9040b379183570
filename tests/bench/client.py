"""The client of `single`: a process of its own, cheap enough not to be what is measured.

It keeps its connections busy for so many seconds, each with one request after the other, and
prints as JSON how many were answered with 201, in how long.

    python -m tests.bench.client PORT CONNECTIONS SECONDS FIRST < request

The request, head and body, comes on standard input; every `@@@@@@@@` in it becomes a number
from FIRST on, of the same length, another one in each request.
"""

import json
import re
import selectors
import socket
import sys
import time
from typing import Final

PLACE: Final = b"@@@@@@@@"
_LENGTH: Final = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CREATED: Final = b"HTTP/1.1 201"


def send(port: int, *, connections: int, duration: float, first: int) -> dict[str, float]:
    """Send for so long; return how many requests were answered with 201, and in what time."""
    before, *between, after = sys.stdin.buffer.read().split(PLACE)
    assert not between, "one place for the number"
    selector = selectors.DefaultSelector()
    received: dict[socket.socket, bytes] = {}
    number = first
    started = time.perf_counter()
    for _ in range(connections):
        line = socket.create_connection(("127.0.0.1", port))
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        selector.register(line, selectors.EVENT_READ)
        received[line] = b""
        line.sendall(before + b"%08d" % number + after)
        number += 1
    answered = 0
    while selector.get_map():
        for event, _ in selector.select(60):
            line = event.fileobj  # type: ignore[assignment]
            received[line] += line.recv(65536)
            if not _is_whole(received[line]):
                continue
            answered += 1
            received[line] = b""
            if time.perf_counter() - started < duration:
                line.sendall(before + b"%08d" % number + after)
                number += 1
            else:
                selector.unregister(line)
                line.close()
    return {"answered": answered, "seconds": time.perf_counter() - started}


def _is_whole(answer: bytes) -> bool:
    """Tell whether an answer is there to its end. Raises RuntimeError for any but 201."""
    head, end, body = answer.partition(b"\r\n\r\n")
    if not end:
        if not answer:
            raise RuntimeError("the server hung up")
        return False
    if not head.startswith(_CREATED):
        raise RuntimeError(f"not 201: {answer!r}")
    length = _LENGTH.search(head)
    assert length is not None, "an answer without its length"
    return len(body) >= int(length[1])


if __name__ == "__main__":
    port_, connections_, duration_, first_ = sys.argv[1:]
    counted = send(
        int(port_), connections=int(connections_), duration=float(duration_), first=int(first_)
    )
    print(json.dumps(counted))  # noqa: T201
