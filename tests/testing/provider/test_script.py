"""Which turn answers, what an echo is, and what is kept of the requests."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from anthropic import Anthropic
from hypothesis import given
from hypothesis import strategies as st
from openai import OpenAI
from pydantic import BaseModel

from agentops.testing.provider import (
    Fault,
    Page,
    Provider,
    ReceivedRequest,
    Script,
    ToolCall,
    Turn,
    chat,
    messages,
    responses,
)
from agentops.testing.provider.exchange import Event, Exchange
from agentops.testing.provider.schema import example_of

Provide = Callable[..., Provider]
ToOpenAI = Callable[..., OpenAI]
ToAnthropic = Callable[..., Anthropic]


class Place(BaseModel):
    """A form that answers may have to take."""

    name: str
    near: list["Place"]
    heights: list[int]
    kind: str | None


def ask(client: OpenAI, text: str, model: str = "m") -> str | None:
    """A model's answer to a user's words."""
    completion = client.chat.completions.create(model=model, messages=[{"role": "user", "content": text}])
    return completion.choices[0].message.content


def test_turns_answer_in_their_order_and_then_there_is_an_echo(provide: Provide, openai_for: ToOpenAI) -> None:
    """Each turn is used once, more often where it says so."""
    client = openai_for(provide(Turn("one"), Turn("two", times=2)))
    assert [ask(client, "Hi") for _ in range(4)] == ["one", "two", "two", "You said: Hi"]


def test_a_turn_answers_the_requests_that_it_wants(provide: Provide, openai_for: ToOpenAI) -> None:
    """A predicate sees the request; what it leaves goes to the turns after it."""
    client = openai_for(
        provide(
            Turn("mini", when=lambda request: request.model == "gpt-4o-mini", times=None),
            Turn("about tides", when=lambda request: "tide" in request.last_message),
        )
    )
    asked = [("the tide", "gpt-4o"), ("Hi", "gpt-4o-mini"), ("Hi", "gpt-4o"), ("Hi", "gpt-4o-mini")]
    assert [ask(client, *words) for words in asked] == ["about tides", "mini", "You said: Hi", "mini"]


def test_a_function_may_make_every_turn(provide: Provide, openai_for: ToOpenAI) -> None:
    """It is given the request as it came; turns said later come first."""

    def make(request: ReceivedRequest) -> Turn:
        return Turn(f"{request.number} {request.last_message}")

    provider = provide(script=make)
    client = openai_for(provider)
    provider.say(Turn("first"))
    assert [ask(client, "a"), ask(client, "b")] == ["first", "2 b"]


def test_turns_are_handed_out_once_to_many_threads(provide: Provide, openai_for: ToOpenAI) -> None:
    """Requests at the same time get different turns."""
    provider = provide(*(Turn(str(number)) for number in range(40)))
    client = openai_for(provider)
    with ThreadPoolExecutor(8) as pool:
        said = list(pool.map(ask, [client] * 40, ["x"] * 40))
    assert sorted(said, key=int_of) == [str(number) for number in range(40)]
    assert sorted(request.number for request in provider.requests) == list(range(1, 41))


def int_of(text: str | None) -> int:
    """The number that a model said."""
    return int(text or -1)


def test_requests_are_kept_as_they_came(provide: Provide, openai_for: ToOpenAI, anthropic_for: ToAnthropic) -> None:
    """Method, path, headers and JSON of either dialect, and what they mean."""
    provider = provide()
    openai_for(provider).responses.create(
        model="gpt-4o",
        instructions="Be brief.",
        input=[{"type": "function_call_output", "call_id": "c", "output": "rain"}],
    )
    anthropic_for(provider).messages.create(
        model="claude",
        max_tokens=9,
        system=[{"type": "text", "text": "Be kind."}],
        messages=[{"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t", "content": "sun"}]}],
    )
    first, second = provider.requests
    assert (first.method, first.path, first.headers["authorization"]) == ("POST", "/v1/responses", "Bearer k")
    assert (first.model, first.system, first.last_message, first.tool_results) == (
        "gpt-4o",
        "Be brief.",
        "rain",
        ["rain"],
    )
    assert (second.path, "anthropic-version" in second.headers, second.is_anthropic) == ("/v1/messages", True, True)
    assert (second.system, second.tool_results, second.tokens) == ("Be kind.", ["sun"], 4)
    assert json.loads(second.raw) == second.body
    assert first.answered
    assert second.answered


def test_an_echo_takes_the_form_that_is_asked_for(
    provide: Provide, openai_for: ToOpenAI, anthropic_for: ToAnthropic
) -> None:
    """Structured outputs parse, in all three dialects, with nothing scripted."""
    provider = provide()
    client = openai_for(provider)
    chatted = client.chat.completions.parse(
        model="m", messages=[{"role": "user", "content": "x"}], response_format=Place
    )
    responded = client.responses.parse(model="m", input="x", text_format=Place)
    written = anthropic_for(provider).messages.parse(
        model="claude", max_tokens=9, messages=[{"role": "user", "content": "x"}], output_format=Place
    )
    for place in (chatted.choices[0].message.parsed, responded.output_parsed, written.parsed_output):
        assert place is not None
        assert (place.name, place.heights, place.kind) == ("text", [1], "text")


@pytest.mark.parametrize("choice", ["required", {"type": "function", "function": {"name": "look"}}])
def test_an_echo_calls_the_tool_that_it_must(provide: Provide, openai_for: ToOpenAI, choice: Any) -> None:
    """A forced tool is called with arguments of its schema."""
    parameters = {
        "type": "object",
        "properties": {"at": {"enum": ["map", "sky"]}, "far": {"type": ["boolean", "null"]}},
    }
    tools: Any = [{"type": "function", "function": {"name": "look", "parameters": parameters}}]
    completion = openai_for(provide()).chat.completions.create(
        model="m",
        messages=[{"role": "user", "content": "x"}],
        tools=tools,
        tool_choice=choice,
    )
    (call,) = completion.choices[0].message.tool_calls or []
    assert call.type == "function"
    assert (call.function.name, json.loads(call.function.arguments)) == ("look", {"at": "map", "far": True})


def test_a_schema_that_contains_itself_has_an_example() -> None:
    """Recursion ends, whichever keyword it hides in."""
    tree = {
        "properties": {"left": {"anyOf": [{"$ref": "#/$defs/tree"}, {"type": "null"}]}, "top": {"$ref": "#/$defs/tree"}}
    }
    assert example_of({"$defs": {"tree": tree}, "$ref": "#/$defs/tree"}) == {"left": None}


def test_knowledge_is_found_by_the_words_of_a_query(provide: Provide) -> None:
    """Pages come in any case, nothing is nothing, and a failing page fails with its status."""
    knowledge = {"tide": Page("Tide", "It turns."), "storm": Page("Service Unavailable", "Down.", status=503)}
    address = provide(script=Script(knowledge=knowledge)).environment()["KNOWLEDGE_URL"]
    with urlopen(f"{address}?q=Spring+TIDE") as found, urlopen(f"{address}?q=rain") as nothing:
        assert json.load(found) == {"pages": [{"id": 1, "key": "Tide", "title": "Tide", "excerpt": "It turns."}]}
        assert json.load(nothing) == {"pages": []}
    with pytest.raises(HTTPError, match="503") as failed:
        urlopen(f"{address}?q=storm")
    failed.value.close()


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/v1/nothing"), ("POST", "/v1/nothing"), ("POST", "/v1/responses")]
)
def test_what_is_not_understood_is_refused(provide: Provide, method: str, path: str) -> None:
    """An unknown path or a body that is no JSON gets the error that the real service would send."""
    with pytest.raises(HTTPError, match=r"40[04]") as refused:
        urlopen(provide().url + path, data=b"no json" if method == "POST" else None)
    with refused.value as answer:
        assert json.load(answer)["error"]["type"] == "invalid_request_error"


def test_closing_hangs_up_on_those_who_wait(openai_for: ToOpenAI) -> None:
    """A stalled client is told at once, and closing does not wait for it."""
    with ThreadPoolExecutor(1) as pool:
        with Provider([Turn(fault=Fault.stalled())]) as provider:
            waiting = pool.submit(ask, openai_for(provider), "x")
            while not provider.requests:
                pass
        assert waiting.exception(timeout=5) is not None


def test_environments_keep_what_may_not_go_through_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """This machine is added to the hosts that are reached directly."""
    monkeypatch.setenv("NO_PROXY", "internal")
    provider = Provider()
    environment = provider.environment()
    provider.close()
    assert environment["NO_PROXY"] == environment["no_proxy"] == "internal,127.0.0.1"


SAID = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@given(text=SAID, thought=SAID, value=SAID, size=st.none() | st.integers(1, 9))
def test_pieces_add_up_to_the_whole_in_every_dialect(text: str, thought: str, value: str, size: int | None) -> None:
    """However a text is cut, what was streamed is what would have been said at once."""
    turn = Turn(text, reasoning=thought, tool_calls=[ToolCall(name="t", arguments={"v": value})], chunk_size=size)
    request = ReceivedRequest(number=1, method="POST", path="/v1/any", body={"model": "m", "messages": []})
    exchange = Exchange(request, turn, 0)
    arguments = json.dumps({"v": value})
    deltas = [choice["delta"] for data in _data(chat.events(exchange)) for choice in data["choices"]]
    assert "".join(delta.get("content") or "" for delta in deltas) == text
    assert "".join(delta.get("reasoning_content", "") for delta in deltas) == thought
    called = [call["function"]["arguments"] for delta in deltas for call in delta.get("tool_calls", [])]
    assert "".join(called) == arguments
    blocks = [data["delta"] for data in _data(messages.events(exchange)) if data["type"] == "content_block_delta"]
    for field, whole in (("text", text), ("thinking", thought), ("partial_json", arguments)):
        assert "".join(block.get(field, "") for block in blocks) == whole
    told = list(_data(responses.events(exchange)))
    for kind, whole in (
        ("response.output_text.delta", text),
        ("response.reasoning_summary_text.delta", thought),
        ("response.function_call_arguments.delta", arguments),
    ):
        assert "".join(data["delta"] for data in told if data["type"] == kind) == whole


def _data(events: Any) -> list[Any]:
    """The JSON of server-sent events."""
    sent: list[Event] = list(events)
    lines = [line for event in sent for line in event.data.decode().split("\n") if line.startswith("data: {")]
    return [json.loads(line.removeprefix("data: ")) for line in lines]
