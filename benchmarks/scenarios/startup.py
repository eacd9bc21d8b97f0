"""What it costs a program to start: import, and import, init and a first decorated call, over a bare interpreter."""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from laboratory import Laboratory, clean_environment
from rows import Row

REPEATS = 15
END = "\nimport os, time\nos.write(1, str(time.monotonic_ns()).encode())\nos._exit(0)\n"
"""Every program ends the same way, at the moment its work is done: shutdown is not start-up."""

PROGRAMS = {
    "bare": "",
    "import": "import agentops",
    "first call": """
import agentops

agentops.init()

@agentops.tool
def lookup(x, label):
    return {"x": x, "label": label, "ok": True}

@agentops.session
def main():
    return lookup(1, "one")

main()
""",
    "OpenTelemetry": """
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

provider = TracerProvider()
provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint="http://127.0.0.1:9/v1/traces")))
trace.set_tracer_provider(provider)
with trace.get_tracer("benchmark").start_as_current_span("lookup", attributes={"x": 1}):
    pass
""",
}


def run(laboratory: Laboratory) -> list[Row]:
    """The start-up rows: the fastest of each program, for nothing but other programs makes a start slower."""
    rounds = [_round(laboratory) for _ in range(laboratory.calls(REPEATS, step=1) + 1)][1:]  # the first warms caches
    best = {name: min(times[name] for times in rounds) for name in PROGRAMS}
    over = {name: time_ - best["bare"] for name, time_ in best.items()}
    otel = f"OpenTelemetry SDK to its first span: {over['OpenTelemetry']:.0f} ms"
    return [
        Row(what="import agentops, over bare python", measured=over["import"], unit="ms", bar=30),
        Row(what="import, init and first decorated call", measured=over["first call"], unit="ms", bar=120, note=otel),
    ]


def _round(laboratory: Laboratory) -> dict[str, float]:
    return {name: _milliseconds(program, laboratory.folder) for name, program in PROGRAMS.items()}


def _milliseconds(program: str, folder: Path) -> float:
    home = Path(tempfile.mkdtemp(dir=folder))
    (home / "program.py").write_text(program + END, encoding="utf-8")
    began = time.monotonic_ns()
    done = subprocess.run(
        [sys.executable, "program.py"],
        cwd=home,
        env=clean_environment(home),
        capture_output=True,
        timeout=60,
        check=True,
    )
    return (int(done.stdout) - began) / 1e6
