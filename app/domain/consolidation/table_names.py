"""Reading the names of the codes in a report's tables, as they were known at its instant."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from app.domain.catalogue.queries import codes
from app.domain.consolidation.figures import Row
from app.domain.consolidation.table_words import Names
from app.domain.plans.queries import items, themes

_LONGEST = 120  # letters of an item that has no heading


def names_for(session: Session, report: Row) -> Names:
    """Return the names of a report's codes. They are the same whenever they are asked for."""
    plan, known_at = report["plan"]["slug"], datetime.fromisoformat(report["manifest"]["known_at"])
    members: dict[str, dict[str, str]] = {}
    for code in codes(session, known_at=known_at):
        members.setdefault(code.list, {})[code.code] = code.name_vi
    return Names(
        items={one.code: _title(one.heading, one.text) for one in items(session, plan=plan)},
        sources=members.pop("funding_source", {}),
        members={
            **members,
            "theme": {one.code: _title(None, [one.text]) for one in themes(session, plan=plan)},
        },
    )


def _title(heading: str | None, text: Sequence[str]) -> str:
    """Return an item's heading, or else how its text begins."""
    said = heading or " ".join(text[:1])
    if len(said) <= _LONGEST:
        return said
    return f"{said[:_LONGEST].rpartition(' ')[0]} …"
