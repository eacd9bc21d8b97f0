"""Model calls that a program makes by its own means."""

import pytest

import agentops
from agentops.domain.genai import Usage
from agentops.testing.recording import Recording, record

ANSWER = {
    "choices": [{"message": {"content": "Paris."}}],
    "usage": {"prompt_tokens": 10, "completion_tokens": 3},
    "model": "gpt-4o",
}


def test_a_block_without_contents_keeps_its_tokens() -> None:
    """What the answer says of usage and model is no content: the call is counted and priced."""
    with record(plugins=False, strict=True) as recording, agentops.session("one") as session:
        recording.recorder.content = False
        with agentops.llm("ask", input="Where?") as span:
            span.set_output(ANSWER)
        (call,) = recording.spans("llm")
        assert (session.analytics.input_tokens, session.analytics.output_tokens) == (10, 3)
    assert call.response is not None
    assert (call.response.usage, call.response.model) == (Usage(input=10, output=3), "gpt-4o")
    assert (call.response.messages, call.response.output, call.output) == ([], None, None)
    assert call.cost == "0.000055"


@pytest.mark.parametrize("ended_by_hand", [True, False])
def test_without_contents_none_are_written(ended_by_hand: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """Also where the span is ended through OpenTelemetry's API."""
    with record(plugins=False, strict=True) as recording:
        recording.recorder.content = False
        with agentops.llm("ask", input="a secret question") as span:
            span.set_output("a secret answer")
            if ended_by_hand:
                span.end()
        written = repr(recording.records())
    assert "secret" not in written


def test_a_large_answer_is_kept_whole() -> None:
    """As that of an observed library is, with its usage behind it."""
    text = "x" * 300_000

    def ask(recording: Recording) -> None:
        with agentops.llm("ask") as span:
            span.set_output({**ANSWER, "choices": [{"message": {"content": text}}]})
        (call,) = recording.spans("llm")
        assert call.response is not None
        assert call.response.usage == Usage(input=10, output=3)
        assert text in repr(call.response.messages)

    with record(plugins=False, strict=True) as recording:
        ask(recording)
