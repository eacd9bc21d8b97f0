"""Tools of Agno: a call is asked afterwards for what came of it, and goes on while its pieces are read.

A team gives work to a member by such a tool: the member works when the next piece is asked for.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Generator, Iterator
from dataclasses import replace
from typing import Any, Final, cast

from agentops.domain.foreign import at, plain, text
from agentops.domain.genai import ToolResponse
from agentops.instrumentation.target import Arguments, Emission, Reader
from agentops_plugins._agents import tool

PIECES: Final = ("Content", "RunResponse")
"""How the names of events with a piece of the answer end: the latter is that of 1.x."""

_END: Final = object()


def called(arguments: Arguments) -> Reader:
    """How a `FunctionCall` is read."""
    call = arguments.instance
    reader = tool(
        name=lambda _arguments: text(call, "function", "name"),
        given=lambda _arguments: plain(at(call, "arguments")),
        returned=lambda _outcome: ToolResponse(result=_whole(at(call, "result")), error=text(call, "error")),
        call_id=lambda _arguments: text(call, "call_id"),
        raised=_raised,
    )

    def attend(outcome: Any, emission: Emission) -> bool:
        return _attend(call, outcome, emission)

    return replace(reader, attend=attend)


def _raised(error: BaseException) -> ToolResponse | None:
    """What a tool raises to tell the model, or to stop the agent."""
    name = type(error).__name__
    return ToolResponse(result={name: str(error)}) if name in {"RetryAgentRun", "StopAgentRun"} else None


def _whole(result: Any) -> Any:
    return None if isinstance(result, (Iterator, AsyncIterator)) else plain(result)


def _attend(call: Any, outcome: Any, emission: Emission) -> bool:
    """Stand between the pieces and who reads them; in 1.x the outcome is only whether it went well."""
    pieces = at(call, "result")
    if isinstance(outcome, bool) or not isinstance(pieces, (Iterator, AsyncIterator)):
        return False
    found = cast("Any", pieces)
    each = _each_later if isinstance(pieces, AsyncIterator) else _each
    call.result = each(found, emission, outcome)  # which keeps the outcome: with that the call would end
    if at(outcome, "result") is pieces:
        outcome.result = call.result
    return True


def _each(pieces: Iterator[Any], emission: Emission, _outcome: Any) -> Generator[Any]:
    said = ""
    try:
        while True:
            with emission.active():
                piece = next(pieces, _END)
            if piece is _END:
                break
            said += _words(piece)
            yield piece
    except BaseException as error:
        emission.fail(error)
        raise
    finally:
        if isinstance(pieces, Generator):
            pieces.close()
    emission.finish(ToolResponse(result=said or None))


async def _each_later(pieces: AsyncIterator[Any], emission: Emission, _outcome: Any) -> AsyncGenerator[Any]:
    said = ""
    try:
        while True:
            with emission.active():
                piece = await anext(pieces, _END)
            if piece is _END:
                break
            said += _words(piece)
            yield piece
    except BaseException as error:
        emission.fail(error)
        raise
    finally:
        if isinstance(pieces, AsyncGenerator):
            await pieces.aclose()
    emission.finish(ToolResponse(result=said or None))


def _words(piece: Any) -> str:
    is_piece = (text(piece, "event") or "").endswith(PIECES)
    return text(piece) or (is_piece and text(piece, "content")) or ""
