"""Reports held in memory by an API process, for as long as they are pulled and there is room."""

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock
from typing import Final
from uuid import UUID

from app.api.representations import StoredBytes
from app.domain.consolidation.queries import ReportHead

MOST_KEPT: Final = 32 * 1024 * 1024  # bytes, of a report both as it is and compressed
JSON_FORM: Final = "json"


@dataclass(frozen=True)
class KeptReport:
    """A version with its bytes in one form."""

    head: ReportHead
    stored: StoredBytes


class KeptReports:
    """The versions that were pulled last, of so many bytes in all. Threads may share it.

    It says what a version is, and nothing of who may see it.
    """

    def __init__(self, most: int = MOST_KEPT) -> None:
        self._most, self._size = most, 0
        self._kept: OrderedDict[tuple[UUID, str], KeptReport] = OrderedDict()
        self._lock = Lock()

    def find(self, report_id: UUID, form: str = JSON_FORM) -> KeptReport | None:
        """Return a version that is held, or None."""
        with self._lock:
            found = self._kept.get((report_id, form))
            if found is not None:
                self._kept.move_to_end((report_id, form))
            return found

    def keep(self, report: KeptReport, form: str = JSON_FORM) -> None:
        """Hold a version, and let go of those pulled longest ago; one too large is not held."""
        if report.stored.size > self._most:
            return
        with self._lock:
            before = self._kept.pop((report.head.id, form), None)
            self._size += report.stored.size - (before.stored.size if before else 0)
            self._kept[report.head.id, form] = report
            while self._size > self._most:
                _, gone = self._kept.popitem(last=False)
                self._size -= gone.stored.size
