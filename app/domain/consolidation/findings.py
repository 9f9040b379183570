"""What checking a saved report finds: rules, how often each was tried, and where it fails."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

ABSENT: Final = "—"
_LONGEST: Final = 200  # letters of a value that are shown
_FEW: Final = 3  # terms that are named


@dataclass(frozen=True)
class Rule:
    """Something that holds in every report that was not changed."""

    code: str
    vi: str
    en: str


@dataclass(frozen=True)
class Failed:
    """Where a rule does not hold: what stands there, and what should.

    `terms` are the pointers of what the expected value was made of: any of them may be wrong.
    """

    pointer: str
    says: str
    should: str
    terms: tuple[str, ...] = ()

    def __str__(self) -> str:
        told = f"{self.pointer or '(all)'}: says {self.says}, should be {self.should}"
        if not self.terms:
            return told
        more = len(self.terms) - _FEW
        made_of = ", ".join(self.terms[:_FEW]) + (f" and {more} more" if more > 0 else "")
        return f"{told} (by {made_of})"


@dataclass(frozen=True)
class Check:
    """A rule, how many places it was held against, and where it does not hold."""

    rule: Rule
    tried: int
    failed: Sequence[Failed] = field(default=())


def checked(rule: Rule, tries: Iterable[Failed | None]) -> Check:
    """Return a check of everything that was tried; None is a place where the rule holds."""
    found = list(tries)
    return Check(rule, len(found), tuple(one for one in found if one is not None))


def suspects(checks: Iterable[Check]) -> list[str]:
    """Return the pointers that all failures have in common: likely one of them was changed.

    One changed figure breaks every sum that it is part of. None are named where the failures
    share nothing.
    """
    failed = [one for check in checks for one in check.failed]
    common = Counter(pointer for one in failed for pointer in {one.pointer, *one.terms})
    return sorted(pointer for pointer, times in common.items() if times == len(failed))


def shown(value: Any) -> str:
    """Return a value as it is shown beside another one."""
    text = value if isinstance(value, str) else repr(value) if value is not None else "null"
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def differences(one: Any, other: Any, pointer: str = "") -> Iterator[Failed]:
    """Yield every place at which a JSON value is not as another one, by JSON Pointer into it.

    Of lists whose lengths differ, what both begin and end with is paired.
    """
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        for name in sorted({*one, *other}):
            at = f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}"
            if name in one and name in other:
                yield from differences(one[name], other[name], at)
            else:
                yield _lone(at, one, other, name)
    elif isinstance(one, list) and isinstance(other, list):
        yield from _of_lists(one, other, pointer)
    elif type(one) is not type(other) or one != other:
        yield Failed(pointer, shown(one), shown(other))


def same(says: Any, should: Any, pointer: str) -> list[Failed | None]:
    """Return where a JSON value is not what it should be; None, once, where it is."""
    return [*differences(says, should, pointer)] or [None]


def _of_lists(one: list[Any], other: list[Any], pointer: str) -> Iterator[Failed]:
    first = 0
    if len(one) != len(other):
        shorter = min(len(one), len(other))
        while first < shorter and one[first] == other[first]:
            first += 1
        last = 0
        while last < shorter - first and one[-1 - last] == other[-1 - last]:
            last += 1
        one, other = one[: len(one) - last], other[: len(other) - last]
    for place in range(first, max(len(one), len(other))):
        at = f"{pointer}/{place}"
        if place < len(one) and place < len(other):
            yield from differences(one[place], other[place], at)
        elif place < len(one):
            yield Failed(at, shown(one[place]), ABSENT)
        else:
            yield Failed(at, ABSENT, shown(other[place]))


def _lone(at: str, one: Mapping[str, Any], other: Mapping[str, Any], name: str) -> Failed:
    if name in one:
        return Failed(at, shown(one[name]), ABSENT)
    return Failed(at, ABSENT, shown(other[name]))
