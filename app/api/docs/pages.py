"""Guides and problems as HTML: text alone, no script, under the policy of all pages."""

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
from app.api.docs.guides import described, guide
from app.domain.errors import Language

_TEMPLATE: Final = Template((Path(__file__).parent / "guide.html").read_text(encoding="utf-8"))
_CODE: Final = re.compile(r"[a-z]+(_[a-z]+)*")
_GUIDE: Final = re.compile(r"(?:\.\./(?:vi|en)/)?[a-z-]+\.md(#[a-z_]+)?")


@lru_cache
def guide_page(language: Language, name: str) -> str | None:
    """Return a guide as a page, or None where there is none of that name."""
    written = guide(language, name)
    if written is None:
        return None
    return _page(written, language=language, root="../../../")


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
    return _page("\n\n".join(written), language="vi", root="../../")


def _page(written: str, *, language: Language, root: str) -> str:
    title = written.partition("\n")[0].removeprefix("# ")
    return _TEMPLATE.substitute(
        title=html.escape(title), language=language, root=root, body=_markdown().render(written)
    )


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
