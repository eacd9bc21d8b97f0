"""Every decorator, with and without parentheses, while recording is on: the suite runs once for each."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from agentops import client, decorators
from agentops.domain.spans import SpanRecord
from agentops.testing.recording import Recording, record

KINDS = ("session", "agent", "workflow", "task", "operation", "tool", "llm", "guardrail")
USES: dict[str, Callable[[Any], Any]] = {
    **{kind: getattr(decorators, kind) for kind in KINDS},
    **{f"{kind}()": getattr(decorators, kind)() for kind in KINDS},
    "session(name=, tags=)": decorators.session(name="named", tags=["a", "b"]),
    "agent(name=)": decorators.agent(name="named"),
    "tool(cost=)": decorators.tool(cost="0.01"),
    "span()": decorators.span("named"),
}


@pytest.fixture(params=USES)
def decorate(request: pytest.FixtureRequest) -> Callable[[Any], Any]:
    """One use of a decorator."""
    return USES[request.param]


@pytest.fixture(params=["session", "agent()", "tool"])
def decorate_some(request: pytest.FixtureRequest) -> Callable[[Any], Any]:
    """One use of one of the decorators that differ most, where running all of them would say nothing more."""
    return USES[request.param]


@pytest.fixture(autouse=True)
def recording(monkeypatch: pytest.MonkeyPatch) -> Iterator[Recording]:
    """What is decorated is really recorded."""
    with record(plugins=False, strict=True) as recording:
        monkeypatch.setattr(client, "manager", lambda: recording.manager)
        yield recording


@pytest.fixture
def recorded(recording: Recording) -> Callable[[], list[SpanRecord]]:
    """Gives the spans that are in the journal, so that a test of transparency is no test of nothing."""
    return recording.spans
