"""How often the worker looks for garbage that reference counting leaves behind."""

import gc
from typing import Final

# A job builds hundreds of thousands of small objects and drops them at its end; hardly any of
# them stand in cycles. At Python's own thresholds a third of a consolidation is spent on
# looking through them again and again.
_THRESHOLDS: Final = (50_000, 20, 100)


def collect_rarely() -> None:
    """Look for cyclic garbage less often than Python does by itself, in the whole process."""
    gc.set_threshold(*_THRESHOLDS)
