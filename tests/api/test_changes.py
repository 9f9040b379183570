"""The changes feed over HTTP: every revision once, in commit order, from a cursor that is kept."""

import random
import threading
from datetime import UTC, date, datetime
from typing import Any

import httpx
from sqlalchemy import text
from sqlmodel import Session, select

from app.db import unit_of_work
from app.domain.units.models import UnitParentage
from tests.support.api import TLS, Api, Portal, running_api
from tests.support.databases import PostgresDatabases
from tests.support.makers import BINH_SON, FOCAL_UNIT, a_content, an_activity
from tests.support.problems import faults, refused
from tests.support.revisions import a_key, report

ACTIVITIES = "/v1/activity-reports"
CHANGES = f"{ACTIVITIES}/changes"
TU_NGHIA = "gso-528"
SONG_VE = "gso-21238"


def _made(portal: Portal, **changes: Any) -> str:
    response = portal.post(ACTIVITIES, an_activity(**changes))
    assert response.status_code == 201, response.text
    made: str = response.json()["id"]
    return made


def _correct(portal: Portal, made: str, revision: int, **changes: Any) -> None:
    body = a_content(**{"reason": "Gõ nhầm", **changes})
    headers = {"If-Match": f'"{revision}"'}
    response = portal.request("PUT", f"{ACTIVITIES}/{made}", json=body, headers=headers)
    assert response.status_code == 200, response.text


def _read(portal: Portal, **query: Any) -> dict[str, Any]:
    response = portal.get(CHANGES, **query)
    assert response.status_code == 200, response.text
    said: dict[str, Any] = response.json()
    return said


def _all(portal: Portal, **query: Any) -> list[tuple[str, int]]:
    """Read from the beginning to the end."""
    seen: list[tuple[str, int]] = []
    more = True
    while more:
        page = _read(portal, **query)
        seen += [(one["id"], one["revision"]) for one in page["items"]]
        query["since"], more = page["next"], page["more"]
    return seen


def test_the_feed_tells_every_revision_with_its_whole_content(api: Api) -> None:
    portal = api.portal(BINH_SON)
    empty = _read(portal)
    assert (empty["items"], empty["more"]) == ([], False)
    first, second = _made(portal, title="Một"), _made(portal, title="Hai")
    _correct(portal, first, 1, title="Một, sửa", measures=[])
    withdrawn = portal.request(
        "POST",
        f"{ACTIVITIES}/{second}/withdraw",
        json={"reason": "Trùng"},
        headers={"If-Match": '"1"'},
    )
    assert withdrawn.status_code == 200, withdrawn.text
    page = _read(portal, since=empty["next"])
    assert page["more"] is False
    fields = ("id", "revision", "kind", "reason", "title", "withdrawn")
    assert [tuple(one[name] for name in fields) for one in page["items"]] == [
        (first, 1, "created", None, "Một", False),
        (second, 1, "created", None, "Hai", False),
        (first, 2, "corrected", "Gõ nhầm", "Một, sửa", False),
        (second, 2, "withdrawn", "Trùng", "Hai", True),
    ]
    for one in page["items"]:
        alone = portal.get(f"{ACTIVITIES}/{one['id']}/revisions/{one['revision']}")
        assert one == alone.json()
    sent = an_activity()["measures"]
    assert page["items"][0]["measures"] == [{**one, "origin": "original"} for one in sent]
    assert page["items"][2]["measures"] == []


def test_a_cursor_is_kept_also_at_the_end_and_brings_the_same_again(api: Api) -> None:
    portal = api.portal(BINH_SON)
    made = [_made(portal) for _ in range(5)]
    page = _read(portal, limit=2)
    assert ([one["id"] for one in page["items"]], page["more"]) == (made[:2], True)
    then = _read(portal, limit=3, since=page["next"])
    assert ([one["id"] for one in then["items"]], then["more"]) == (made[2:], False)
    end = _read(portal, since=then["next"])
    assert (end["items"], end["more"], end["next"]) == ([], False, then["next"])
    later = _made(portal)
    again = _read(portal, since=page["next"])
    assert again["items"][:3] == then["items"]
    assert [one["id"] for one in again["items"]] == [*made[2:], later]
    assert [one["id"] for one in _read(portal, since=end["next"])["items"]] == [later]
    assert _read(portal, limit=2) == page


def test_a_key_sees_its_own_and_what_stands_under_it_the_focal_unit_all(api: Api) -> None:
    portals = {unit: api.portal(unit) for unit in (BINH_SON, TU_NGHIA, "gso-21040", FOCAL_UNIT)}
    own = _made(portals[BINH_SON])
    under = _made(portals[BINH_SON], unit="21040")
    other = _made(portals[TU_NGHIA], unit="528")
    seen = {unit: [made for made, _ in _all(portal)] for unit, portal in portals.items()}
    assert seen == {
        BINH_SON: [own, under],
        TU_NGHIA: [other],
        "gso-21040": [under],
        FOCAL_UNIT: [own, under, other],
    }
    assert _read(portals["gso-21040"], limit=1)["more"] is True, "that this key may not see it"


def test_a_revision_is_seen_by_who_stood_above_on_its_day(api: Api) -> None:
    """Sông Vệ stands under Bình Sơn from 1/7/2023 on."""
    with unit_of_work(api.engine) as session:
        row = session.exec(select(UnitParentage).where(UnitParentage.unit_key == SONG_VE)).one()
        until, row.valid_to = row.valid_to, date(2023, 7, 1)
        session.add(row)
        session.flush()
        moved = row.model_dump(exclude={"id"}) | {
            "parent_key": BINH_SON,
            "valid_from": date(2023, 7, 1),
            "valid_to": until,
        }
        session.add(UnitParentage(**moved))
    api.set_clock(datetime(2024, 3, 1, tzinfo=UTC))
    own, old, new = (api.portal(unit) for unit in (SONG_VE, TU_NGHIA, BINH_SON))
    said = {"unit": "21238", "content_themes": ["II.2.1"]}
    made = _made(own, occurred_on="2023-06-30", **said)
    _correct(own, made, 1, occurred_on="2023-07-01", **said)
    assert (_all(old), _all(new), _all(own)) == (
        [(made, 1)],
        [(made, 2)],
        [(made, 1), (made, 2)],
    )


def test_a_cursor_that_is_not_of_this_feed_is_refused(api: Api) -> None:
    portal = api.portal(BINH_SON)
    for _ in range(3):
        _made(portal)
    cursor = _read(portal)["next"]
    turned = cursor[:-1] + ("A" if cursor[-1] != "A" else "B")
    other = portal.get(ACTIVITIES, limit=1).json()["next"]
    for wrong in (turned, other, "AAAA", cursor[:10]):
        refused(portal.get(CHANGES, since=wrong), 400, "bad_cursor")
    refused(portal.get(ACTIVITIES, cursor=cursor), 400, "bad_cursor")
    assert faults(portal.get(CHANGES, since="")) == {"?since": "string_pattern_mismatch"}
    assert faults(portal.get(CHANGES, limit=0)) == {"?limit": "greater_than_equal"}
    assert faults(portal.get(CHANGES, cursor=cursor)) == {"?cursor": "extra_forbidden"}
    with unit_of_work(api.engine) as session:  # a backup of an hour ago was restored
        session.connection().execute(text("DELETE FROM activity_change WHERE seq = 3"))
    refused(portal.get(CHANGES, since=cursor), 400, "bad_cursor")


def test_an_older_transaction_holds_the_feed_back_and_nothing_is_lost(
    postgresql_databases: PostgresDatabases,
) -> None:
    """Not on SQLite: there an older one has ended before the next begins."""
    with postgresql_databases.loaded() as url, running_api(url) as api:
        portal = api.portal(BINH_SON)
        with unit_of_work(api.engine) as session:
            key = a_key(session)
        with Session(api.engine) as older:
            late = report(older, key)
            made = _made(portal)
            held = _read(portal)
            assert (held["items"], held["more"]) == ([], False)
            older.commit()
        assert _all(portal, since=held["next"]) == [(str(late), 1), (made, 1)]


def test_portals_that_write_at_once_are_followed_without_loss(api: Api) -> None:
    focal, secret = api.portal(FOCAL_UNIT), api.portal(BINH_SON).secret
    acknowledged: list[tuple[str, int]] = []
    failures: list[BaseException] = []

    def write(number: int) -> None:
        chance = random.Random(number)
        try:
            with httpx.Client(verify=TLS, base_url=api.http.base_url, timeout=30) as http:
                portal, current = Portal(http, secret), dict[str, int]()
                for _ in range(12):
                    if current and chance.random() < 0.5:
                        made = chance.choice([*current])
                        _correct(portal, made, current[made], title=f"Tin {chance.random()}")
                    else:
                        made = _made(portal)
                    current[made] = current.get(made, 0) + 1
                    acknowledged.append((made, current[made]))
        except BaseException as failure:
            failures.append(failure)
            raise

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    followed: list[tuple[str, int]] = []
    query: dict[str, Any] = {"limit": 5}
    while any(thread.is_alive() for thread in threads) or query["more"]:
        page = _read(focal, **{name: value for name, value in query.items() if name != "more"})
        followed += [(one["id"], one["revision"]) for one in page["items"]]
        query |= {"since": page["next"], "more": page["more"]}
    followed += _all(focal, since=query["since"])
    assert failures == []
    assert sorted(followed) == sorted(acknowledged)
    assert len(followed) == 48
    for made in {made for made, _ in followed}:
        numbers = [number for other, number in followed if other == made]
        assert numbers == [*range(1, len(numbers) + 1)]
    assert _all(focal, limit=500) == followed
    assert _all(Portal(api.http, secret), limit=7) == followed
