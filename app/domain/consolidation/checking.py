"""Everything that can be checked of a saved report without a database: pure code."""

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any, Final

import rfc8785

from app.domain.consolidation.checking_said import check_said
from app.domain.consolidation.checking_sums import check_sums
from app.domain.consolidation.figures import Row
from app.domain.consolidation.findings import (
    ABSENT,
    Check,
    Failed,
    Rule,
    checked,
    same,
    shown,
)
from app.domain.consolidation.item_coverage import coverage, coverage_by_item
from app.domain.consolidation.report import Report
from app.domain.consolidation.saved import Saved, check_shape

COVERAGE: Final = Rule(
    "coverage",
    "Mức độ báo cáo khớp với danh sách đơn vị",
    "Coverage is what the roster's rows add up to",
)
ITEM_COVERAGE: Final = Rule(
    "item_coverage",
    "Mức độ báo cáo bên cạnh mỗi tổng khớp với danh sách",
    "The coverage beside each total is that of the roster's rows",
)
INPUTS: Final = Rule(
    "inputs",
    "Báo cáo được tính là đúng những dòng được duyệt trong danh sách",
    "The inputs are the roster's rows that count",
)
HASHES: Final = Rule(
    "hashes",
    "Mã băm của danh sách và của danh mục chỉ tiêu đúng",
    "The hashes of roster and indicators are theirs",
)
LISTS: Final = Rule(
    "lists",
    "Đơn vị, phần lời và danh sách chưa báo cáo khớp với danh sách đơn vị",
    "Units, narratives and missing units are those of the roster",
)
JOINT: Final = Rule(
    "joint",
    "Hoạt động chung: mỗi phần bị trừ có báo cáo được giữ lại",
    "Joint activity: what is left out is counted with another report",
)
EDITION: Final = Rule(
    "edition",
    "Bản theo hạn hay bản cuối: đúng theo thời điểm tổng hợp",
    "Deadline or final edition is what the instant says",
)


def check_alone(saved: Saved) -> list[Check]:
    """Check a saved report of the current schema by itself: its shape, then all that must fit."""
    shape, report = check_shape(saved)
    if report is None or shape.failed:
        return [shape]
    said = saved.said
    return [
        shape,
        *check_sums(said),
        checked(COVERAGE, _coverage(report, said)),
        checked(ITEM_COVERAGE, _item_coverage(report, said)),
        checked(INPUTS, same(said["manifest"]["inputs"], _inputs(said), "/manifest/inputs")),
        checked(HASHES, _hashes(said)),
        checked(LISTS, _lists(said)),
        checked(JOINT, _joint(said)),
        checked(EDITION, _edition(said["cycle"], said["manifest"])),
        *check_said(report, said),
    ]


def _coverage(report: Report, said: Row) -> Iterator[Failed | None]:
    should = coverage(report.coverage.roster).model_dump(mode="json")
    for basis in ("ordered", "others"):
        yield from same(said["coverage"][basis], should[basis], f"/coverage/{basis}")


def _item_coverage(report: Report, said: Row) -> Iterator[Failed | None]:
    parts = ("counts", "totals", "expenditure")
    of_lines = {line["item"] for part in parts for line in said[part]}
    of_roster = {item for line in report.coverage.roster for item in line.items}
    should = {
        item: one.model_dump(mode="json")
        for item, one in coverage_by_item(
            report.coverage.roster,
            items=of_lines | of_roster,
            nil_items={one.unit: {row.item for row in one.nil_items} for one in report.by_unit},
        ).items()
    }
    for part in parts:
        for place, line in enumerate(said[part]):
            pointer = f"/{part}/{place}/coverage"
            yield from same(line["coverage"], should[line["item"]], pointer)


def _counting(said: Row) -> list[Any]:
    """Return the roster's rows whose submissions count."""
    preview = said["manifest"]["basis"] == "submitted"
    counting = ("accepted", "in_review") if preview else ("accepted",)
    return [row for row in said["coverage"]["roster"] if row["review"] in counting]


def _inputs(said: Row) -> list[dict[str, Any]]:
    rollups = {row["unit"]: row["rollup_sha256"] for row in said["manifest"]["inputs"]}
    return [
        {
            "unit": row["unit"],
            "revision": row["revision"],
            "sha256": row["sha256"],
            "rollup_sha256": rollups.get(row["unit"], ABSENT),
        }
        for row in _counting(said)
    ]


def _hashes(said: Row) -> Iterator[Failed | None]:
    manifest = said["manifest"]
    for name, of in (
        ("roster_sha256", said["coverage"]["roster"]),
        ("indicators_sha256", said["indicators"]),
    ):
        should = hashlib.sha256(rfc8785.dumps(of)).hexdigest()
        yield from same(manifest[name], should, f"/manifest/{name}")
    view = said["by_hierarchy"]["units_on"]
    yield from same(view, manifest["units_on"], "/by_hierarchy/units_on")


def _lists(said: Row) -> Iterator[Failed | None]:
    roster = said["coverage"]["roster"]
    units = [row["unit"] for row in roster]
    yield from same(units, sorted(set(units)), "/coverage/roster")
    missing = [row for row in roster if row["review"] == "missing"]
    for part, rows, names in (
        ("missing", missing, ("unit", "name", "basis")),
        ("by_unit", _counting(said), ("unit", "name", "level")),
        ("narratives", _counting(said), ("unit", "name")),
    ):
        yield from same(_named(said[part], names), _named(rows, names), f"/{part}")


def _named(rows: Sequence[Any], names: Sequence[str]) -> list[dict[str, Any]]:
    return [{name: row[name] for name in names} for row in rows]


def _joint(said: Row) -> Iterator[Failed | None]:
    inputs = {row["unit"] for row in said["manifest"]["inputs"]}
    for number, group in enumerate(said["joint"]):
        at, places = f"/joint/{number}", len(group["reports"])
        for place, row in enumerate(group["reports"]):
            pointer = f"{at}/reports/{place}/submission"
            lost = row["submission"] not in inputs
            yield Failed(pointer, row["submission"], "a unit of the inputs") if lost else None
        for part in ("counts", "figures"):
            for place, row in enumerate(group[part]):
                yield _left_out(row, f"{at}/{part}/{place}", places)


def _left_out(row: Row, pointer: str, places: int) -> Failed | None:
    for name in ("report", "counted_with"):
        if not 0 <= row[name] < places:
            return Failed(f"{pointer}/{name}", shown(row[name]), f"a place in 0 to {places - 1}")
    if row["report"] == row["counted_with"]:
        return Failed(f"{pointer}/counted_with", shown(row["counted_with"]), "another report")
    return None


def _edition(cycle: Row, manifest: Row) -> Iterator[Failed | None]:
    last = cycle["supplement_due_at"] or cycle["due_at"]
    should = "final" if manifest["known_at"] >= last else "deadline"
    yield from same(cycle["edition"], should, "/cycle/edition")
