"""Observes `claude-agent-sdk`: turns of Claude's, with the tools and model calls that its command line tells of.

The models are called by another program, and nothing of that is seen here but its messages. `Query` reads them for
`query` and for `ClaudeSDKClient`, whatever way they are asked for: https://code.claude.com/docs/en/agent-sdk/python.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable
from functools import wraps
from importlib import import_module
from typing import Any, Final
from weakref import WeakKeyDictionary, finalize

from agentops.domain.foreign import at, text
from agentops.instrumentation.target import Bridge, Emitter
from agentops.plugins import hookimpl
from agentops_plugins._claude_turns import Conversation


class Conversations:
    """The conversations that go on, by the `Query` that their messages come from."""

    def __init__(self, emitter: Emitter) -> None:
        self._emitter = emitter
        self._known: WeakKeyDictionary[Any, Conversation] = WeakKeyDictionary()

    def of(self, query: Any) -> Conversation:
        """The one of a query, which ends with it."""
        found = self._known.get(query)
        if found is None:
            found = self._known[query] = Conversation(self._emitter)
            finalize(query, found.leave).atexit = False
        return found

    def reading(self, receive: Callable[[Any], AsyncGenerator[Any]]) -> Callable[[Any], AsyncGenerator[Any]]:
        """Read along with the messages."""

        @wraps(receive)
        async def receive_messages(query: Any) -> AsyncGenerator[Any]:
            conversation, prompt = self.of(query), text(query, "transport", "_prompt")
            if prompt is not None:
                conversation.begin(prompt)
            messages = receive(query)
            try:
                async for message in messages:
                    conversation.take(message)
                    yield message
            except BaseException as error:
                conversation.fail(error)
                raise
            finally:
                await messages.aclose()

        return receive_messages

    def asking(self, ask: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
        """Note what a client asks."""

        @wraps(ask)
        async def query(client: Any, prompt: Any, *arguments: Any, **named: Any) -> None:
            asked = at(client, "_query")
            if asked is not None:
                self.of(asked).begin(text(prompt))
            await ask(client, prompt, *arguments, **named)

        return query

    def closing(self, close: Callable[[Any], Awaitable[None]]) -> Callable[[Any], Awaitable[None]]:
        """Nothing goes on with a process that is closed."""

        @wraps(close)
        async def close_with_turn(query: Any) -> None:
            self.of(query).leave()
            await close(query)

        return close_with_turn


def install(emitter: Emitter) -> Callable[[], None]:
    """Stand where the messages are read and the prompts are sent."""
    conversations = Conversations(emitter)
    queries: Any = import_module("claude_agent_sdk._internal.query").Query
    clients: Any = import_module("claude_agent_sdk.client").ClaudeSDKClient
    observed: dict[tuple[Any, str], Callable[[Any], Any]] = {
        (queries, "receive_messages"): conversations.reading,
        (queries, "close"): conversations.closing,
        (clients, "query"): conversations.asking,
    }
    originals: dict[tuple[Any, str], Any] = {place: vars(place[0])[place[1]] for place in observed}
    ours = {place: wrap(originals[place]) for place, wrap in observed.items()}
    for (owner, name), function in ours.items():
        setattr(owner, name, function)

    def uninstall() -> None:
        for (owner, name), function in ours.items():
            if vars(owner)[name] is function:
                setattr(owner, name, originals[owner, name])

    return uninstall


BRIDGE: Final = Bridge(
    library="claude_agent_sdk",
    distribution="claude-agent-sdk",
    versions=">=0.1,<0.3",
    captures="agents, subagents, tools, models that its command line calls",
    install=install,
)


@hookimpl
def agentops_instrumentation() -> Bridge:
    """What this plugin observes."""
    return BRIDGE
