"""Pages for people, and the description of the API from which they are made; they need no script."""

from base64 import b64encode
from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from html import escape
from importlib.resources import files
from typing import Any, Final

from agentops.collector.asked import Asked
from agentops.collector.openapi import describe
from agentops.collector.pages.markup import Content as Markup
from agentops.collector.pages.markup import Html, tag
from agentops.collector.pages.reference import reference
from agentops.collector.replies import Content
from agentops.collector.routes import Route, Tag

_HTML: Final = "text/html; charset=utf-8"
_HERE: Final = "http://this.invalid"
"""Stands for the address under which the page is asked for."""


def routes_about(routes: Sequence[Route]) -> tuple[Route, ...]:
    """The routes that describe these: a document for programs, a page for people, and the page where one arrives."""

    @cache
    def document(*, needs_key: bool) -> dict[str, Any]:
        return describe(routes, needs_key=needs_key)

    async def read_document(asked: Asked[None, None]) -> dict[str, Any]:
        return document(needs_key=not asked.services.access.is_open)

    @cache
    def shown(*, needs_key: bool) -> str:
        return reference(document(needs_key=needs_key), _HERE)

    def read_reference(asked: Asked[None, None]) -> Content:
        text = shown(needs_key=not asked.services.access.is_open)
        return page("agentops API", Html(text.replace(_HERE, escape(asked.base_url))))

    return (
        _route("/", read_entrance),
        _route("/docs", read_reference),
        _route("/openapi.json", read_document),
    )


def _route(path: str, answer: Any) -> Route:
    return Route(method="GET", path=path, answer=answer, summary="", tag=Tag.OPERATIONS, scope=None, is_listed=False)


async def read_entrance(asked: Asked[None, None]) -> Content:
    """What this server is, and where what is."""
    url = asked.base_url
    places = (
        ("What can be asked", tag("a", f"{url}/docs", href="/docs")),
        ("The same for programs", tag("a", f"{url}/openapi.json", href="/openapi.json")),
        ("Sessions", tag("a", f"{url}/api/v1/sessions", href="/api/v1/sessions")),
        ("OpenTelemetry (OTLP over HTTP)", tag("code", f"OTEL_EXPORTER_OTLP_ENDPOINT={url}")),
        ("agentops", tag("code", f"AGENTOPS_API_ENDPOINT={url}")),
        ("How it is doing", tag("a", f"{url}/healthz", href="/healthz")),
    )
    listed = tag("dl", [[tag("dt", name), tag("dd", place)] for name, place in places])
    return page("agentops collector", tag("main", tag("h1", "This is an agentops collector"), listed))


def page(title: str, body: Markup) -> Content:
    """A whole page, which may load nothing and run nothing."""
    style = _style()
    document = tag(
        "html",
        tag(
            "head",
            tag("meta", charset="utf-8"),
            tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
            tag("title", title),
            tag("style", Html(style)),
        ),
        tag("body", body),
        lang="en",
    )
    digest = b64encode(sha256(style.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return Content(f"<!doctype html>{document}".encode(), _HTML, headers={"Content-Security-Policy": policy})


@cache
def _style() -> str:
    return (files("agentops.collector.pages") / "style.css").read_text(encoding="utf-8")
