"""OpenTelemetry's real instrumentations and ours, in one environment: each call is told once, by the right one.

They are in the set `opentelemetry` of `make matrix`.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from agentops.store import LOCAL_STORE
from agentops.store.sqlite import SqliteStore

pytest.importorskip("opentelemetry.instrumentation.sqlalchemy")
pytest.importorskip("opentelemetry.instrumentation.requests")

SCRIPTS = Path(sys.executable).parent
PROGRAM = Path(__file__).parent / "programs" / "querying.py"
THEIRS = {"opentelemetry.instrumentation.requests", "opentelemetry.instrumentation.sqlalchemy"}
EXPORTING = f"""
import json, runpy
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
exporter = InMemorySpanExporter()
trace.get_tracer_provider().add_span_processor(SimpleSpanProcessor(exporter))
runpy.run_path({str(PROGRAM)!r})
from openai import OpenAI
OpenAI(max_retries=0).chat.completions.create(model="gpt-4o", messages=[{{"role": "user", "content": "Hi"}}])
print(json.dumps([span.instrumentation_scope.name for span in exporter.get_finished_spans()]))
"""


def run(*line: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run one of the scripts of the environment; it must succeed."""
    environment = dict(os.environ) | variables
    command = [str(SCRIPTS / line[0]), *line[1:]]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return done


def sources(data: Path) -> set[str]:
    """Who told of what was recorded, but for agentops itself."""
    with SqliteStore(data / LOCAL_STORE) as store:
        spans = [span for session in store.sessions() for span in store.spans(session.session_id)]
    return {span.source for span in spans} - {"agentops"}


def test_they_are_recorded_when_they_are_asked_for(data_directory: Path) -> None:
    """With no line in the program, which prints what it always does."""
    line = ("agentops", "run", "--instrument", "requests,sqlalchemy", str(PROGRAM))
    done = run(*line, AGENTOPS_LOAD_PLUGINS="")
    assert done.stdout == "1\n204\n"
    assert sources(data_directory) == THEIRS


def test_ours_win_where_there_are_some(data_directory: Path) -> None:
    """And say so, in one line each."""
    done = run("agentops", "run", "--instrument", "requests,sqlalchemy", str(PROGRAM), AGENTOPS_LOAD_PLUGINS="requests")
    assert sources(data_directory) == {"agentops.requests", "opentelemetry.instrumentation.sqlalchemy"}
    told = [line for line in done.stderr.splitlines() if "stays off" in line]
    assert len(told) == 1
    assert "requests is observed by agentops itself" in told[0]


def test_ours_come_with_opentelemetry_instrument(loopback_provider: object, data_directory: Path) -> None:
    """Beside OpenTelemetry's own, in the provider that its distribution sets up; nothing is recorded by agentops."""
    pytest.importorskip("openai")
    variables = {"OTEL_TRACES_EXPORTER": "none", "OTEL_METRICS_EXPORTER": "none", "OTEL_LOGS_EXPORTER": "none"}
    done = run("opentelemetry-instrument", sys.executable, "-c", EXPORTING, **variables)
    assert set(json.loads(done.stdout.splitlines()[-1])) == {*THEIRS, "agentops.openai"}
    assert not data_directory.exists()
