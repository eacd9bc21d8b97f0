"""What DSPy tells of modules, agents, tools, adapters and model calls.

https://dspy.ai/api/utils/BaseCallback: a call's end is told where its beginning was, in the same thread or task.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from agentops.domain.foreign import at, plain, text
from agentops.domain.genai import AgentRequest, AgentResponse, ToolRequest, ToolResponse
from agentops.domain.spans import SpanKind
from agentops.instrumentation.callbacks.dspy_values import entry_of, request_of, response_of
from agentops.recording.guard import guarded

if TYPE_CHECKING:
    from agentops.instrumentation.callbacks.runs import Runs

_AGENTS: Final = frozenset({"ReAct", "ProgramOfThought", "CodeAct", "Avatar", "RLM"})
"""Modules that decide by themselves what to do next."""
_MODEL: Final = "BaseLM"
"""What models derive from."""


class Calls:
    """The callbacks of DSPy as runs."""

    def __init__(self, runs: Runs) -> None:
        self._runs = runs
        self._models: dict[str, Any] = {}

    @property
    def active_spans(self) -> dict[Any, Any]:
        """The spans of the calls that go on, by the ids of the calls."""
        return self._runs.spans

    def _open(self, call_id: str, name: str, inputs: dict[str, Any], kind: SpanKind) -> None:
        with guarded("reading a callback of DSPy"):
            self._runs.open(call_id, None, AgentRequest(name=name, input=plain(inputs)), kind=kind, stays=True)

    def _close(self, call_id: str, outputs: Any, exception: BaseException | None) -> None:
        if exception is not None:
            self._runs.fail(call_id, exception)
        else:
            self._runs.finish(call_id, AgentResponse(output=plain(_content(outputs))))

    def on_module_start(self, call_id: str, instance: Any, inputs: dict[str, Any]) -> None:
        """A module is called; to older versions, a model of the program's own is one."""
        names = {kind.__name__ for kind in type(instance).__mro__}
        if _MODEL in names:
            self.on_lm_start(call_id, instance, inputs)
            return
        kind = SpanKind.AGENT if names & _AGENTS else SpanKind.TASK if self._runs.spans else SpanKind.WORKFLOW
        self._open(call_id, type(instance).__name__, inputs, kind)

    def on_module_end(self, call_id: str, outputs: Any | None, exception: Exception | None = None) -> None:
        """A module gave something back, or went wrong."""
        if call_id in self._models:
            self.on_lm_end(call_id, outputs, exception)
        else:
            self._close(call_id, outputs, exception)

    def on_lm_start(self, call_id: str, instance: Any, inputs: dict[str, Any]) -> None:
        """A model is asked."""
        with guarded("reading a callback of DSPy"):
            self._runs.open(call_id, None, request_of(instance, inputs), stays=True)
            self._models[call_id] = instance

    def on_lm_end(self, call_id: str, outputs: Any | None, exception: Exception | None = None) -> None:
        """A model answered, or the call went wrong; an answer that DSPy remembered is no model call."""
        instance = self._models.pop(call_id, None)
        if exception is not None:
            self._runs.fail(call_id, exception)
            return
        found = None
        with guarded("reading a callback of DSPy"):
            entry = entry_of(instance, outputs)
            found = response_of(outputs, entry)
            if getattr(entry.get("response"), "cache_hit", False) is True:
                self._runs.turn_into(call_id, SpanKind.ACTION)
        self._runs.finish(call_id, found)

    def on_adapter_format_start(self, call_id: str, instance: Any, inputs: dict[str, Any]) -> None:
        """An adapter writes the prompt."""
        self._open(call_id, f"{type(instance).__name__}.format", inputs, SpanKind.TASK)

    def on_adapter_format_end(self, call_id: str, outputs: Any | None, exception: Exception | None = None) -> None:
        """The prompt is written."""
        self._close(call_id, outputs, exception)

    def on_adapter_parse_start(self, call_id: str, instance: Any, inputs: dict[str, Any]) -> None:
        """An adapter reads the answer."""
        self._open(call_id, f"{type(instance).__name__}.parse", inputs, SpanKind.TASK)

    def on_adapter_parse_end(self, call_id: str, outputs: Any | None, exception: Exception | None = None) -> None:
        """The answer is read."""
        self._close(call_id, outputs, exception)

    def on_tool_start(self, call_id: str, instance: Any, inputs: dict[str, Any]) -> None:
        """A tool is called."""
        with guarded("reading a callback of DSPy"):
            name = text(instance, "name") or type(instance).__name__
            request = ToolRequest(name=name, arguments=plain(inputs.get("kwargs", inputs)))
            self._runs.open(call_id, None, request, stays=True)

    def on_tool_end(self, call_id: str, outputs: Any | None, exception: Exception | None = None) -> None:
        """A tool gave something back, or went wrong."""
        if exception is not None:
            self._runs.fail(call_id, exception)
        else:
            self._runs.finish(call_id, ToolResponse(result=plain(outputs)))

    def on_evaluate_start(self, call_id: str, instance: Any, inputs: dict[str, Any]) -> None:
        """A program is evaluated."""
        self._open(call_id, type(instance).__name__, inputs, SpanKind.WORKFLOW)

    def on_evaluate_end(self, call_id: str, outputs: Any | None, exception: Exception | None = None) -> None:
        """The evaluation is done."""
        self._close(call_id, outputs, exception)


def _content(outputs: Any) -> Any:
    """What a module gave back; a prediction by its fields."""
    fields = at(outputs, "_store")
    return fields if isinstance(fields, dict) else outputs  # pyright: ignore[reportUnknownVariableType] - whatever it holds
