"""What comes out of the five years, worked out by hand: nothing here is computed by the service.

The amounts are those of `deeds.py`. A figure's line reads "item indicator total = unit part + …";
"-" is the total of an indicator that does not add over units. A part is the unit's whole report,
its communes included. Followers replace each other within a year (the last one counts), so they
are not added up over the years; all the rest is.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Edition:
    """One version of a year's consolidated report.

    `ordered` and `others` are the coverage; `rows` are the units that handed in: review,
    timeliness of the report, as what it was filed, and the timeliness of the supplement.
    """

    year: int
    version: int
    edition: str
    figures: str
    money: str
    counts: str
    ordered: str
    others: str
    rows: str
    levels: str = ""
    months: str = ""


# 2021: Tư Nghĩa sends at 29/11 23:59:59.999999, Lý Sơn one microsecond later; Sở GD&ĐT is
# returned and answers in time; Sơn Tịnh is returned and answers only after version 1; Sở VHTTDL
# is not reviewed yet; Sở KH&ĐT has an extension to 10/12 and sends on 5/12; Trà Bồng's report
# came on paper on 26/11; Thanh tra's is nil. Báo, Đài, Cổng, Hội VHNT, Ban Tuyên giáo say nothing.
# 20 departments and 13 districts are ordered to report: 33.
AT_THE_DEADLINE_OF_2021 = Edition(
    2021,
    1,
    "deadline",
    figures="""
        III.1.b posts                 71 = binh-son 8 + tu-nghia 11 + ly-son 4
                                           + so-tttt 40 + vp-ubnd 2 + so-khdt 6
        III.1.b followers            200 = binh-son 120 + tu-nghia 80
        III.1.b reach                  - = binh-son 900 + tu-nghia 400
        III.1.c loudspeaker_minutes   75 = binh-son 37.5 + tu-nghia 22.5 + tra-bong 15
        III.2   conferences            3 = so-gddt 2 + so-tttt 1
    """,
    money="""
        III.1.c state_budget_district  2000000 = binh-son 1500000 + tu-nghia 500000
        III.2   state_budget_province 50000000 = so-gddt 20000000 + so-tttt 30000000
    """,
    # posts and reach: binh-son 2, tu-nghia, ly-son, so-tttt, vp-ubnd, so-khdt; loudspeakers: 3
    counts="III.1.b 7, III.1.c 3, III.2 2",
    ordered="required 33 = accepted 9 + in_review 1 + returned 1 + missing 22; nil 1; "
    "on_time 8, late 1, late_with_extension 1, by_document 1",
    others="required 5 = accepted 0 + in_review 0 + returned 0 + missing 5; nil 0; "
    "on_time 0, late 0, late_with_extension 0, by_document 0",
    rows="""
        binh-son   accepted   on_time              self        not_due
        tu-nghia   accepted   on_time              self        not_due
        ly-son     accepted   late                 self        not_due
        son-tinh   returned   on_time              self        not_due
        tra-bong   accepted   by_document          focal_unit  not_due
        so-gddt    accepted   on_time              self        not_due
        so-tttt    accepted   on_time              self        not_due
        vp-ubnd    accepted   on_time              self        not_due
        so-vhttdl  in_review  on_time              self        not_due
        so-khdt    accepted   late_with_extension  self        not_due
        thanh-tra  accepted   on_time              self        not_due
    """,
)

# Until 20/1/2022 Sơn Tịnh has answered (6 minutes, not 60) and Sở VHTTDL is accepted; Bình Sơn's
# supplement of 10/1 brings 7 posts of December and 150 followers.
FINAL_OF_2021 = Edition(
    2021,
    2,
    "final",
    figures="""
        III.1.b posts                 78 = binh-son 15 + tu-nghia 11 + ly-son 4
                                           + so-tttt 40 + vp-ubnd 2 + so-khdt 6
        III.1.b followers            230 = binh-son 150 + tu-nghia 80
        III.1.b reach                  - = binh-son 900 + tu-nghia 400
        III.1.c loudspeaker_minutes   81 = binh-son 37.5 + tu-nghia 22.5 + tra-bong 15 + son-tinh 6
        III.2   conferences            6 = so-gddt 2 + so-tttt 1 + so-vhttdl 3
    """,
    money=AT_THE_DEADLINE_OF_2021.money,
    counts="III.1.b 8, III.1.c 4, III.2 3",
    ordered="required 33 = accepted 11 + in_review 0 + returned 0 + missing 22; nil 1; "
    "on_time 8, late 1, late_with_extension 1, by_document 1",
    others=AT_THE_DEADLINE_OF_2021.others,
    rows="""
        binh-son   accepted   on_time              self        on_time
        tu-nghia   accepted   on_time              self        late
        ly-son     accepted   late                 self        late
        son-tinh   accepted   on_time              self        late
        tra-bong   accepted   by_document          focal_unit  late
        so-gddt    accepted   on_time              self        late
        so-tttt    accepted   on_time              self        late
        vp-ubnd    accepted   on_time              self        late
        so-vhttdl  accepted   on_time              self        late
        so-khdt    accepted   late_with_extension  self        late
        thanh-tra  accepted   on_time              self        late
    """,
)

# In March 2026 Sở Tài chính's report of 2021, registered on 27/11/2021, is loaded: 9 posts.
LOADED_LATE_OF_2021 = Edition(
    2021,
    3,
    "final",
    figures=FINAL_OF_2021.figures.replace(" 78 = ", " 87 = so-tai-chinh 9 + "),
    money=FINAL_OF_2021.money
    + """
        III.1.b state_budget_province  4000000 = so-tai-chinh 4000000
    """,
    counts="III.1.b 9, III.1.c 4, III.2 3",
    ordered="required 33 = accepted 12 + in_review 0 + returned 0 + missing 21; nil 1; "
    "on_time 8, late 1, late_with_extension 1, by_document 2",
    others=FINAL_OF_2021.others,
    rows=FINAL_OF_2021.rows
    + """
        so-tai-chinh  accepted  by_document  focal_unit  late
    """,
)

# 2022: five report, and nobody supplements.
FINAL_OF_2022 = Edition(
    2022,
    1,
    "final",
    figures="""
        III.1.b posts                 41 = binh-son 11 + tu-nghia 8 + ly-son 2 + so-tttt 20
        III.1.b followers            200 = binh-son 200
        III.1.c loudspeaker_minutes 12.5 = tu-nghia 12.5
        III.2   conferences            4 = so-gddt 4
    """,
    money="""
        III.2   state_budget_province  8000000 = so-gddt 8000000
    """,
    counts="III.1.b 5, III.1.c 1, III.2 1",
    ordered="required 33 = accepted 5 + in_review 0 + returned 0 + missing 28; nil 0; "
    "on_time 5, late 0, late_with_extension 0, by_document 0",
    others="required 5 = accepted 0 + in_review 0 + returned 0 + missing 5; nil 0; "
    "on_time 0, late 0, late_with_extension 0, by_document 0",
    rows="""
        binh-son   accepted   on_time  self  late
        tu-nghia   accepted   on_time  self  late
        ly-son     accepted   on_time  self  late
        so-gddt    accepted   on_time  self  late
        so-tttt    accepted   on_time  self  late
    """,
)

# In March 2023 Bình Sơn finds that 10 posts were 13: its accepted report is corrected.
CORRECTED_OF_2022 = Edition(
    2022,
    2,
    "final",
    figures=FINAL_OF_2022.figures.replace(" 41 = binh-son 11 ", " 44 = binh-son 14 "),
    money=FINAL_OF_2022.money,
    counts=FINAL_OF_2022.counts,
    ordered=FINAL_OF_2022.ordered,
    others=FINAL_OF_2022.others,
    # its correction runs to 31/12: nothing is left to supplement
    rows=FINAL_OF_2022.rows.replace(
        "binh-son   accepted   on_time  self  late", "binh-son   accepted   on_time  self  -"
    ),
)

# 2023: what Tư Nghĩa withdrew (100 posts) counts in nothing; Nghĩa Mỹ's minutes are Tư Nghĩa's.
FINAL_OF_2023 = Edition(
    2023,
    1,
    "final",
    figures="""
        III.1.b posts                 28 = binh-son 6 + tu-nghia 5 + so-tttt 17
        III.1.b followers            210 = binh-son 210
        III.1.c loudspeaker_minutes  8.5 = tu-nghia 8.5
        III.2   conferences            5 = so-gddt 5
    """,
    money="",
    counts="III.1.b 3, III.1.c 1, III.2 1",
    ordered="required 33 = accepted 4 + in_review 0 + returned 0 + missing 29; nil 0; "
    "on_time 4, late 0, late_with_extension 0, by_document 0",
    others=FINAL_OF_2022.others,
    rows="""
        binh-son   accepted   on_time  self  late
        tu-nghia   accepted   on_time  self  late
        so-gddt    accepted   on_time  self  late
        so-tttt    accepted   on_time  self  late
    """,
)

# 2024: Nghĩa Mỹ's 5.5 minutes are of 31/12, its last day: they come with Tư Nghĩa's supplement.
# The radio-TV station is assigned, not ordered.
FINAL_OF_2024 = Edition(
    2024,
    1,
    "final",
    figures="""
        III.1.a broadcasts            14 = dai-ptth 14
        III.1.b posts                 51 = binh-son 9 + tu-nghia 12 + so-tttt 30
        III.1.c loudspeaker_minutes  5.5 = tu-nghia 5.5
    """,
    money="",
    counts="III.1.a 1, III.1.b 3, III.1.c 1",
    ordered="required 33 = accepted 3 + in_review 0 + returned 0 + missing 30; nil 0; "
    "on_time 3, late 0, late_with_extension 0, by_document 0",
    others="required 5 = accepted 1 + in_review 0 + returned 0 + missing 4; nil 0; "
    "on_time 1, late 0, late_with_extension 0, by_document 0",
    rows="""
        binh-son   accepted   on_time  self  late
        tu-nghia   accepted   on_time  self  on_time
        so-tttt    accepted   on_time  self  late
        dai-ptth   accepted   on_time  self  late
    """,
)

# 2025: 33, two departments from 1/3 and 56 commune-level units are ordered: 91. Ban Tuyên giáo
# và Dân vận is the sixth of the others; 40 units on former Kon Tum are not required.
# Closing reports have no supplement. Sở KH&ĐT and Bình Sơn close by themselves before they end;
# so-tttt, Tư Nghĩa, Lý Sơn and the station are closed by their stewards, Lý Sơn one instant late.
# Code 21238: Sông Vệ's minutes of 1/1, 15/6 and 30/6 (2 + 10 + 1.5) are in Tư Nghĩa's closing
# report, Vệ Giang's of 1/7 and 20/7 (3.5 + 20) in Vệ Giang's own.
AT_THE_DEADLINE_OF_2025 = Edition(
    2025,
    1,
    "deadline",
    figures="""
        III.1.a broadcasts             3 = dai-ptth 3
        III.1.b posts                 52 = so-tttt 5 + so-khdt 2 + binh-son 5 + tu-nghia 7
                                           + ly-son 3 + xa-tu-nghia 8 + dac-khu-ly-son 6
                                           + so-vhttdl 15 + vp-ubnd 1
        III.1.c loudspeaker_minutes   37 = tu-nghia 13.5 + ve-giang 23.5
        III.2   conferences            3 = so-gddt 2 + so-tai-chinh 1
    """,
    money="""
        III.1.c state_budget_commune   700000 = tu-nghia 200000 + ve-giang 500000
    """,
    counts="III.1.a 1, III.1.b 10, III.1.c 5, III.2 2",
    ordered="required 91 = accepted 13 + in_review 0 + returned 0 + missing 78; nil 1; "
    "on_time 12, late 1, late_with_extension 0, by_document 0",
    others="required 6 = accepted 1 + in_review 0 + returned 0 + missing 5; nil 0; "
    "on_time 1, late 0, late_with_extension 0, by_document 0",
    rows="""
        so-tttt         accepted  on_time  steward  -
        so-khdt         accepted  on_time  self     -
        dai-ptth        accepted  on_time  steward  -
        binh-son        accepted  on_time  self     -
        tu-nghia        accepted  on_time  steward  -
        ly-son          accepted  late     steward  -
        xa-binh-son     accepted  on_time  self     not_due
        xa-tu-nghia     accepted  on_time  self     not_due
        ve-giang        accepted  on_time  self     not_due
        dac-khu-ly-son  accepted  on_time  self     not_due
        so-gddt         accepted  on_time  self     not_due
        so-vhttdl       accepted  on_time  self     not_due
        vp-ubnd         accepted  on_time  self     not_due
        so-tai-chinh    accepted  on_time  self     not_due
    """,
    # By who did it: Sông Vệ is of the communes, whoever reported for it.
    levels="""
        provincial_body  III.1.a broadcasts 3
        provincial_body  III.1.b posts 23
        provincial_body  III.2   conferences 3
        district         III.1.b posts 15
        commune          III.1.b posts 14
        commune          III.1.c loudspeaker_minutes 37
    """,
    # The handover days 30/6 and 1/7: each once, and in its own month.
    months="""
        2025-06  III.1.b posts 1
        2025-06  III.1.c loudspeaker_minutes 11.5
        2025-06  III.2   conferences 1
        2025-07  III.1.b posts 8
        2025-07  III.1.c loudspeaker_minutes 23.5
    """,
)

# Vệ Giang's supplement brings 4 minutes of December.
FINAL_OF_2025 = Edition(
    2025,
    2,
    "final",
    figures=AT_THE_DEADLINE_OF_2025.figures.replace(" 37 = ", " 41 = ").replace(
        "ve-giang 23.5", "ve-giang 27.5"
    ),
    money=AT_THE_DEADLINE_OF_2025.money,
    counts="III.1.a 1, III.1.b 10, III.1.c 6, III.2 2",
    ordered=AT_THE_DEADLINE_OF_2025.ordered,
    others=AT_THE_DEADLINE_OF_2025.others,
    rows=AT_THE_DEADLINE_OF_2025.rows.replace("not_due", "late").replace(
        "ve-giang        accepted  on_time  self     late",
        "ve-giang        accepted  on_time  self     on_time",
    ),
    levels=AT_THE_DEADLINE_OF_2025.levels.replace("minutes 37", "minutes 41"),
    months=AT_THE_DEADLINE_OF_2025.months,
)

# In the order of years and versions.
EDITIONS = (
    AT_THE_DEADLINE_OF_2021,
    FINAL_OF_2021,
    LOADED_LATE_OF_2021,
    FINAL_OF_2022,
    CORRECTED_OF_2022,
    FINAL_OF_2023,
    FINAL_OF_2024,
    AT_THE_DEADLINE_OF_2025,
    FINAL_OF_2025,
)

# The last version of each year: 2021 + 2022 + 2023 + 2024 + 2025.
GRAND_TOTALS = """
    III.1.a broadcasts             17 = 2024 14 + 2025 3
    III.1.b posts                 262 = 2021 87 + 2022 44 + 2023 28 + 2024 51 + 2025 52
    III.1.c loudspeaker_minutes 148.5 = 2021 81 + 2022 12.5 + 2023 8.5 + 2024 5.5 + 2025 41
    III.2   conferences            18 = 2021 6 + 2022 4 + 2023 5 + 2025 3
"""
GRAND_MONEY = """
    III.1.b state_budget_province  4000000 = 2021 4000000
    III.1.c state_budget_commune    700000 = 2025 700000
    III.1.c state_budget_district  2000000 = 2021 2000000
    III.2   state_budget_province 58000000 = 2021 50000000 + 2022 8000000
"""
GRAND_COUNTS = """
    III.1.a activities  2 = 2024 1 + 2025 1
    III.1.b activities 30 = 2021 9 + 2022 5 + 2023 3 + 2024 3 + 2025 10
    III.1.c activities 13 = 2021 4 + 2022 1 + 2023 1 + 2024 1 + 2025 6
    III.2   activities  7 = 2021 3 + 2022 1 + 2023 1 + 2025 2
"""

# The same activity by the units of 1/1/2026: 262 posts = 15 + 8 + 17 + 3 + 15, and unmapped 49 +
# 43 + 112; 148.5 minutes = 90 + 37.5, and unmapped 6 + 15; 18 conferences = 13 + 3 + 1, and 1.
# Vệ Giang has what was Sông Vệ's (22.5 + 12.5 + 13.5) and its own (27.5), and Nghĩa Mỹ's (14),
# whose parts met again in it. Sở Tài chính has what was Sở KH&ĐT's, the newspaper the station's.
# What districts did themselves, and so-tttt, whose functions were divided, is mapped to nobody.
ON_THE_UNITS_OF_2026 = """
    ve-giang        III.1.c loudspeaker_minutes 90
    xa-binh-son     III.1.c loudspeaker_minutes 37.5
    dac-khu-ly-son  III.1.b posts 15
    xa-tu-nghia     III.1.b posts 8
    so-tai-chinh    III.1.b posts 17
    so-tai-chinh    III.2   conferences 1
    vp-ubnd         III.1.b posts 3
    so-vhttdl       III.1.b posts 15
    so-vhttdl       III.2   conferences 3
    so-gddt         III.2   conferences 13
    bao-quang-ngai  III.1.a broadcasts 17
"""
UNMAPPED_IN_2026 = """
    binh-son        III.1.b posts 49
    tu-nghia        III.1.b posts 43
    son-tinh        III.1.c loudspeaker_minutes 6
    tra-bong        III.1.c loudspeaker_minutes 15
    so-tttt         III.1.b posts 112
    so-tttt         III.2   conferences 1
"""

# How the years stand in March 2026: of those ordered to report so many percent are accepted
# (12, 5, 4 and 3 of 33, 13 of 91), and what communes within districts did.
ACCEPTED_PERCENT = {2021: "36.4", 2022: "15.2", 2023: "12.1", 2024: "9.1", 2025: "14.3"}
COMMUNES_WITHIN_DISTRICTS = """
    2021  binh-son  chau-o    1
    2021  tu-nghia  song-ve   1
    2022  tu-nghia  song-ve   1
    2023  tu-nghia  nghia-my  1
    2024  tu-nghia  nghia-my  1
    2025  tu-nghia  song-ve   3
"""
