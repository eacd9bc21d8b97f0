"""`instructor` asks through the clients that are observed: each call on the wire is one span, its retries included."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from agentops.domain.genai import ToolCall, Usage
from agentops.testing import Provider, ReceivedRequest, Recording, Turn, record
from agentops_plugins.httpx import INSTRUMENTATIONS as TRANSPORT
from agentops_plugins.openai import INSTRUMENTATION

instructor: Any = pytest.importorskip("instructor")
openai: Any = pytest.importorskip("openai")
pydantic: Any = pytest.importorskip("pydantic")
pytestmark = pytest.mark.filterwarnings("ignore")  # of the library and of what it brings along

ASKED = [{"role": "user", "content": "How large is Paris?"}]


class City(pydantic.BaseModel):  # pyright: ignore[reportUntypedBaseClass] - the library is not installed everywhere
    """What is to be found out."""

    name: str
    people: int


def answer(request: ReceivedRequest) -> Turn:
    """What the model says: at first without a number, and rightly once it is told."""
    is_told = len(request.body["messages"]) > 2
    arguments = {"name": "Paris", "people": 2_100_000 if is_told else "many"}
    return Turn(tool_calls=[ToolCall("City", arguments, "c1")], usage=Usage(input=20, output=5))


@pytest.fixture(name="provider")
def serve() -> Iterator[Provider]:
    """The model."""
    with Provider(answer) as opened:
        yield opened


@pytest.fixture(name="recording")
def observe() -> Iterator[Recording]:
    """What the plugins of the client and of its transport see."""
    with record(plugins=False, strict=True) as opened, opened.observing.only([INSTRUMENTATION, *TRANSPORT]):
        yield opened


def check(recording: Recording, provider: Provider) -> None:
    """One span for each request, and nothing else."""
    assert len(provider.requests) == 2
    assert [span.kind for span in recording.spans()] == ["llm", "llm"]
    usages = [span.response.usage for span in recording.spans() if span.response is not None]
    assert [(usage.input, usage.output) for usage in usages if usage is not None] == [(20, 5), (20, 5)]


def test_each_try_is_a_call(recording: Recording, provider: Provider) -> None:
    """What the model is asked again is a call of its own."""
    client = instructor.from_openai(openai.OpenAI(api_key="k", base_url=provider.openai_url))
    city = client.chat.completions.create(model="gpt-4o-mini", response_model=City, messages=ASKED, max_retries=2)
    assert (city.name, city.people) == ("Paris", 2_100_000)
    check(recording, provider)


def test_each_try_is_a_call_that_may_be_awaited(recording: Recording, provider: Provider) -> None:
    """The same without waiting."""

    async def main() -> Any:
        async with openai.AsyncOpenAI(api_key="k", base_url=provider.openai_url) as plain:
            client = instructor.from_openai(plain)
            return await client.chat.completions.create(
                model="gpt-4o-mini", response_model=City, messages=ASKED, max_retries=2
            )

    assert asyncio.run(main()).people == 2_100_000
    check(recording, provider)


def test_a_client_that_was_made_before_is_observed(provider: Provider) -> None:
    """What instructor keeps of the client's functions leads to ours."""
    client = instructor.from_openai(openai.OpenAI(api_key="k", base_url=provider.openai_url))
    with record(plugins=False, strict=True) as recording, recording.observing.only([INSTRUMENTATION, *TRANSPORT]):
        client.chat.completions.create(model="gpt-4o-mini", response_model=City, messages=ASKED, max_retries=2)
    check(recording, provider)
