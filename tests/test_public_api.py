"""What programs may rely on: a change here is a change of the public API, and needs a file in `changelog.d/`."""

import dataclasses
import inspect
import subprocess
import sys
from importlib import metadata
from typing import Any

import pytest

import agentops
from agentops import decorators


def signature(value: Any) -> str:
    """A callable's parameters, with their defaults and without their types."""
    shown: list[str] = []
    starred = False
    for parameter in inspect.signature(value).parameters.values():
        if parameter.kind is parameter.KEYWORD_ONLY and not starred:
            shown.append("*")
            starred = True
        starred = starred or parameter.kind is parameter.VAR_POSITIONAL
        shown.append(str(parameter.replace(annotation=parameter.empty)))
        if parameter.kind is parameter.POSITIONAL_ONLY:
            shown.append("/")
    return f"({', '.join(shown)})"


MARKING = "(wrapped=None, /, *, name=None, input=None, version=None, **more)"
FUNCTIONS = {
    "add_tags": "(tags)",
    "agent": MARKING,
    "configure": "(api_key=None, parent_key=None, endpoint=None, max_wait_time=None, "
    "max_queue_size=None, default_tags=None, instrument_llm_calls=None, "
    "auto_start_session=None, skip_auto_end_session=None, **settings)",
    "create_agent": "(name, agent_id=None)",
    "current_session": "()",
    "end_all_sessions": "(end_state='Indeterminate', reason=None)",
    "end_session": "(session_or_status=None, end_state_reason=None, video=None, is_auto_end=False, "
    "*, end_state=None, **more)",
    "end_trace": "(trace_context=None, end_state=<TraceState.SUCCESS: <StatusCode.OK: 1>>)",
    "extract": "(headers)",
    "flush": "(timeout=5.0)",
    "get_api_key": "()",
    "get_client": "()",
    "get_session": "(session_id)",
    "guardrail": "(wrapped=None, /, *, name=None, spec=None, input=None, **more)",
    "init": "(api_key=None, *positional, endpoint=None, parent_key=None, tags=None, "
    "default_tags=None, trace_name=None, auto_start_session=None, "
    "inherited_session_id=None, exporter=None, span_processor=None, **settings)",
    "inject": "(headers=None)",
    "llm": "(wrapped=None, /, *, name=None, model=None, input=None, **more)",
    "metrics": "()",
    "operation": MARKING,
    "print_validation_summary": "(result)",
    "record": "(event)",
    "record_action": "(event_name=None)",
    "record_function": "(event_name=None)",
    "record_tool": "(tool_name=None)",
    "session": "(wrapped=None, /, *, name=None, tags=None, **more)",
    "set_api_key": "(api_key)",
    "set_parent_key": "(parent_key)",
    "set_tags": "(tags)",
    "shutdown": "()",
    "span": "(name, *, kind=<SpanKind.TASK: 'task'>, input=None, **attributes)",
    "start_session": "(tags=None, inherited_session_id=None, *, name=None, config=None, **settings)",
    "start_trace": "(trace_name='session', tags=None)",
    "stop_instrumenting": "()",
    "task": MARKING,
    "tool": "(wrapped=None, /, *, name=None, cost=None, input=None, version=None, **more)",
    "trace": "(wrapped=None, /, *, name=None, tags=None, **more)",
    "track_agent": "(name=None)",
    "track_endpoint": "(wrapped=None, /, *, name=None, tags=None, version=None, **more)",
    "track_tool": "(wrapped=None, /, *, name=None, cost=None, input=None, version=None, **more)",
    "update_trace_metadata": "(metadata, prefix='trace.metadata')",
    "validate_trace_spans": "(trace_id=None, trace_context=None, max_retries=10, retry_delay=1.0, "
    "check_llm=True, min_spans=1, api_key=None)",
    "workflow": MARKING,
}
CLASSES = {
    "ActionEvent",
    "AgentOpsError",
    "Client",
    "EndState",
    "ErrorEvent",
    "Event",
    "EventType",
    "LLMEvent",
    "Session",
    "SessionState",
    "SpanKind",
    "ToolEvent",
    "TraceContext",
    "TraceState",
    "ValidationError",
}
VALUES = {"ERROR", "SUCCESS", "UNSET", "tracer"}
SESSION = {
    "add_tags": "(self, tags)",
    "create_agent": "(self, name, agent_id=None)",
    "dict": "(self)",
    "end": "(self, end_state=<EndState.SUCCESS: 'Success'>, reason=None, video=None)",
    "end_session": "(self, end_state=<EndState.INDETERMINATE: 'Indeterminate'>, "
    "end_state_reason=None, video=None, *, is_auto_end=False, **more)",
    "flush": "(self, timeout=5.0)",
    "get_analytics": "(self)",
    "json": "(self)",
    "patch": "(self, func)",
    "record": "(self, event, flush_now=False)",
    "set_state": "(self, state, reason=None)",
    "set_tags": "(self, tags)",
    "set_video": "(self, video)",
    "start": "(self, arguments=None, attributes=None)",
    "start_log_capture": "(self)",
    "stop_log_capture": "(self)",
}
EVENT_FIELDS = ["event_type", "params", "returns", "init_timestamp", "end_timestamp", "agent_id", "id", "session_id"]


def test_the_public_names_are_these() -> None:
    """No public name comes or goes unnoticed."""
    assert set(agentops.__all__) == FUNCTIONS.keys() | CLASSES | VALUES


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_public_function_takes_what_it_took(name: str) -> None:
    """Signatures of the public functions and decorators are as programs know them."""
    function = decorators.session if name == "session" else getattr(agentops, name)
    assert signature(function) == FUNCTIONS[name]


@pytest.mark.parametrize("name", SESSION)
def test_a_method_of_a_session_takes_what_it_took(name: str) -> None:
    """Signatures of what programs call on a session are as they know them."""
    assert signature(getattr(agentops.Session, name)) == SESSION[name]


@pytest.mark.parametrize("event", [agentops.ActionEvent, agentops.LLMEvent, agentops.ToolEvent, agentops.ErrorEvent])
def test_events_begin_with_the_same_fields(event: type[agentops.Event]) -> None:
    """The order of an event's fields is part of how programs make them."""
    assert [field.name for field in dataclasses.fields(event)][: len(EVENT_FIELDS)] == EVENT_FIELDS


def test_every_public_name_is_offered_to_completion() -> None:
    """`dir(agentops)` lists what is imported only when asked for."""
    assert set(agentops.__all__) <= set(dir(agentops))


def test_an_unknown_name_is_an_attribute_error() -> None:
    """A name that agentops does not have is refused as in any module."""
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = agentops.no_such_name


def test_the_version_is_that_of_the_distribution() -> None:
    """`agentops.__version__` is what the package index would say."""
    assert agentops.__version__ == metadata.version("agentops")


def test_importing_agentops_imports_no_other_package() -> None:
    """`import agentops` costs next to nothing: it brings modules of the standard library only."""
    program = "import sys; before = set(sys.modules); import agentops; print(*sorted(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    brought = {name.partition(".")[0] for name in done.stdout.split()}
    assert brought - sys.stdlib_module_names == {"agentops"}


def test_starting_imports_no_more_than_it_needs() -> None:
    """What only some programs use comes with its first use: the first decorated call is not late for it."""
    program = """
import agentops, sys
agentops.init()
@agentops.tool
def work(number):
    return number
work(1)
print(*sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    late = {
        *("agentops.domain.events", "agentops.testing", "agentops.cli"),
        *("asyncio", "click", "email.parser", "opentelemetry.sdk", "platformdirs", "requests", "rich", "wrapt"),
    }
    assert late & set(done.stdout.split()) == set()
