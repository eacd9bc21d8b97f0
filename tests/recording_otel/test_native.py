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


def test_a_program_without_opentelemetrys_sdk_never_gets_it(run_program: RunProgram) -> None:
    """Starting, recording, delivering to the local store and ending import none of it, nor of a client library."""
    found, data = run_program("unadorned")
    assert found == []
    assert (data / "agentops.db").exists()


def test_a_provider_named_in_the_environment_is_loaded_by_the_program_only(run_program: RunProgram) -> None:
    """`OTEL_PYTHON_TRACER_PROVIDER` names one: it comes when the program first asks, and we join it then."""
    found, _ = run_program("named_provider", OTEL_PYTHON_TRACER_PROVIDER="sdk_tracer_provider")
    assert found == {"loaded by init": False, "is the SDK's": True, "recorded": ["own", "work"]}
