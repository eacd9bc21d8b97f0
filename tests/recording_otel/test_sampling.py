"""A program that samples its own spans goes on to do so inside our sessions, and we record what we see all the same."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from opentelemetry import trace as otel
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.sampling import Sampler

from agentops.domain.ids import new_session_id, trace_bytes_of
from agentops.instrumentation.carried import revive
from agentops.recording import guard
from agentops.recording.context import carrier
from agentops.recording.otel import Listener
from agentops.recording.sampling import sampling, spread
from agentops.recording.span import Outside, outside_of
from agentops.recording.trace import Trace
from agentops.store.sqlite import SqliteStore

RunProgram = Callable[..., tuple[Any, Path]]


@pytest.mark.parametrize("order", ["before", "after"])
@pytest.mark.parametrize("share", ["1.0", "0.3", "0.0", "off"])
def test_the_programs_sampler_decides_about_its_own_spans(share: str, order: str, run_program: RunProgram) -> None:
    """As it would about spans without a parent: whole traces, and the share of them that it was set to."""
    found, data = run_program("sampling", share, order)
    wanted = found["exported"].keys()
    assert all(sorted(names) == ["inside", "outside"] for names in found["exported"].values())
    assert {"1.0": len(wanted) == 200, "0.3": 20 < len(wanted) < 100}.get(share, not wanted)
    with SqliteStore(data / "agentops.db") as store:
        for session_id in found["sessions"]:
            spans = {span.name: span for span in store.spans(session_id)}
            known = {span.span_id for span in spans.values()}
            assert {"one", "search", "inner"} <= spans.keys()
            assert ("inside" in spans) is (session_id.replace("-", "") in wanted)
            assert all(span.parent_id in known for name, span in spans.items() if name != "one"), "nothing hangs loose"


def test_the_decision_travels_with_the_session() -> None:
    """Work that goes to another process is under a span that says the same, and that is nobody's to lose."""
    for is_sampled in (True, False):
        trace = Trace(new_session_id())
        trace.sampled = is_sampled
        trace.root = Outside(bytes(range(8)))
        arrived: Any = revive(carrier(trace))
        span = next(value for value in arrived.values() if isinstance(value, otel.Span))
        assert span.get_span_context().trace_flags.sampled is is_sampled
        above = outside_of(span)
        assert above is not None
        assert above.id == bytes(range(8))


def test_what_a_sampler_is_asked_about_is_spread_evenly() -> None:
    """A UUID as it is would be taken by all ratios above three quarters, and by none below a half."""
    asked = [spread(trace_bytes_of(new_session_id())) & (2**64 - 1) for _ in range(1_000)]
    for share in (0.1, 0.5, 0.9):
        assert abs(sum(one < share * 2**64 for one in asked) / len(asked) - share) < 0.1


def test_a_sampler_that_fails_is_no_reason_to_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spans say that they are sampled, as without one."""

    class Failing(Sampler):
        def should_sample(self, *args: Any, **kwargs: Any) -> Any:
            raise LookupError("no luck")

        def get_description(self) -> str:
            return "fails"

    provider = TracerProvider(sampler=Failing(), shutdown_on_exit=False)
    monkeypatch.setattr(otel, "get_tracer_provider", lambda: provider)
    monkeypatch.setattr(guard, "strict", False)
    monkeypatch.setattr(sampling, "ask", Listener({}).is_sampled)
    trace = Trace(new_session_id())
    assert sampling.flags_of(trace).sampled
    assert trace.sampled is None
