"""Observed by hand: decorators for functions and classes that are also context managers for blocks.

`@tool`, `@tool(name="search")` and `with tool("search"):` say the same thing in three ways. What is decorated stays
what it is: the same kind of function, the same class object.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agentops import client
from agentops.domain.prices import amount_of
from agentops.domain.spans import SpanKind
from agentops.errors import ConfigurationError
from agentops.instrumentation.observed import Observed
from agentops.recording import semconv
from agentops.recording.recorder import COST
from agentops.session.form import ObservedSession

if TYPE_CHECKING:
    from collections.abc import Iterable
    from decimal import Decimal


def _applied(use: Observed | ObservedSession, wrapped: Any) -> Any:
    """The decorator or block itself, or what it decorates where that stands in the first place."""
    return use if wrapped is None or isinstance(wrapped, str) else use(wrapped)


def _named(wrapped: Any, name: str | None) -> str | None:
    return wrapped if isinstance(wrapped, str) else name


def session(
    wrapped: Any = None,
    /,
    *,
    name: str | None = None,
    tags: Iterable[str] | str | None = None,
    **more: Any,  # noqa: ARG001 - programs of AgentOps pass it
) -> Any:
    """Runs each call of a function, or a block, as a session: `with agentops.session("research", tags=["x"]) as s:`.

    Args:
        wrapped: the function or class, when used without parentheses; or the name.
        name: what the session is called; the function's name if None.
        tags: words to find it by.
        more: accepted from AgentOps programs and without meaning here (`version`, `cost`, `spec`, ...).
    """
    return _applied(ObservedSession(_named(wrapped, name), tags, client.manager), wrapped)


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
        more: further attributes.
    """
    attributes = {semconv.VERSION: version, **more}
    return _applied(Observed(SpanKind.AGENT, _named(wrapped, name), input=input, attributes=attributes), wrapped)


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
    attributes = {semconv.VERSION: version, **more}
    return _applied(Observed(SpanKind.WORKFLOW, _named(wrapped, name), input=input, attributes=attributes), wrapped)


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
    attributes = {semconv.VERSION: version, **more}
    return _applied(Observed(SpanKind.TASK, _named(wrapped, name), input=input, attributes=attributes), wrapped)


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
        more: further attributes.
    """
    attributes = {COST: _amount(cost), semconv.VERSION: version, **more}
    return _applied(Observed(SpanKind.TOOL, _named(wrapped, name), input=input, attributes=attributes), wrapped)


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
        more: further attributes.
    """
    use = Observed(SpanKind.LLM, _named(wrapped, name), input=input, model=model, attributes=more)
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
        more: further attributes.
    """
    attributes = {semconv.GUARDRAIL_SPEC: spec, **more}
    return _applied(Observed(SpanKind.GUARDRAIL, _named(wrapped, name), input=input, attributes=attributes), wrapped)


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
