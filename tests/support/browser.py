"""A real Chromium without a window, driven through its DevTools protocol.

websockets, which the server brings along, is all that it takes. The browser knows no host but
127.0.0.1, and all that its page asked for, said and was refused is kept.
"""

import base64
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

_NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = next((found for name in _NAMES if (found := shutil.which(name))), None)
PATIENCE = 20.0
_OPTIONS = (
    "--headless=new",
    "--remote-debugging-port=0",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
_VIOLATIONS = """
window.violations = [];
document.addEventListener("securitypolicyviolation",
    (event) => window.violations.push(`${event.violatedDirective} ${event.blockedURI}`));
"""


class NotShown(AssertionError):
    """The page did not come to show what was waited for."""


@dataclass
class Page:
    """One page of the browser, and what happened on it."""

    connection: ClientConnection
    session: str
    events: list[dict[str, Any]] = field(default_factory=list)
    _sent: int = 0

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Call a method of the protocol and return its result; keep the events meanwhile."""
        self._sent += 1
        message = {"id": self._sent, "method": method, "params": params, "sessionId": self.session}
        self.connection.send(json.dumps(message))
        while True:
            answer = json.loads(self.connection.recv(timeout=PATIENCE))
            if answer.get("id") == self._sent:
                assert "error" not in answer, answer
                result: dict[str, Any] = answer["result"]
                return result
            self.events.append(answer)

    def evaluate(self, expression: str) -> Any:
        """Return what a JavaScript expression gives on the page."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def wait_for(self, expression: str) -> Any:
        """Return what an expression gives once that is something. Raises NotShown."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            found = self.evaluate(expression)
            if found:
                return found
            time.sleep(0.05)
        raise NotShown(expression)

    def open(self, url: str) -> None:
        """Go to an address."""
        self.call("Page.navigate", url=url)
        self.wait_for("document.readyState === 'complete'")

    def click(self, selector: str) -> None:
        """Click the middle of the first element that a selector finds, with the mouse."""
        quoted = json.dumps(selector)
        self.wait_for(f"document.querySelector({quoted}) !== null")
        self.evaluate(f"document.querySelector({quoted}).scrollIntoView({{block: 'center'}})")
        box = self.evaluate(f"document.querySelector({quoted}).getBoundingClientRect().toJSON()")
        place = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, button="left", clickCount=1, **place)

    def write(self, selector: str, text: str) -> None:
        """Put the cursor into a field and write, in place of what stands there."""
        self.click(selector)
        self.evaluate(f"document.querySelector({json.dumps(selector)}).select()")
        self.call("Input.insertText", text=text)

    def requested(self) -> list[str]:
        """Return the addresses of all that the page asked for."""
        return [
            event["params"]["request"]["url"]
            for event in self.events
            if event["method"] == "Network.requestWillBeSent"
        ]

    def complaints(self) -> list[str]:
        """Return what the browser held against the page: errors, exceptions, refused content."""
        found: list[str] = self.evaluate("window.violations")
        for event in self.events:
            params = event["params"]
            if event["method"] == "Runtime.exceptionThrown":
                found.append(str(params["exceptionDetails"]))
            elif event["method"] == "Runtime.consoleAPICalled" and params["type"] == "error":
                found.append(str(params["args"]))
            elif event["method"] == "Log.entryAdded" and params["entry"]["level"] == "error":
                found.append(params["entry"]["text"])
        return found

    def resize(self, width: int, height: int) -> None:
        """Give the page a screen of that many pixels."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 600,
        )

    def picture(self, file: Path) -> None:
        """Save what the screen shows as a PNG."""
        file.write_bytes(base64.b64decode(self.call("Page.captureScreenshot")["data"]))


@contextmanager
def browser_page() -> Iterator[Page]:
    """Start Chromium with one empty page, and end it afterwards."""
    assert CHROMIUM is not None
    options = [*_OPTIONS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        process = subprocess.Popen(
            [CHROMIUM, *options, f"--user-data-dir={profile}", "about:blank"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            with connect(_address(Path(profile)), max_size=None, proxy=None) as connection:
                yield _attached(connection)
        finally:
            process.terminate()
            process.wait(10)


def _address(profile: Path) -> str:
    """Return where the browser listens, which it writes down once it does."""
    file = profile / "DevToolsActivePort"
    until = time.monotonic() + PATIENCE
    while not (file.exists() and file.read_text(encoding="ascii").count("\n")):
        if time.monotonic() > until:
            raise NotShown("Chromium did not start")
        time.sleep(0.05)
    port, path = file.read_text(encoding="ascii").split("\n")[:2]
    return f"ws://127.0.0.1:{port}{path}"


def _attached(connection: ClientConnection) -> Page:
    target = _root(connection, "Target.createTarget", url="about:blank")["targetId"]
    attached = _root(connection, "Target.attachToTarget", targetId=target, flatten=True)
    page = Page(connection, attached["sessionId"])
    for domain in ("Page", "Runtime", "Network", "Log"):
        page.call(f"{domain}.enable")
    page.call("Page.addScriptToEvaluateOnNewDocument", source=_VIOLATIONS)
    return page


def _root(connection: ClientConnection, method: str, **params: Any) -> dict[str, Any]:
    """Call a method of the browser itself, before it has a page."""
    connection.send(json.dumps({"id": 0, "method": method, "params": params}))
    while True:
        answer = json.loads(connection.recv(timeout=PATIENCE))
        if answer.get("id") == 0:
            assert "error" not in answer, answer
            result: dict[str, Any] = answer["result"]
            return result
