"""The file of a plan's reporting: its yearly cycles, amendments of rosters, stewardships.

They are data that the province may change; what the plan's text does not say is marked so. Days
are the province's; `due_before` is the day before which a report is on time ("trước ngày").
"""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Basis = Literal["ordered", "assigned_only", "requested", "not_required"]
Provenance = Literal["plan", "assumption", "decision"]
Text = Annotated[str, Field(min_length=1, max_length=500)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class WindowInFile(_Part):
    """The days whose activity belongs to a cycle, [from, to)."""

    valid_from: date = Field(alias="from")
    valid_to: date = Field(alias="to")


class CycleInFile(_Part):
    """A yearly cycle (kỳ báo cáo năm)."""

    year: Annotated[int, Field(ge=2000, le=2100)]
    window: WindowInFile
    opens_on: date
    due_before: date
    supplement_due_before: date | None
    provenance: Provenance
    reason: Text


class Selection(_Part):
    """Which units are meant on a day: named by code, a group's, or a level's within a unit."""

    on: date
    units: tuple[str, ...] = ()
    group: str | None = None
    level: Literal["district", "commune"] | None = None
    within: str | None = None
    except_group: str | None = None


class AmendmentInFile(_Part):
    """What is said of some units' rows in a cycle; what is left out stays as it is.

    A row that is not there is added. It covers the days on which its unit is in being.
    """

    cycle: str
    select: Selection
    basis: Basis | None = None
    closing: bool = False
    due_before: date | None = None
    provenance: Provenance
    reason: Text


class StewardshipInFile(_Part):
    """From which day a unit answers for one that ended (tiếp quản)."""

    unit: str
    steward: str
    valid_from: date = Field(alias="from")
    provenance: Provenance
    reason: Text


class ReportingFile(_Part):
    """All of it, for one plan."""

    plan: str
    cycles: tuple[CycleInFile, ...]
    amendments: tuple[AmendmentInFile, ...]
    stewardships: tuple[StewardshipInFile, ...]
