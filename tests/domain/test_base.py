"""What every table stands on, on both databases."""

from datetime import timedelta

from sqlmodel import Session

from app.domain.base import insert_once
from app.domain.units.models import Unit
from tests.support.api import A_WORKING_DAY


def test_a_row_whose_key_is_taken_is_not_inserted_and_that_is_told(session: Session) -> None:
    first = Unit(key="body-moi", first_recorded_at=A_WORKING_DAY)
    second = Unit(key="body-moi", first_recorded_at=A_WORKING_DAY + timedelta(days=1))
    assert insert_once(session, first) is True
    assert insert_once(session, second) is False
    stored = session.get_one(Unit, "body-moi")
    assert stored.first_recorded_at == A_WORKING_DAY
