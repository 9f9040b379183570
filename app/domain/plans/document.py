"""A plan as a file: the transcription that ``load-plan`` reads, before any of it is a row.

Texts are the plan's own words, misprints included. Periods are half-open, ``[from, to)``,
and whatever the plan does not say is null. Whether a named unit exists is asked of
the register when the file is loaded, not here.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import combinations
from typing import Annotated, Final, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from app.domain.described import told
from app.domain.fields import LONGEST_TEXT, ONE_LINE, tell_once
from app.domain.period import Period
from app.domain.text import nfc


def _one_clean_line(text: str) -> str:
    if text != nfc(text):
        raise ValueError("text is not in Unicode NFC")
    if not text or text != " ".join(text.split()):
        raise ValueError("text is empty or holds other white space than single spaces")
    return text


# Lengths are those of the columns; a stored plan that is answered is not refused for them.
Text = Annotated[
    str,
    AfterValidator(_one_clean_line),
    told(minLength=1, maxLength=LONGEST_TEXT, pattern=f"^{ONE_LINE}$"),
]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$"), told(maxLength=80)]
Code = Annotated[
    str, StringConstraints(pattern=r"^[IVX]+(\.([1-9][0-9]*|[a-zđ]))*$"), told(maxLength=20)
]
Party = Annotated[
    str,
    StringConstraints(pattern=r"^(unit|group):[a-z0-9]+(-[a-z0-9]+)*$"),
    told(maxLength=86),
]
TerritoryCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{2,5}$"), told(maxLength=5)]
Where = Annotated[str, told(maxLength=20, pattern=r"^([a-z]+|[IVX]+(\.([1-9][0-9]*|[a-zđ]))*)$")]
Provenance = Literal["plan", "derived", "assumption", "presumed"]
_DAY: Final = told(maxLength=10, example="2021-11-22")
_ANY: Final = told(maxItems=1000)
_SOME: Final = Field(min_length=1, json_schema_extra={"maxItems": 1000})


class _Part(BaseModel):
    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        serialize_by_alias=True,
        json_schema_extra=tell_once,
    )


class Span(_Part):
    """Days from ``from`` up to, and without, ``to``; null is unbounded."""

    valid_from: Annotated[date, _DAY] | None = Field(
        alias="from", description="First day (từ ngày); null is unbounded."
    )
    valid_to: Annotated[date, _DAY] | None = Field(
        alias="to", description="Day after the last (đến trước ngày); null is unbounded."
    )

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

    valid_from: Annotated[date, _DAY] = Field(alias="from", description="First day (từ ngày).")
    valid_to: Annotated[date, _DAY] = Field(
        alias="to", description="Day after the last (đến trước ngày)."
    )
    text: Text | None = Field(description="The plan's own words (nguyên văn).")
    provenance: Provenance = Field(
        description="How sure it is (độ chắc chắn): plan, derived, assumption or presumed."
    )
    note: Text | None = Field(description="What is to be known of it (ghi chú).")


class Reading(_Part):
    """A misprint as printed, and how it is to be read (lỗi in và cách đọc).

    The text itself keeps the misprint.
    """

    printed: Text = Field(description="As printed, misprint and all (nguyên văn).")
    reading: Text = Field(description="How it is to be read (cách đọc).")


class Signatory(_Part):
    """Người ký: whose name closes the plan."""

    name: Text = Field(description="As printed below the plan (họ tên người ký).")
    title: Text | None = Field(description="Title (chức danh).")


class Source(_Part):
    """The plan's own text, in a file beside this one (nguyên văn kế hoạch)."""

    file: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+\.txt$"), told(maxLength=200)] = (
        Field(description="Name of the file beside this one (tệp).")
    )
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$"), told(maxLength=64)] = (
        Field(description="SHA-256 of that file (mã băm).")
    )


class Letterhead(_Part):
    """The plan as an official document (thể thức văn bản của kế hoạch).

    Kind, number, day, issuer, signatory.
    """

    kind: Text = Field(description="Kind of document (loại văn bản).")
    number: Text | None = Field(description="Number and symbol (số, ký hiệu).")
    issued_on: Annotated[date, _DAY] | None = Field(description="Day of issue (ngày ban hành).")
    issuer: Text = Field(description="Who issued it (cơ quan ban hành).")
    signatory: Signatory = Field(description="Who signed it (người ký).")
    source: Source = Field(description="The plan's own text (nguồn).")


class Reference(_Part):
    """A document that the plan builds on or cites (văn bản căn cứ, viện dẫn).

    Or a class of such documents (collective).
    """

    key: Text = Field(description="Its key: the number, or else the kind (khóa).")
    kind: Text = Field(description="Kind of document (loại văn bản).")
    number: Text | None = Field(description="Number and symbol (số, ký hiệu).")
    issued_on: Annotated[date, _DAY] | None = Field(description="Day of issue (ngày ban hành).")
    issuer: Text | None = Field(description="Who issued it (cơ quan ban hành).")
    title: Text | None = Field(description="Its title (trích yếu).")
    collective: bool = Field(description="A class of documents, and not one (nhóm văn bản).")
    relation: Literal["legal_basis", "cited"] = Field(
        description="legal_basis: the plan rests on it (căn cứ). cited: only named (viện dẫn)."
    )
    text: Text = Field(description="The plan's own words (nguyên văn).")
    also_as: Annotated[tuple[Text, ...], _ANY] = Field(
        description="Other ways in which the plan writes it (cách viết khác)."
    )
    cited_in: Annotated[tuple[Where, ...], _SOME] = Field(
        description="Codes of where it stands (nơi viện dẫn)."
    )


class _Coded(_Part):
    code: Code = Field(description="Its place in the plan (vị trí), e.g. `III.1.b`.")


class _Printed(_Coded):
    readings: Annotated[tuple[Reading, ...], _ANY] = Field(
        description="Misprints, with their reading (lỗi in)."
    )

    def passages(self) -> tuple[str, ...]:
        """Return what is printed under this code, without the parts below it."""
        raise NotImplementedError


class _Bullet(_Printed):
    text: Text = Field(description="The plan's own words (nguyên văn).")

    def passages(self) -> tuple[str, ...]:
        return (self.text,)


class Section(_Coded):
    """Mục: a heading of sections I to V that is not itself a phase or a form."""

    heading: Text = Field(description="The heading (tiêu đề mục).")


class Statement(_Bullet):
    """Mục đích, yêu cầu: one bullet of section I."""

    kind: Literal["purpose", "requirement"] = Field(
        description="purpose (mục đích) or requirement (yêu cầu)."
    )


class Theme(_Bullet):
    """Nội dung tuyên truyền: one bullet of section II."""


class Phase(_Printed):
    """Giai đoạn: a numbered part of section II, the days it stands for and its themes."""

    heading: Text = Field(description="The heading (tiêu đề).")
    intro: Text = Field(description="What leads up to the themes (dẫn nhập).")
    period: StatedPeriod = Field(description="The days it stands for (thời gian thực hiện).")
    themes: Annotated[tuple[Theme, ...], _SOME] = Field(
        description="Its themes, in order (nội dung)."
    )

    def passages(self) -> tuple[str, ...]:
        """Return heading and introduction."""
        return (self.heading, self.intro)


class Assignment(_Part):
    """Phân công: whom the plan names for an item, in its words and as units and groups.

    ``lead`` is "Đơn vị thực hiện" in section III and the body addressed or "chủ trì" in V,
    ``coordinating`` is "phối hợp", ``requested`` is "đề nghị" (V.1).
    """

    role: Literal["lead", "coordinating", "requested"] = Field(
        description="lead (chủ trì, thực hiện), coordinating (phối hợp) or requested (đề nghị)."
    )
    text: Text = Field(description="The plan's own words (nguyên văn).")
    parties: Annotated[tuple[Party, ...], _SOME] = Field(
        description="Units and groups, as `unit:…` and `group:…` (đơn vị, nhóm đơn vị)."
    )


class Item(_Printed):
    """Hình thức (III), quy định kinh phí (IV) or nhiệm vụ (one bullet of V.1 to V.7).

    A null period is the plan's own.
    """

    kind: Literal["form", "funding_rule", "task"] = Field(
        description="form (hình thức, III), funding_rule (kinh phí, IV) or task (nhiệm vụ, V)."
    )
    heading: Text | None = Field(description="The heading (tiêu đề).")
    text: Annotated[tuple[Text, ...], _SOME] = Field(
        description="The plan's own words (nguyên văn)."
    )
    period: StatedPeriod | None = Field(description="The days it stands for (thời gian thực hiện).")
    assignments: Annotated[tuple[Assignment, ...], _ANY] = Field(
        description="Who does it (phân công)."
    )

    def passages(self) -> tuple[str, ...]:
        """Return the heading, if it has one, and the paragraphs."""
        return (self.heading, *self.text) if self.heading else self.text


class DueDay(_Part):
    """A day of every year (ngày trong năm)."""

    month: Annotated[int, Field(ge=1, le=12, json_schema_extra={"format": "int32"})] = Field(
        description="Month (tháng)."
    )
    day: Annotated[int, Field(ge=1, le=31, json_schema_extra={"format": "int32"})] = Field(
        description="Day of the month (ngày)."
    )


class Reporting(_Part):
    """Chế độ báo cáo: the clause that closes section V.

    A report is due *before* the day named: on that day it is late.
    """

    text: Text = Field(description="The plan's own words (nguyên văn).")
    ordered: Annotated[tuple[Party, ...], _SOME] = Field(
        description="Who must report (đơn vị phải báo cáo)."
    )
    through: Party = Field(description="Through whom (cơ quan đầu mối).")
    addressee: Text = Field(description="To whom (nơi nhận báo cáo).")
    every: Literal["year"] = Field(description="How often: every year (hằng năm).")
    due_before: DueDay = Field(description="It is late from this day on (trước ngày).")


class BodiesByKind(_Part):
    """Provincial bodies of these kinds (cơ quan, đơn vị cấp tỉnh).

    As the register has them on the day asked.
    """

    by: Literal["kind"] = Field(description="By what the rule selects (tiêu chí).")
    kinds: Annotated[
        tuple[Literal["department", "office", "press", "portal", "association"], ...], _SOME
    ] = Field(
        description="Kinds of bodies (loại đơn vị): department (sở, ban, ngành), office (văn "
        "phòng), press (cơ quan báo chí), portal (cổng thông tin điện tử) or "
        "association (hội, đoàn thể)."
    )


class PlacesByLevel(Span):
    """Territories of one level inside another (địa bàn trực thuộc).

    ``from`` and ``to`` bound the days asked.

    ``formerly_within`` keeps only those whose ground lay in that territory before the reform.
    """

    by: Literal["level"] = Field(description="By what the rule selects (tiêu chí).")
    level: Literal["province", "district", "commune"] = Field(
        description="Level of the territories (cấp): province, district or commune."
    )
    within: TerritoryCode = Field(
        description="Code of the territory that holds them (thuộc địa bàn)."
    )
    formerly_within: TerritoryCode | None = Field(
        description="Code of the territory that held them before (địa bàn trước sắp xếp)."
    )


class Group(_Part):
    """Nhóm đơn vị: a name in the plan for several units, and the rule that selects them on a day.

    An open group ("các đơn vị liên quan") selects nobody and is only shown.
    """

    key: Slug = Field(description="Its key (khóa).")
    name: Text = Field(description="As the plan names it (tên nhóm).")
    open: bool = Field(description="An open group selects nobody (nhóm mở).")
    members: Annotated[
        tuple[Annotated[BodiesByKind | PlacesByLevel, Field(discriminator="by")], ...], _ANY
    ] = Field(description="The rule: what it selects together (quy tắc).")
    mentioned_in: Annotated[tuple[Where, ...], _SOME] = Field(
        description="Codes of where the plan names it (nơi nhắc đến)."
    )
    provenance: Provenance = Field(
        description="How sure it is (độ chắc chắn): plan, derived, assumption or presumed."
    )
    note: Text | None = Field(description="What is to be known of it (ghi chú).")


class RoleHolding(Span):
    """Vai trò: the unit that holds one of the plan's offices over a period.

    ``focal_unit`` gathers and consolidates (V.2); ``peoples_committee_office`` accepts the focal
    unit's own report.
    """

    role: Literal["focal_unit", "peoples_committee_office"] = Field(
        description="focal_unit (cơ quan đầu mối) or peoples_committee_office (Văn phòng UBND)."
    )
    unit: Slug = Field(description="Key of the unit (đơn vị).")
    provenance: Provenance = Field(
        description="How sure it is (độ chắc chắn): plan, derived, assumption or presumed."
    )


class PlanDocument(_Part):
    """Kế hoạch: the whole plan, sections I to V and what stands around them."""

    slug: Slug = Field(description="The plan's slug (mã kế hoạch).")
    title: Text = Field(description="Title (tên kế hoạch).")
    document: Letterhead = Field(description="Its letterhead (văn bản).")
    preamble: Text = Field(description="What stands before section I (phần mở đầu).")
    period: StatedPeriod = Field(description="The days it stands for (thời gian thực hiện).")
    province: TerritoryCode = Field(description="Code of the province (mã tỉnh).")
    references: Annotated[tuple[Reference, ...], _ANY] = Field(
        description="What it builds on or cites (căn cứ, viện dẫn)."
    )
    sections: Annotated[tuple[Section, ...], _ANY] = Field(
        description="Headings of sections (mục)."
    )
    statements: Annotated[tuple[Statement, ...], _ANY] = Field(
        description="Purposes and requirements (mục đích, yêu cầu)."
    )
    phases: Annotated[tuple[Phase, ...], _ANY] = Field(
        description="Parts of section II (giai đoạn)."
    )
    items: Annotated[tuple[Item, ...], _ANY] = Field(
        description="Forms, funding rules and tasks (hình thức, kinh phí, nhiệm vụ)."
    )
    reporting: Reporting = Field(description="The clause on reports (chế độ báo cáo).")
    groups: Annotated[tuple[Group, ...], _ANY] = Field(description="Groups of units (nhóm đơn vị).")
    roles: Annotated[tuple[RoleHolding, ...], _ANY] = Field(
        description="Holders of the plan's offices (vai trò)."
    )
    recipients: Annotated[tuple[Text, ...], _ANY] = Field(
        description="Who received the plan (nơi nhận)."
    )

    @property
    def themes(self) -> tuple[Theme, ...]:
        """The themes of all phases, in order."""
        return tuple(theme for phase in self.phases for theme in phase.themes)

    @property
    def codes(self) -> tuple[str, ...]:
        """Every code given, headings first."""
        coded: Annotated[tuple[_Coded, ...], _ANY] = (*self.sections, *self._printed)
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
