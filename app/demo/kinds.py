"""What a kind of made-up activity is made of."""

from dataclasses import dataclass
from typing import NamedTuple


class Much(NamedTuple):
    """How much of an indicator: from `low` to `high`, for each occurrence where `each`.

    `reposts` is how often part of it again is counted as reposts.
    """

    indicator: str
    low: int
    high: int
    each: bool = False
    reposts: float = 0.0


@dataclass(frozen=True)
class Kind:
    """A kind of activity, from which many like ones are made.

    In titles `{unit}` is the body, `{place}` the commune, `{topic}` what a theme is about,
    `{field}` the body's own field, `{days}` and `{month}` when it was. `once` comes once from
    each body, the others as often as their `weight` says. With `days` it is a summary over so
    many days, of so many `times`. `cost` is in thousands of VND, spent in `paid` of the cases.
    """

    item: str
    channel: str
    format: str
    titles: tuple[str, ...]
    much: tuple[Much, ...]
    weight: int = 1
    once: bool = False
    days: tuple[int, int] | None = None
    times: tuple[int, int] = (1, 1)
    cost: tuple[int, int] = (0, 0)
    paid: float = 0.0
    themes: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    partners: tuple[str, ...] = ()
    description: str | None = None
    integrated: bool = False
    spoken: bool = False
    relayed: bool = False
    linked: float = 0.25
