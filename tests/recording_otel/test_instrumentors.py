"""Our plugins as instrumentations of OpenTelemetry's: ordinary spans in the program's own provider, nothing else."""

import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator, Sequence
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, cast

import pytest
from openai import OpenAI
from opentelemetry import trace as otel
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF

import agentops
from agentops import instrumentors
from agentops.domain.genai import AgentRequest, Operation, Request, Response
from agentops.instrumentation.emitter import SpanEmitter
from agentops.recording.recorder import active
from agentops.testing.provider import Fault, Provider, Turn

ROOT = Path(__file__).resolve().parents[2]
APART = frozenset({"httpx", "requests", "subprocess", "concurrent_futures"})
"""Plain transport and context: OpenTelemetry has its own for those, under its own conventions."""
MESSAGES: Any = [{"role": "user", "content": "Which river?"}]


class Seen:
    """A tracer provider of the program's own, and what came to it."""

    def __init__(self, sampler: Any = None) -> None:
        self.exporter = InMemorySpanExporter()
        self.provider = TracerProvider(sampler=sampler)
        self.provider.add_span_processor(SimpleSpanProcessor(self.exporter))

    @property
    def spans(self) -> Sequence[ReadableSpan]:
        """The spans that ended."""
        spans: Sequence[ReadableSpan] = cast("Any", self.exporter).get_finished_spans()
        return spans


@pytest.fixture
def switched_on() -> Iterator[Callable[[Seen], Any]]:
    """Switches openai's instrumentor on, and off when the test is over."""
    one = instrumentors.instrumentor("openai")()

    def switch_on(seen: Seen) -> Any:
        one.instrument(tracer_provider=seen.provider)
        return one

    yield switch_on
    one.uninstrument()


def ask(provider: Provider) -> Any:
    """A chat completion."""
    with OpenAI(base_url=provider.openai_url, api_key="k", max_retries=0) as client:
        return client.chat.completions.create(model="gpt-4o", messages=MESSAGES)


def test_a_call_is_a_span_of_the_programs_provider(
    switched_on: Callable[[Seen], Any], loopback_provider: Provider, data_directory: Path
) -> None:
    """Under the program's span, with the GenAI conventions, without content, and nothing is kept by agentops."""
    seen = Seen()
    switched_on(seen)
    with seen.provider.get_tracer("mine").start_as_current_span("work") as work:
        ask(loopback_provider)
    call, mine = seen.spans
    assert call.name == "chat gpt-4o"
    assert call.kind is otel.SpanKind.CLIENT
    assert call.parent is not None
    assert call.context is not None
    assert (call.parent.span_id, call.context.trace_id) == (
        work.get_span_context().span_id,
        work.get_span_context().trace_id,
    )
    assert call.resource == mine.resource
    attributes = dict(call.attributes or {})
    assert attributes["gen_ai.operation.name"] == "chat"
    assert attributes["gen_ai.request.model"] == "gpt-4o"
    assert isinstance(attributes["gen_ai.usage.input_tokens"], int)
    assert "Which river?" not in str(attributes)
    assert call.instrumentation_scope is not None
    assert call.instrumentation_scope.name == "agentops.openai"
    assert not data_directory.exists()


def test_messages_are_kept_where_opentelemetry_is_told_so(
    switched_on: Callable[[Seen], Any], loopback_provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the variable that its other instrumentations of model calls heed; secrets are left out all the same."""
    monkeypatch.setenv("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", "true")
    seen = Seen()
    switched_on(seen)
    loopback_provider.say(Turn("The Danube."))
    ask(loopback_provider)
    (call,) = seen.spans
    attributes = dict(call.attributes or {})
    assert "Which river?" in str(attributes["gen_ai.input.messages"])
    assert "The Danube." in str(attributes["gen_ai.output.messages"])


def test_a_stream_is_a_span_to_its_end(switched_on: Callable[[Seen], Any], loopback_provider: Provider) -> None:
    """It ends when the stream was read, and the program's own spans meanwhile are not under it."""
    seen = Seen()
    switched_on(seen)
    with OpenAI(base_url=loopback_provider.openai_url, api_key="k") as client:
        for _ in client.chat.completions.create(
            model="gpt-4o", messages=MESSAGES, stream=True, stream_options={"include_usage": True}
        ):
            with seen.provider.get_tracer("mine").start_as_current_span("chunk"):
                pass
    *chunks, call = seen.spans
    assert call.name == "chat gpt-4o"
    assert chunks
    assert all(chunk.parent is None for chunk in chunks)
    assert "gen_ai.usage.output_tokens" in (call.attributes or {})


def test_a_failure_is_told_as_opentelemetry_tells_it(
    switched_on: Callable[[Seen], Any], loopback_provider: Provider
) -> None:
    """Status, type and the exception as an event."""
    seen = Seen()
    switched_on(seen)
    loopback_provider.say(Turn(fault=Fault.refused(400, message="no such river")))
    with pytest.raises(Exception, match="no such river"):
        ask(loopback_provider)
    (call,) = seen.spans
    assert call.status.status_code is otel.StatusCode.ERROR
    assert [event.name for event in call.events] == ["exception"]
    assert (call.attributes or {})["error.type"]


@pytest.mark.parametrize("inside", [True, False])
def test_what_a_framework_tells_of_a_call_is_a_span_where_nothing_else_is(
    switched_on: Callable[[Seen], Any], loopback_provider: Provider, *, inside: bool
) -> None:
    """One span for the call: of the client inside the framework, or else of the framework's own callback."""
    seen = Seen()
    switched_on(seen)
    instrumentors.relay.providers["agentops.crew"] = seen.provider
    emitter = SpanEmitter("agentops.crew")
    with (
        emitter.open(AgentRequest(name="ann")).active() as _,
        seen.provider.get_tracer("mine").start_as_current_span("w"),
    ):
        told = emitter.open(Request(operation=Operation.CHAT, provider="openai", model="gpt-4o"), fallback=True)
        with told.active():
            if inside:
                ask(loopback_provider)
        told.finish(Response(model="gpt-4o"))
    call, work = seen.spans
    assert call.instrumentation_scope is not None
    assert call.instrumentation_scope.name == ("agentops.openai" if inside else "agentops.crew")
    assert call.parent is not None
    assert work.context is not None
    assert call.parent.span_id == work.context.span_id


def test_what_the_sampler_does_not_want_is_nowhere(
    switched_on: Callable[[Seen], Any], loopback_provider: Provider
) -> None:
    """The program's sampler decides, as about every other span of its own."""
    seen = Seen(ALWAYS_OFF)
    switched_on(seen)
    assert ask(loopback_provider).choices
    assert seen.spans == ()


def test_it_is_switched_off_without_a_trace(switched_on: Callable[[Seen], Any], loopback_provider: Provider) -> None:
    """Twice on is once on; off, the library is as it was."""
    seen = Seen()
    one = switched_on(seen)
    switched_on(seen)
    assert one is type(one)()
    assert one.is_instrumented_by_opentelemetry
    ask(loopback_provider)
    assert len(seen.spans) == 1
    one.uninstrument()
    assert active.relay is None
    assert not one.is_instrumented_by_opentelemetry
    ask(loopback_provider)
    assert len(seen.spans) == 1


def test_a_program_that_calls_init_is_recorded_by_that_alone(
    switched_on: Callable[[Seen], Any], loopback_provider: Provider
) -> None:
    """One span, in the session; after `shutdown` the program's provider has them again."""
    seen = Seen()
    switched_on(seen)
    agentops.init(auto_start_session=False)
    with agentops.session("mine") as session:
        ask(loopback_provider)
    assert [span.name for span in session.spans if span.kind == "llm"] == ["chat gpt-4o"]
    assert seen.spans == ()
    agentops.shutdown()
    ask(loopback_provider)
    assert len(seen.spans) == 1


PROGRAM = """
import json, os
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
exporter = InMemorySpanExporter()
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(exporter))
trace.set_tracer_provider(provider)
from openai import OpenAI
OpenAI(max_retries=0).chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "Hi"}])
print(json.dumps([span.instrumentation_scope.name for span in exporter.get_finished_spans()]))
"""


@pytest.mark.parametrize(("disabled", "is_ours"), [("openai", True), ("", False)])
def test_opentelemetry_instrument_finds_them(
    loopback_provider: Provider, data_directory: Path, disabled: str, *, is_ours: bool
) -> None:
    """Without a line in the program; another instrumentation of the same library comes first, unless it is disabled."""
    pytest.importorskip("opentelemetry.instrumentation.openai")
    variables = dict(os.environ) | loopback_provider.environment()
    others = {each.name for each in entry_points(group="opentelemetry_instrumentor")} - {"openai", "agentops_openai"}
    variables["OTEL_PYTHON_DISABLED_INSTRUMENTATIONS"] = ",".join([disabled, *others])
    variables["TRACELOOP_METRICS_ENABLED"] = "false"
    command = Path(sys.executable).parent / "opentelemetry-instrument"
    done = subprocess.run(
        [str(command), sys.executable, "-c", PROGRAM], env=variables, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    scopes = json.loads(done.stdout.splitlines()[-1])
    assert (scopes == ["agentops.openai"]) is ("agentops.openai" in scopes) is is_ours, done.stderr
    assert scopes
    assert not data_directory.exists()


def test_every_plugin_has_one() -> None:
    """Each by the name of its module, but for plain transport, and each is one that can be loaded."""
    points = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["entry-points"]
    plugins = {value.rpartition(".")[2] for value in points["agentops.libraries"].values()} - APART
    assert points["opentelemetry_instrumentor"] == {
        f"agentops_{name}": f"agentops.instrumentors:{name}" for name in sorted(plugins)
    }
    with pytest.raises(AttributeError):
        _ = instrumentors.no_such_plugin
