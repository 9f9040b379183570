"""The year that gives the document its examples, in the order in which things happen."""

from datetime import timedelta

from app.db import unit_of_work
from app.domain.notices.service import remind
from tests.examples import (
    activities,
    budgeting,
    consolidating,
    deciding,
    reference,
    submitting,
    telling,
)
from tests.examples.recording import Recorder
from tests.support.api import A_WORKING_DAY, Api


def play(api: Api) -> Recorder:
    """Play every operation of the document at least once, and return what was recorded."""
    recorder = Recorder(api)
    api.set_clock(A_WORKING_DAY)
    reference.read_reference(recorder)
    activities.report(recorder)
    activities.report_in_bulk(recorder)
    activities.report_jointly(recorder)
    submitting.submit(recorder)
    submitting.submit_others(recorder)
    consolidating.pull(recorder)
    budgeting.estimate(recorder)
    budgeting.hand_in(recorder)
    _remind(api)
    reference.read_how_it_stands(recorder)
    deciding.decide(recorder)
    budgeting.consolidate_budgets(recorder)
    telling.tell(recorder)
    deciding.hand_over(recorder)
    api.set_clock(A_WORKING_DAY)
    reference.read_key(recorder)
    return recorder


def _remind(api: Api) -> None:
    with unit_of_work(api.engine) as session:
        remind(session, at=A_WORKING_DAY + timedelta(days=1))
