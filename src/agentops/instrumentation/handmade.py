"""Model calls that a program makes by its own means, recorded like those of an observed library."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import msgspec

from agentops.domain import dialects, semconv
from agentops.domain.dialects.reading import merge
from agentops.domain.genai import Operation, Request, Response
from agentops.domain.handmade import request_of, response_of, response_of_items
from agentops.domain.journal.frames import INCOMPLETE
from agentops.domain.spans import SpanKind
from agentops.instrumentation.arguments import arguments_of
from agentops.instrumentation.exchange import close_span, open_span
from agentops.recording.capture import encode
from agentops.recording.context import enter_call, leave
from agentops.recording.guard import guarded
from agentops.recording.recorder import COST, active

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agentops.recording.recorder import Recorder
    from agentops.recording.span import Span


class HandmadeCall:
    """One model call in progress.

    Attributes:
        span: its span.
        request: what was asked.
        cost: USD, where the program says it.
        said: the attributes that the program gave it from the start.
    """

    def __init__(self, span: Span, request: Request, said: Mapping[str, Any]) -> None:
        self.span = span
        self.request = request
        self.cost: str | None = said.get(COST)
        self.said = {name: value for name, value in said.items() if name != COST}
        if self.said:
            span.details.attributes.update(self.said)

    def enter(self) -> None:
        """Make it current: plain HTTP inside is part of it."""
        self.span.token = enter_call(self.span)

    def leave(self) -> None:
        """What runs now is not part of it."""
        if self.span.token is not None:
            leave(self.span.token)
            self.span.token = None

    def end(self, response: Response | None) -> None:
        """End it with what came out and what was noted on its span."""
        if self.span.recorder is not None:
            response = self._noted(response)
            if self.cost is not None:
                response = response or Response()
                response.cost = response.cost or self.cost
            close_span(self.span, self.request, response)

    def close(self, error: BaseException | None) -> None:
        """End it as the block that it was current in has ended."""
        self.leave()
        if error is not None:
            self.span.fail(error)
        self.end(answer_of(msgspec.json.decode(self.span.output)) if self.span.output else None)

    def _noted(self, response: Response | None) -> Response | None:
        """The response, with what attributes of a known dialect add to it."""
        extra = self.span.extra
        if extra is None or not extra.attributes:
            return response
        reading = dialects.read("", {semconv.OPERATION: Operation.CHAT, **extra.attributes})
        if reading is None or reading.response is None:
            return response
        self.request = merge(self.request, reading.request)
        extra.attributes = reading.attributes | self.said
        found = merge(response or Response(), reading.response)
        found.cost = found.cost or reading.cost
        return found


def open_call(
    recorder: Recorder, name: str, arguments: Any, *, model: str | None, attributes: Mapping[str, Any]
) -> HandmadeCall | None:
    """Begin a call of this name; None where no session takes it.

    Args:
        recorder: who records it.
        name: what it is called.
        arguments: what goes in: by name, or the prompt or messages themselves.
        model: which model is asked, where the arguments do not say.
        attributes: what else its span carries.
    """
    named: dict[str, Any] = {} if arguments is None else {"prompt": arguments}
    if isinstance(arguments, dict):
        named = cast("dict[str, Any]", arguments)
    request = request_of(named, model)
    if not request.messages and named:
        request.input = msgspec.Raw(encode(named))
    span = open_span(recorder, request, source="agentops", name=name, kind=SpanKind.LLM)
    if span is None:
        return None
    call = HandmadeCall(span, request, attributes)
    call.enter()
    return call


def answer_of(result: Any) -> Response:
    """A result as a response: what is recognised of it, and all of it where that is not all."""
    response = response_of(result) or Response()
    if not response.messages and result is not None:
        response.output = msgspec.Raw(encode(result))
    return response


class ModelForm:
    """A model call around each call of a function, with what its arguments and its result say of prompt and tokens."""

    def __init__(
        self,
        name: str,
        parameters: tuple[str, ...],
        *,
        bound: int = 0,
        model: str | None = None,
        attributes: Mapping[str, Any],
    ) -> None:
        """Describe the call.

        Args:
            name: what it is called.
            parameters: names of the function's positional parameters, without bound ones.
            bound: how many leading arguments are the object that the method belongs to.
            model: which model is asked, where the arguments do not say.
            attributes: what every one of these spans carries.
        """
        self.name = name
        self._parameters = parameters
        self._bound = bound
        self._model = model
        self._attributes = attributes

    def begin(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> HandmadeCall | None:
        """Open the call and make it current."""
        with guarded(f"beginning {self.name}"):
            recorder = active.recorder or active.wake()
            if recorder is not None:
                arguments = arguments_of(self._parameters, self._bound, args, kwargs)
                return open_call(recorder, self.name, arguments, model=self._model, attributes=self._attributes)
        return None

    def finish(self, observation: HandmadeCall, result: Any) -> None:
        """End it with what came out."""
        with guarded(f"finishing {self.name}"):
            observation.leave()
            observation.end(_streamed(result) or answer_of(result))

    def fail(self, observation: HandmadeCall, error: BaseException) -> None:
        """End it with what was raised."""
        with guarded(f"finishing {self.name}"):
            observation.close(error)

    def pause(self, observation: HandmadeCall) -> None:
        """Step out of it while its generator is not running."""
        observation.leave()

    def resume(self, observation: HandmadeCall) -> None:
        """Step back in."""
        observation.enter()

    def abandon(self, observation: HandmadeCall, result: Any) -> None:
        """End it where its generator was closed before its end."""
        observation.span.status = INCOMPLETE
        self.finish(observation, result)


def _streamed(result: Any) -> Response | None:
    """What a generator gave, as one answer; None where the result is none of a generator, or no answer."""
    returned = None
    if isinstance(result, dict):
        whole = cast("dict[str, Any]", result)
        result, returned = whole.get("items"), whole.get("return")
    given = cast("list[Any]", result) if type(result) is list else []
    if not any(type(item) is msgspec.Raw for item in given):
        return None
    response = response_of_items(msgspec.json.decode(item) for item in given if type(item) is msgspec.Raw)
    said = None if returned is None else response_of(returned)
    if response is None or said is None:
        return response or said
    return merge(Response(usage=said.usage, model=said.model, cost=said.cost), response)
