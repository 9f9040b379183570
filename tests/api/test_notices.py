"""A unit follows its own reminders; the province sees all."""

from datetime import datetime, timedelta
from uuid import UUID

from app.db import unit_of_work
from app.domain.notices.delivery import claim, mark_failed
from app.domain.notices.mailboxes import set_mailbox
from app.domain.notices.service import remind
from app.domain.period import LOCAL_TIME
from app.domain.principal import Scope
from tests.support.api import Api
from tests.support.makers import BINH_SON, FOCAL_UNIT, PLAN
from tests.support.problems import faults, refused

NOTICES = "/v1/notices"
AT = datetime(2021, 11, 23, 0, 5, tzinfo=LOCAL_TIME)
LATE = datetime(2021, 11, 30, 0, 5, tzinfo=LOCAL_TIME)


def _remind(api: Api, at: datetime) -> int:
    with unit_of_work(api.engine) as session:
        return remind(session, at=at)


def test_a_unit_follows_its_own_and_finds_what_is_new(api: Api) -> None:
    portal = api.portal(BINH_SON)
    before = portal.get(NOTICES).json()
    assert (before["items"], before["more"]) == ([], False)
    _remind(api, AT)
    first = portal.get(NOTICES, since=before["next"]).json()
    (told,) = first["items"]
    assert told.pop("id")
    assert told.pop("text_vi").startswith("Kính gửi: UBND huyện Bình Sơn")
    assert told.pop("text_en").startswith("To: UBND huyện Bình Sơn")
    assert told.pop("subject").startswith("Nhắc hạn: Báo cáo năm 2021")
    assert told == {
        "cycle": f"{PLAN}.2021",
        "plan": PLAN,
        "year": 2021,
        "unit": BINH_SON,
        "subject_unit": BINH_SON,
        "part": "report",
        "occasion": "due_in_7",
        "due_at": "2021-11-29T17:00:00.000000Z",
        "created_at": "2021-11-22T17:05:00.000000Z",
        "email": None,
    }
    assert portal.get(NOTICES, since=first["next"]).json()["items"] == []
    _remind(api, LATE)
    (late,) = portal.get(NOTICES, since=first["next"]).json()["items"]
    assert late["occasion"] == "late"
    assert [row["occasion"] for row in portal.get(NOTICES).json()["items"]] == ["due_in_7", "late"]


def test_the_province_follows_all_in_stretches_and_may_narrow(api: Api) -> None:
    assert _remind(api, AT) == _remind(api, LATE) == 38
    focal, found, asked, more = api.portal(FOCAL_UNIT), [], 0, True
    since: dict[str, str] = {}
    while more:
        answer = focal.get(NOTICES, limit=25, **since).json()
        found += answer["items"]
        since, more, asked = {"since": answer["next"]}, answer["more"], asked + 1
    assert (len(found), len({row["id"] for row in found}), asked) == (76, 76, 4)
    assert [row["occasion"] for row in found] == ["due_in_7"] * 38 + ["late"] * 38
    for narrowed, count in (
        ({"unit": "524"}, 2),
        ({"unit": BINH_SON, "occasion": "late"}, 1),
        ({"unit": "gso-999"}, 0),
        ({"year": 2021, "plan": PLAN}, 76),
        ({"year": 2022}, 0),
        ({"email": "waiting"}, 0),
    ):
        assert len(focal.get(NOTICES, **narrowed).json()["items"]) == count, narrowed
    assert api.portal(BINH_SON).get(NOTICES, unit=FOCAL_UNIT).json()["items"] == []
    assert api.portal(BINH_SON).get(NOTICES, limit=1).json()["more"] is True


def test_how_far_its_email_has_come_is_told(api: Api) -> None:
    with unit_of_work(api.engine) as session:
        set_mailbox(session, unit=BINH_SON, address="vp@x.gov.vn", at=AT)
        remind(session, at=AT)
        mail = claim(session, at=AT)
        assert mail is not None
    portal = api.portal(BINH_SON)
    (told,) = portal.get(NOTICES).json()["items"]
    assert (told["email"]["state"], told["email"]["attempts"]) == ("waiting", 1)
    with unit_of_work(api.engine) as session:
        mark_failed(
            session,
            notice_id=UUID(told["id"]),
            attempt=1,
            error="550 no such mailbox",
            at=AT + timedelta(days=3),
        )
    (told,) = api.portal(FOCAL_UNIT).get(NOTICES, email="failed").json()["items"]
    assert told["email"] == {
        "address": "vp@x.gov.vn",
        "state": "failed",
        "attempts": 1,
        "next_attempt_at": None,
        "sent_at": None,
        "last_error": "550 no such mailbox",
    }


def test_who_may_not_and_what_is_wrong_is_refused(api: Api) -> None:
    refused(api.portal(BINH_SON, Scope.READ_ACTIVITIES).get(NOTICES), 403, "scope_missing")
    portal = api.portal(BINH_SON)
    refused(portal.get(NOTICES, since="AAAA"), 400, "bad_cursor")
    _remind(api, AT)
    ahead = portal.get(NOTICES).json()["next"]
    with unit_of_work(api.engine) as session:  # as after a restore from an older backup
        session.connection().exec_driver_sql("DELETE FROM notice")
    refused(portal.get(NOTICES, since=ahead), 400, "bad_cursor")
    assert list(faults(portal.get(NOTICES, occasion="soon"))) == ["?occasion"]
    assert list(faults(portal.get(NOTICES, cursor="AAAA"))) == ["?cursor"]
