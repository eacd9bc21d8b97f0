"""The plugin of `replicate`, with its real client, its module functions included."""

import inspect
from collections.abc import Iterator
from typing import Any, Self

import pytest

from agentops.domain.genai import Media, Message, Operation, Text
from agentops.domain.spans import SpanKind, SpanStatus
from agentops.testing import Fault, Provider, Recording, Turn, Usage, conformance, record
from agentops.testing.conformance import Case, Expected, Probe, Situation
from agentops_plugins.replicate import INSTRUMENTATION

replicate: Any = pytest.importorskip("replicate")

MODEL = "meta/meta-llama-3-8b-instruct"
ANSWER = Turn("One two three four.")
ASKED = {"prompt": "Count to four.", "temperature": 0.5}
RUNNING: dict[str, Provider] = {}


@pytest.fixture(autouse=True)
def provider() -> Iterator[Provider]:
    """The provider that the clients of this test talk to."""
    with Provider() as started:
        RUNNING["it"] = started
        yield started


@pytest.fixture
def recording() -> Iterator[Recording]:
    """What the plugin sees."""
    with record(plugins=False, strict=True) as opened, opened.observing.only([INSTRUMENTATION]):
        yield opened


def prepare(situation: Situation) -> None:
    """Tell the provider of the running test."""
    conformance.answering(RUNNING["it"], ANSWER)(situation)


class Client(replicate.Client):
    """A client that is closed when it is left; the library's own cannot be closed."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._client.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._async_client.aclose()


def made() -> Client:
    """A client of the running test's provider."""
    return Client(api_token="r8_k", base_url=RUNNING["it"].url)


@pytest.fixture
def client() -> Iterator[Client]:
    """A client, closed when the test is over."""
    with made() as opened:
        yield opened


def said(event: Any) -> str | None:
    """The text that an event brings."""
    return str(event) or None


async def astream(client: Any) -> Any:
    """The stream of an async client, which some versions have to be awaited for."""
    stream = client.async_stream(MODEL, ASKED)
    return await stream if inspect.isawaitable(stream) else stream


PROBE = Probe(
    name="replicate",
    instrumentation=INSTRUMENTATION,
    client=made,
    aclient=made,
    call=lambda client: client.run(MODEL, ASKED, wait=True),
    acall=lambda client: client.async_run(MODEL, ASKED, wait=True),
    stream=lambda client: client.stream(MODEL, input=ASKED),
    astream=astream,
    text_of=said,
    prepare=prepare,
    expected=Expected(name=f"generate_content {MODEL}", model=MODEL, text=ANSWER.text),
)


@pytest.mark.parametrize("case", conformance.cases(PROBE), ids=str)
def test_the_contract_is_kept(case: Case) -> None:
    """In every situation the call is recorded once, whole, and unnoticed by the program."""
    case.check()


def test_functions_imported_before_are_seen(
    provider: Provider, recording: Any, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`replicate.run` is a method of a client that was made at import; it is seen all the same."""
    monkeypatch.setattr(replicate.default_client, "_Client__client", client._client)  # noqa: SLF001 - no other way in
    provider.say(ANSWER)
    assert "".join(replicate.run(MODEL, input={"system_prompt": "Be brief.", **ASKED}, wait=True)) == ANSWER.text
    span = recording.span()
    assert (span.kind, span.request.operation) == (SpanKind.LLM, Operation.GENERATE_CONTENT)
    assert span.request.messages == [Message("system", [Text("Be brief.")]), Message("user", [Text("Count to four.")])]
    assert (span.request.parameters, span.request.server_address) == ({"temperature": 0.5}, "127.0.0.1")
    assert (span.response.messages, span.response.usage) == ([Message("assistant", [Text(ANSWER.text)])], None)


def test_a_prediction_is_recorded_as_it_was_made(provider: Provider, recording: Any, client: Any) -> None:
    """With its id, what it gave if it was waited for, and the tokens that some models count."""
    provider.say(Turn("Four.", usage=Usage(input=3, output=5)), Turn("Four."))
    made = client.predictions.create(version="5c7d5dc6", input=ASKED, wait=True)
    client.models.predictions.create(MODEL, input=ASKED)
    waited, begun = recording.spans()
    assert (waited.request.model, waited.request.parameters) == (
        "5c7d5dc6",
        {"version": "5c7d5dc6", "temperature": 0.5},
    )
    assert (waited.response.id, waited.response.finish_reasons) == (made.id, ["succeeded"])
    assert waited.response.messages == [Message("assistant", [Text("Four.")])]
    assert waited.response.usage == Usage(input=3, output=5)
    assert (begun.request.model, begun.response.model, begun.response.messages) == (MODEL, MODEL, [])


def test_a_prediction_that_failed_is_an_error(provider: Provider, recording: Any, client: Any) -> None:
    """Said by the answer, or raised where the model is run."""
    failure = Turn("Out of memory.", finish_reason="error")
    provider.say(failure, failure)
    client.predictions.create(version="5c7d5dc6", input=ASKED, wait=True)
    with pytest.raises(replicate.exceptions.ModelError):
        client.run(MODEL, ASKED, wait=True)
    assert [(span.status, span.error.message) for span in recording.spans()] == [
        (SpanStatus.ERROR, "Out of memory."),
        (SpanStatus.ERROR, "Out of memory."),
    ]


def test_files_are_described(provider: Provider, recording: Any, client: Any) -> None:
    """Those that are sent by size, those that come back by address."""
    provider.say(Turn("https://replicate.delivery/out/0.webp"))
    client.run("black-forest-labs/flux", {"prompt": "A cat", "image": "data:image/png;base64,iVBORw0KGgo="}, wait=True)
    span = recording.span()
    assert span.request.messages == [Message("user", [Media("image", "image/png", size=8), Text("A cat")])]
    assert span.request.parameters == {}
    (part,) = span.response.messages[0].parts
    assert (part.modality, part.uri) == ("image", "https://replicate.delivery/out/0.webp")


def test_a_refusal_says_its_status(provider: Provider, recording: Any, client: Any) -> None:
    """The words and the status of the provider."""
    provider.say(Turn(fault=Fault.refused(422, message="prompt is required")))
    with pytest.raises(replicate.exceptions.ReplicateError):
        client.run(MODEL, {})
    error = recording.span().error
    assert (error.status_code, error.message) == (422, "prompt is required")
    assert error.type == "replicate.exceptions.ReplicateError"


def test_what_is_no_prediction_is_left_alone(recording: Any, client: Any) -> None:
    """Asking for a prediction that was made before is no call of a model."""
    with pytest.raises(replicate.exceptions.ReplicateError):
        client.predictions.get("any")
    assert recording.spans() == []
