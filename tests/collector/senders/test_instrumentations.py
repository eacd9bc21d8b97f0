"""That model calls are stored as they were made, whoever's instrumentation tells of them."""

import pytest
from senders_samples import LETTER, RESEARCH, calls_in, check_counts, run_program, stored, turns_of
from server_samples import RunningServer

from agentops.domain.spans import SpanKind
from agentops.testing.provider import Provider

WATCHERS = {
    "openllmetry": "opentelemetry.instrumentation.openai.v1",
    "openinference": "openinference.instrumentation.openai",
    "genai": "opentelemetry.instrumentation.genai.openai",
}
"""The scopes in which they tell of OpenAI's client."""


@pytest.mark.parametrize(("name", "scope"), WATCHERS.items())
def test_calls_of_openai_are_stored_as_they_were_made(server: RunningServer, name: str, scope: str) -> None:
    """Models, messages, tool calls, tokens, cost and errors, streams among them."""
    with Provider(turns_of(RESEARCH)) as provider:
        assert run_program(server, provider, "research", name) == "The Danube.\n"
    session, spans = stored(server)
    root, *calls = spans
    assert calls_in(spans) == list(RESEARCH)
    check_counts(session, RESEARCH, "openai")
    assert (session.name, session.state, session.end_state) == ("research", "SUCCEEDED", "Success")
    assert [call.kind for call in calls] == [SpanKind.EMBEDDING if i == 2 else SpanKind.LLM for i in range(5)]
    assert {(call.parent_id, call.source, call.attributes["service.name"]) for call in calls} == {
        (root.span_id, scope, "senders")
    }
    first, streamed = calls[0], calls[1]
    assert first.request is not None
    assert [tool.name for tool in first.request.tools] == ["look_up"]
    assert first.request.parameters["temperature"] == 0.5
    assert streamed.request is not None
    assert streamed.request.stream
    assert streamed.first_token is not None
    assert streamed.start < streamed.first_token <= (streamed.end or 0)
    assert "BadRequestError" in (calls[4].error.type if calls[4].error else "")


@pytest.mark.parametrize(
    "names",
    [("openllmetry", "openinference"), ("openinference", "genai"), ("genai", "openinference", "openllmetry")],
    ids="-".join,
)
def test_a_call_that_several_tell_of_counts_once(server: RunningServer, names: tuple[str, ...]) -> None:
    """Every telling of it is kept, one is counted."""
    with Provider(turns_of(RESEARCH)) as provider:
        run_program(server, provider, "research", *names)
    session, spans = stored(server)
    check_counts(session, RESEARCH, "openai")
    for name in names:
        told = [span for span in spans if span.source == WATCHERS[name]]
        assert sorted(map(repr, calls_in(told))) == sorted(map(repr, RESEARCH))


def test_spans_of_anthropics_own_client_are_stored_as_they_were_made(server: RunningServer) -> None:
    """It needs no instrumentation."""
    with Provider(turns_of(LETTER)) as provider:
        assert run_program(server, provider, "letter") == "Yours\n"
    session, spans = stored(server)
    assert calls_in(spans) == list(LETTER)
    check_counts(session, LETTER, "anthropic")
    assert {span.source for span in spans[1:]} == {"com.anthropic.sdk.python"}
