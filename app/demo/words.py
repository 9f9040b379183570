"""The words of made-up titles: who, where, what about, when."""

from datetime import date
from random import Random

from app.demo.kinds import Kind
from app.demo.people import Place, Reporter, lowered
from app.demo.topics import (
    COMMEMORATIONS,
    MOVEMENTS,
    OFFICE_MOVEMENTS,
    ORGANISATIONS,
    OWN_FIELD,
    RESOLUTIONS,
    TOPICS,
)


def subject(
    kind: Kind, title: str, reporter: Reporter, random: Random
) -> tuple[list[str], dict[str, str]]:
    """Return the themes of an activity and what it is about, fitting its title."""
    if "{field}" in title:
        return [random.choice(OWN_FIELD)], {"field": reporter.facts.field}
    if "{topic}" not in title:
        return [random.choice(kind.themes or (RESOLUTIONS,))], {}
    theme = random.choice(kind.themes or tuple(TOPICS))
    also = random.choice(tuple(TOPICS)) if random.random() < 0.2 else theme  # noqa: PLR2004 - some
    return sorted({theme, also}), {"topic": random.choice(TOPICS[theme])}


def of(
    reporter: Reporter, place: Place | None, about: dict[str, str], random: Random
) -> dict[str, str]:
    """Return the words that fill a title's placeholders."""
    told = {
        "unit": lowered(reporter.name),
        "movement": random.choice(MOVEMENTS),
        "office_movement": random.choice(OFFICE_MOVEMENTS),
        "organisation": random.choice(ORGANISATIONS),
        **about,
    }
    if place is not None:
        told |= {"place": place.name, "hamlets": "tổ dân phố" if place.urban else "thôn"}
    return told


def commemoration(random: Random) -> tuple[date, str]:
    """Return a day that is commemorated, and its name."""
    return random.choice(COMMEMORATIONS)


def days(first: date, last: date) -> str:
    """Return a period in words: "từ 02/8 đến 13/8"."""
    return f"từ {first.day:02}/{first.month} đến {last.day:02}/{last.month}"


def capital(text: str) -> str:
    """Return a text with its first letter as a capital."""
    return text[0].upper() + text[1:]
