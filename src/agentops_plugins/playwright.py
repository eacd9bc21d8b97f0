"""Observes `playwright`: what is done with pages and their elements; what is typed where passwords go is not kept."""

from typing import Any, Final
from urllib.parse import urlsplit

from agentops.domain.foreign import at, count, plain, text
from agentops.domain.genai import Json, ToolRequest, ToolResponse
from agentops.instrumentation.target import Arguments, Instrumentation, Reader, Target
from agentops.plugins import hookimpl
from agentops_plugins._calls import brief, named
from agentops_plugins._http import redacted

_ON_ELEMENT: Final = {
    "click": (),
    "dblclick": (),
    "fill": ("value",),
    "type": ("text",),
    "press": ("key",),
    "check": (),
    "uncheck": (),
    "hover": (),
    "select_option": ("value",),
    "set_input_files": ("files",),
    "inner_text": (),
    "text_content": (),
}
"""What both have; of a page, the selector is passed before these."""

_PAGE: Final = {method: ("selector", *names) for method, names in _ON_ELEMENT.items()} | {
    "goto": ("url",),
    "reload": (),
    "go_back": (),
    "go_forward": (),
    "content": (),
    "evaluate": ("expression", "arg"),
    "drag_and_drop": ("source", "target"),
    "wait_for_selector": ("selector",),
    "wait_for_url": ("url",),
    "screenshot": (),
    "pdf": (),
}
_LOCATOR: Final = _ON_ELEMENT | {"press_sequentially": ("text",), "wait_for": (), "screenshot": ()}
_TYPED: Final = ("value", "text", "key")


def _selector(arguments: Arguments) -> str | None:
    return text(arguments.instance, "_impl_obj", "_selector")


def _reader(cls: str, method: str, names: tuple[str, ...]) -> Reader:
    def read_request(arguments: Arguments) -> ToolRequest:
        asked = named(arguments, names)
        element = _selector(arguments)
        if element is not None:
            asked = {"selector": element, **asked}
        if "password" in str(asked.get("selector", "")).lower():
            asked |= dict.fromkeys((name for name in _TYPED if name in asked), "[redacted]")
        if method == "goto":
            asked["url"] = redacted(urlsplit(str(asked.get("url", ""))))
        address = text(arguments.instance, "url") or text(arguments.instance, "page", "url")
        shown = redacted(urlsplit(address)) if address and address.startswith("http") else None
        attributes = {} if shown is None else {"url.full": shown}
        return ToolRequest(name=f"{cls.lower()}.{method}", arguments=brief(asked), attributes=attributes)

    return Reader(read_request=read_request, read_response=_read_response)


def _read_response(result: Any) -> ToolResponse:
    """What came of it: of a page that was loaded its status, and texts and values as they are."""
    status = count(result, "status")
    if status is None:
        return ToolResponse(result=_read_value(result))
    return ToolResponse(result={"status_code": status}, attributes={"http.response.status_code": status})


def _read_value(result: Any) -> Json:
    return plain(result) if isinstance(result, bytes) or at(result, "_impl_obj") is not None else brief(result)


INSTRUMENTATION: Final = Instrumentation(
    library="playwright",
    versions=">=1.52,<2",
    captures="navigation, clicks, input, contents of pages and elements",
    targets=[
        Target(path=f"playwright.{api}._generated:{cls}.{method}", reader=_reader(cls, method, names))
        for api in ("sync_api", "async_api")
        for cls, methods in (("Page", _PAGE), ("Locator", _LOCATOR))
        for method, names in methods.items()
    ],
)


@hookimpl
def agentops_instrumentation() -> Instrumentation:
    """What is done with `playwright`."""
    return INSTRUMENTATION
