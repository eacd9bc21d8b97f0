"""What reached the loopback provider."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from agentops.domain.foreign import at, objects, text
from agentops.domain.genai import Json

_MODEL_IN_PATH = re.compile(r"/models/([^/:]+):|/model/([^/]+)/")
_WORD = re.compile(r"\w+|[^\w\s]")


@dataclass(slots=True, kw_only=True)
class ReceivedRequest:
    """One HTTP request as it came.

    Attributes:
        number: which request of this provider it is, from 1.
        method: the HTTP method.
        path: the path without the query.
        query: the parameters of the query, the last of each name.
        headers: by lower-case name.
        raw: the body's bytes.
        body: the body as JSON; None where it is not JSON.
        answered: whether the whole answer was written before the client left.
    """

    number: int
    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict[str, str])
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    raw: bytes = b""
    body: Json = None
    answered: bool = False

    @property
    def is_anthropic(self) -> bool:
        """Whether the caller speaks Anthropic's dialect."""
        return "anthropic-version" in self.headers or "/messages" in self.path

    @property
    def model(self) -> str:
        """The model asked for, in the body or, as Gemini and Bedrock have it, in the path."""
        in_path = _MODEL_IN_PATH.search(self.path)
        return str(self.get("model") or self.get("model_id") or (in_path and unquote(in_path[1] or in_path[2])) or "")

    @property
    def stream(self) -> bool:
        """Whether the answer is to be streamed."""
        return bool(self.get("stream")) or ":stream" in self.path or self.path.endswith(("-stream", "_stream"))

    @property
    def system(self) -> str:
        """The instructions, wherever the dialect keeps them."""
        said = [
            text_of(message.get("content"))
            for message in self.messages
            if message.get("role") in {"system", "developer"}
        ]
        beside = [text_of(self.get("system")), text_of(self.get("instructions"))]
        beside.append(text_of(at(self.body, "systemInstruction", "parts")))
        return "\n".join(filter(None, [*beside, *said]))

    @property
    def messages(self) -> list[dict[str, Any]]:
        """The messages or input items."""
        said = text(self.body, "input")
        if said is not None:
            return [{"role": "user", "content": said}]
        turns = [{"role": text(turn, "role"), "content": at(turn, "parts")} for turn in objects(self.body, "contents")]
        return turns or [item for item in objects(self.get("messages", self.get("input"))) if isinstance(item, dict)]

    @property
    def last_message(self) -> str:
        """The text of the last message, be it a user's or a tool's."""
        if not self.messages:
            return ""
        message = self.messages[-1]
        return text_of(message.get("content", message.get("output")))

    @property
    def tool_results(self) -> list[str]:
        """What tools gave back, in the order of the messages."""
        return [result for message in self.messages for result in _results_of(message)]

    @property
    def tokens(self) -> int:
        """How many tokens went in, by the provider's own count: one per word or mark of punctuation."""
        parts = [self.system, *(_spoken(message) for message in self.messages if not _is_instruction(message))]
        return sum(map(count_tokens, parts))

    def get(self, name: str, default: Json = None) -> Json:
        """A field of the JSON body."""
        found = at(self.body, name)
        return default if found is None else found


def count_tokens(text: str) -> int:
    """One token per word and per mark of punctuation, so that a test can count along."""
    return len(_WORD.findall(text))


def text_of(content: Json) -> str:
    """The text in a message's content: a string, or a list of parts of which some have text."""
    whole = text(content)
    return "\n".join(filter(None, (text(part, "text") for part in objects(content)))) if whole is None else whole


def _is_instruction(message: Mapping[str, Any]) -> bool:
    return message.get("role") in {"system", "developer"}


def _spoken(message: Mapping[str, Any]) -> str:
    results = [] if message.get("role") == "tool" else _results_of(message)
    return "\n".join([text_of(message.get("content")), *results])


def _results_of(message: Mapping[str, Any]) -> list[str]:
    if message.get("type") == "function_call_output":
        return [text_of(message.get("output"))]
    if message.get("role") == "tool":
        return [text_of(message.get("content"))]
    parts = objects(message, "content")
    given: list[Json] = [at(part, "functionResponse", "response") for part in parts]
    return [
        *(text_of(at(part, "content")) for part in parts if text(part, "type") == "tool_result"),
        *(text(result, "result") or json.dumps(result) for result in given if result is not None),
    ]
