"""What the key that is sent is: for whom it acts, what it may do, and until when."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from app.api.deps import AnyKey
from app.api.out import InstantOut, OutModel
from app.api.strict import StrictRoute
from app.domain.access.ended import GRACE_AFTER_END, writes_until
from app.domain.access.service import key_of
from app.domain.described import DayOut, Few, Id, Many, Name, UnitCode, UnitKey, words
from app.domain.instance import PURPOSES
from app.domain.principal import Scope

router = APIRouter(tags=["Key"], route_class=StrictRoute)

ScopeWord = Annotated[str, words("A scope (phạm vi).", *Scope)]


class KeyUnitOut(OutModel):
    """The unit that a key is bound to (đơn vị của khóa)."""

    key: UnitKey = Field(
        description="The unit's key, which never changes (khóa của đơn vị). It may be sent as "
        "`unit` in an activity report."
    )
    code: UnitCode = Field(
        description="Its code today (mã đơn vị), or the last that it bore. It may be sent as "
        "`unit` too; codes are reused, and there it is the code on the activity's day."
    )
    name: Name = Field(description="Its name today (tên đơn vị), or the last that it bore.")
    body_name: Name = Field(
        description="The reporting body (đơn vị báo cáo), e.g. `UBND huyện Bình Sơn`."
    )
    ended_on: DayOut | None = Field(
        description="The first day on which the unit was no longer in being (ngày kết thúc); null "
        "while it is in being."
    )


class KeyOut(OutModel):
    """The key that was sent (khóa đang dùng): for whom it acts, what it may do, until when."""

    id: Id = Field(
        description="The key's id (mã của khóa): the one to tell the operator, e.g. to have it "
        "revoked. It opens nothing."
    )
    unit: KeyUnitOut
    answers_for: Many[UnitKey] = Field(
        description="Keys of the ended units that it acts for as well, since its unit is their "
        "steward today (các đơn vị đã kết thúc do đơn vị tiếp quản), in the keys' order."
    )
    scopes: Few[ScopeWord] = Field(
        description="What it may do (phạm vi): its scopes, in the order in which the security "
        "scheme explains them. Each operation names the one that it needs."
    )
    created_at: InstantOut = Field(description="When the operator made it (thời điểm cấp khóa).")
    expires_at: InstantOut = Field(
        description="From when it is no longer valid (hết hạn), and every request is 401; earlier "
        "where it is revoked."
    )
    writes_until: InstantOut = Field(
        description="From when it writes no more, whatever its scopes (được ghi đến trước thời "
        f"điểm): {GRACE_AFTER_END.days} days after the recorded end of its unit, after which "
        "writing is 403 `unit_ended`; where no end is recorded, or later than it expires, as "
        "`expires_at`."
    )
    purpose: Annotated[
        str,
        words(
            "What the service that answers is for (mục đích): production (vận hành thật), demo "
            "(trình diễn) or sandbox (thử nghiệm); in the last two nothing counts.",
            *PURPOSES,
        ),
    ]


@router.get("/key")
def read_key(caller: AnyKey) -> KeyOut:
    """Read what the key that is sent is: its unit, its scopes, until when it is good.

    The first thing to ask with a new key (kiểm tra khóa): which unit it acts for is what an
    activity report names as `unit`. Nothing in the answer opens anything.
    """
    by, key = caller.by, key_of(caller.session, by=caller.by)
    unit = caller.reference.unit_by_key(by.unit)
    return KeyOut(
        id=key.id,
        unit=KeyUnitOut(
            key=unit.unit_key,
            code=unit.code,
            name=unit.name,
            body_name=unit.body_name,
            ended_on=by.ended_on,
        ),
        answers_for=sorted(by.answers_for),
        scopes=[scope.value for scope in Scope if scope in by.scopes],
        created_at=key.created_at,
        expires_at=key.expires_at,
        writes_until=writes_until(unit, expires_at=key.expires_at),
        purpose=caller.purpose,
    )
