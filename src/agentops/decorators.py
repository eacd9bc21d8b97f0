"""Observed by hand: decorators for functions and classes that are also context managers for blocks.

`@tool`, `@tool(name="search")` and `with tool("search"):` say the same thing in three ways. What is decorated stays
what it is: the same kind of function, the same class object.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from agentops import client
from agentops.domain import semconv
from agentops.domain.prices import amount_of
from agentops.domain.spans import SpanKind
from agentops.errors import ConfigurationError
from agentops.instrumentation.observed import Observed
from agentops.recording.recorder import COST
from agentops.session.description import words
from agentops.session.form import ObservedSession

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from agentops.session.description import Tags

TAGS: Final = "agentops.tags"
"""The attribute of a span that has tags of its own, as AgentOps 0.4 names it."""


def _applied(use: Observed | ObservedSession, wrapped: Any) -> Any:
    """The decorator or block itself, or what it decorates where that stands in the first place."""
    return use if wrapped is None or isinstance(wrapped, str) else use(wrapped)


def _named(wrapped: Any, name: str | None) -> str | None:
    return wrapped if isinstance(wrapped, str) else name


def said(more: Mapping[str, Any], **own: Any) -> dict[str, Any]:
    """What decorators say besides names, as `Observed` takes it.

    Args:
        more: keyword arguments: those that AgentOps 0.4 gives every decorator (`version`, `tags`, `cost`, `spec`,
            `capture_request`, `capture_response`), and further attributes.
        own: those that the decorator names itself.

    Raises:
        ConfigurationError: if a cost is no amount, or tags are no words.
    """
    given = dict(more) | {name: value for name, value in own.items() if value is not None}
    known = {
        COST: _amount(given.pop("cost", None)),
        semconv.VERSION: given.pop("version", None),
        semconv.GUARDRAIL_SPEC: given.pop("spec", None),
        TAGS: words(given.pop("tags", None)) or None,
    }
    return {
        "request": bool(given.pop("capture_request", True)),
        "response": bool(given.pop("capture_response", True)),
        "attributes": known | given,
    }


def session(
    wrapped: Any = None,
    /,
    *,
    name: str | None = None,
    tags: Tags = None,
    **more: Any,
) -> Any:
    """Runs each call of a function, or a block, as a session: `with agentops.session("research", tags=["x"]) as s:`.

    Args:
        wrapped: the function or class, when used without parentheses; or the name.
        name: what the session is called; the function's name if None.
        tags: words to find it by.
        more: `version`, `cost` (USD of each call), `capture_request=False` and `capture_response=False` (to record no
            arguments or results); further attributes.
    """
    return _applied(ObservedSession(_named(wrapped, name), tags, client.manager, **said(more)), wrapped)


trace = session
"""Another word for `session`, as in AgentOps 0.4."""


def agent(
    wrapped: Any = None,
    /,
    *,
    name: str | None = None,
    input: Any = None,  # noqa: A002 - the word of AgentOps
    version: object = None,
    **more: Any,
) -> Any:
    """An agent: a function, a class whose methods are its work, or a block. What happens inside is attributed to it.

    Args:
        wrapped: the function or class, when used without parentheses; or the name.
        name: what the agent is called; the name of the function or class if None.
        input: for a block: what went in.
        version: of the agent, kept as an attribute.
        more: further attributes; `tags`, `cost`, `spec`, `capture_request` and `capture_response` mean what they do in
            AgentOps 0.4.
    """
    use = Observed(SpanKind.AGENT, _named(wrapped, name), input=input, **said(more, version=version))
    return _applied(use, wrapped)


def workflow(
    wrapped: Any = None,
    /,
    *,
    name: str | None = None,
    input: Any = None,  # noqa: A002 - the word of AgentOps
    version: object = None,
    **more: Any,
) -> Any:
    """A workflow: a function, class or block that leads through several steps; the parameters are those of `agent`."""
    use = Observed(SpanKind.WORKFLOW, _named(wrapped, name), input=input, **said(more, version=version))
    return _applied(use, wrapped)


def task(
    wrapped: Any = None,
    /,
    *,
    name: str | None = None,
    input: Any = None,  # noqa: A002 - the word of AgentOps
    version: object = None,
    **more: Any,
) -> Any:
    """A task: a function, class or block that is one step; the parameters are those of `agent`."""
    use = Observed(SpanKind.TASK, _named(wrapped, name), input=input, **said(more, version=version))
    return _applied(use, wrapped)


operation = task
"""Another word for `task`, as in AgentOps."""


def tool(
    wrapped: Any = None,
    /,
    *,
    name: str | None = None,
    cost: float | Decimal | str | None = None,
    input: Any = None,  # noqa: A002
    version: object = None,
    **more: Any,
) -> Any:
    """A tool that agents use: a function, class or block. Each call counts as a tool call.

    Args:
        wrapped: the function or class, when used without parentheses; or the name.
        name: what the tool is called; the name of the function or class if None.
        cost: USD of each call, added to the session's cost.
        input: for a block: what went in.
        version: of the tool, kept as an attribute.
        more: further attributes; `tags`, `cost`, `spec`, `capture_request` and `capture_response` mean what they do in
            AgentOps 0.4.
    """
    use = Observed(SpanKind.TOOL, _named(wrapped, name), input=input, **said(more, cost=cost, version=version))
    return _applied(use, wrapped)


track_tool = tool
"""Another word for `tool`, as in AgentOps 0.4, where it did nothing."""


def llm(
    wrapped: Any = None,
    /,
    *,
    name: str | None = None,
    model: str | None = None,
    input: Any = None,  # noqa: A002 - the word of AgentOps
    **more: Any,
) -> Any:
    """A model call made by the program's own means: a function, class or block. Each call counts as an LLM call.

    Prompt, messages, model, answer and tokens are read from what goes in and comes out, where that has the shape of a
    provider's API; so are the attributes of OpenTelemetry's conventions that are set on its span. Where an observed
    library makes the call inside, that one is the LLM call and this counts as an action.

    Args:
        wrapped: the function or class, when used without parentheses; or the name.
        name: what it is called; the name of the function or class if None.
        model: which model is called, where arguments and result do not say.
        input: for a block: what went in.
        more: further attributes; `tags`, `cost`, `spec`, `capture_request` and `capture_response` mean what they do in
            AgentOps 0.4.
    """
    use = Observed(SpanKind.LLM, _named(wrapped, name), input=input, model=model, **said(more))
    return _applied(use, wrapped)


def guardrail(
    wrapped: Any = None,
    /,
    *,
    name: str | None = None,
    spec: str | None = None,
    input: Any = None,  # noqa: A002 - the word of AgentOps
    **more: Any,
) -> Any:
    """A guardrail: a function, class or block that checks what goes in or comes out.

    Args:
        wrapped: the function or class, when used without parentheses; or the name.
        name: what it is called; the name of the function or class if None.
        spec: what it checks, `input` or `output`.
        input: for a block: what went in.
        more: further attributes; `tags`, `cost`, `spec`, `capture_request` and `capture_response` mean what they do in
            AgentOps 0.4.
    """
    use = Observed(SpanKind.GUARDRAIL, _named(wrapped, name), input=input, **said(more, spec=spec))
    return _applied(use, wrapped)


def span(name: str, *, kind: SpanKind | str = SpanKind.TASK, input: Any = None, **attributes: Any) -> Observed:  # noqa: A002
    """A stretch of work of any kind, as a block or decorator: `with agentops.span("parse", kind="task") as s:`.

    Args:
        name: what it is called.
        kind: what it is about.
        input: what went in.
        attributes: what else to keep.

    Raises:
        ValueError: if the kind is none of `SpanKind`.
    """
    return Observed(SpanKind(kind), name, input=input, attributes=attributes)


def _amount(cost: float | Decimal | str | None) -> str | None:
    """A cost as a decimal string.

    Raises:
        ConfigurationError: if it is no amount.
    """
    if cost is None:
        return None
    amount = amount_of(cost)
    if amount is None:
        raise ConfigurationError(f"cost={cost!r} is no amount of USD: pass a number or a decimal string")
    return f"{amount:f}"


def __getattr__(name: str) -> Any:
    """The decorators that AgentOps 0.3 has here."""
    if name not in {"record_action", "record_function", "record_tool", "track_agent"}:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module("agentops"), name)
