"""Showing what somebody sent: in an answer, on a terminal, in a file. Pure."""

import re
import unicodedata
from typing import Final

from app.domain.access.service import PREFIX

_UNSEEN: Final = ("C", "Zl", "Zp")  # control, format, unassigned; ends of lines
_SECRET: Final = re.compile(rf"{PREFIX}[0-9A-Za-z]+")


def safe(text: str, most: int) -> str:
    """Return a text of at most `most` characters, without control characters and keys."""
    text = _SECRET.sub(f"{PREFIX}…", text)
    kinds = [(char, unicodedata.category(char)) for char in text[:most]]
    shown = "".join("·" if kind.startswith(_UNSEEN) else char for char, kind in kinds)
    return shown if len(text) <= most else f"{shown[: most - 1]}…"
