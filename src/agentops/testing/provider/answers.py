"""Which turn answers a request."""

import json
from collections.abc import Iterable
from threading import Lock

from agentops.domain.foreign import at, objects, text
from agentops.domain.genai import Json, ToolCall
from agentops.testing.provider.request import ReceivedRequest
from agentops.testing.provider.schema import example_of
from agentops.testing.provider.turn import Script, Turn


class Answers:
    """Hands out a script's turns, each as often as it may be used; from any thread."""

    def __init__(self, script: Script) -> None:
        turns = script.turns
        self._otherwise = turns if callable(turns) else echo
        self._turns: list[Turn] = []
        self._used: list[int] = []
        self._lock = Lock()
        if not callable(turns):
            self.add(turns)

    def add(self, turns: Iterable[Turn]) -> None:
        """Let these follow the turns that are there."""
        with self._lock:
            self._turns.extend(turns)
            self._used.extend([0] * (len(self._turns) - len(self._used)))

    def forget(self) -> None:
        """Let go of the turns that are left."""
        with self._lock:
            self._turns.clear()
            self._used.clear()

    def turn_for(self, request: ReceivedRequest) -> Turn:
        """The first turn left that wants this request, else what the script's function or an echo says."""
        with self._lock:
            for index, turn in enumerate(self._turns):
                left = turn.times is None or self._used[index] < turn.times
                if left and (turn.when is None or turn.when(request)):
                    self._used[index] += 1
                    return turn
        return self._otherwise(request)


def echo(request: ReceivedRequest) -> Turn:
    """What a polite model would answer: JSON where a schema is asked for, a tool call where it is told to make one."""
    schema = _schema_of(request)
    if schema is not None:
        return Turn(json.dumps(example_of(schema)))
    forced = _forced_tool(request)
    if forced is not None:
        return Turn(tool_calls=[forced])
    return Turn(f"You said: {request.last_message}")


def _schema_of(request: ReceivedRequest) -> Json:
    """The JSON schema of the answer, wherever the dialect keeps it."""
    for path in (
        ("response_format", "json_schema", "schema"),
        ("text", "format", "schema"),
        ("output_config", "format", "schema"),
        ("output_format", "schema"),
    ):
        schema = at(request.body, *path)
        if schema is not None:
            return schema
    return {"type": "object"} if text(request.body, "response_format", "type") == "json_object" else None


def _forced_tool(request: ReceivedRequest) -> ToolCall | None:
    choice = request.get("tool_choice")
    if (text(choice) or text(choice, "type") or "auto") in {"auto", "none"}:
        return None
    wanted = text(choice, "name") or text(choice, "function", "name")
    for tool in objects(request.body, "tools"):
        described: Json = at(tool, "function") or tool
        name = text(described, "name") or ""
        if wanted in {None, name}:
            schema = at(described, "parameters") or at(described, "input_schema") or {"type": "object"}
            return ToolCall(name=name, arguments=example_of(schema))
    return None
