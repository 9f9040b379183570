"""Decimal strings added up and taken from each other exactly: pure code."""

from collections.abc import Iterable
from decimal import Clamped, Context, Decimal, FloatOperation, Inexact, InvalidOperation, Overflow
from typing import Final

# More digits than sums of any number of BIGINTs have; what would not be exact is an error.
_EXACT: Final = Context(
    prec=100, traps=[Clamped, FloatOperation, Inexact, InvalidOperation, Overflow]
)
NOUGHT: Final = Decimal(0)


def added(amounts: Iterable[Decimal]) -> Decimal:
    """Return the exact sum."""
    rest = iter(amounts)
    whole = next(rest, NOUGHT)
    for amount in rest:
        whole = _EXACT.add(whole, amount)
    return whole


def less(one: Decimal, other: Decimal) -> Decimal:
    """Return the exact difference `one` − `other`."""
    return _EXACT.subtract(one, other)


def written(amount: Decimal) -> str:
    """Return an amount as a decimal string without idle zeros; it may be negative."""
    return f"{_EXACT.normalize(amount):f}" if amount else "0"
