"""What a key is told of itself: for whom it acts, what it may do, until when; nothing secret."""

from datetime import datetime, timedelta
from typing import Any, Final

import pytest

from app.cli.keys import PROFILES, Profile
from app.db import unit_of_work
from app.domain.access.models import ApiKey
from app.domain.access.service import create_key
from app.domain.period import LOCAL_TIME, instant_text
from app.domain.principal import Scope
from tests.support.api import Api, Portal
from tests.support.auditing import all_entries
from tests.support.makers import BINH_SON, an_activity
from tests.support.problems import refused

TU_NGHIA: Final = "gso-528"  # Huyện Tư Nghĩa, until 1/7/2025
STEWARD: Final = "gso-21235-2025-07-01"
OVER: Final = datetime(2025, 8, 30, tzinfo=LOCAL_TIME)  # sixty days from 1/7/2025
LABEL: Final = "Cán bộ Nguyễn Văn A, 0912345678"


def _made(api: Api, unit: str, *scopes: Scope, days: int = 365) -> tuple[ApiKey, Portal]:
    at = api.now()
    with unit_of_work(api.engine) as session:
        row, secret = create_key(
            session,
            unit=unit,
            scopes=scopes,
            label=LABEL,
            at=at,
            expires_at=at + timedelta(days=days),
        )
        session.expunge(row)
    return row, Portal(api.http, secret)


def _told(portal: Portal) -> dict[str, Any]:
    answer = portal.get("/v1/key")
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def test_a_portals_key_learns_its_unit_its_scopes_and_its_days(api: Api) -> None:
    key, portal = _made(api, BINH_SON, *PROFILES[Profile.PORTAL])
    _made(api, TU_NGHIA, Scope.READ_AUDIT)  # another's, which is not told
    told = _told(portal)
    assert told == {
        "id": str(key.id),
        "unit": {
            "key": BINH_SON,
            "code": "524",
            "name": "Huyện Bình Sơn",
            "body_name": "UBND huyện Bình Sơn",
            "ended_on": None,
        },
        "answers_for": [],
        "scopes": [scope.value for scope in Scope if scope in PROFILES[Profile.PORTAL]],
        "created_at": "2021-11-22T02:00:00.000000Z",
        "expires_at": "2022-11-22T02:00:00.000000Z",
        "writes_until": "2022-11-22T02:00:00.000000Z",
        "purpose": "sandbox",
    }
    # What it is told is what an activity report takes as its unit.
    for number, named in enumerate((told["unit"]["key"], told["unit"]["code"])):
        body = an_activity(unit=named, external_id=f"key-{number}")
        assert portal.post("/v1/activity-reports", body).status_code == 201


def test_an_ended_units_key_learns_the_very_instant_from_which_it_only_reads(api: Api) -> None:
    api.set_clock(datetime(2025, 6, 10, 9, tzinfo=LOCAL_TIME))
    _, portal = _made(api, TU_NGHIA, Scope.WRITE_ACTIVITIES)
    body = an_activity(unit="528", occurred_on="2025-06-05", content_themes=["II.2.1"])
    before = _told(portal)
    assert before["unit"]["ended_on"] is None, "its day has not come"
    assert before["writes_until"] == instant_text(OVER)
    api.set_clock(OVER - timedelta(microseconds=1))
    assert portal.post("/v1/activity-reports", body).status_code == 201
    api.set_clock(OVER)
    refused(portal.post("/v1/activity-reports", body), 403, "unit_ended")
    after = _told(portal)
    assert (after["unit"]["ended_on"], after["writes_until"]) == ("2025-07-01", instant_text(OVER))
    assert after["unit"]["name"] == "Huyện Tư Nghĩa"


def test_a_key_that_expires_within_the_grace_writes_until_then(api: Api) -> None:
    api.set_clock(datetime(2025, 7, 2, 9, tzinfo=LOCAL_TIME))
    key, portal = _made(api, TU_NGHIA, days=7)
    assert _told(portal)["writes_until"] == instant_text(key.expires_at)


def test_a_stewards_key_learns_for_which_ended_units_it_acts(api: Api) -> None:
    api.set_clock(OVER)
    answers_for = _told(_made(api, STEWARD)[1])["answers_for"]
    assert TU_NGHIA in answers_for
    assert answers_for == sorted(answers_for)


def test_a_key_without_scopes_may_ask_and_is_counted_but_not_audited(api: Api) -> None:
    _, portal = _made(api, BINH_SON)
    before = len(all_entries(api.engine))
    left = [portal.get("/v1/key").headers["RateLimit"].split(";")[1] for _ in range(2)]
    assert left == ["r=2999", "r=2998"]
    assert _told(portal)["scopes"] == []
    refused(portal.get("/v1/key", unit="524"), 422, "invalid")
    assert len(all_entries(api.engine)) == before


@pytest.mark.parametrize("scopes", [(), tuple(Scope)])
def test_nothing_secret_is_told(api: Api, scopes: tuple[Scope, ...]) -> None:
    key, portal = _made(api, BINH_SON, *scopes)
    answer = portal.get("/v1/key")
    assert answer.status_code == 200, answer.text
    everything = answer.text + str(answer.headers)
    for secret in (portal.secret, "baocao_", key.sha256, "sha256", "label", LABEL):
        assert secret not in everything
    assert answer.headers["Cache-Control"].startswith("private")
