"""A cycle's status as CSV."""

from app.domain.cells import csv_file
from app.domain.status.columns import COMMUNES, UNITS, communes_of
from app.domain.status.picture import CycleStatus


def units_csv(status: CycleStatus) -> bytes:
    """Return the roster rows, one a line, with Vietnamese headings."""
    lines = ([column.cell(row) for column in UNITS] for row in status.rows)
    return csv_file([column.heading for column in UNITS], lines)


def communes_csv(status: CycleStatus) -> bytes:
    """Return the communes within districts, one a line, with Vietnamese headings."""
    lines = (
        [column.cell(row, commune) for column in COMMUNES] for row, commune in communes_of(status)
    )
    return csv_file([column.heading for column in COMMUNES], lines)
