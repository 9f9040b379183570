"""What became of one row of a bulk request, in the form that is stored and read again."""

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any, Final, Literal
from uuid import UUID

from app.domain.batches.rows import RawRow
from app.domain.errors import DomainError, Fault
from app.domain.shown import safe

Outcome = Literal["created", "updated", "unchanged", "rejected"]
_SHOWN: Final = 80  # characters of a value that is shown
_PLACE_SHOWN: Final = 200  # characters of a pointer, in which fields have the names sent
_FAULTS_TOLD: Final = 50  # of one row
_PERMITTED: Final = 60  # values listed with a fault
_IN_MEMORY: Final = 1024 * 1024


@dataclass(frozen=True)
class RowOutcome:
    """One row's outcome; `faults` of a rejected one as `told` makes them."""

    number: int
    external_id: str | None
    outcome: Outcome
    report_id: UUID | None = None
    revision: int | None = None
    faults: list[dict[str, Any]] | None = None

    def columns(self, batch_id: UUID, *, there: Set[UUID]) -> dict[str, Any]:
        """Return the row of the outcome's table; a report that is not there has no id."""
        known = self.report_id in there
        return {
            "batch_id": batch_id,
            "number": self.number,
            "external_id": self.external_id,
            "outcome": self.outcome,
            "report_id": self.report_id if known else None,
            "revision": self.revision if known else None,
            "faults": self.faults,
        }


def rejected(raw: RawRow, faults: Sequence[Fault]) -> RowOutcome:
    """Return the outcome of a row that is refused for these faults."""
    return RowOutcome(
        raw.number,
        external_id_of(raw),
        "rejected",
        faults=[_told(raw, fault) for fault in faults[:_FAULTS_TOLD]],
    )


def faults_of_refusal(refusal: DomainError, pointer: str) -> Sequence[Fault]:
    """Return a refusal's faults; one that has none is itself a fault at `pointer`."""
    return refusal.faults or (Fault(pointer, refusal.text, refusal.params),)


def external_id_of(raw: RawRow) -> str | None:
    """Return the external id that a row was sent with, where it is one that can be told."""
    value = raw.value.get("external_id") if isinstance(raw.value, dict) else None
    return safe(value, 128) if isinstance(value, str) else None


def _told(raw: RawRow, fault: Fault) -> dict[str, Any]:
    """Return a fault as it is stored: its texts are made in the reader's language."""
    told: dict[str, Any] = {
        "pointer": safe(fault.pointer, _PLACE_SHOWN),
        "column": _column(raw, fault.pointer),
        "line": raw.line if raw.line != raw.number else None,
        "code": fault.text.code,
        "params": dict(fault.params),
        "value": None if _unread(raw) else _shown(raw.value, fault.pointer),
        "permitted": None if fault.permitted is None else list(fault.permitted)[:_PERMITTED],
    }
    return {name: value for name, value in told.items() if value is not None}


def _unread(raw: RawRow) -> bool:
    return raw.value is None and bool(raw.faults)


def _column(raw: RawRow, pointer: str) -> str | None:
    while pointer:
        if pointer in raw.columns:
            return raw.columns[pointer]
        pointer = pointer.rpartition("/")[0]
    return None


def _shown(value: Any, pointer: str) -> str | None:
    """Return the value at a JSON Pointer, cut short and without control characters."""
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(value, Mapping) and name in value:
            value = value[name]
        elif isinstance(value, list) and name.isdecimal() and int(name) < len(value):
            value = value[int(name)]
        else:
            return None
    if value is None or isinstance(value, bool | int | float):
        return json.dumps(value)[:_SHOWN]
    if isinstance(value, Mapping | list):
        return None
    return safe(str(value), _SHOWN)


class Spool:
    """Outcomes that wait for the end of a batch that is stored whole or not at all."""

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - closed below

    def __enter__(self) -> "Spool":
        return self

    def __exit__(self, *_error: object) -> None:
        self._file.close()

    def add(self, outcomes: Sequence[RowOutcome]) -> None:
        """Keep outcomes, on disk where they are many."""
        rows = [
            [one.number, one.external_id, one.outcome, str(one.report_id), one.revision, one.faults]
            for one in outcomes
        ]
        self._file.write(json.dumps(rows).encode() + b"\n")

    def read(self) -> Iterator[list[RowOutcome]]:
        """Return them in the portions in which they came."""
        self._file.seek(0)
        for line in self._file:
            yield [
                RowOutcome(number, name, outcome, _id(report), revision, faults)
                for number, name, outcome, report, revision, faults in json.loads(line)
            ]


def _id(text: str) -> UUID | None:
    return None if text == "None" else UUID(text)
