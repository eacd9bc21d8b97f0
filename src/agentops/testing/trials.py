"""Making one call as a program would, and saying what came of it."""

import asyncio
import gc
import inspect
from collections.abc import Callable
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass, field
from enum import StrEnum
from types import TracebackType
from typing import Any, Self

from agentops.testing.spies import Sightings

_PATIENCE = 10.0
"""Seconds after which something that should have happened is given up."""

_TURNS = 5
"""Turns of the event loop in which a dropped stream is finalised."""


class Ending(StrEnum):
    """What the program does with the call."""

    READ = "read"
    CLOSED = "closed early"
    DROPPED = "dropped"
    CANCELLED = "cancelled"


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What came of a call.

    Attributes:
        kind: the class that the result, or the stream, says it is.
        is_untouched: whether the result is the very object that the library's own callable gave.
        chunks: the class of each chunk.
        texts: the texts in the chunks.
        heard: when the first of them came, by the recording's clock.
        error: what the call or the stream raised.
        is_error_untouched: whether that is the very object that the library's own callable raised.
    """

    kind: type | None = None
    is_untouched: bool = False
    chunks: list[type] = field(default_factory=list[type])
    texts: list[str] = field(default_factory=list[str])
    heard: int | None = None
    error: BaseException | None = None
    is_error_untouched: bool = False

    @property
    def text(self) -> str:
        """All text that was received."""
        return "".join(self.texts)


class Caught:
    """A block whose exception is kept instead of raised; those that end the process go on."""

    error: BaseException | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        self.error = error
        return isinstance(error, Exception)


@dataclass(slots=True, kw_only=True)
class Trial:
    """One call to be made, once.

    Attributes:
        client: makes what it is made with.
        call: makes it.
        is_stream: whether it gives a stream.
        ending: what the program does with it.
        text_of: the text in a chunk.
        is_recorded: tells whether the recording knows of a call that is underway.
        now: tells the time by the recording's clock.
        outcome: what came of it.
    """

    client: Callable[[], Any]
    call: Callable[[Any], Any]
    is_stream: bool
    ending: Ending
    text_of: Callable[[Any], str | None] | None
    is_recorded: Callable[[], bool]
    now: Callable[[], int]
    outcome: Outcome = field(default_factory=Outcome)

    def run(self, sightings: Sightings) -> Outcome:
        """Make the call."""
        with ExitStack() as stack:
            client = self.client()
            if hasattr(client, "__exit__"):
                client = stack.enter_context(client)
            with Caught() as caught:
                self._use(client, sightings)
            if self.ending is Ending.DROPPED:
                gc.collect()
            self._note_error(caught.error, sightings)
        return self.outcome

    def run_async(self, sightings: Sightings) -> Outcome:
        """Make the call in an event loop of its own."""
        return asyncio.run(self._run_async(sightings))

    async def _run_async(self, sightings: Sightings) -> Outcome:
        async with AsyncExitStack() as stack:
            client = self.client()
            if hasattr(client, "__aexit__"):
                client = await stack.enter_async_context(client)
            if self.ending is Ending.CANCELLED:
                self.outcome.error = await self._cancel(client, sightings)
                return self.outcome
            with Caught() as caught:
                await self._use_async(client, sightings)
            if self.ending is Ending.DROPPED:
                gc.collect()
                for _ in range(_TURNS):
                    await asyncio.sleep(0)
            self._note_error(caught.error, sightings)
        return self.outcome

    def _use(self, client: Any, sightings: Sightings) -> None:
        result = self.call(client)
        self._note_result(result, sightings)
        if self.is_stream:
            for chunk in result:
                if self._takes_enough(chunk):
                    break
            if self.ending is Ending.CLOSED:
                result.close()

    async def _use_async(self, client: Any, sightings: Sightings) -> None:
        result = self.call(client)
        if inspect.isawaitable(result):
            result = await result
        self._note_result(result, sightings)
        if self.is_stream:
            async for chunk in result:
                if self._takes_enough(chunk):
                    break
            if self.ending is Ending.CLOSED:
                closing = (result.aclose if hasattr(result, "aclose") else result.close)()
                if inspect.isawaitable(closing):
                    await closing

    async def _cancel(self, client: Any, sightings: Sightings) -> BaseException | None:
        task = asyncio.ensure_future(self._use_async(client, sightings))
        async with asyncio.timeout(_PATIENCE):
            while not (task.done() or self._is_underway()):  # noqa: ASYNC110 - the journal tells nobody of what it got
                await asyncio.sleep(0.005)
            task.cancel()
            await asyncio.wait({task})
        return asyncio.CancelledError() if task.cancelled() else task.exception()

    def _is_underway(self) -> bool:
        return self.is_recorded() and (not self.is_stream or self._has_content())

    def _has_content(self) -> bool:
        return bool(self.outcome.chunks if self.text_of is None else self.outcome.texts)

    def _takes_enough(self, chunk: Any) -> bool:
        """Take a chunk; whether it is the last one that the program wants."""
        self.outcome.chunks.append(chunk.__class__)
        text = self.text_of(chunk) if self.text_of is not None else None
        if text:
            self.outcome.texts.append(text)
            self.outcome.heard = self.outcome.heard or self.now()
        return self.ending in {Ending.CLOSED, Ending.DROPPED} and self._has_content()

    def _note_result(self, result: Any, sightings: Sightings) -> None:
        self.outcome.kind = result.__class__
        self.outcome.is_untouched = result in sightings

    def _note_error(self, error: BaseException | None, sightings: Sightings) -> None:
        self.outcome.error = error
        self.outcome.is_error_untouched = error is not None and error in sightings
