"""A real receiver of webhooks on loopback, and signatures checked as the specification says.

Nothing here stands on our own code: it is read off https://www.standardwebhooks.com.
"""

import base64
import hashlib
import hmac
import json
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Received:
    """One request as it came in, and when."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    at: float = field(default_factory=time.time)

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def said(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found

    def signed_with(self, secret: str) -> bool:
        """Tell whether one of the signatures is the secret's, and the timestamp of now."""
        stamp = self.headers["webhook-timestamp"]
        if abs(int(stamp) - self.at) > 300:
            return False
        content = b".".join([self.id.encode(), stamp.encode(), self.body])
        key = base64.b64decode(secret.split("_")[1], validate=True)
        wanted = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
        versions = [one.split(",", 1) for one in self.headers["webhook-signature"].split(" ")]
        return any(name == "v1" and value == wanted for name, value in versions)


@dataclass
class Answer:
    """What is answered: a status and headers, after a while."""

    status: int = 204
    headers: dict[str, str] = field(default_factory=dict)
    after: float = 0.0
    body: bytes = b""
    drip: float = 0.0  # seconds between the bytes of a header that never ends


@dataclass
class Receiver:
    """What came in, and what is answered: the answers one after the other, then the usual one."""

    port: int = 0
    scheme: str = "http"
    answers: list[Answer] = field(default_factory=list)
    usual: Answer = field(default_factory=Answer)
    received: list[Received] = field(default_factory=list)

    def url(self, path: str = "/hook", host: str = "127.0.0.1") -> str:
        return f"{self.scheme}://{host}:{self.port}{path}"

    @property
    def ids(self) -> list[str]:
        return [one.id for one in self.received]


@contextmanager
def receiving(tls: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """Run a receiver on a free port until the block ends."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            receiver.received.append(Received(self.command, self.path, headers, body))
            answer = receiver.answers.pop(0) if receiver.answers else receiver.usual
            time.sleep(answer.after)
            with suppress(OSError):  # the sender did not wait
                self._answer(answer)

        def _answer(self, answer: Answer) -> None:
            if answer.drip:
                self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
                for _ in range(600):
                    self.wfile.write(b"a")
                    time.sleep(answer.drip)
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        def do_GET(self) -> None:
            self.do_POST()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if tls is not None:
        server.socket = tls.wrap_socket(
            server.socket,
            server_side=True,
            do_handshake_on_connect=False,  # but in the thread of its request
        )
        receiver.scheme = "https"
    receiver.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
