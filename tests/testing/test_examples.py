"""The example programs, unchanged, against the scripts that are written for them."""

import runpy
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from agentops.domain.spans import SpanStatus
from agentops.testing import Provider, Recording, Script, Turn
from agentops.testing.provider.scripts import PLAIN_SCRIPT, RESEARCH_CREW

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Script], None]:
    """Run an example against a script that answers at once."""

    def start(name: str, script: Script) -> None:
        assert not callable(script.turns)
        turns: list[Turn] = [replace(turn, latency=0, delay=0) for turn in script.turns]
        monkeypatch.setattr(sys, "argv", [name])
        with Provider(replace(script, turns=turns)) as provider:
            for variable, value in provider.environment().items():
                monkeypatch.setenv(variable, value)
            runpy.run_path(str(EXAMPLES / name), run_name="__main__")
            assert all(request.answered for request in provider.requests)

    return start


def test_the_research_crew_shows_what_there_is_to_see(
    run: Callable[[str, Script], None], agentops_recording: Recording, capsys: pytest.CaptureFixture[str]
) -> None:
    """Six agents at work, twelve model calls with a price each, five tool calls of which one fails."""
    run("research_crew.py", RESEARCH_CREW)
    spans = agentops_recording.spans()
    assert Counter(span.kind for span in spans) == {"workflow": 1, "agent": 6, "task": 1, "llm": 12, "tool": 5}
    assert all(span.cost is not None for span in spans if span.kind == "llm")
    assert [span.name for span in spans if span.status is SpanStatus.ERROR] == ["search"]
    (session,) = agentops_recording.manager.registry.active()
    counts = session.get_analytics()
    assert counts | {"Duration": "", "Cost": ""} == {
        "LLM calls": 12,
        "Tool calls": 5,
        "Actions": 0,
        "Errors": 1,
        "Duration": "",
        "Cost": "",
    }
    assert Decimal(counts["Cost"]) == round(sum(Decimal(span.cost or 0) for span in spans), 6)
    assert capsys.readouterr().out.endswith("the one gap in the evidence is named: publish.\n")


def test_a_script_without_agentops_is_seen_through_its_libraries(
    run: Callable[[str, Script], None], agentops_recording: Recording
) -> None:
    """Model calls of two providers, and the lookups that the program makes over HTTP."""
    run("plain_script.py", PLAIN_SCRIPT)
    assert [(str(span.kind), span.status) for span in agentops_recording.spans()] == [
        ("llm", SpanStatus.OK),
        ("tool", SpanStatus.OK),
        ("tool", SpanStatus.ERROR),
        ("llm", SpanStatus.OK),
    ]
