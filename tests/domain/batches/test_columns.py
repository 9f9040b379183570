from dataclasses import replace

import pytest
from sqlmodel import Session

from app.domain.activities.body import ActivityRow
from app.domain.batches.columns import (
    all_columns,
    for_all_rows,
    heading_key,
    letters,
    sheet_context,
)
from app.domain.batches.explained import EXPLAINED
from tests.domain.batches.sheets import CONTEXT
from tests.support.makers import PLAN


def test_every_field_of_a_row_has_a_column() -> None:
    fields = {column.path[0] for column in all_columns(CONTEXT)}
    assert fields == set(ActivityRow.model_fields)
    needed = {column.name for column in all_columns(CONTEXT) if column.needed}
    assert needed == {name for name, f in ActivityRow.model_fields.items() if f.is_required()}


def test_no_two_columns_have_a_name_or_a_heading_in_common(session: Session) -> None:
    columns = all_columns(sheet_context(session, plan=PLAN))
    assert len(columns) > 50
    keys: dict[str, str] = {}
    for column in columns:
        for text in (column.name, column.heading):
            assert keys.setdefault(heading_key(text), column.name) == column.name


def test_the_catalogue_makes_the_columns(session: Session) -> None:
    context = sheet_context(session, plan=PLAN)
    assert sheet_context(session) == context, "there is one plan only"
    by_code = {row.code: row for row in context.indicators}
    assert by_code["broadcast_minutes"].decimals == 1
    assert by_code["posts"].whole
    names = {column.name for column in all_columns(context)}
    assert {"measures.posts.repost", "expenditure.other_lawful"} <= names
    assert "measures.views.repost" not in names
    assert sheet_context(session, plan="another").indicators == ()


def test_every_column_is_explained() -> None:
    singles = {c.name for c in all_columns(CONTEXT) if not c.element}
    said_once = {c.name for c in for_all_rows()} | {"expected_revision", "reason"}
    assert set(EXPLAINED) == singles - said_once | {"expenditure"}


@pytest.mark.parametrize(
    ("heading", "key"),
    [
        (" ĐƠN  VỊ *", "donvi"),
        ("Hình\u00a0thức,\nnhiệm vụ", "hinhthuc,nhiemvu"),
        ("Bất kỳ tên nào [posts.repost]", "measures.posts.repost"),
        ("kinh phi: x [other_lawful]", "expenditure.other_lawful"),
        ("measures.posts", "measures.posts"),
    ],
)
def test_a_heading_is_known_by_its_letters_or_its_code(heading: str, key: str) -> None:
    assert heading_key(heading) == key


def test_columns_are_lettered_as_in_a_spreadsheet() -> None:
    assert [letters(index) for index in (0, 25, 26, 27, 701, 702)] == [
        "A",
        "Z",
        "AA",
        "AB",
        "ZZ",
        "AAA",
    ]


def test_an_indicator_with_decimals_is_not_whole() -> None:
    minutes = CONTEXT.indicators[1]
    assert not minutes.whole
    assert replace(minutes, decimals=0).whole
