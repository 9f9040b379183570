"""Guides and problems as HTML: text alone, no script, under the policy of all pages.

markdown-it-py makes it: CommonMark with tables, safe by its default to escape HTML, and locked
already (rich needs it).
"""

import html
import re
from collections.abc import MutableMapping, Sequence
from functools import lru_cache
from pathlib import Path
from string import Template
from typing import Any, Final

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

from app.api.docs.catalogue import entries
from app.api.docs.guides import LANGUAGES, described, guide, heading, names, title
from app.domain.errors import Language

_TEMPLATE: Final = Template((Path(__file__).parent / "guide.html").read_text(encoding="utf-8"))
_ROOT: Final = "{root}"  # of all addresses on a page: the service may stand below a prefix
_LANGUAGE: Final[dict[Language, str]] = {"vi": "Tiếng Việt", "en": "English"}
_REFERENCE: Final[dict[Language, str]] = {"vi": "Tra cứu API", "en": "API reference"}
_CODE: Final = re.compile(r"[a-z]+(_[a-z]+)*")
_GUIDE: Final = re.compile(r"(?:\.\./(?:vi|en)/)?[a-z-]+\.md(#[a-z_]+)?")


@lru_cache
def guide_page(language: Language, name: str) -> str | None:
    """Return a guide as a page, or None where there is none of that name."""
    written = guide(language, name)
    if written is None:
        return None
    other = next(one for one in LANGUAGES if one != language)
    switch = _entry(other, name, _LANGUAGE[other]) if name in names(other) else ""
    return _page(written, language=language, shown=name, switch=switch)


@lru_cache(maxsize=1000)
def problem_page(code: str) -> str | None:
    """Return one code of the catalogue as a page in both languages, or None for an unknown one."""
    if code not in entries():
        return None
    entry = entries()[code]
    written = (
        f"# {entry.code}",
        "## Tiếng Việt",
        described(entry, "vi"),
        f"[Mọi mã lỗi](../guides/vi/errors#{entry.code})",
        "## English",
        described(entry, "en"),
        f"[All codes](../guides/en/errors#{entry.code})",
    )
    switch = _entry("en", "index", title("en", "index"))
    return _page("\n\n".join(written), language="vi", shown="", switch=switch, root="../../")


def _page(
    written: str, *, language: Language, shown: str, switch: str, root: str = "../../../"
) -> str:
    listed = "\n".join(
        f"    <li>{_entry(language, name, title(language, name), shown=name == shown)}</li>"
        for name in names(language)
    )
    filled = _TEMPLATE.substitute(
        title=html.escape(heading(written)),
        language=language,
        reference=_REFERENCE[language],
        guides=html.escape(title(language, "index")),
        listed=listed,
        switch=switch,
        body=_body(written),
    )
    return filled.replace(_ROOT, root)


def _body(written: str) -> str:
    """Return a text as HTML; the English half of a problem's page says that it is English."""
    first, heading, english = _markdown().render(written).partition("<h2>English</h2>")
    return f'{first}<div lang="en">{heading}{english}</div>' if heading else first


def _entry(language: Language, name: str, text: str, *, shown: bool = False) -> str:
    """Return a link to a guide."""
    here = ' aria-current="page"' if shown else ""
    place = f'href="{_ROOT}docs/guides/{language}/{name}" lang="{language}"'
    return f"<a {place}{here}>{html.escape(text)}</a>"


@lru_cache
def _markdown() -> MarkdownIt:
    made = MarkdownIt("commonmark", {"html": False}).enable("table")
    made.add_render_rule("heading_open", _heading)
    made.add_render_rule("link_open", _link)
    return made


def _heading(
    self: RendererHTML,
    tokens: Sequence[Token],
    index: int,
    options: Any,
    env: MutableMapping[str, Any],
) -> str:
    """Open a heading; one that is a code can be linked to by it."""
    said = tokens[index + 1].content
    if _CODE.fullmatch(said):
        tokens[index].attrSet("id", said)
    return self.renderToken(tokens, index, options, env)


def _link(
    self: RendererHTML,
    tokens: Sequence[Token],
    index: int,
    options: Any,
    env: MutableMapping[str, Any],
) -> str:
    """Open a link; a guide is a file in the repository and has no ending here."""
    place = str(tokens[index].attrs["href"])
    if _GUIDE.fullmatch(place):
        tokens[index].attrSet("href", place.replace(".md", "", 1))
    return self.renderToken(tokens, index, options, env)
