"""OpenAI's client at other addresses: who answers, and what they say beyond what OpenAI says.

Answers as the providers' own documents show them, cut to what is read.
"""

import json
from dataclasses import dataclass
from typing import Any

import pytest

from agentops.domain.genai import Reasoning, Text, Usage
from agentops.testing import record
from agentops_plugins.openai import INSTRUMENTATION

openai = pytest.importorskip("openai")
vcr = pytest.importorskip("vcr")


@dataclass(frozen=True, kw_only=True)
class Host:
    """An address, what is answered there and what is recorded of it."""

    provider: str
    url: str
    usage: dict[str, Any]
    read: Usage
    cost: str | None = None
    message: dict[str, Any] | None = None
    beside: dict[str, Any] | None = None
    parts: list[Any] | None = None

    @property
    def answer(self) -> dict[str, Any]:
        """A chat completion."""
        said = {"role": "assistant", "content": "Hi", **(self.message or {})}
        choice = {"index": 0, "message": said, "finish_reason": "stop"}
        envelope = {"id": "one", "object": "chat.completion", "created": 0, "model": "m"}
        return {**envelope, "choices": [choice], "usage": self.usage, **(self.beside or {})}

    @property
    def chunks(self) -> list[dict[str, Any]]:
        """The same, streamed; what it took comes last."""
        whole = self.answer
        said = whole["choices"][0]["message"]
        envelope = {"id": "one", "object": "chat.completion.chunk", "created": 0, "model": "m"}
        first = {"index": 0, "delta": said, "finish_reason": None}
        last: dict[str, Any] = {"index": 0, "delta": {}, "finish_reason": "stop"}
        return [
            {**envelope, "choices": [first]},
            {**envelope, "choices": [last], "usage": self.usage, **(self.beside or {})},
        ]


HOSTS = [
    Host(  # https://api-docs.deepseek.com/guides/kv_cache
        provider="deepseek",
        url="https://api.deepseek.com",
        usage={
            "prompt_tokens": 20,
            "completion_tokens": 9,
            "total_tokens": 29,
            "prompt_cache_hit_tokens": 16,
            "prompt_cache_miss_tokens": 4,
            "completion_tokens_details": {"reasoning_tokens": 5},
        },
        read=Usage(input=4, cache_read=16, output=4, reasoning=5),
        message={"reasoning_content": "A greeting."},
        parts=[Reasoning("A greeting."), Text("Hi")],
    ),
    Host(  # https://openrouter.ai/docs/use-cases/usage-accounting
        provider="openrouter",
        url="https://openrouter.ai/api/v1",
        usage={
            "prompt_tokens": 194,
            "prompt_tokens_details": {"cached_tokens": 10, "cache_write_tokens": 100},
            "completion_tokens": 2,
            "completion_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": 196,
            "cost": 0.95,
            "is_byok": False,
            "cost_details": {"upstream_inference_cost": 19},
        },
        read=Usage(input=84, cache_read=10, cache_write=100, output=2, reasoning=0),
        cost="0.95",
    ),
    Host(  # the same, for who brings a key of their own: what its owner is charged elsewhere is added
        provider="openrouter",
        url="https://openrouter.ai/api/v1/",
        usage={
            "prompt_tokens": 2,
            "completion_tokens": 1,
            "cost": 0.05,
            "is_byok": True,
            "cost_details": {"upstream_inference_cost": 1.5},
        },
        read=Usage(input=2, output=1),
        cost="1.55",
    ),
    Host(  # https://docs.x.ai/developers/cost-tracking, https://docs.x.ai/docs/guides/reasoning
        provider="x_ai",
        url="https://api.x.ai/v1",
        usage={
            "prompt_tokens": 32,
            "completion_tokens": 9,
            "total_tokens": 135,
            "prompt_tokens_details": {"text_tokens": 32, "cached_tokens": 6},
            "completion_tokens_details": {"reasoning_tokens": 94},
            "num_sources_used": 0,
            "cost_in_usd_ticks": 37756000,
        },
        read=Usage(input=26, cache_read=6, output=9, reasoning=94),
        cost="0.0037756",
        beside={"citations": ["https://example.com/a"]},
    ),
    Host(  # https://docs.perplexity.ai/api-reference/chat-completions-post
        provider="perplexity",
        url="https://api.perplexity.ai",
        usage={
            "prompt_tokens": 14,
            "completion_tokens": 30,
            "total_tokens": 44,
            "search_context_size": "low",
            "citation_tokens": 100,
            "num_search_queries": 2,
            "reasoning_tokens": 10,
            "cost": {"input_tokens_cost": 0.1, "output_tokens_cost": 0.2, "request_cost": 0.3, "total_cost": 0.6},
        },
        read=Usage(input=14, output=20, reasoning=10),
        cost="0.6",
        beside={
            "citations": ["https://example.com/a"],
            "search_results": [{"title": "A", "url": "https://example.com/a", "date": None}],
        },
    ),
    Host(  # https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html: at a port that may be anybody's
        provider="openai",
        url="http://127.0.0.1:8000/v1",
        usage={"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5, "prompt_tokens_details": None},
        read=Usage(input=3, output=2),
        message={"reasoning": "A greeting."},
        parts=[Reasoning("A greeting."), Text("Hi")],
    ),
    Host(  # https://lmstudio.ai/docs/developer/openai-compat
        provider="lm_studio",
        url="http://localhost:1234/v1",
        usage={"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5},
        read=Usage(input=3, output=2),
    ),
    Host(  # https://docs.ollama.com/api/openai-compatibility
        provider="ollama",
        url="http://localhost:11434/v1/",
        usage={"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5},
        read=Usage(input=3, output=2),
    ),
]


@pytest.mark.parametrize("stream", [False, True], ids=["value", "stream"])
@pytest.mark.parametrize("host", HOSTS, ids=lambda host: host.provider)
def test_who_answers_and_what_they_say_is_recorded(
    host: Host,
    stream: bool,  # noqa: FBT001 - a parameter of the test
    tmp_path: Any,
) -> None:
    """The provider by its address, tokens in their buckets, the price where it is said, sources where there are any."""
    body = "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in [*host.chunks, "[DONE]"]).replace('"[DONE]"', "[DONE]")
    kind = "text/event-stream" if stream else "application/json"
    exchange: dict[str, Any] = {
        "request": {"method": "POST", "uri": f"{host.url.rstrip('/')}/chat/completions", "body": "", "headers": {}},
        "response": {
            "status": {"code": 200, "message": "OK"},
            "headers": {"content-type": [kind]},
            "body": {"string": body if stream else json.dumps(host.answer)},
        },
    }
    cassette = tmp_path / "exchange.yaml"
    cassette.write_text(json.dumps({"version": 1, "interactions": [exchange]}), encoding="utf-8")
    asked: Any = [{"role": "user", "content": "Hello"}]
    with (
        record(plugins=False, strict=True) as recording,
        recording.observing.only([INSTRUMENTATION]),
        vcr.use_cassette(str(cassette), record_mode="none", match_on=["method", "uri"]),
        openai.OpenAI(base_url=host.url, api_key="any", max_retries=0) as client,
    ):
        answer = client.chat.completions.create(model="m", messages=asked, stream=stream)
        if stream:
            list(answer)
    span = recording.span()
    assert span.request is not None
    assert span.response is not None
    assert (span.request.provider, span.response.usage) == (host.provider, host.read)
    assert span.response.cost == host.cost
    assert span.response.messages[0].parts == (host.parts or [Text("Hi")])
    assert span.response.output == host.beside
