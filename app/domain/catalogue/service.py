"""Taking code lists and indicators from their files into the database."""

from collections import Counter
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import Session, select

from app.domain.catalogue.models import CodeEntry, Indicator, IndicatorVersion
from app.domain.errors import ReferenceDataRefused
from app.domain.plans.models import PlanItem
from app.domain.recorded import known, record
from app.domain.reference_files import read_reference_file

Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class EntryInFile(_Part):
    """One code of a list, as the file has it."""

    code: Code
    name_vi: str
    name_en: str
    valid_from: date | None = Field(alias="from")
    valid_to: date | None = Field(alias="to")
    provenance: str
    note: str | None


class ListInFile(_Part):
    """One list of codes."""

    key: Literal["channel", "format", "language", "funding_source"]
    name_vi: str
    name_en: str
    entries: list[EntryInFile]


class CodesFile(_Part):
    """The file of the code lists."""

    lists: list[ListInFile]


class IndicatorInFile(_Part):
    """One indicator, as the file has it."""

    code: Code
    name_vi: str
    name_en: str
    unit_vi: str
    unit_en: str
    decimals: int
    over_time: Literal["sum", "latest", "max"]
    over_units: Literal["sum", "none"]
    reposts: bool
    items: list[str]
    definition_vi: str
    definition_en: str
    provenance: str


class IndicatorsFile(_Part):
    """The file of the indicators."""

    indicators: list[IndicatorInFile]


def load_codes(session: Session, *, file: Path, at: datetime) -> Counter[str]:
    """Bring the code lists up to date with a file. Raises ReferenceDataRefused."""
    rows = session.exec(select(CodeEntry).where(*known(CodeEntry)))
    current = {(row.list, row.code): row for row in rows}
    outcome: Counter[str] = Counter()
    for code_list in read_reference_file(file, CodesFile).lists:
        for ordinal, entry in enumerate(code_list.entries, start=1):
            new = CodeEntry(
                list=code_list.key, ordinal=ordinal, recorded_at=at, **entry.model_dump()
            )
            outcome[record(session, current.get((code_list.key, entry.code)), new)] += 1
    session.flush()
    return outcome


def load_indicators(session: Session, *, plan: str, file: Path, at: datetime) -> Counter[str]:
    """Bring a plan's indicators up to date with a file.

    Raises ReferenceDataRefused for an item that the plan does not have.
    """
    items = set(session.exec(select(PlanItem.code).where(PlanItem.plan_slug == plan)))
    identities = set(session.exec(select(Indicator.code)))
    rows = session.exec(
        select(IndicatorVersion).where(IndicatorVersion.plan_slug == plan, *known(IndicatorVersion))
    )
    current = {row.indicator_code: row for row in rows}
    outcome: Counter[str] = Counter()
    for ordinal, indicator in enumerate(
        read_reference_file(file, IndicatorsFile).indicators, start=1
    ):
        if unknown := [item for item in indicator.items if item not in items]:
            raise ReferenceDataRefused(
                file=file.name,
                reason=f"{indicator.code} names items that {plan} does not have: "
                + ", ".join(unknown),
            )
        before = current.get(indicator.code)
        if before is not None:
            _keep_what_amounts_rest_on(before, indicator, file)
        if indicator.code not in identities:
            session.add(Indicator(code=indicator.code, first_recorded_at=at))
            session.flush()
        new = _version(indicator, plan=plan, ordinal=ordinal, at=at)
        outcome[record(session, before, new)] += 1
    session.flush()
    return outcome


def _keep_what_amounts_rest_on(
    before: IndicatorVersion, after: IndicatorInFile, file: Path
) -> None:
    for name in ("decimals", "over_time"):
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            reason = f"{after.code}: {name} is {old}, stored amounts rest on it; it cannot be {new}"
            raise ReferenceDataRefused(file=file.name, reason=reason)


def _version(
    indicator: IndicatorInFile, *, plan: str, ordinal: int, at: datetime
) -> IndicatorVersion:
    said = indicator.model_dump(exclude={"code", "items"})
    return IndicatorVersion(
        indicator_code=indicator.code,
        plan_slug=plan,
        ordinal=ordinal,
        items=tuple(sorted(set(indicator.items))),
        recorded_at=at,
        **said,
    )
