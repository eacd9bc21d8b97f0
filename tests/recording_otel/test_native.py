"""Libraries that trace themselves, and programs that have no OpenTelemetry at all."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

RunProgram = Callable[..., tuple[Any, Path]]


@pytest.mark.parametrize("when", ["early", "late"])
@pytest.mark.parametrize("mode", ["alone", "provider"])
def test_a_client_with_spans_of_its_own_counts_once(mode: str, when: str, run_program: RunProgram) -> None:
    """Anthropic's, from 2.0 on: each call is one, and the program's own exporter gets the client's spans as ever."""
    pytest.importorskip("anthropic", minversion="2.0")
    found, _ = run_program("native", mode, when)
    assert found == {
        "theirs": ["com.anthropic.sdk.python"] * 3 if mode == "provider" else [],
        "calls": 3,
        "tools": 0,
        "tokens": [30, 15],
    }


@pytest.mark.parametrize("mode", ["alone", "provider"])
def test_what_a_framework_tells_of_itself_inside_what_we_record_is_left_out(mode: str, run_program: RunProgram) -> None:
    """And what happens in it stands under ours; what the framework alone tells of is kept."""
    found, _ = run_program("crew", mode)
    assert found["tree"] == [
        "session session",
        "  agent ann",
        "    tool look_up",
        "      task step",
        "        llm chat gpt-4o",
        "  task create_agent bob",
    ]
    theirs = ["step", "cycle", "invoke_agent ann", "create_agent bob"]
    assert found["theirs"] == (theirs if mode == "provider" else [])


def test_a_program_without_opentelemetrys_sdk_never_gets_it(run_program: RunProgram) -> None:
    """Starting, recording, delivering to the local store and ending import none of it, nor of a client library."""
    found, data = run_program("unadorned")
    assert found == []
    assert (data / "agentops.db").exists()


def test_a_provider_named_in_the_environment_is_loaded_by_the_program_only(run_program: RunProgram) -> None:
    """`OTEL_PYTHON_TRACER_PROVIDER` names one: it comes when the program first asks, and we join it then."""
    found, _ = run_program("named_provider", OTEL_PYTHON_TRACER_PROVIDER="sdk_tracer_provider")
    assert found == {"loaded by init": False, "is the SDK's": True, "recorded": ["own", "work"]}
