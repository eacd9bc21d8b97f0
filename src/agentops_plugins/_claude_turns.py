"""A turn of Claude's as its command line tells of it: the prompt, each model call and tool call, and the result.

The messages: https://code.claude.com/docs/en/agent-sdk/typescript#message-types. An answer comes in several messages
of the same id, each with a part of it. Their count of what was written is that of the beginning; the result has the
right one for all calls together, so what is missing is counted with the last of them:
https://code.claude.com/docs/en/agent-sdk/cost-tracking.
"""

from dataclasses import dataclass, field
from typing import Any

from agentops.domain.foreign import at, count, flag, number, objects, plain, text
from agentops.domain.genai import AgentRequest, AgentResponse, Json, Operation, Request, ToolRequest, ToolResponse
from agentops.instrumentation.target import Emission, Emitter
from agentops_plugins._messages import MESSAGES


class ClaudeError(Exception):
    """The turn ended without an answer."""


@dataclass
class Speaker:
    """Claude itself, or an agent that it has sent for: what it was last told, and what it is saying."""

    asked: list[Any]
    call: Emission | None = None
    heard: dict[str, Any] = field(default_factory=dict[str, Any])
    counted: dict[str, Any] = field(default_factory=dict[str, Any])


class Turn:
    """What follows a prompt, up to its result."""

    def __init__(self, emitter: Emitter, prompt: Json) -> None:
        self._emitter = emitter
        self._run = emitter.open(AgentRequest(name="claude", input=prompt))
        self._model: str | None = None
        self._tools: dict[str, Emission] = {}
        self._speakers: dict[str | None, Speaker] = {None: Speaker([{"role": "user", "content": prompt}])}
        self._written = 0
        self.is_over = False

    def take(self, said: Any) -> None:
        """The next message of the command line's."""
        sender = text(said, "parent_tool_use_id")
        match text(said, "type"):
            case "system" if text(said, "subtype") == "init":
                self._model = text(said, "model")
                self._listen(self._speaker(None), None)
            case "stream_event":
                self._hear_part(self._speaker(sender), at(said, "event"))
            case "assistant":
                self._hear(self._speaker(sender), at(said, "message"), sender)
            case "user":
                self._tell(self._speaker(sender), at(said, "message"), sender)
            case "result":
                self._end(said)
            case _:
                pass

    def fail(self, error: BaseException) -> None:
        """The command line went away."""
        self._close()
        self._run.fail(error)

    def leave(self) -> None:
        """Nobody listens any more."""
        if not self.is_over:
            self._close()
            self._run.finish()

    def _speaker(self, sender: str | None) -> Speaker:
        return self._speakers.setdefault(sender, Speaker([]))

    def _listen(self, speaker: Speaker, sender: str | None) -> None:
        """A model call begins; it is recorded once its answer has come."""
        content = MESSAGES.read_content({"messages": speaker.asked}, None)
        speaker.call = self._emitter.open(
            Request(operation=Operation.CHAT, provider="anthropic", model=self._model, messages=content.messages),
            parent=self._around(sender),
            fallback=True,
        )

    def _around(self, sender: str | None) -> Emission:
        return self._tools.get(sender or "", self._run)

    def _hear_part(self, speaker: Speaker, event: Any) -> None:
        """A piece of an answer, where the program has asked for pieces: they end with the right count."""
        if text(event, "type") == "content_block_delta" and speaker.call is not None:
            speaker.call.answering()
        usage = at(event, "usage") if text(event, "type") == "message_delta" else None
        if isinstance(usage, dict):
            speaker.counted.update(usage)  # pyright: ignore[reportUnknownArgumentType] - as it came

    def _hear(self, speaker: Speaker, message: Any, sender: str | None) -> None:
        """A part of an answer, the first of it or a further one."""
        if speaker.heard and speaker.heard["id"] != text(message, "id"):
            self._finish(speaker)
        if not speaker.heard:
            self._model = text(message, "model") or self._model
            if speaker.call is None:
                self._listen(speaker, sender)
            speaker.heard = {"id": text(message, "id"), "model": self._model, "content": []}
        speaker.heard["usage"] = at(message, "usage")
        speaker.heard["stop_reason"] = text(message, "stop_reason")
        for block in objects(message, "content"):
            speaker.heard["content"].append(block)
            if text(block, "type") == "tool_use":
                request = ToolRequest(
                    name=text(block, "name") or "tool", arguments=plain(at(block, "input")), call_id=text(block, "id")
                )
                self._tools[text(block, "id") or ""] = self._emitter.open(request, parent=self._around(sender))

    def _tell(self, speaker: Speaker, message: Any, sender: str | None) -> None:
        """What tools gave back, upon which the model is asked again."""
        self._finish(speaker)
        for block in objects(message, "content"):
            tool = self._tools.pop(text(block, "tool_use_id") or "", None)
            if tool is not None:
                result = plain(at(block, "content"))
                failed = flag(block, "is_error")
                tool.finish(ToolResponse(result=result, error=_words(result) if failed else None))
        speaker.asked = [{"role": text(message, "role") or "user", "content": at(message, "content")}]
        if self._model is not None:
            self._listen(speaker, sender)

    def _finish(self, speaker: Speaker, missing: int = 0) -> None:
        """An answer is complete."""
        call, heard, counted = speaker.call, speaker.heard, speaker.counted
        if call is None or not heard:
            return
        speaker.call, speaker.heard, speaker.counted = None, {}, {}
        usage: dict[str, Any] = {**(plain(heard["usage"]) or {}), **counted}
        written = count(usage, "output_tokens") or 0
        self._written += written
        if missing > 0:
            usage["output_tokens"] = written + missing
        call.finish(MESSAGES.read_response({**heard, "usage": usage}))

    def _end(self, result: Any) -> None:
        """The result: the answer, and what all of it took."""
        last = self._speakers.pop(None, Speaker([]))
        for speaker in self._speakers.values():
            self._finish(speaker)
        open_count = count(last.counted, "output_tokens") or count(last.heard, "usage", "output_tokens") or 0
        total = count(result, "usage", "output_tokens") or 0
        self._finish(last, total - self._written - open_count)
        self._close()
        answer = text(result, "result")
        if flag(result, "is_error"):
            self._run.fail(ClaudeError(answer or text(result, "subtype") or "no answer"))
            return
        known = {
            "gen_ai.conversation.id": text(result, "session_id"),
            "agentops.agent.turns": count(result, "num_turns"),
            "agentops.agent.estimated_cost_usd": number(result, "total_cost_usd"),
        }
        attributes = {name: value for name, value in known.items() if value is not None}
        self._run.finish(AgentResponse(output=answer, attributes=attributes))

    def _close(self) -> None:
        """Whatever is open has come as far as it will."""
        for speaker in self._speakers.values():
            self._finish(speaker)
        for tool in self._tools.values():
            tool.finish()
        self._speakers.clear()
        self._tools.clear()
        self.is_over = True


class Conversation:
    """What is said with one process of the command line's, turn by turn."""

    def __init__(self, emitter: Emitter) -> None:
        self._emitter = emitter
        self._turn: Turn | None = None

    def begin(self, prompt: Json = None) -> None:
        """Something is asked; what is asked while a turn goes on is a part of that."""
        if self._turn is None or self._turn.is_over:
            self._turn = Turn(self._emitter, prompt)

    def take(self, message: Any) -> None:
        """The next message; where nobody saw a prompt, the first one begins the turn."""
        if text(message, "type") == "assistant" or text(message, "subtype") == "init":
            self.begin()
        if self._turn is not None and not self._turn.is_over:
            self._turn.take(message)

    def fail(self, error: BaseException) -> None:
        """There is nothing more to read. That the program reads no further says nothing of the turn."""
        if self._turn is not None and not self._turn.is_over and not isinstance(error, GeneratorExit):
            self._turn.fail(error)

    def leave(self) -> None:
        """Nobody listens any more."""
        if self._turn is not None:
            self._turn.leave()


def _words(result: Any) -> str:
    return text(result) or text(result, 0, "text") or "the tool failed"
