"""OpenTelemetry is told how recording fares: in the program's meter provider, or alone where the environment asks."""

import json
import os
import signal
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from delivery_samples import START, llm_span, tool_span
from dirty_equals import IsPartialDict
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader

from agentops.config import otlp_requested
from agentops.delivery.instruments import OTHER, VALUES, Instruments
from agentops.delivery.metering import find_provider
from agentops.domain.genai import Response, Usage
from agentops.domain.metrics import Delivery, Metrics, Recording
from agentops.domain.spans import DropRecord, ErrorInfo, SpanKind, SpanRecord, SpanStatus

PROGRAM = Path(__file__).parent / "programs" / "metrics.py"


class Collector:
    """Takes metrics over OTLP.

    Attributes:
        address: where.
        bodies: what came.
    """

    def __init__(self) -> None:
        bodies: list[bytes] = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                bodies.append(self.rfile.read(int(self.headers["content-length"])))
                self.send_response(200)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name http.server gives it
                pass

        self.bodies = bodies
        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"

    def points(self, body: bytes) -> dict[str, float]:
        """The sums and counts of one export, by scope, name and attributes."""
        request = ExportMetricsServiceRequest.FromString(body)
        found: dict[str, float] = {}
        for resource in request.resource_metrics:
            for scope in resource.scope_metrics:
                for metric in scope.metrics:
                    points: Any = metric.sum.data_points or metric.gauge.data_points or metric.histogram.data_points
                    for point in points:
                        names = [
                            item.value.string_value for item in sorted(point.attributes, key=lambda item: item.key)
                        ]
                        value = getattr(point, "count", 0) or point.as_int or point.as_double
                        found[" ".join([scope.scope.name, metric.name, *names])] = value
        return found


@pytest.fixture
def collector() -> Iterator[Collector]:
    """A collector of metrics on this machine."""
    collector = Collector()
    thread = threading.Thread(target=collector.server.serve_forever, daemon=True)
    thread.start()
    yield collector
    collector.server.shutdown()
    thread.join()
    collector.server.server_close()


def run(*arguments: str, **variables: str) -> dict[str, Any]:
    """What the program printed."""
    done = subprocess.run(
        [sys.executable, "-W", "error", str(PROGRAM), *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, **variables},
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    return json.loads(done.stdout)


def expected(times: int = 1) -> Any:
    """What the program records so many times."""
    return IsPartialDict(
        {
            "agentops gen_ai.execute_tool.duration execute_tool search": times,
            "agentops gen_ai.client.operation.duration chat gpt-4o gpt-4o": times,
            "agentops gen_ai.client.token.usage chat gpt-4o gpt-4o input": times,
            "agentops gen_ai.client.token.usage chat gpt-4o gpt-4o output": times,
        }
    )


FIGURES = IsPartialDict(
    {
        "agentops agentops.sessions.started": 1,
        "agentops agentops.sessions.active": 0,
        "agentops agentops.sessions.ended SUCCEEDED": 1,
        "agentops agentops.sessions.ended FAILED": 0,
        "agentops agentops.spans.ended": 2,
        "agentops agentops.events.recorded": 1,
        "agentops agentops.delivery.failures local": 0,
        "agentops agentops.delivery.pending local": 0,
        "agentops agentops.errors": 0,
        "agentops agentops.cost": 0.0035,
    }
)


@pytest.mark.parametrize("order", ["before", "after", "again"])
def test_the_programs_provider_has_our_instruments(order: str) -> None:
    """Set before or after `init`, it stays the program's; recording that begins anew goes on in it."""
    found = run(order)
    assert found["provider"] == "MeterProvider"
    assert found["points"] == expected(2 if order == "again" else 1)
    assert found["points"] == FIGURES


def test_without_a_provider_nothing_is_set_and_nothing_told() -> None:
    """The global provider is nobody's, as before."""
    assert run("none") == {"provider": "_ProxyMeterProvider", "points": {}}


@pytest.mark.parametrize("variable", ["OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"])
def test_metrics_leave_over_otlp_where_the_environment_asks(
    variable: str, collector: Collector, data_directory: Path
) -> None:
    """At the end everything is exported, with the last figures, and the global provider is still nobody's."""
    path = "/v1/metrics" if "METRICS" in variable else ""
    found = run("none", **{variable: collector.address + path, "OTEL_TRACES_EXPORTER": "none"})
    assert found["provider"] == "_ProxyMeterProvider"
    (body,) = collector.bodies
    points = collector.points(body)
    assert points == expected()
    assert points == FIGURES
    assert not any("POST" in name for name in points), "our own deliveries are none of the program's"


def test_metrics_leave_in_between_too(collector: Collector) -> None:
    """As often as OpenTelemetry's variable says."""
    source = """
        import time, agentops
        agentops.init()
        agentops.tool(lambda: 1)()
        agentops.flush()
        time.sleep(0.5)
        import os
        os._exit(0)
    """
    environment = {
        **os.environ,
        "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": collector.address,
        "OTEL_METRIC_EXPORT_INTERVAL": "50",
    }
    subprocess.run([sys.executable, "-c", textwrap.dedent(source)], env=environment, timeout=60, check=True)
    assert collector.points(collector.bodies[-1])["agentops agentops.sessions.started"] == 1


def test_a_provider_that_comes_later_takes_over(collector: Collector) -> None:
    """What was exported alone until then is not exported twice."""
    found = run("late", OTEL_EXPORTER_OTLP_METRICS_ENDPOINT=collector.address)
    assert found["points"] == expected()
    assert collector.bodies == []


@pytest.mark.parametrize("answer", ["refuses", "hangs"])
def test_a_collector_that_is_away_holds_no_program_up(answer: str) -> None:
    """The exit waits no longer than it may, and nobody is bothered with it."""
    listener = HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)  # accepts, and never answers
    address = f"http://127.0.0.1:{listener.server_port}"
    if answer == "refuses":
        listener.server_close()
    source = "import agentops; agentops.init(); agentops.tool(lambda: 1)(); agentops.end_session()"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", source],
        env={**os.environ, "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": address, "AGENTOPS_EXIT_TIMEOUT": "0.5"},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    listener.server_close()
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.count("\n") == 1
    assert "Session Stats" in done.stderr


def test_a_signal_ends_the_program_while_metrics_are_exported(collector: Collector) -> None:
    """It goes by the signal, with everything exported."""
    source = """
        import os, signal, agentops
        agentops.init()
        agentops.tool(lambda: 1)()
        os.kill(os.getpid(), signal.SIGTERM)
    """
    environment = {**os.environ, "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": collector.address}
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(source)], env=environment, timeout=60, check=False)
    assert done.returncode == -signal.SIGTERM
    assert collector.points(collector.bodies[-1])["agentops agentops.sessions.ended FAILED"] == 1


@pytest.mark.parametrize(
    ("variables", "asked"),
    [
        ({}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:4318"}, True),
        ({"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": "http://localhost:4318"}, True),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://localhost:4318"}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:4318", "OTEL_METRICS_EXPORTER": "none"}, False),
        ({"OTEL_METRICS_EXPORTER": "otlp"}, True),
        ({"OTEL_METRICS_EXPORTER": "prometheus, otlp"}, True),
        ({"OTEL_METRICS_EXPORTER": "console"}, False),
        ({"OTEL_METRICS_EXPORTER": "otlp", "OTEL_SDK_DISABLED": "true"}, False),
    ],
)
def test_metrics_are_exported_alone_only_where_asked_for(variables: dict[str, str], asked: bool) -> None:  # noqa: FBT001 - a column of the table
    """By OpenTelemetry's own variables."""
    assert otlp_requested(variables, "METRICS") is asked


def measured(records: Sequence[SpanRecord | DropRecord], metrics: Metrics | None = None) -> dict[str, Any]:
    """What instruments say of records: by name and attributes, the count and sum of histograms, the value of others."""
    reader = InMemoryMetricReader()
    instruments = Instruments(
        MeterProvider([reader], shutdown_on_exit=False).get_meter("test"), lambda: metrics or Metrics()
    )
    instruments.watch(records)
    data = reader.get_metrics_data()
    assert data is not None
    found: dict[str, Any] = {}
    for metric in data.resource_metrics[0].scope_metrics[0].metrics:
        for point in metric.data.data_points:
            plain: Any = point
            key = " ".join([metric.name, *(f"{name}={value}" for name, value in sorted(plain.attributes.items()))])
            found[key] = plain.value if hasattr(plain, "value") else (plain.count, plain.sum)
    return found


CALL = "gen_ai.operation.name=chat gen_ai.provider.name=openai gen_ai.request.model=gpt-4o-mini"
ANSWERED = f"{CALL} gen_ai.response.model=gpt-4o-mini"


def test_a_model_call_is_measured_by_the_conventions() -> None:
    """Duration, time to the first chunk and tokens, cached and reasoning ones included."""
    record = llm_span()
    assert record.response is not None
    record.response.usage = Usage(input=10, cache_read=5, output=3, reasoning=2)
    assert measured([record]) == IsPartialDict(
        {
            f"gen_ai.client.operation.duration {ANSWERED}": (1, 0.5),
            f"gen_ai.client.operation.time_to_first_chunk {ANSWERED}": (1, 0.25),
            f"gen_ai.client.token.usage {ANSWERED} gen_ai.token.type=input": (1, 15),
            f"gen_ai.client.token.usage {ANSWERED} gen_ai.token.type=output": (1, 5),
        }
    )


def test_a_failed_call_says_by_what() -> None:
    """Its tokens are those of any other; what was not said is not made up."""
    failed = llm_span(status=SpanStatus.ERROR, error=ErrorInfo(type="openai.RateLimitError"), first_token=None)
    failed.response = Response(model=None, usage=Usage(input=7))
    found = measured([failed])
    assert found[f"gen_ai.client.operation.duration error.type=openai.RateLimitError {CALL}"] == (1, 0.5)
    assert found[f"gen_ai.client.token.usage {CALL} gen_ai.token.type=input"] == (1, 7)
    assert len([name for name in found if name.startswith("gen_ai.")]) == 2


def test_tools_and_agents_are_measured_and_other_spans_are_not() -> None:
    """Those that still run are not, either."""
    records = [
        tool_span(),
        tool_span(name="crew", kind=SpanKind.AGENT),
        tool_span(kind=SpanKind.TASK),
        tool_span(end=None, status=SpanStatus.RUNNING),
        DropRecord(reason="so", count=1, time=START),
    ]
    found = measured(records)
    assert {name: value for name, value in found.items() if name.startswith("gen_ai.")} == {
        "gen_ai.execute_tool.duration gen_ai.operation.name=execute_tool gen_ai.tool.name=search": (1, 0.5),
        "gen_ai.invoke_agent.duration gen_ai.agent.name=crew gen_ai.operation.name=invoke_agent": (1, 0.5),
    }


def test_names_from_outside_do_not_make_endless_series() -> None:
    """Beyond a hundred different tools, the others are one."""
    found = measured([tool_span(name=f"tool {number}") for number in range(VALUES + 50)])
    series = {name: value for name, value in found.items() if name.startswith("gen_ai.execute_tool.duration")}
    assert len(series) == VALUES + 1
    assert series[f"gen_ai.execute_tool.duration gen_ai.operation.name=execute_tool gen_ai.tool.name={OTHER}"][0] == 50


def test_figures_are_told_with_what_they_are_about() -> None:
    """Drops by reason, deliveries by destination."""
    metrics = Metrics(
        recording=Recording(spans_started=5, spans_ended=4, dropped={"journal full": 3}),
        delivery=(
            Delivery(name="local", delivered=9),
            Delivery(name="exporter-0", failures=2, pending_bytes=7, lag=1.5),
        ),
    )
    assert measured([], metrics) == IsPartialDict(
        {
            "agentops.spans.ended": 4,
            "agentops.spans.dropped agentops.drop.reason=journal full": 3,
            "agentops.delivery.records agentops.destination=local": 9,
            "agentops.delivery.failures agentops.destination=exporter-0": 2,
            "agentops.delivery.pending agentops.destination=exporter-0": 7,
            "agentops.delivery.lag agentops.destination=exporter-0": 1.5,
        }
    )


def test_an_api_that_is_still_being_imported_has_no_provider(monkeypatch: pytest.MonkeyPatch) -> None:
    """The delivering thread may look while another one imports it."""
    monkeypatch.setitem(sys.modules, "opentelemetry.metrics", ModuleType("opentelemetry.metrics"))
    assert find_provider() is None
