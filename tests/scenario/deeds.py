"""What everybody did in five years: few activity reports, with amounts that are easy to add."""

from dataclasses import dataclass
from typing import Any, Final

from tests.support.makers import an_activity

# id, unit's code or key on the day, day, item, channel, measures; expenditure.
DEEDS: Final = """
bs-21-1   524           2021-03-10 III.1.b facebook    posts 3, followers 100
bs-21-2   524           2021-09-05 III.1.b facebook    posts 5, followers 120, reach 900
co-21-1   21040         2021-06-12 III.1.c loudspeaker minutes 37.5; district 1500000
bs-21-3   524           2021-12-20 III.1.b facebook    posts 7, followers 150
tn-21-1   528           2021-10-01 III.1.b facebook    posts 11, followers 80, reach 400
sv-21-1   21238         2021-07-15 III.1.c loudspeaker minutes 22.5; district 500000
ls-21-1   536           2021-05-25 III.1.b zalo        posts 4
st-21-1   527           2021-08-08 III.1.c loudspeaker minutes 60
tb-21-1   525           2021-09-20 III.1.c loudspeaker minutes 15
gd-21-1   so-gddt       2021-04-10 III.2   conference  conferences 20; province 20000000
tt-21-1   so-tttt       2021-06-01 III.1.b portal      posts 40
tt-21-2   so-tttt       2021-09-09 III.2   conference  conferences 1; province 30000000
vp-21-1   vp-ubnd       2021-07-07 III.1.b portal      posts 2
vh-21-1   so-vhttdl     2021-10-10 III.2   conference  conferences 3
kh-21-1   so-khdt       2021-11-05 III.1.b portal      posts 6
tc-21-1   so-tai-chinh  2021-05-05 III.1.b portal      posts 9; province 4000000

bs-22-1   524           2022-04-04 III.1.b facebook    posts 10
bs-22-2   524           2022-10-10 III.1.b facebook    posts 1, followers 200
tn-22-1   528           2022-05-05 III.1.b facebook    posts 8
sv-22-1   21238         2022-06-06 III.1.c loudspeaker minutes 12.5
ls-22-1   536           2022-09-09 III.1.b zalo        posts 2
gd-22-1   so-gddt       2022-03-03 III.2   conference  conferences 4; province 8000000
tt-22-1   so-tttt       2022-08-08 III.1.b portal      posts 20

bs-23-1   524           2023-02-02 III.1.b facebook    posts 6, followers 210
tn-23-1   528           2023-03-03 III.1.b facebook    posts 5
tn-23-2   528           2023-04-04 III.1.b facebook    posts 100
nm-23-1   21286         2023-05-05 III.1.c loudspeaker minutes 8.5
gd-23-1   so-gddt       2023-09-20 III.2   conference  conferences 5
tt-23-1   so-tttt       2023-10-10 III.1.b portal      posts 17

bs-24-1   524           2024-02-02 III.1.b facebook    posts 9
tn-24-1   528           2024-08-08 III.1.b facebook    posts 12
nm-24-1   21286         2024-12-31 III.1.c loudspeaker minutes 5.5
tt-24-1   so-tttt       2024-05-05 III.1.b portal      posts 30
dai-24-1  dai-ptth      2024-03-03 III.1.a television  broadcasts 14

tt-25-1   so-tttt       2025-02-10 III.1.b portal      posts 5
kh-25-1   so-khdt       2025-01-20 III.1.b portal      posts 2
dai-25-1  dai-ptth      2025-04-01 III.1.a television  broadcasts 3
bs-25-1   524           2025-03-01 III.1.b facebook    posts 4
bs-25-2   524           2025-06-30 III.1.b facebook    posts 1
tn-25-1   528           2025-05-05 III.1.b facebook    posts 7
sv-25-1   21238         2025-01-01 III.1.c loudspeaker minutes 2; commune 200000
sv-25-2   21238         2025-06-15 III.1.c loudspeaker minutes 10
sv-25-3   21238         2025-06-30 III.1.c loudspeaker minutes 1.5
vg-25-1   21238         2025-07-01 III.1.c loudspeaker minutes 3.5; commune 500000
vg-25-2   21238         2025-07-20 III.1.c loudspeaker minutes 20
vg-25-3   21238         2025-12-10 III.1.c loudspeaker minutes 4
ls-25-1   536           2025-04-04 III.1.b zalo        posts 3
xtn-25-1  21235         2025-07-01 III.1.b facebook    posts 8
dls-25-1  21548         2025-09-09 III.1.b zalo        posts 6
gd-25-1   so-gddt       2025-10-10 III.2   conference  conferences 2
vh-25-1   so-vhttdl     2025-08-08 III.1.b portal      posts 15
vp-25-1   vp-ubnd       2025-09-02 III.1.b portal      posts 1
tc-25-1   so-tai-chinh  2025-06-30 III.2   conference  conferences 1
"""
_LONG: Final = {"minutes": "loudspeaker_minutes"}


def _body(line: str) -> tuple[str, dict[str, Any]]:
    told, _, money = line.partition(";")
    name, unit, day, item, channel, *measures = told.replace(",", " ").split()
    source, amount = money.split() if money else ("", "")
    pairs = zip(measures[::2], measures[1::2], strict=True)
    return name, an_activity(
        unit=unit,
        external_id=name,
        occurred_on=day,
        plan_item=item,
        channel=channel,
        content_themes=[],
        measures=[{"indicator": _LONG.get(code, code), "value": value} for code, value in pairs],
        expenditure=[{"source": f"state_budget_{source}", "amount": int(amount)}] if money else [],
    )


BODIES: Final = dict(_body(line) for line in DEEDS.splitlines() if line)


@dataclass(frozen=True)
class Paper:
    """An incoming document: its register number and day."""

    number: str
    day: str

    def told(self) -> dict[str, str]:
        """Return it as it is sent."""
        return {"incoming_number": self.number, "incoming_on": self.day}
