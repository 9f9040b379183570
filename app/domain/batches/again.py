"""Transactions that PostgreSQL ends because two of them wait for each other."""

from collections.abc import Callable
from typing import Final, TypeVar

from psycopg.errors import DeadlockDetected
from sqlalchemy.exc import OperationalError

_TRIES: Final = 10

Answer = TypeVar("Answer")


def again_where_deadlocked(transaction: Callable[[], Answer]) -> Answer:
    """Do a transaction, and do it again where it was ended so that another one could go on.

    Each time at least one of those that wait in a circle goes on, so it comes to an end.
    """
    for _ in range(_TRIES - 1):
        try:
            return transaction()
        except OperationalError as error:
            if not isinstance(error.orig, DeadlockDetected):
                raise
        except DeadlockDetected:  # from a COPY, which is the driver's own
            continue
    return transaction()
