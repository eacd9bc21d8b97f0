"""That programs with nothing but OpenTelemetry, and ours, are stored as they ran."""

import http.client
import json
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from senders_samples import Call, check_counts, run_program, stored
from server_samples import RunningServer

from agentops.domain.genai import Usage
from agentops.domain.metric_points import MetricKind
from agentops.domain.spans import SpanKind, SpanStatus
from agentops.testing.provider import Provider, Turn

DOCUMENT = Path(__file__).parent / "one_trace.json"


@pytest.mark.parametrize("compression", ["none", "gzip", "deflate"])
def test_a_program_with_opentelemetry_alone_is_stored_as_it_ran(server: RunningServer, compression: str) -> None:
    """Its spans as what they are, its lines where they were written, and its metrics."""
    with Provider() as provider:
        run_program(
            server,
            provider,
            "plain",
            OTEL_EXPORTER_OTLP_COMPRESSION=compression,
            OTEL_RESOURCE_ATTRIBUTES="deployment.environment.name=test,host.name=here",
        )
    session, spans = stored(server)
    assert (session.name, session.end_state, session.user) == ("ask", "Success", "ada")
    assert (session.llm_calls, session.tool_calls, session.errors) == (1, 2, 1)
    assert (session.input_tokens, session.output_tokens, session.cost) == (7, 2, None)
    assert [each.name for each in session.agents] == ["reader"]
    assert [(span.kind, span.name, span.status) for span in spans] == [
        (SpanKind.TASK, "ask", SpanStatus.OK),
        (SpanKind.AGENT, "reader", SpanStatus.OK),
        (SpanKind.LLM, "chat", SpanStatus.OK),
        (SpanKind.TOOL, "look_up", SpanStatus.OK),
        (SpanKind.TOOL, "look_up", SpanStatus.ERROR),
    ]
    root, agent, chat, found, failed = spans
    parents = [root.span_id, agent.span_id, agent.span_id, agent.span_id]
    assert [span.parent_id for span in (agent, chat, found, failed)] == parents
    assert root.attributes["session.id"] == "chat-7"
    assert failed.error is not None
    assert (failed.error.type, failed.error.message) == ("KeyError", "'sea'")
    with server.store() as store:
        lines = list(store.logs(session.session_id))
        points = {point.name: point for point in store.metric_points()}
        record = store.session(session.session_id)
    assert [(line.body, line.span_id, line.severity) for line in lines] == [
        ("looking river up", found.span_id, 9),
        ("looking sea up", failed.span_id, 9),
    ]
    assert (points["questions"].kind, points["questions"].value) == (MetricKind.SUM, 1)
    assert (points["steps"].kind, points["steps"].count, points["steps"].sum) == (MetricKind.HISTOGRAM, 2, 8)
    assert points["steps"].resource["deployment.environment.name"] == "test"
    assert record is not None
    assert record.host_env is not None
    assert record.host_env["OS"]["Hostname"] == "here"


def test_a_file_of_otlp_can_be_sent_without_any_library(server: RunningServer) -> None:
    """As `curl --data @one_trace.json` does; sent twice it counts once."""
    address = urlsplit(server.url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port)
    for _ in range(2):
        connection.request("POST", "/v1/traces", DOCUMENT.read_bytes(), {"Content-Type": "application/json"})
        with connection.getresponse() as answer:
            assert (answer.status, json.loads(answer.read())) == (200, {})
    connection.close()
    session, (root, call, tool) = stored(server)
    check_counts(session, [Call("gpt-4o-mini", Usage(input=120, output=30))], "openai")
    assert (session.name, session.tags, session.user, session.tool_calls) == ("answer", ["web"], "ada", 1)
    assert (root.kind, call.kind, tool.kind) == (SpanKind.WORKFLOW, SpanKind.LLM, SpanKind.TOOL)
    assert (tool.input, tool.output) == ({"city": "Ulm"}, "18 °C")


@pytest.mark.parametrize("way", ["otlp", "exporter", "v2", "both"])
def test_what_agentops_records_counts_once_however_it_is_sent(server: RunningServer, way: str) -> None:
    """As OTLP by its settings or by an exporter, to its collector, or in all ways at once: the same spans."""
    settings = {"AGENTOPS_DIR": str(server.services.options.data / "own"), "AGENTOPS_LOGGING_LEVEL": "CRITICAL"}
    if way in {"v2", "both"}:
        settings["AGENTOPS_API_ENDPOINT"] = server.url
    if way == "v2":
        settings["OTEL_EXPORTER_OTLP_ENDPOINT"] = ""
    with Provider([Turn("The Danube.", usage=Usage(input=40, output=12))]) as provider:
        said = run_program(server, provider, "own", way, **settings)
    session, spans = stored(server)
    assert said.splitlines() == ["about river", session.session_id]
    check_counts(session, [Call("gpt-4o-mini", Usage(input=40, output=12))], "openai")
    assert (session.name, session.tags, session.tool_calls) == ("own", ["river"], 1)
    assert [span.kind for span in spans] == [SpanKind.SESSION, SpanKind.LLM, SpanKind.TOOL]
    assert (spans[2].input, spans[2].output) == ({"word": "river"}, "about river")
