"""Requests that start together, each on a connection of its own."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

import httpx

from tests.support.api import TLS, Api, Portal

Answer = TypeVar("Answer")


def at_once(api: Api, portal: Portal, *sends: Callable[[Portal], Answer]) -> list[Answer]:
    """Start all at the same instant and return their answers, each in its place."""
    together = threading.Barrier(len(sends))
    answers: dict[int, Answer] = {}

    def send(place: int) -> None:
        with httpx.Client(verify=TLS, base_url=api.http.base_url, timeout=60) as http:
            own = Portal(http, portal.secret)
            own.get("/v1/plans")  # the connection is there before the race
            together.wait(60)
            answers[place] = sends[place](own)

    threads = [threading.Thread(target=send, args=(place,)) for place in range(len(sends))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(90)
    assert sorted(answers) == list(range(len(sends))), "a request was never answered"
    return [answers[place] for place in range(len(sends))]


@dataclass
class Waiting:
    """Requests under way, and what they were answered."""

    threads: list[threading.Thread] = field(default_factory=list)
    answers: list[httpx.Response] = field(default_factory=list)

    def done(self) -> Sequence[httpx.Response]:
        """Wait for all of them."""
        for thread in self.threads:
            thread.join(60)
            assert not thread.is_alive(), "a request was never answered"
        return self.answers


@contextmanager
def under_way(api: Api, portal: Portal) -> Iterator[Callable[..., Waiting]]:
    """Yield what sends requests in the background, one after the other."""
    waiting = Waiting()

    def start(*sends: Callable[[Portal], httpx.Response]) -> Waiting:
        def go() -> None:
            with httpx.Client(verify=TLS, base_url=api.http.base_url, timeout=60) as http:
                waiting.answers += [send(Portal(http, portal.secret)) for send in sends]

        waiting.threads.append(threading.Thread(target=go))
        waiting.threads[-1].start()
        return waiting

    yield start
    waiting.done()
