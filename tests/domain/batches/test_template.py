"""The template as it is downloaded, filled in by hand, and read."""

import io
import re
import zipfile
from collections.abc import Sequence
from datetime import date

import pytest
from sqlmodel import Session

from app.domain.activities.body import ActivityRow
from app.domain.batches.columns import sheet_context
from app.domain.batches.habits import read_code, read_codes
from app.domain.batches.rows import RawRow
from app.domain.batches.template import ROWS, SOURCE_SYSTEM, activity_template
from app.domain.batches.xlsx_rows import read_xlsx
from app.domain.catalogue.queries import indicators
from app.domain.plans.queries import get_plan, items, themes
from app.domain.units.queries import find
from tests.domain.batches.sheets import filled, sheet
from tests.support.makers import BINH_SON, PLAN

ON = date(2021, 11, 22)


@pytest.fixture
def template(session: Session) -> bytes:
    return made(session)


def made(session: Session, *, on: date = ON, on_behalf: bool = False) -> bytes:
    unit, plan = find(session, BINH_SON, on=on), get_plan(session, PLAN)
    return activity_template(
        session, unit=unit, plan=plan, on=on, prefix="m-abc", on_behalf=on_behalf
    )


def read(session: Session, book: bytes) -> list[RawRow]:
    return list(read_xlsx(io.BytesIO(book), context=sheet_context(session, plan=PLAN)))


def choices(book: bytes) -> dict[str, Sequence[str]]:
    title, *rows = sheet(book, "Danh mục")
    return {str(name): [str(row[i]) for row in rows if row[i]] for i, name in enumerate(title)}


def test_an_untouched_template_has_no_rows(session: Session, template: bytes) -> None:
    assert len(sheet(template, "Hoạt động")) == ROWS + 1
    assert read(session, template) == []


def test_a_filled_template_is_read_as_it_is(session: Session, template: bytes) -> None:
    listed = choices(template)
    book = filled(
        template,
        {
            "Hình thức": listed["Hình thức, nhiệm vụ"][1],
            "Nội dung": listed["Nội dung tuyên truyền"][0],
            "Ngày thực hiện": "10/9/2021",
            "Kênh": listed["Kênh"][4],
            "Thể loại": listed["Thể loại"][0],
            "Tên": "Đăng tin về Nghị quyết",
            "Ngôn ngữ": listed["Ngôn ngữ"][1],
            "Lồng ghép": "có",
            "Số lượt xem": "1.234.567",
            "Kinh phí: Nguồn tài trợ": 2_000_000,
        },
        {},
        {"Tên": "Chỉ có tên"},
    )
    first, second = read(session, book)
    assert (first.number, first.line, first.faults) == (1, 2, ())
    said = ActivityRow.model_validate(first.value)
    assert (said.unit, said.plan, said.source_system) == (BINH_SON, PLAN, SOURCE_SYSTEM)
    assert (said.external_id, said.plan_item) == ("m-abc-0001", "III.1.b")
    assert (said.channel, said.format) == ("facebook", "news")
    assert (said.content_themes, said.languages) == (["II.1.1"], ["hre"])
    assert [(m.indicator, m.value) for m in said.measures] == [("views", "1234567")]
    assert [(e.source, e.amount) for e in said.expenditure] == [("other_lawful", 2_000_000)]
    assert (second.number, second.line) == (2, 4)
    assert second.value["external_id"] == "m-abc-0003"


def test_every_choice_of_every_drop_down_is_read_as_its_code(
    session: Session, template: bytes
) -> None:
    listed = choices(template)
    reported = [item for item in items(session, plan=PLAN) if item.kind != "funding_rule"]
    for title, known in (
        ("Hình thức, nhiệm vụ", [item.code for item in reported]),
        ("Nội dung tuyên truyền", [theme.code for theme in themes(session, plan=PLAN)]),
    ):
        assert [read_code(choice) for choice in listed[title]] == known
        assert [read_codes(choice) for choice in listed[title]] == [[code] for code in known]
    assert {"facebook", "loudspeaker"} <= {read_code(choice) for choice in listed["Kênh"]}
    assert all(len(choice) < 256 for texts in listed.values() for choice in texts)


def test_the_drop_downs_hold_what_is_valid_on_the_day(session: Session) -> None:
    before, after = (choices(made(session, on=on)) for on in (ON, date(2025, 7, 1)))
    assert not any(choice.startswith("bdq") for choice in before["Ngôn ngữ"])
    assert any(choice.startswith("bdq") for choice in after["Ngôn ngữ"])


def test_every_drop_down_points_at_its_whole_list(template: bytes) -> None:
    xml = zipfile.ZipFile(io.BytesIO(template)).read("xl/worksheets/sheet1.xml").decode()
    pointed = re.findall(r"'Danh mục'!\$([A-E])\$2:\$\1\$(\d+)<", xml)
    listed = [str(len(texts) + 1) for texts in choices(template).values()]
    assert sorted(pointed) == list(zip("ABCDE", listed, strict=True))


def test_an_indicator_is_greyed_where_it_does_not_apply(session: Session, template: bytes) -> None:
    xml = zipfile.ZipFile(io.BytesIO(template)).read("xl/worksheets/sheet1.xml").decode()
    greyed = re.findall(r'",(III[^"]*|V[^"]*),"', xml)
    rows = indicators(session, plan=PLAN)
    assert sorted(greyed) == sorted(
        ",".join(row.items) for row in rows for _ in range(2 if row.reposts else 1)
    )


def test_only_entry_on_behalf_has_the_columns_of_an_incoming_document(session: Session) -> None:
    for on_behalf in (True, False):
        headings = sheet(made(session, on_behalf=on_behalf), "Hoạt động")[0]
        assert ("Số đến" in headings) == on_behalf


def test_the_same_template_is_the_same_bytes(session: Session, template: bytes) -> None:
    assert made(session) == template


def test_no_choice_can_be_taken_for_a_formula(template: bytes) -> None:
    every = [cell for texts in choices(template).values() for cell in texts]
    assert len(every) > 80
    assert not [cell for cell in every if cell[0] in "=+-@"]
