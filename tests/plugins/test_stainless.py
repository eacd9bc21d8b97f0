"""The waist of the generated clients: which call it is, who answers, what was set and what failed."""

from types import SimpleNamespace
from typing import Any

import pytest

from agentops.domain.genai import Media, Message, Operation, Request, Response, Text, Usage
from agentops.instrumentation.target import Arguments, Reader
from agentops_plugins import anthropic, openai
from agentops_plugins._hosts import provider_of
from agentops_plugins._openai_oneshot import COMPLETION, EMBEDDINGS, IMAGES, MODERATION, RERANK, SPEECH, TRANSCRIPTION


class Omit:
    """A value that the program did not give, as the clients mark it."""


def called(url: str, body: Any = None, *, stream: bool = False, method: str = "post", **options: Any) -> Arguments:
    """A call of a client's `request`."""
    client = SimpleNamespace(base_url=SimpleNamespace(host="api.example.com"))
    sent = SimpleNamespace(method=method, url=url, json_data=body or {}, **options)
    return Arguments(client, (object, sent), {"stream": stream, "stream_cls": None})


def chosen(plugin: Any, arguments: Arguments) -> Reader | None:
    """The reader that a plugin has for a call."""
    reader = plugin.INSTRUMENTATION.targets[0].reader
    assert not isinstance(reader, Reader)
    return reader(arguments)


def request_of(plugin: Any, arguments: Arguments) -> Request:
    """The request that a plugin reads."""
    reader = chosen(plugin, arguments)
    assert reader is not None
    request = reader.read_request(arguments)
    assert isinstance(request, Request)
    return request


@pytest.mark.parametrize(
    ("plugin", "url", "operation"),
    [
        (openai, "/chat/completions", Operation.CHAT),
        (openai, "/deployments/gpt-x/chat/completions?api-version=2026-01-01", Operation.CHAT),
        (openai, "https://gateway.example.com/openai/v1/chat/completions/", Operation.CHAT),
        (openai, "/completions", Operation.TEXT_COMPLETION),
        (openai, "/responses", Operation.CHAT),
        (openai, "/responses/input_tokens", Operation.TOKEN_COUNT),
        (openai, "/embeddings", Operation.EMBEDDINGS),
        (openai, "/images/edits", Operation.IMAGE_GENERATION),
        (openai, "/audio/speech", Operation.SPEECH),
        (openai, "/audio/translations", Operation.TRANSCRIPTION),
        (openai, "/moderations", Operation.MODERATION),
        (anthropic, "/v1/messages?beta=true", Operation.CHAT),
        (anthropic, "/v1/messages/count_tokens", Operation.TOKEN_COUNT),
        (anthropic, "/v1/complete", Operation.TEXT_COMPLETION),
        (anthropic, "/v1/messages/batches", None),
        (openai, "/files", None),
        (openai, "/chat/completions/chatcmpl-1/messages", None),
    ],
)
def test_the_path_says_which_call_it_is(plugin: Any, url: str, operation: Operation | None) -> None:
    """Prefixes, queries and deployments do not matter; other paths are left alone."""
    reader = chosen(plugin, called(url))
    assert (reader and request_of(plugin, called(url)).operation) == operation


def test_what_is_only_looked_up_is_left_alone() -> None:
    """`GET /responses?...` lists what was said before."""
    assert chosen(openai, called("/responses", method="get")) is None


@pytest.mark.parametrize(
    ("raw", "shape", "deferred"),
    [
        (None, "value", None),
        (None, "stream", None),
        ("true", "value", None),
        ("true", "stream", "parse"),
        ("stream", "value", "parse"),
    ],
)
def test_only_an_answer_on_the_wire_is_waited_for(raw: str | None, shape: str, deferred: str | None) -> None:
    """Raw responses whose body is in memory are read at once."""
    headers = {} if raw is None else {"X-Stainless-Raw-Response": raw}
    reader = chosen(openai, called("/chat/completions", stream=shape == "stream", headers=headers))
    assert reader is not None
    assert reader.deferred == deferred


def test_settings_are_all_that_is_no_content() -> None:
    """What goes beside the arguments counts, what was not given does not, and secrets are masked."""
    body = {
        "model": "claude-x",
        "messages": [{"role": "user", "content": "Hi"}],
        "system": "Be brief.",
        "max_tokens": 10,
        "temperature": Omit(),
        "mcp_servers": [{"type": "url", "url": "https://example.com", "authorization_token": "secret"}],
    }
    arguments = called("/v1/messages", body, stream=True, extra_json={"top_k": 3, "max_tokens": 20})
    assert request_of(anthropic, arguments) == Request(
        operation="chat",
        provider="anthropic",
        model="claude-x",
        messages=[Message("system", [Text("Be brief.")]), Message("user", [Text("Hi")])],
        parameters={
            "max_tokens": 20,
            "mcp_servers": [{"type": "url", "url": "https://example.com", "authorization_token": "[redacted]"}],
            "top_k": 3,
        },
        stream=True,
        server_address="api.example.com",
    )


@pytest.mark.parametrize(
    ("port", "provider"), [(11434, "ollama"), (1234, "lm_studio"), (8000, None), (8080, None), (None, None)]
)
def test_a_server_of_ones_own_is_known_where_its_port_is_its_own(port: int | None, provider: str | None) -> None:
    """Ports that anybody may listen on say nothing, and a known host says more than any port."""
    assert provider_of("OpenAI", "127.0.0.1", port) == provider
    assert provider_of("AsyncOpenAI", "gpu.lan", port) == provider
    assert provider_of("OpenAI", "api.deepseek.com", port) == "deepseek"


@pytest.mark.parametrize(
    ("client", "host", "provider"),
    [
        ("OpenAI", "api.openai.com", "openai"),
        ("OpenAI", "eu.api.openai.com", "openai"),
        ("AsyncAzureOpenAI", "anything.example.com", "azure.ai.openai"),
        ("OpenAI", "mine.openai.azure.com", "azure.ai.openai"),
        ("OpenAI", "api.deepseek.com", "deepseek"),
        ("AsyncOpenAI", "openrouter.ai", "openrouter"),
        ("OpenAI", "API.X.AI", "x_ai"),
        ("OpenAI", "api.perplexity.ai", "perplexity"),
        ("OpenAI", "api.cerebras.ai", "cerebras"),
        ("OpenAI", "integrate.api.nvidia.com", "nvidia"),
        ("OpenAI", "ai-gateway.vercel.sh", "vercel"),
        ("OpenAI", "api.z.ai", "zhipu_ai"),
        ("OpenAI", "router.huggingface.co", "huggingface"),
        ("OpenAI", "notx.ai", None),
        ("OpenAI", "127.0.0.1", None),
        ("AnthropicBedrock", "bedrock-runtime.us-east-1.amazonaws.com", "aws.bedrock"),
        ("AsyncAnthropicVertex", None, "gcp.vertex_ai"),
        ("Anthropic", None, None),
    ],
)
def test_who_answers_is_told_by_client_and_address(client: str, host: str | None, provider: str | None) -> None:
    """OpenAI's client reaches many providers; an unknown address is the client's own provider."""
    assert provider_of(client, host) == provider


def test_embeddings_are_counted_and_not_kept() -> None:
    """As floats or as base64 of 32-bit floats, their length is known."""
    assert EMBEDDINGS.read_response(
        {"model": "e", "data": [{"embedding": [0.0] * 3}, {"embedding": [0.0] * 3}], "usage": {"prompt_tokens": 4}}
    ) == Response(model="e", usage=Usage(input=4), output={"count": 2, "dimensions": 3})
    assert EMBEDDINGS.read_response({"data": [{"embedding": "AAAAAAAAAAAAAAAA"}]}).output == {
        "count": 1,
        "dimensions": 3,
    }


def test_pictures_keep_address_or_size() -> None:
    """As addresses, inline, and as the last event of a stream."""
    given = {"data": [{"url": "https://example.com/a.png"}, {"b64_json": "AAEC"}], "output_format": "png"}
    assert IMAGES.read_response(given).messages == [
        Message(
            "assistant",
            [Media("image", uri="https://example.com/a.png"), Media("image", mime_type="image/png", size=3)],
        )
    ]
    assert IMAGES.fold is not None
    events = [
        {"type": "image_generation.partial_image", "b64_json": "AA=="},
        {"type": "image_generation.completed", "b64_json": "AAEC", "usage": {"input_tokens": 1, "output_tokens": 2}},
    ]
    answer = IMAGES.fold(IMAGES.fold(None, events[0]), events[1])
    assert IMAGES.read_response(answer) == Response(
        messages=[Message("assistant", [Media("image", size=3)])], usage=Usage(input=1, output=2)
    )


def test_files_are_sizes() -> None:
    """What a multipart request carries is not kept."""
    files = [("file", ("a.mp3", b"abcd", "audio/mpeg")), ("file", b"ab"), ("file", ("b.mp3", object()))]
    assert TRANSCRIPTION.read_content({"prompt": "Names: Ada"}, files).messages == [
        Message(
            "user",
            [
                Media("audio", mime_type="audio/mpeg", size=4),
                Media("audio", size=2),
                Media("audio"),
                Text("Names: Ada"),
            ],
        )
    ]


def test_transcripts_are_text() -> None:
    """Whole, plain and streamed; billed by tokens or by seconds."""
    said = [Message("assistant", [Text("Hello")])]
    seconds = {"text": "Hello", "usage": {"type": "duration", "seconds": 3}}
    assert TRANSCRIPTION.read_response(seconds) == Response(messages=said, output={"seconds": 3})
    assert TRANSCRIPTION.read_response("Hello") == Response(messages=said)
    assert TRANSCRIPTION.fold is not None
    whole = TRANSCRIPTION.fold(None, {"type": "transcript.text.delta", "delta": "Hel"})
    assert TRANSCRIPTION.read_response(whole).messages[0].text == "Hel"
    done = {"type": "transcript.text.done", "text": "Hello", "usage": {"type": "tokens", "input_tokens": 5}}
    assert TRANSCRIPTION.read_response(TRANSCRIPTION.fold(whole, done)) == Response(messages=said, usage=Usage(input=5))


def test_speech_is_what_its_headers_say() -> None:
    """The sound itself is the program's to read."""
    headers = {"content-type": "audio/mpeg", "content-length": "12"}
    answer = SimpleNamespace(response=SimpleNamespace(headers=headers))
    sound = Media("audio", mime_type="audio/mpeg", size=12)
    assert SPEECH.read_response(answer) == Response(messages=[Message("assistant", [sound])])


def test_moderation_and_ranking_are_outputs() -> None:
    """They have no messages."""
    assert MODERATION.read_response({"id": "m", "results": [{"flagged": True}]}) == Response(
        id="m", output=[{"flagged": True}]
    )
    assert RERANK.read_response({"results": [{"index": 1, "relevance_score": 0.5, "document": "x"}]}).output == [
        {"index": 1, "score": 0.5}
    ]
    assert RERANK.read_content({"query": "q", "documents": ["a"]}, None).input == {"query": "q", "documents": ["a"]}


def test_plain_completions_fold_to_their_texts() -> None:
    """Several choices of a stream, mingled."""
    assert COMPLETION.fold is not None
    chunks: list[dict[str, Any]] = [
        {"id": "c", "model": "m", "choices": [{"index": 1, "text": "b"}]},
        {"id": "c", "choices": [{"index": 0, "text": "a"}]},
        {"id": "c", "choices": [{"index": 1, "text": "B", "finish_reason": "length"}]},
        {"id": "c", "choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 3}},
    ]
    whole = None
    for chunk in chunks:
        whole = COMPLETION.fold(whole, chunk)
    assert COMPLETION.read_response(whole) == Response(
        id="c",
        model="m",
        messages=[Message("assistant", [Text("a")]), Message("assistant", [Text("bB")], finish_reason="length")],
        finish_reasons=["length"],
        usage=Usage(input=1, output=3),
    )


def test_other_libraries_exceptions_are_not_read() -> None:
    """Only what is an `APIError` says what the family says."""
    reader = chosen(openai, called("/responses"))
    assert reader is not None
    assert reader.read_error is not None
    assert reader.read_error(ValueError("x")) is None
