"""What the guide to webhooks gives to copy: the message it shows, and two checks of a signature."""

import base64
import json
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from app.api.docs.guides import LANGUAGES, guide
from app.api.webhooks.events import EXAMPLES
from app.domain.webhooks.signing import shown, signed_headers
from tests.support.playing import blocks_of
from tests.support.receiving import Received

SECRET, NEXT, STRANGE = (bytes([number]) * 32 for number in (1, 2, 3))
PUBLISHED = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
PUBLISHED_AT = 1614265330
BODY = '{"type":"webhook.test","data":{"text":"đã trả lại"}}'.encode()
# A driver below each snippet: a message a line from outside, the verdict of each on a line.
PYTHON = """
import json, sys
for line in sys.stdin:
    secret, headers, body, now = json.loads(line)
    time.time = lambda: now
    try:
        print(is_genuine(secret, headers, body.encode()))
    except Exception as error:
        print(error.__class__.__name__, file=sys.stderr)
        print(False)
"""
NODE = """
for (const line of require("node:fs").readFileSync(0, "utf8").trim().split("\\n")) {
  const [secret, headers, body, now] = JSON.parse(line);
  Date.now = () => now * 1000;
  let said = false;
  try { said = isGenuine(secret, headers, Buffer.from(body)); } catch (error) { said = false; }
  console.log(said ? "True" : "False");
}
"""
RUN = {"python": (sys.executable, "-c", PYTHON), "js": ("node", "-e", NODE)}


def text(language: str) -> str:
    found = guide(language, "webhooks")  # type: ignore[arg-type]
    assert found is not None
    return found


@dataclass(frozen=True)
class Message:
    """A message as it comes in, the receiver's secret, and the time on its clock."""

    headers: dict[str, str]
    secret: bytes = SECRET
    body: bytes = BODY
    now: int = PUBLISHED_AT

    def line(self) -> str:
        return json.dumps([shown(self.secret), self.headers, self.body.decode(), self.now])


def signed(*secrets: bytes, **changes: Any) -> dict[str, str]:
    said = {"name": "msg_1", "body": BODY, "seconds": PUBLISHED_AT, **changes}
    return signed_headers(secrets=list(secrets), **said)


def genuine() -> Iterator[Message]:
    published = signed(PUBLISHED, name="msg_p5jXN8AQM9LWM0D4loKWxJek", body=b'{"test": 2432232314}')
    signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert published["webhook-signature"] == signature  # as Standard Webhooks publish it
    yield Message(published, secret=PUBLISHED, body=b'{"test": 2432232314}')
    yield Message(signed(SECRET))
    yield Message(signed(NEXT, SECRET))
    yield Message(signed(NEXT, SECRET), secret=NEXT)
    yield Message(signed(SECRET), now=PUBLISHED_AT + 299)


def forged() -> Iterator[Message]:
    yield Message(signed(SECRET), now=PUBLISHED_AT + 301)
    yield Message(signed(SECRET), now=PUBLISHED_AT - 301)
    yield Message(signed(STRANGE))
    yield Message(signed(SECRET), body=BODY + b" ")
    yield Message({**signed(SECRET), "webhook-id": "msg_2"})
    yield Message({**signed(SECRET), "webhook-timestamp": "soon"})
    for nothing in ("", "v1,", "v1", "v1,đ" + "=" * 43):
        yield Message({**signed(SECRET), "webhook-signature": nothing})
    yield Message({"webhook-id": "msg_1", "webhook-timestamp": str(PUBLISHED_AT)})


@pytest.mark.parametrize("kind", ["python", "js"])
def test_what_it_gives_to_copy_takes_what_is_genuine_and_nothing_else(kind: str) -> None:
    program, option, driver = RUN[kind]
    if shutil.which(program) is None:
        pytest.skip("this machine has no Node: apt-get install nodejs")
    (snippet,) = blocks_of(text("en"), kind)
    to_take, to_refuse = list(genuine()), list(forged())
    done = subprocess.run(
        [program, option, snippet + driver],
        input="\n".join(message.line() for message in to_take + to_refuse),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    taken = ["True"] * len(to_take) + ["False"] * len(to_refuse)
    assert done.stdout.split() == taken, done.stderr


def test_both_languages_give_the_same() -> None:
    for kind in ("python", "js", "http"):
        first, *others = (blocks_of(text(language), kind) for language in LANGUAGES)
        assert all(other == first for other in others), kind


def test_the_message_that_it_shows_is_one_of_ours_signed_with_the_secret_that_it_shows() -> None:
    written = text("en")
    shown_message = next(block for block in blocks_of(written, "http") if block.startswith("POST"))
    head, _, body = shown_message.partition("\n\n")
    said = json.loads(body)
    assert said == EXAMPLES["submission.accepted"]
    headers = dict(line.split(": ", 1) for line in head.splitlines()[1:])
    sent = json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()
    at = int(headers["webhook-timestamp"])
    received = Received("POST", "/", headers, sent, at=float(at))
    secret = re.findall(r"whsec_[\w+/]+=", written)[0]
    assert received.signed_with(secret)
    assert time.gmtime(at)[:6] == time.strptime(said["timestamp"][:19], "%Y-%m-%dT%H:%M:%S")[:6]
