"""What the files of a handover say: `baocao/handover/1`.

    units.json              the ended unit, what stood under it, successions, stewardships
    activity-reports.jsonl  a line for each revision of each activity report, by natural key
    submissions.jsonl       a line for each submitted revision, by plan, cycle and number; behind
                            it, in lines of their own, the hashes of the activity that it froze
    rollups.jsonl           hash and size of the stored rollup of each of these revisions
    line-hashes.txt         the SHA-256 of every line of the three, so that a fault is found at
                            its line: `HASH FILE:LINE`
    manifest.json           what the others are; its SHA-256 is the archive's seal

All JSON is canonical (RFC 8785). Instants are UTC, days local, periods half-open.
"""

from typing import Annotated, Any, Final, Literal, TypeVar

from pydantic import ConfigDict, Field, StringConstraints

from app.domain.fields import ExternalId, Sha256, SystemName, UnitReference, WireModel

SCHEMA: Final = "baocao/handover/1"
UNITS: Final = "units.json"
ACTIVITY: Final = "activity-reports.jsonl"
SUBMISSIONS: Final = "submissions.jsonl"
ROLLUPS: Final = "rollups.jsonl"
LINE_HASHES: Final = "line-hashes.txt"
MANIFEST: Final = "manifest.json"
BY_LINE: Final = (ACTIVITY, SUBMISSIONS, ROLLUPS)
LISTED: Final = (UNITS, *BY_LINE, LINE_HASHES)
NAMES: Final = (*LISTED, MANIFEST)
LONGEST_LINE: Final = 64 * 1024 * 1024  # bytes; 200 comments with their answers are some 32 MB
LONGEST_DOCUMENT: Final = 64 * 1024 * 1024  # bytes, of units.json and manifest.json
HASHES_IN_A_LINE: Final = 1000

DayText = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$")]
InstantText = Annotated[
    str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z$")
]
Number = Annotated[int, Field(ge=1)]
Count = Annotated[int, Field(ge=0)]
WireModelT = TypeVar("WireModelT", bound=WireModel)


class UnitEntry(WireModel):
    """A unit: [valid_from, valid_to) is the period in which it is in being."""

    key: UnitReference
    scheme: str
    code: str
    name: str
    kind: str
    level: str | None
    valid_from: DayText | None
    valid_to: DayText | None
    provenance: str


class ParentageEntry(WireModel):
    """Under which unit a unit stood, and from when to when."""

    unit: UnitReference
    parent: UnitReference
    valid_from: DayText | None
    valid_to: DayText | None


class SuccessionEntry(WireModel):
    """What passed to whom."""

    predecessor: UnitReference
    successor: UnitReference
    effective_on: DayText
    kind: str
    share: str
    provenance: str


class StewardshipEntry(WireModel):
    """Who answers for an ended unit, from when to when, and by which document."""

    unit: UnitReference
    steward: UnitReference
    valid_from: DayText
    valid_to: DayText | None
    provenance: str
    reason: str
    document: str | None


class UnitsFile(WireModel):
    """units.json. `units` stood under `unit`; all of them are listed by key.

    `steward` is the unit's on the day of the export, if it has one.
    """

    unit: UnitEntry
    steward: UnitReference | None
    units: list[UnitEntry]
    parentages: list[ParentageEntry]
    successions: list[SuccessionEntry]
    stewardships: list[StewardshipEntry]


class OnBehalfEntry(WireModel):
    """The incoming document from which the focal unit entered it."""

    incoming_number: str
    incoming_on: DayText


class ActivityLine(WireModel):
    """A revision of an activity report; `body` is what `body_sha256` is the hash of.

    `by` is the unit whose key sent it.
    """

    unit: UnitReference
    source_system: SystemName
    external_id: ExternalId
    revision: Number
    kind: Literal["created", "corrected", "withdrawn", "reinstated"]
    reason: str | None
    received_at: InstantText
    by: UnitReference
    withdrawn: bool
    on_behalf: OnBehalfEntry | None
    body: dict[str, Any]
    body_sha256: Sha256


class RecordName(WireModel):
    """The natural key of an activity report."""

    unit: UnitReference
    source_system: SystemName
    external_id: ExternalId


class CommentEntry(WireModel):
    """A comment with which a revision was returned; `said.answers` of a later one name its id."""

    id: str
    text: str
    record: RecordName | None
    field: str | None
    by: UnitReference
    created_at: InstantText


class RevisionLine(WireModel):
    """A submitted revision of the unit's report for a cycle.

    `sha256` is the hash of `said` with `activity`: the hashes of the `activities` revisions that
    it froze, which the next lines list. `…_by` are units; who returned it is told by the comments.
    """

    type: Literal["revision"]
    plan: str
    cycle: str
    revision: Number
    state: Literal["submitted", "returned", "accepted", "superseded"]
    said: dict[str, Any]
    activities: Count
    sha256: Sha256
    received_at: InstantText
    filed_by: UnitReference
    filed_as: Literal["self", "steward", "focal_unit"]
    accepted_at: InstantText | None
    accepted_by: UnitReference | None
    returned_at: InstantText | None
    comments: list[CommentEntry]


class HeldLine(WireModel):
    """Hashes of activity that the revision before froze, in the order in which they are hashed."""

    type: Literal["held"]
    plan: str
    cycle: str
    revision: Number
    hashes: Annotated[list[Sha256], Field(min_length=1, max_length=HASHES_IN_A_LINE)]


class RollupLine(WireModel):
    """The stored rollup of a submitted revision."""

    plan: str
    cycle: str
    revision: Number
    sha256: Sha256
    size: Count


class Counts(WireModel):
    """How much the archive holds. `units` are those that stood under the ended one."""

    units: Count
    activity_reports: Count
    activity_revisions: Count
    submissions: Count
    submission_revisions: Count
    rollups: Count


class FileEntry(WireModel):
    """A file of the archive; `lines` counts its ends of lines."""

    name: str
    sha256: Sha256
    size: Count
    lines: Count


class Manifest(WireModel):
    """manifest.json. `made_for` is the steward in units.json.

    No instant: the same rows give the same bytes. When it was made is in the audit.
    """

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    form: Literal["baocao/handover/1"] = Field(alias="schema")
    unit: UnitReference
    code: str
    name: str
    valid_from: DayText | None
    valid_to: DayText
    made_for: UnitReference | None
    counts: Counts
    files: list[FileEntry]
