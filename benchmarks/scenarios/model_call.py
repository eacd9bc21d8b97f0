"""What being seen through the openai plugin adds to a model call, content captured, over the same call unobserved."""

import json
import time
from collections.abc import Callable
from statistics import median
from typing import Any

from laboratory import LOCAL, Laboratory
from rows import Row
from workload import markers

CALLS = 500
STREAMS = 200
CHUNKS = 50
WARM_UP = 50
QUESTION = "What is the capital of France? Answer in one sentence please."
USAGE = {"prompt_tokens": 42, "completion_tokens": CHUNKS, "total_tokens": 42 + CHUNKS}
HEAD = {"id": "chatcmpl-1", "created": 1_700_000_000, "model": "gpt-4o-mini-2024-07-18"}


def answer() -> bytes:
    """A whole chat completion."""
    message = {"role": "assistant", "content": "The capital of France is Paris, home of two million people. " * 3}
    choice = {"index": 0, "finish_reason": "stop", "message": message}
    return json.dumps(HEAD | {"object": "chat.completion", "choices": [choice], "usage": USAGE}).encode()


def answer_stream() -> bytes:
    """The same as server-sent events, one word each, the usage in the last."""
    head = HEAD | {"object": "chat.completion.chunk"}
    chunks: list[dict[str, Any]] = []
    for number in range(CHUNKS):
        delta = {"content": f"word{number} "} | ({"role": "assistant"} if number == 0 else {})
        finish = "stop" if number == CHUNKS - 1 else None
        chunks.append(head | {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})
    chunks.append(head | {"choices": [], "usage": USAGE})
    return b"".join(b"data: " + json.dumps(chunk).encode() + b"\n\n" for chunk in chunks) + b"data: [DONE]\n\n"


def make_client() -> Any:
    """A real openai client whose transport answers in this process."""
    import httpx2
    import openai

    whole, stream = answer(), answer_stream()

    def handle(request: httpx2.Request) -> httpx2.Response:
        if json.loads(request.content).get("stream"):
            return httpx2.Response(200, headers={"content-type": "text/event-stream"}, content=stream)
        return httpx2.Response(200, headers={"content-type": "application/json"}, content=whole)

    transport = httpx2.Client(transport=httpx2.MockTransport(handle))
    return openai.OpenAI(api_key="benchmark", http_client=transport, max_retries=0)


def ask(client: Any, marker: str, *, stream: bool) -> None:
    """One model call; a stream is read to its end."""
    messages = [
        {"role": "system", "content": "You are a helpful assistant who answers briefly."},
        {"role": "user", "content": f"{marker} {QUESTION}"},
    ]
    settings: dict[str, Any] = {"model": "gpt-4o-mini", "messages": messages, "temperature": 0.2}
    if not stream:
        client.chat.completions.create(**settings)
        return
    for _ in client.chat.completions.create(**settings, stream=True, stream_options={"include_usage": True}):
        pass


def measure(adapter: Any, url: str, *, calls: int, stream: bool) -> dict[str, Any]:
    """Microseconds per call: unobserved, and what observing added (median, fastest, caller's CPU, process CPU)."""
    adapter.set_env(url)
    client = make_client()
    unobserved = _series(lambda marker: ask(client, marker, stream=stream), calls)
    adapter.do_import()
    adapter.init(url)
    observed_client = adapter.openai_client(make_client)
    box: list[dict[str, float]] = []

    def session() -> None:
        box.append(_series(lambda marker: ask(observed_client, marker, stream=stream), calls, adapter.flush))

    adapter.session(session)()
    stored = adapter.stored() if hasattr(adapter, "stored") else None
    adapter.shutdown()
    added = {name: box[0][name] - unobserved[name] for name in unobserved}
    return {"added": added, "unobserved": unobserved, "stored": stored, "made": calls + WARM_UP}


def _series(call: Callable[[str], None], calls: int, flush: Callable[[], None] = lambda: None) -> dict[str, float]:
    for marker in markers(WARM_UP, first=calls):
        call(marker)
    flush()
    walls: list[int] = []
    processors: list[int] = []
    began = time.process_time_ns()
    for marker in markers(calls):
        wall, processor = time.perf_counter_ns(), time.thread_time_ns()
        call(marker)
        processors.append(time.thread_time_ns() - processor)
        walls.append(time.perf_counter_ns() - wall)
    flush()
    return {
        "median": median(walls) / 1e3,
        "best": min(walls) / 1e3,
        "caller": median(processors) / 1e3,
        "process": (time.process_time_ns() - began) / calls / 1e3,
    }


def run(laboratory: Laboratory) -> list[Row]:
    """The model-call rows: wall time as the program feels it, and the caller's CPU, which no other program blurs."""
    return [
        *_rows(laboratory, "model call through the openai plugin", stream=False, calls=CALLS, bar=70),
        *_rows(laboratory, f"model call streamed in {CHUNKS} chunks", stream=True, calls=STREAMS, bar=200),
    ]


def _rows(laboratory: Laboratory, what: str, *, stream: bool, calls: int, bar: float) -> list[Row]:
    count = laboratory.calls(calls, step=10)
    results = laboratory.interleaved((LOCAL,), "model_call", calls=count, stream=stream)[LOCAL]
    added = {name: median(result["added"][name] for result in results) for name in results[0]["added"]}
    call = {name: median(result["unobserved"][name] for result in results) for name in added}
    whole = f"on {call['caller']:.0f} us; process CPU until stored: {added['process']:.0f} us"
    if any(result["stored"] != result["made"] for result in results):
        whole += "; CALLS ARE MISSING IN THE STORE"
    return [
        Row(what=f"{what}, wall", measured=added["median"], unit="us", bar=bar, note=f"on {call['median']:.0f} us"),
        Row(what=f"{what}, caller's CPU", measured=added["caller"], unit="us", bar=bar, note=whole),
    ]
