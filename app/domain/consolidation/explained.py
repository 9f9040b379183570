"""Explaining a figure of a published version: its terms, and the reports behind a submission."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from sqlmodel import Session

from app.domain.consolidation.exact import added, written
from app.domain.consolidation.explained_reports import Behind, Part, reports_behind
from app.domain.consolidation.explaining import Explaining, Term
from app.domain.consolidation.explaining_amounts import Chosen
from app.domain.consolidation.explaining_rules import rules
from app.domain.consolidation.figures import Shown, figure_at, figures, unit_names
from app.domain.consolidation.inputs import gather
from app.domain.consolidation.models import ConsolidationRequest
from app.domain.consolidation.queries import StoredReport, get_report
from app.domain.consolidation.reading import report_json
from app.domain.consolidation.roster_lines import StoredLine
from app.domain.errors import DomainError, Fault, Invalid, Text
from app.domain.principal import Principal

NO_FIGURE: Final = Text(
    "no_such_place",
    "Bản tổng hợp không có chỗ này; chỗ gần nhất có trong bản là «{nearest}».",
    "The report has no such place; the nearest one that it has is `{nearest}`.",
)
NOT_A_FIGURE: Final = Text(
    "not_a_figure",
    "Chỗ này của bản tổng hợp không phải là một số liệu.",
    "What stands there is not a figure.",
)
NO_TERM: Final = Text(
    "no_such_term",
    "Số liệu này không có phần nào từ báo cáo của đơn vị đó.",
    "No submission of that unit adds anything to the figure.",
)
NO_REPORTS: Final = Text(
    "no_reports_behind",
    "Số liệu này không cộng từ các báo cáo hoạt động.",
    "The figure does not add up activity reports.",
)
_SHOWN: Final = 20  # examples, at most


class ReportsNotShown(DomainError):
    """Only those who see the province see the activity reports behind a submission."""

    text = Text(
        "reports_not_shown",
        "Khóa này xem được giải trình đến báo cáo của từng đơn vị, không xem được từng hoạt động.",
        "This key may read the explanation down to the submissions, but not the activity reports.",
    )


@dataclass(frozen=True)
class Explained:
    """A figure with what it takes to explain it."""

    stored: StoredReport
    report: dict[str, Any]
    shown: Shown
    explaining: Explaining
    terms: list[Term]
    rules: list[Text]
    lines: list[StoredLine]

    @property
    def coverage(self) -> dict[str, Any]:
        """The coverage beside the figure: of its item, or of the whole roster."""
        if self.shown.item is not None:
            for part in ("counts", "totals", "expenditure"):
                for line in self.report[part]:
                    if line["item"] == self.shown.item:
                        return dict(line["coverage"])
        whole = self.report["coverage"]
        names = ("required", "accepted", "in_review", "returned", "missing", "nil")
        return {
            basis: {name: whole[basis][name] for name in names} for basis in ("ordered", "others")
        }

    @property
    def names(self) -> dict[str, str]:
        """The names of units, by key."""
        return unit_names(self.report)


def explain(session: Session, *, by: Principal, report_id: UUID, pointer: str) -> Explained:
    """Explain the figure at a JSON Pointer of a version that the caller may see.

    Raises NotFound, ReportSchemaTooOld, Invalid (no such place, or no figure there).
    """
    stored = get_report(session, by=by, report_id=report_id)
    report = report_json(stored)
    shown = _figure(report, pointer)
    request = session.get_one(ConsolidationRequest, report_id)
    explaining = Explaining(report, gather(session, request=request))
    return Explained(
        stored=stored,
        report=report,
        shown=shown,
        explaining=explaining,
        terms=explaining.terms(shown),
        rules=list(rules(shown, report)),
        lines=[StoredLine.model_validate(line) for line in request.roster],
    )


def behind(
    session: Session,
    found: Explained,
    *,
    by: Principal,
    submission: str,
    after: UUID | None,
    limit: int,
) -> tuple[str, list[Behind]]:
    """Return a submission's part of a figure, and a page of the activity reports behind it.

    All of the reports' amounts add up to the part, and that to its terms of the figure: another
    sum is an error. Raises ReportsNotShown, Invalid.
    """
    if not by.province_wide:
        raise ReportsNotShown()
    chosen = found.explaining.chosen(found.shown)
    if chosen is None or found.shown.value is None:
        raise Invalid(Fault("?submission", NO_REPORTS))
    mine = [t for t in found.terms if t.submission == submission and t.kind != "joint"]
    if not mine:
        others = sorted({t.submission for t in found.terms if t.submission and t.kind != "joint"})
        raise Invalid(Fault("?submission", NO_TERM, permitted=others[:_SHOWN]))
    total, rows = reports_behind(
        session, part=_part(found, chosen, submission), after=after, limit=limit
    )
    due = [t.amount for t in mine if t.amount is not None]
    if chosen.text(total) != _sum(due):
        raise RuntimeError(f"reports behind {found.shown.pointer} of {submission}: {total}")
    return chosen.text(total), rows


def _sum(amounts: list[str]) -> str:
    return written(added(Decimal(amount) for amount in amounts))


def _part(found: Explained, chosen: Chosen, submission: str) -> Part:
    (revision,) = (
        line.revision_id
        for line in found.lines
        if line.line.unit == submission and line.revision_id is not None
    )
    kept = {}
    if chosen.over_time != "sum":
        kept = {
            identity: one.line.unit
            for identity, (_, one) in found.explaining.kept(found.shown, chosen).items()
        }
    return Part(revision, submission, chosen, kept)


def _figure(report: dict[str, Any], pointer: str) -> Shown:
    shown = figure_at(report, pointer) or _of_item_coverage(report, pointer)
    if shown is not None:
        return shown
    nearest, there = _nearest(report, pointer)
    near = [one.pointer for one in figures(report) if one.pointer.startswith(f"{nearest}/")]
    raise Invalid(
        Fault(
            "?pointer",
            NOT_A_FIGURE if there else NO_FIGURE,
            {} if there else {"nearest": nearest},
            permitted=near[:_SHOWN],
        )
    )


def _of_item_coverage(report: dict[str, Any], pointer: str) -> Shown | None:
    """Return a number of the coverage beside a total, which is a figure too."""
    for part in ("counts", "totals", "expenditure"):
        for shown in _beside(report, part, pointer):
            return shown
    return None


def _beside(report: dict[str, Any], part: str, pointer: str) -> Iterator[Shown]:
    for place, line in enumerate(report[part]):
        for basis in ("ordered", "others"):
            for column, number in line["coverage"][basis].items():
                at = f"/{part}/{place}/coverage/{basis}/{column}"
                if at == pointer:
                    shown = Shown(at, "coverage", column, str(number), member=basis)
                    yield replace(shown, item=line["item"])


def _nearest(report: Any, pointer: str) -> tuple[str, bool]:
    """Return the longest part of a pointer at which something stands, and if it is all of it."""
    at, value = "", report
    if pointer and not pointer.startswith("/"):
        return "", False
    for token in pointer.split("/")[1:]:
        name = token.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict) and name in value:
            value = value[name]
        elif isinstance(value, list) and name.isascii() and name.isdigit():
            if int(name) >= len(value):
                return at, False
            value = value[int(name)]
        else:
            return at, False
        at = f"{at}/{token}"
    return at, True
