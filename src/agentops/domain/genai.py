"""What a model call, a tool call and an agent step are, whatever library made them.

The values follow the OpenTelemetry GenAI semantic conventions (operation names, message parts, finish reasons:
https://opentelemetry.io/docs/specs/semconv/gen-ai/), in one provider-neutral form.
"""

from enum import StrEnum
from typing import Any, Self

from msgspec import Struct

Json = Any
"""A JSON value: None, bool, int, float, str, and lists and string-keyed dicts of these."""


class Operation(StrEnum):
    """What was done: the values of `gen_ai.operation.name`."""

    CHAT = "chat"
    TEXT_COMPLETION = "text_completion"
    GENERATE_CONTENT = "generate_content"
    EMBEDDINGS = "embeddings"
    IMAGE_GENERATION = "image_generation"
    SPEECH = "speech"
    TRANSCRIPTION = "transcription"
    TOKEN_COUNT = "token_count"  # noqa: S105 - an operation, not a secret
    MODERATION = "moderation"
    GUARDRAIL = "apply_guardrail"
    RERANK = "rerank"
    EXECUTE_TOOL = "execute_tool"
    INVOKE_AGENT = "invoke_agent"
    CREATE_AGENT = "create_agent"
    RETRIEVAL = "retrieval"


class Text(Struct, tag_field="type", tag="text", frozen=True):
    """A stretch of text."""

    content: str


class Reasoning(Struct, tag_field="type", tag="reasoning", frozen=True, omit_defaults=True):
    """What the model thought aloud; `content` is None where the provider sends it encrypted."""

    content: str | None = None
    signature: str | None = None


class Refusal(Struct, tag_field="type", tag="refusal", frozen=True):
    """The model's words for not answering."""

    content: str


class ToolCall(Struct, tag_field="type", tag="tool_call", frozen=True, omit_defaults=True):
    """The model asks for a tool; `arguments` is the parsed JSON, or the raw text where it is not JSON.

    `server` marks tools that the provider ran itself (web search, code interpreter).
    """

    name: str
    arguments: Json = None
    id: str | None = None
    server: bool = False


class ToolResult(Struct, tag_field="type", tag="tool_call_response", frozen=True, omit_defaults=True):
    """What a tool gave back to the model."""

    result: Json = None
    id: str | None = None
    name: str | None = None
    is_error: bool = False


class Media(Struct, tag_field="type", tag="media", frozen=True, omit_defaults=True):
    """An image, a sound or a file: by address (`uri`, `file_id`) or inline, then only its `size` in bytes is kept."""

    modality: str
    mime_type: str | None = None
    uri: str | None = None
    file_id: str | None = None
    size: int | None = None


class Other(Struct, tag_field="type", tag="other", frozen=True):
    """A part of a kind we have no word for, kept as it came."""

    kind: str
    content: Json = None


Part = Text | Reasoning | Refusal | ToolCall | ToolResult | Media | Other


class Message(Struct, omit_defaults=True):
    """One turn: who spoke (`system`, `user`, `assistant`, `tool`, `developer`) and the parts of it."""

    role: str
    parts: list[Part] = []
    name: str | None = None
    finish_reason: str | None = None

    @property
    def text(self) -> str:
        """The text parts, joined."""
        return "".join(part.content for part in self.parts if isinstance(part, Text))


class Tool(Struct, omit_defaults=True):
    """A tool as it was offered to the model; `parameters` is its JSON schema."""

    name: str
    description: str | None = None
    parameters: Json = None
    kind: str = "function"


class Usage(Struct, omit_defaults=True, frozen=True):
    """Tokens of one call in disjoint buckets; None means that the wire did not say.

    `input` excludes what was read from or written to the prompt cache, `output` excludes reasoning,
    so that the five add up to everything that was billed.
    """

    input: int | None = None
    cache_read: int | None = None
    cache_write: int | None = None
    output: int | None = None
    reasoning: int | None = None

    @classmethod
    def inclusive(
        cls,
        *,
        input: int | None = None,  # noqa: A002 - the field's word
        cache_read: int | None = None,
        cache_write: int | None = None,
        output: int | None = None,
        reasoning: int | None = None,
    ) -> Self:
        """From a provider whose input counts cached tokens in, and whose output counts reasoning in (OpenAI)."""
        return cls(
            input=_without(input, cache_read, cache_write),
            cache_read=cache_read,
            cache_write=cache_write,
            output=_without(output, reasoning),
            reasoning=reasoning,
        )

    @property
    def input_total(self) -> int | None:
        """All tokens that went in, cached ones included."""
        if self.cache_read is None and self.cache_write is None:
            return self.input
        return _sum(self.input, self.cache_read, self.cache_write)

    @property
    def output_total(self) -> int | None:
        """All tokens that came out, reasoning included."""
        return self.output if self.reasoning is None else _sum(self.output, self.reasoning)

    @property
    def total(self) -> int | None:
        """All tokens of the call."""
        return _sum(self.input_total, self.output_total)


def _sum(*counts: int | None) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if known else None


def _without(total: int | None, *parts: int | None) -> int | None:
    if total is None:
        return None
    for part in parts:
        total -= part or 0
    return max(0, total)


class Request(Struct, kw_only=True, omit_defaults=True):
    """What was asked of a model.

    `parameters` holds the call's other settings under the provider's own names (temperature, max_tokens, ...).
    `input` is what is not messages: the texts of an embedding call, the prompt of an image.
    """

    operation: str
    provider: str
    model: str | None = None
    messages: list[Message] = []
    tools: list[Tool] = []
    parameters: dict[str, Any] = {}
    input: Json = None
    stream: bool = False
    server_address: str | None = None


class Response(Struct, kw_only=True, omit_defaults=True):
    """What a model answered; `output` is what is not messages (embedding counts, image addresses, ...).

    `cost` is in USD as a decimal string, only where the provider itself said so.
    `error` says that the answer is a failure although nothing was raised (a Responses API answer of status `failed`).
    """

    id: str | None = None
    model: str | None = None
    messages: list[Message] = []
    finish_reasons: list[str] = []
    usage: Usage | None = None
    output: Json = None
    request_id: str | None = None
    service_tier: str | None = None
    cost: str | None = None
    error: str | None = None


class ToolRequest(Struct, kw_only=True, omit_defaults=True):
    """A tool being called by the program, as a plugin reads it."""

    name: str
    arguments: Json = None
    call_id: str | None = None
    attributes: dict[str, Any] = {}


class ToolResponse(Struct, kw_only=True, omit_defaults=True):
    """What the tool gave back; `error` says that it failed without raising.

    `arguments` are what it was called with, where a library tells that only in the end.
    """

    result: Json = None
    arguments: Json = None
    error: str | None = None
    attributes: dict[str, Any] = {}


class AgentRequest(Struct, kw_only=True, omit_defaults=True):
    """An agent being asked to work, as a plugin reads it."""

    name: str
    id: str | None = None
    input: Json = None
    attributes: dict[str, Any] = {}


class AgentResponse(Struct, kw_only=True, omit_defaults=True):
    """What the agent came back with."""

    output: Json = None
    attributes: dict[str, Any] = {}
