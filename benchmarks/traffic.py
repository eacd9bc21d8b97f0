"""Requests as programs send them: what an agent did, fifty spans at a time, as OTLP and as the events of v2.

One span in ten is a model call with its messages, the others are calls of a tool with what went in and came out. The
instructions are the same everywhere; what is asked and answered was never said before.
"""

import random
from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID

import msgspec
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

SPANS = 50
"""Spans of a request, all of one session."""

START = 1_790_000_000_000_000_000
MODEL = "gpt-4o-mini"
SYSTEM = "You are a careful assistant. Answer in one sentence, and name the source of every figure that you give."
QUESTION = "What does the delivery to Lisbon cost, and by when would it arrive?"
ANSWER = "It costs 14.50 EUR and arrives on Thursday, according to the table of the carrier."


def otlp_requests(count: int, *, seed: int) -> Iterator[tuple[str, bytes]]:
    """So many requests as protobuf, each with the id of its session."""
    chance = random.Random(seed)
    for number in range(count):
        trace_id = chance.randbytes(16)
        yield str(UUID(bytes=trace_id)), _otlp(trace_id, chance, START + number * 10**9)


def _otlp(trace_id: bytes, chance: random.Random, start: int) -> bytes:
    request = ExportTraceServiceRequest()
    resource = request.resource_spans.add()
    _set(resource.resource.attributes, {"service.name": "bench", "telemetry.sdk.language": "python"})
    scope = resource.scope_spans.add()
    scope.scope.name = "bench"
    root = chance.randbytes(8)
    for position in range(SPANS):
        span = scope.spans.add()
        span.trace_id, span.span_id = trace_id, root if position == SPANS - 1 else chance.randbytes(8)
        span.start_time_unix_nano = start + position * 10**6
        span.end_time_unix_nano = span.start_time_unix_nano + chance.randrange(10**5, 10**9)
        span.status.code = 1
        if position == SPANS - 1:
            span.name = "answer"
            continue
        span.parent_span_id = root
        if position % 10 == 0:
            span.name, span.kind = f"chat {MODEL}", 3
            _set(span.attributes, _chat(f"{trace_id.hex()} {position}", position))
        else:
            span.name, span.kind = "execute_tool search", 1
            _set(span.attributes, _tool(number=position))
    return request.SerializeToString()


def _chat(label: str, number: int) -> dict[str, object]:
    asked = [
        {"role": "system", "parts": [{"type": "text", "content": SYSTEM}]},
        {"role": "user", "parts": [{"type": "text", "content": f"{QUESTION} ({label})"}]},
    ]
    answered = [
        {"role": "assistant", "parts": [{"type": "text", "content": f"{ANSWER} ({label})"}], "finish_reason": "stop"}
    ]
    return {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": MODEL,
        "gen_ai.response.model": MODEL,
        "gen_ai.usage.input_tokens": 120 + number,
        "gen_ai.usage.output_tokens": 30,
        "gen_ai.input.messages": msgspec.json.encode(asked).decode(),
        "gen_ai.output.messages": msgspec.json.encode(answered).decode(),
    }


def _tool(*, number: int) -> dict[str, object]:
    return {
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": "search",
        "gen_ai.tool.call.arguments": f'{{"query":"delivery to Lisbon","page":{number}}}',
        "gen_ai.tool.call.result": '["carrier table","price list"]',
    }


def _set(attributes: object, values: dict[str, object]) -> None:
    for name, value in values.items():
        attribute = attributes.add()  # pyright: ignore[reportAttributeAccessIssue] - a repeated protobuf field
        attribute.key = name
        if isinstance(value, int):
            attribute.value.int_value = value
        else:
            attribute.value.string_value = value


def v2_requests(count: int, *, seed: int) -> Iterator[tuple[str, bytes]]:
    """So many create_events requests as JSON, each with the id of its session."""
    chance = random.Random(seed)
    for number in range(count):
        session_id = str(UUID(int=chance.getrandbits(128), version=4))
        events = [_event(session_id, position, chance, number) for position in range(SPANS)]
        yield session_id, msgspec.json.encode({"events": events})


def _event(session_id: str, position: int, chance: random.Random, number: int) -> dict[str, object]:
    moment = START / 1e9 + number + position / 1000
    common = {
        "id": str(UUID(int=chance.getrandbits(128), version=4)),
        "session_id": session_id,
        "agent_id": None,
        "init_timestamp": datetime.fromtimestamp(moment, UTC).isoformat(),
        "end_timestamp": datetime.fromtimestamp(moment + chance.random(), UTC).isoformat(),
    }
    if position % 10:
        arguments = {"query": "delivery to Lisbon", "page": position}
        found = ["carrier table", "price list"]
        return {**common, "event_type": "tools", "name": "search", "params": arguments, "returns": found, "logs": None}
    label = f"{session_id} {position}"
    return {
        **common,
        "event_type": "llms",
        "params": {"temperature": 0},
        "returns": None,
        "thread_id": None,
        "prompt": [{"role": "system", "content": SYSTEM}, {"role": "user", "content": f"{QUESTION} ({label})"}],
        "prompt_tokens": 120 + position,
        "completion": {"role": "assistant", "content": f"{ANSWER} ({label})"},
        "completion_tokens": 30,
        "cost": None,
        "model": MODEL,
    }
