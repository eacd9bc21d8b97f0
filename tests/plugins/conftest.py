"""The plugins at work: bound to the real client libraries, recording into a journal of the test's own.

The modules beside this one that are no tests, such as `plugin_cases`, are importable from any of them.
"""

import gc
import importlib
import ssl
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from agentops.domain.ids import new_session_id
from agentops.domain.spans import SpanRecord, SpanStatus
from agentops.instrumentation.observe import observe
from agentops.instrumentation.patch import install
from agentops.instrumentation.target import Instrumentation
from agentops.recording.journal import Journal
from agentops.recording.reading import JournalReader
from agentops.recording.recorder import Recorder, active
from agentops.recording.trace import Trace

sys.path.append(str(Path(__file__).parent))

PLUGINS = ("anthropic", "fireworks", "groq", "httpx", "openai", "requests", "together")


@dataclass(frozen=True)
class Flight:
    """What is recorded while a test runs.

    Attributes:
        journal: where it goes.
        trace: the session that it belongs to.
    """

    journal: Journal
    trace: Trace

    @property
    def spans(self) -> list[SpanRecord]:
        """Every span so far, in the order of their beginnings; the running ones among them."""
        reader = JournalReader(self.journal.directory, "test")
        try:
            latest = {record.span_id: record for record in reader.read() if isinstance(record, SpanRecord)}
        finally:
            reader.close()
        return sorted(latest.values(), key=lambda span: span.start)

    @property
    def span(self) -> SpanRecord:
        """The only span there is, which has ended."""
        (span,) = self.spans
        assert span.status is not SpanStatus.RUNNING
        return span


@pytest.fixture(scope="module", autouse=True)
def small_collections() -> Iterator[None]:
    """Collections look at what the tests make, and not at all that the libraries are made of, which takes seconds."""
    gc.collect()
    gc.freeze()
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # the sockets of streams that a test dropped
        gc.collect()


@pytest.fixture(scope="session", autouse=True)
def without_certificates() -> Iterator[None]:
    """Nothing here speaks TLS: no client reads the authorities' certificates, which would be a third of its test."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(ssl.SSLContext, "load_verify_locations", _read_none)
        yield


def _read_none(_context: ssl.SSLContext, *_places: Any, **_named: Any) -> None:
    """No authority is trusted."""


@pytest.fixture
def flight(tmp_path: Path) -> Iterator[Flight]:
    """All plugins are bound, and what they see is recorded."""
    journal = Journal(tmp_path / "journals", "test")
    recorder = Recorder(journal)
    trace = Trace(new_session_id())
    recorder.find_trace = lambda: trace
    installed = [
        install(instrumentation, lambda target: observe(target, "agentops.test"))
        for name in PLUGINS
        for instrumentation in instrumentations(name)
    ]
    active.recorder = recorder
    try:
        yield Flight(journal, trace)
    finally:
        active.recorder = None
        for patched in reversed(installed):
            patched.undo()
        journal.close()


def instrumentations(plugin: str) -> Sequence[Instrumentation]:
    """What a built-in plugin observes."""
    found = importlib.import_module(f"agentops_plugins.{plugin}").agentops_instrumentation()
    return [found] if isinstance(found, Instrumentation) else found


@pytest.fixture
def put(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, dict[str, Any]], None]:
    """Puts modules in a framework's place; see `stand_ins`."""
    from stand_ins import putting  # noqa: PLC0415 - found by the path that is set above

    return putting(monkeypatch)
