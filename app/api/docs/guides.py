"""The guides beside the reference, as Markdown: written ones, and the catalogue of errors.

`guides/<language>/` are the sources; `python -m app openapi` writes them under `openapi/guides/`
with `errors.md`, which is made of the catalogue.
"""

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Final, get_args

from app.api.docs.catalogue import Area, Entry, areas
from app.domain.errors import Language

SOURCES: Final = Path(__file__).parent / "guides"
LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)
GUIDES: Final = ("key", "first-record", "bulk", "corrections", "yearly-report", "webhooks")
"""Those that are followed step by step, in their order."""
ERRORS: Final = "errors"
ORDER: Final = ("index", *GUIDES, "versions", ERRORS)

_WORDS: Final[dict[Language, dict[str, str]]] = {
    "vi": {
        "title": "Mã lỗi",
        "lead": "Mỗi lần từ chối có một mã (`code`) không đổi theo ngôn ngữ; chương trình dựa vào "
        "mã, người đọc dựa vào `detail`. Trong thông báo, `{…}` là chỗ được điền khi trả lời. Mỗi "
        "mã có một trang tại địa chỉ ghi trong `type`: `/docs/problems/<mã>`.",
        "status": "Trạng thái HTTP {status}.",
        "fault": "Nằm trong `errors` của một lần từ chối, kèm vị trí.",
        "command": "Chỉ do lệnh của quản trị đưa ra.",
        "message": "Thông báo",
        "cause": "Nguyên nhân",
        "remedy": "Cách xử lý",
    },
    "en": {
        "title": "Errors",
        "lead": "Every refusal has a `code` that is the same in every language: programs go by the "
        "code, people by `detail`. In a message, `{…}` is filled in when it is answered. Each code "
        "has a page at the address that `type` names: `/docs/problems/<code>`.",
        "status": "HTTP status {status}.",
        "fault": "Stands in `errors` of a refusal, with its place.",
        "command": "Said by the operator's commands only.",
        "message": "Message",
        "cause": "Cause",
        "remedy": "Remedy",
    },
}


def names(language: Language) -> list[str]:
    """Return the names of the guides in a language, in reading order; the errors come last."""
    written = {file.stem for file in (SOURCES / language).glob("*.md")} | {ERRORS}
    return sorted(written, key=ORDER.index)


def title(language: Language, name: str) -> str:
    """Return a guide's title. Raises KeyError where there is none of that name."""
    text = guide(language, name)
    if text is None:
        raise KeyError(name)
    return heading(text)


def heading(text: str) -> str:
    """Return the first heading of a text in Markdown, which begins with it."""
    return text.partition("\n")[0].removeprefix("# ")


def guide(language: Language, name: str) -> str | None:
    """Return a guide as Markdown, or None where there is none of that name."""
    if name not in names(language):
        return None
    if name == ERRORS:
        return _errors(language)
    return (SOURCES / language / f"{name}.md").read_text(encoding="utf-8")


def described(entry: Entry, language: Language) -> str:
    """Return one code of the catalogue as Markdown, below its heading."""
    words, told = _WORDS[language], entry.told[language]
    if entry.of_a_command:
        place = words["command"]
    else:
        place = words["status"].format(status=entry.status) if entry.status else words["fault"]
    lines = (
        place,
        "",
        f"- {words['message']}: {entry.message(language)}",
        f"- {words['cause']}: {told.cause}",
        f"- {words['remedy']}: {told.remedy}",
    )
    return "\n".join(lines)


def write_guides(folder: Path) -> None:
    """Write all guides into a folder, each language into one of its own; take out what is old."""
    for language in LANGUAGES:
        place = folder / language
        place.mkdir(parents=True, exist_ok=True)
        for old in set(place.glob("*.md")) - {place / f"{name}.md" for name in names(language)}:
            old.unlink()
        for name in names(language):
            (place / f"{name}.md").write_text(guide(language, name) or "", encoding="utf-8")


@lru_cache
def _errors(language: Language) -> str:
    """Return the catalogue as a guide: every page asks for its title."""
    return "\n".join(_catalogue(language))


def _catalogue(language: Language) -> Iterator[str]:
    words = _WORDS[language]
    yield from (f"# {words['title']}", "", words["lead"], "")
    for area in areas():
        yield from _section(area, language)


def _section(area: Area, language: Language) -> Iterator[str]:
    yield from (f"## {area.title[language]}", "")
    for entry in area.entries:
        yield from (f"### {entry.code}", "", described(entry, language), "")
