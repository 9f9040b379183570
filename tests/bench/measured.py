"""What a benchmark answers, and how rounds become one figure."""

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Measured:
    """Ours beside the floor: one line of `make bench`.

    `target` is the least ratio that will do; the greatest where `at_most`. None: no target yet.
    """

    variant: str
    unit: str
    ours: float
    floor: float
    target: float | None
    at_most: bool = False

    @property
    def ratio(self) -> float:
        """Ours over the floor's."""
        return round(self.ours / self.floor, 3)

    @property
    def missed(self) -> bool:
        """Whether the target is missed."""
        if self.target is None:
            return False
        return self.ratio > self.target if self.at_most else self.ratio < self.target

    def line(self, bench: str) -> dict[str, Any]:
        """Return the JSON line."""
        return {
            "bench": bench,
            "variant": self.variant,
            "unit": self.unit,
            "ours": self.ours,
            "floor": self.floor,
            "ratio": self.ratio,
            "target": self.target,
        }


def middle_round(rounds: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Return (ours, floor) of the round whose ratio is the median of all rounds' ratios.

    Both are measured within seconds of each other: a slow minute of the machine slows both.
    """
    return sorted(rounds, key=lambda pair: pair[0] / pair[1])[len(rounds) // 2]


def seconds(work: Callable[[], object]) -> float:
    """Return how long it takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def say(text: str) -> None:
    """Say on standard error how far it is."""
    print(text, file=sys.stderr, flush=True)  # noqa: T201
