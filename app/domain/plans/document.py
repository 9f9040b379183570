"""A plan as a file: the transcription that ``load-plan`` reads, before any of it is a row.

Texts are the plan's own words, misprints included. Periods are half-open, ``[from, to)``,
and whatever the plan does not say is null. Whether a named unit exists is asked of
the register when the file is loaded, not here.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import combinations
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from app.domain.period import Period
from app.domain.text import nfc


def _one_clean_line(text: str) -> str:
    if text != nfc(text):
        raise ValueError("text is not in Unicode NFC")
    if not text or text != " ".join(text.split()):
        raise ValueError("text is empty or holds other white space than single spaces")
    return text


Text = Annotated[str, AfterValidator(_one_clean_line)]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
Code = Annotated[str, StringConstraints(pattern=r"^[IVX]+(\.([1-9][0-9]*|[a-zđ]))*$")]
Party = Annotated[str, StringConstraints(pattern=r"^(unit|group):[a-z0-9]+(-[a-z0-9]+)*$")]
TerritoryCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{2,5}$")]
Provenance = Literal["plan", "derived", "assumption", "presumed"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, serialize_by_alias=True)


class Span(_Part):
    """Days from ``from`` up to, and without, ``to``; null is unbounded."""

    valid_from: date | None = Field(alias="from")
    valid_to: date | None = Field(alias="to")

    @property
    def days(self) -> Period:
        """The same as a period of the domain, which is never empty."""
        return Period(self.valid_from, self.valid_to)

    def __str__(self) -> str:
        return f"[{self.valid_from or '…'}, {self.valid_to or '…'})"


class StatedPeriod(Span):
    """Thời gian thực hiện: the words of the plan, if it has any, and the days they stand for.

    It is bounded: what the words leave open ends with the plan, and the provenance says so.
    """

    valid_from: date = Field(alias="from")
    valid_to: date = Field(alias="to")
    text: Text | None
    provenance: Provenance
    note: Text | None


class Reading(_Part):
    """A misprint as printed, and how it is to be read; the text itself keeps the misprint."""

    printed: Text
    reading: Text


class Signatory(_Part):
    """Người ký: whose name closes the plan."""

    name: Text
    title: Text | None


class Source(_Part):
    """The plan's own text, in a file beside this one."""

    file: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+\.txt$")]
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Letterhead(_Part):
    """The plan as an official document: kind, number, day, issuer, signatory."""

    kind: Text
    number: Text | None
    issued_on: date | None
    issuer: Text
    signatory: Signatory
    source: Source


class Reference(_Part):
    """A document that the plan builds on or cites, or a class of such documents (collective)."""

    key: Text
    kind: Text
    number: Text | None
    issued_on: date | None
    issuer: Text | None
    title: Text | None
    collective: bool
    relation: Literal["legal_basis", "cited"]
    text: Text
    also_as: tuple[Text, ...]
    cited_in: Annotated[tuple[str, ...], Field(min_length=1)]


class _Coded(_Part):
    code: Code


class _Printed(_Coded):
    readings: tuple[Reading, ...]

    def passages(self) -> tuple[str, ...]:
        """Return what is printed under this code, without the parts below it."""
        raise NotImplementedError


class _Bullet(_Printed):
    text: Text

    def passages(self) -> tuple[str, ...]:
        return (self.text,)


class Section(_Coded):
    """Mục: a heading of sections I to V that is not itself a phase or a form."""

    heading: Text


class Statement(_Bullet):
    """Mục đích, yêu cầu: one bullet of section I."""

    kind: Literal["purpose", "requirement"]


class Theme(_Bullet):
    """Nội dung tuyên truyền: one bullet of section II."""


class Phase(_Printed):
    """Giai đoạn: a numbered part of section II, the days it stands for and its themes."""

    heading: Text
    intro: Text
    period: StatedPeriod
    themes: Annotated[tuple[Theme, ...], Field(min_length=1)]

    def passages(self) -> tuple[str, ...]:
        """Return heading and introduction."""
        return (self.heading, self.intro)


class Assignment(_Part):
    """Phân công: whom the plan names for an item, in its words and as units and groups.

    ``lead`` is "Đơn vị thực hiện" in section III and the body addressed or "chủ trì" in V,
    ``coordinating`` is "phối hợp", ``requested`` is "đề nghị" (V.1).
    """

    role: Literal["lead", "coordinating", "requested"]
    text: Text
    parties: Annotated[tuple[Party, ...], Field(min_length=1)]


class Item(_Printed):
    """Hình thức (III), quy định kinh phí (IV) or nhiệm vụ (one bullet of V.1 to V.7).

    A null period is the plan's own.
    """

    kind: Literal["form", "funding_rule", "task"]
    heading: Text | None
    text: Annotated[tuple[Text, ...], Field(min_length=1)]
    period: StatedPeriod | None
    assignments: tuple[Assignment, ...]

    def passages(self) -> tuple[str, ...]:
        """Return the heading, if it has one, and the paragraphs."""
        return (self.heading, *self.text) if self.heading else self.text


class DueDay(_Part):
    """A day of every year."""

    month: Annotated[int, Field(ge=1, le=12)]
    day: Annotated[int, Field(ge=1, le=31)]


class Reporting(_Part):
    """Chế độ báo cáo: the clause that closes section V.

    A report is due *before* the day named: on that day it is late.
    """

    text: Text
    ordered: Annotated[tuple[Party, ...], Field(min_length=1)]
    through: Party
    addressee: Text
    every: Literal["year"]
    due_before: DueDay


class BodiesByKind(_Part):
    """Provincial bodies of these kinds, as the register has them on the day asked."""

    by: Literal["kind"]
    kinds: Annotated[
        tuple[Literal["department", "office", "press", "portal", "association"], ...],
        Field(min_length=1),
    ]


class PlacesByLevel(Span):
    """Territories of one level inside another; ``from`` and ``to`` bound the days asked.

    ``formerly_within`` keeps only those whose ground lay in that territory before the reform.
    """

    by: Literal["level"]
    level: Literal["province", "district", "commune"]
    within: TerritoryCode
    formerly_within: TerritoryCode | None


class Group(_Part):
    """Nhóm đơn vị: a name in the plan for several units, and the rule that selects them on a day.

    An open group ("các đơn vị liên quan") selects nobody and is only shown.
    """

    key: Slug
    name: Text
    open: bool
    members: tuple[Annotated[BodiesByKind | PlacesByLevel, Field(discriminator="by")], ...]
    mentioned_in: Annotated[tuple[str, ...], Field(min_length=1)]
    provenance: Provenance
    note: Text | None


class RoleHolding(Span):
    """Vai trò: the unit that holds one of the plan's offices over a period.

    ``focal_unit`` gathers and consolidates (V.2); ``peoples_committee_office`` accepts the focal
    unit's own report.
    """

    role: Literal["focal_unit", "peoples_committee_office"]
    unit: Slug
    provenance: Provenance


class PlanDocument(_Part):
    """Kế hoạch: the whole plan, sections I to V and what stands around them."""

    slug: Slug
    title: Text
    document: Letterhead
    preamble: Text
    period: StatedPeriod
    province: TerritoryCode
    references: tuple[Reference, ...]
    sections: tuple[Section, ...]
    statements: tuple[Statement, ...]
    phases: tuple[Phase, ...]
    items: tuple[Item, ...]
    reporting: Reporting
    groups: tuple[Group, ...]
    roles: tuple[RoleHolding, ...]
    recipients: tuple[Text, ...]

    @property
    def themes(self) -> tuple[Theme, ...]:
        """The themes of all phases, in order."""
        return tuple(theme for phase in self.phases for theme in phase.themes)

    @property
    def codes(self) -> tuple[str, ...]:
        """Every code given, headings first."""
        coded: tuple[_Coded, ...] = (*self.sections, *self._printed)
        return tuple(part.code for part in coded)

    @property
    def _printed(self) -> tuple[_Printed, ...]:
        return (*self.statements, *self.phases, *self.themes, *self.items)

    @property
    def _periods(self) -> tuple[tuple[str, StatedPeriod], ...]:
        of_phases = [(phase.code, phase.period) for phase in self.phases]
        return (*of_phases, *((item.code, item.period) for item in self.items if item.period))

    @model_validator(mode="after")
    def _names_are_unique(self) -> Self:
        _refuse_repeated("code", self.codes)
        _refuse_repeated("reference", (reference.key for reference in self.references))
        _refuse_repeated("group", (group.key for group in self.groups))
        return self

    @model_validator(mode="after")
    def _codes_stand_under_headings(self) -> Self:
        codes = set(self.codes)
        for code in self.codes:
            above, _, _ = code.rpartition(".")
            if above and above not in codes:
                raise ValueError(f"code {code} stands under {above}, which has no heading")
        return self

    @model_validator(mode="after")
    def _places_exist(self) -> Self:
        places = {"title", "preamble", "reporting", "recipients", *self.codes}
        named = [(f"reference {r.key}", r.cited_in) for r in self.references]
        named += [(f"group {g.key}", g.mentioned_in) for g in self.groups]
        for who, where in named:
            for place in where:
                if place not in places:
                    raise ValueError(f"{who} names {place}, which is no place of this plan")
        return self

    @model_validator(mode="after")
    def _readings_are_of_the_text(self) -> Self:
        for part in self._printed:
            for reading in part.readings:
                if not any(reading.printed in passage for passage in part.passages()):
                    raise ValueError(f"{part.code} does not print '{reading.printed}'")
        return self

    @model_validator(mode="after")
    def _groups_exist(self) -> Self:
        groups = {f"group:{group.key}" for group in self.groups}
        for who, parties in self._named_parties():
            for party in parties:
                if party.startswith("group:") and party not in groups:
                    raise ValueError(f"{who}: {party} is no group of this plan")
        return self

    @model_validator(mode="after")
    def _open_groups_select_nobody(self) -> Self:
        for group in self.groups:
            if group.open and group.members:
                raise ValueError(f"group {group.key} is open and yet selects members")
            if not group.open and not group.members:
                raise ValueError(f"group {group.key} selects nobody and yet is not open")
        return self

    @model_validator(mode="after")
    def _periods_hold_days(self) -> Self:
        for who, span in self._named_spans():
            if span.valid_from and span.valid_to and span.valid_from >= span.valid_to:
                raise ValueError(f"{who}: period {span} holds no day")
        return self

    @model_validator(mode="after")
    def _periods_stay_in_the_plan(self) -> Self:
        for code, period in self._periods:
            if self.period.days.intersect(period.days) != period.days:
                raise ValueError(f"{code}: period {period} leaves the plan's {self.period}")
        return self

    @model_validator(mode="after")
    def _phases_do_not_overlap(self) -> Self:
        for one, two in combinations(self.phases, 2):
            if one.period.days.overlaps(two.period.days):
                raise ValueError(
                    f"phases {one.code} {one.period} and {two.code} {two.period} overlap"
                )
        return self

    @model_validator(mode="after")
    def _roles_have_one_holder_a_day(self) -> Self:
        for one, two in combinations(self.roles, 2):
            if one.role == two.role and one.days.overlaps(two.days):
                raise ValueError(f"role {one.role}: {one.unit} {one} and {two.unit} {two} overlap")
        return self

    def _named_parties(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        for item in self.items:
            for assignment in item.assignments:
                yield f"item {item.code}", assignment.parties
        yield "reporting", (*self.reporting.ordered, self.reporting.through)

    def _named_spans(self) -> Iterator[tuple[str, Span]]:
        yield "plan", self.period
        yield from self._periods
        for group in self.groups:
            for rule in group.members:
                if isinstance(rule, PlacesByLevel):
                    yield f"group {group.key}, {rule.level}", rule
        for holding in self.roles:
            yield f"role {holding.role}, {holding.unit}", holding


def _refuse_repeated(what: str, names: Iterable[str]) -> None:
    for name, times in Counter(names).items():
        if times > 1:
            raise ValueError(f"{what} {name} stands {times} times")
