"""The summary of the whole plan, worked out by hand from `deeds.py` as `table.py` is.

What adds over the years are its grand totals. Followers are each unit's of the last year in which
it told any: Bình Sơn's 150, 200 and 210 are 210, and Tư Nghĩa told its 80 in 2021 alone. Reach is
a unit's largest, and adds up to nothing.
"""

FOLLOWERS = """
    III.1.b followers 290 = binh-son 210 + tu-nghia 80
"""
FOLLOWERS_BY_YEAR = {2021: "230", 2022: "200", 2023: "210"}  # who told any in the year
REACH = """
    III.1.b reach - = binh-son 900 + tu-nghia 400
"""

# Each unit with what it did itself: a line of a unit, an item, what, and how much in five years.
# Bình Sơn's posts: 15 + 14 + 6 + 9 + 5, Tư Nghĩa's 11 + 8 + 5 + 12 + 7, so-tttt's 40 + 20 + 17 +
# 30 + 5; Sông Vệ's minutes 22.5 + 12.5 + 13.5, Nghĩa Mỹ's 8.5 + 5.5; so-gddt's conferences
# 2 + 4 + 5 + 2. 262 posts = 49 + 43 + 9 + 112 + 3 + 8 + 9 + 15 + 8 + 6.
AS_REPORTED = """
    binh-son        III.1.b posts 49
    binh-son        III.1.b followers 210
    binh-son        III.1.b reach 900
    binh-son        III.1.b activities 9
    tu-nghia        III.1.b posts 43
    tu-nghia        III.1.b followers 80
    tu-nghia        III.1.b reach 400
    tu-nghia        III.1.b activities 5
    ly-son          III.1.b posts 9
    ly-son          III.1.b activities 3
    son-tinh        III.1.c loudspeaker_minutes 6
    son-tinh        III.1.c activities 1
    tra-bong        III.1.c loudspeaker_minutes 15
    tra-bong        III.1.c activities 1
    chau-o          III.1.c loudspeaker_minutes 37.5
    chau-o          III.1.c activities 1
    chau-o          III.1.c state_budget_district 1500000
    song-ve         III.1.c loudspeaker_minutes 48.5
    song-ve         III.1.c activities 5
    song-ve         III.1.c state_budget_district 500000
    song-ve         III.1.c state_budget_commune 200000
    nghia-my        III.1.c loudspeaker_minutes 14
    nghia-my        III.1.c activities 2
    ve-giang        III.1.c loudspeaker_minutes 27.5
    ve-giang        III.1.c activities 3
    ve-giang        III.1.c state_budget_commune 500000
    xa-tu-nghia     III.1.b posts 8
    xa-tu-nghia     III.1.b activities 1
    dac-khu-ly-son  III.1.b posts 6
    dac-khu-ly-son  III.1.b activities 1
    so-tttt         III.1.b posts 112
    so-tttt         III.1.b activities 5
    so-tttt         III.2   conferences 1
    so-tttt         III.2   activities 1
    so-tttt         III.2   state_budget_province 30000000
    vp-ubnd         III.1.b posts 3
    vp-ubnd         III.1.b activities 2
    so-khdt         III.1.b posts 8
    so-khdt         III.1.b activities 2
    so-tai-chinh    III.1.b posts 9
    so-tai-chinh    III.1.b activities 1
    so-tai-chinh    III.1.b state_budget_province 4000000
    so-tai-chinh    III.2   conferences 1
    so-tai-chinh    III.2   activities 1
    so-gddt         III.2   conferences 13
    so-gddt         III.2   activities 4
    so-gddt         III.2   state_budget_province 28000000
    so-vhttdl       III.1.b posts 15
    so-vhttdl       III.1.b activities 1
    so-vhttdl       III.2   conferences 3
    so-vhttdl       III.2   activities 1
    dai-ptth        III.1.a broadcasts 17
    dai-ptth        III.1.a activities 2
"""

# The same by the units of 1/1/2026. To Vệ Giang came Sông Vệ (48.5) and Nghĩa Mỹ (14), to Xã Bình
# Sơn Châu Ổ, to Sở Tài chính Sở KH&ĐT, to the newspaper the station, to the special zone Lý Sơn.
# Reach is on no line: it does not add over units.
ON_THE_UNITS_OF_2026 = """
    ve-giang        III.1.c loudspeaker_minutes 90
    ve-giang        III.1.c activities 10
    ve-giang        III.1.c state_budget_district 500000
    ve-giang        III.1.c state_budget_commune 700000
    xa-binh-son     III.1.c loudspeaker_minutes 37.5
    xa-binh-son     III.1.c activities 1
    xa-binh-son     III.1.c state_budget_district 1500000
    dac-khu-ly-son  III.1.b posts 15
    dac-khu-ly-son  III.1.b activities 4
    xa-tu-nghia     III.1.b posts 8
    xa-tu-nghia     III.1.b activities 1
    so-tai-chinh    III.1.b posts 17
    so-tai-chinh    III.1.b activities 3
    so-tai-chinh    III.1.b state_budget_province 4000000
    so-tai-chinh    III.2   conferences 1
    so-tai-chinh    III.2   activities 1
    vp-ubnd         III.1.b posts 3
    vp-ubnd         III.1.b activities 2
    so-vhttdl       III.1.b posts 15
    so-vhttdl       III.1.b activities 1
    so-vhttdl       III.2   conferences 3
    so-vhttdl       III.2   activities 1
    so-gddt         III.2   conferences 13
    so-gddt         III.2   activities 4
    so-gddt         III.2   state_budget_province 28000000
    bao-quang-ngai  III.1.a broadcasts 17
    bao-quang-ngai  III.1.a activities 2
"""
UNMAPPED_IN_2026 = """
    binh-son        III.1.b posts 49
    binh-son        III.1.b followers 210
    binh-son        III.1.b activities 9
    tu-nghia        III.1.b posts 43
    tu-nghia        III.1.b followers 80
    tu-nghia        III.1.b activities 5
    son-tinh        III.1.c loudspeaker_minutes 6
    son-tinh        III.1.c activities 1
    tra-bong        III.1.c loudspeaker_minutes 15
    tra-bong        III.1.c activities 1
    so-tttt         III.1.b posts 112
    so-tttt         III.1.b activities 5
    so-tttt         III.2   conferences 1
    so-tttt         III.2   activities 1
    so-tttt         III.2   state_budget_province 30000000
"""

# Of the plan's forms and tasks these four saw activity: III.1.a, III.1.b, III.1.c, III.2.
WITHOUT_ACTIVITY = (
    "III.3 III.4 III.5 V.1.1 V.2.1 V.2.2 V.2.3 V.3.1 V.4.1 V.5.1 V.5.2 V.5.3 V.6.1 V.6.2 "
    "V.7.1 V.7.2"
)
