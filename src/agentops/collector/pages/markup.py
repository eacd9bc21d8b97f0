"""HTML, put together so that nothing but what is written here is markup."""

import re
from collections.abc import Iterable
from html import escape
from typing import Final, TypeAlias

_CODE: Final = re.compile(r"`([^`]+)`")
_VOID: Final = frozenset({"meta", "link"})


class Html(str):
    """Text that is markup."""

    __slots__ = ()


Content: TypeAlias = str | Iterable["Content"]


def tag(name: str, /, *content: Content, **attributes: str | None) -> Html:
    """An element; `class_` is its class, and an attribute that is None is not there."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    return Html(f"<{name}{written}>" if name in _VOID else f"<{name}{written}>{markup(content)}</{name}>")


def markup(content: Content) -> Html:
    """Content as markup: text is escaped."""
    if isinstance(content, Html):
        return content
    return Html(escape(content) if isinstance(content, str) else "".join(map(markup, content)))


def prose(text: str) -> Html:
    """Paragraphs, in which what stands between backticks is code."""
    return markup([tag("p", words(paragraph)) for paragraph in text.split("\n\n") if paragraph.strip()])


def words(text: str) -> Html:
    """A line of text, in which what stands between backticks is code."""
    parts = _CODE.split(text)
    return markup([tag("code", part) if index % 2 else part for index, part in enumerate(parts)])
