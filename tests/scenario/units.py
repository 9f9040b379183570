"""The units of the scenario by the names that its tables use."""

from typing import Final

UNITS: Final = {
    "binh-son": "gso-524",
    "tra-bong": "gso-525",
    "son-tinh": "gso-527",
    "tu-nghia": "gso-528",
    "ly-son": "gso-536",
    "song-ve": "gso-21238",  # a township of Tư Nghĩa until 1/7/2025
    "nghia-my": "gso-21286",  # a commune of Tư Nghĩa until 1/1/2025
    "chau-o": "gso-21040",  # a township of Bình Sơn until 1/7/2025
    "xa-binh-son": "gso-21040-2025-07-01",  # Bình Sơn's steward
    "xa-tu-nghia": "gso-21235-2025-07-01",  # Tư Nghĩa's steward
    "ve-giang": "gso-21238-2025-07-01",  # the same code as Sông Vệ
    "dac-khu-ly-son": "gso-21548-2025-07-01",  # Lý Sơn's steward
    **{
        name: f"body-{name}"
        for name in (
            "so-tttt",  # the focal unit until it ends on 1/3/2025
            "so-vhttdl",  # the focal unit from then on, and its steward
            "vp-ubnd",  # the People's Committee's office
            "so-gddt",
            "so-khdt",  # ends on 1/3/2025
            "so-tai-chinh",
            "thanh-tra",
            "dai-ptth",  # ends on 19/5/2025
            "bao-quang-ngai",  # the station's steward
        )
    },
}
