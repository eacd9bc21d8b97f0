"""What stands between a program and the journal: secrets, own rules, and how much of contents is recorded."""

import logging
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from recording_samples import Writing, dropped, ended, read_all

from agentops import decorators
from agentops.domain.genai import Message, Request, Response, Text, Tool, ToolCall, ToolResult, Usage
from agentops.domain.redaction.redactor import own_rules
from agentops.domain.redaction.withholding import Content
from agentops.domain.spans import LogRecord, SessionRecord, SpanKind, SpanRecord, SpanStatus
from agentops.recording.recorder import Recorder, active
from agentops.recording.shield import Shield
from agentops.session.manager import SessionManager

if TYPE_CHECKING:
    from agentops.session.session import Session

FAILED = "[REDACTED:a rule failed]"
SESSION = "0a000000-0000-4000-8000-000000000001"
Protect = Callable[..., Writing]


@pytest.fixture(name="protect")
def make_protected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Protect]:
    """A journal behind a shield, with a session that is current for decorated functions."""

    def protect(*rules: Any, has_defaults: bool = True, content: Content = Content.FULL) -> Writing:
        writing = Writing(tmp_path)
        writing.recorder.protect(Shield(own_rules(rules), has_defaults=has_defaults, content=content))
        monkeypatch.setattr(active, "recorder", writing.recorder)
        sessions.append(SessionManager(writing.recorder).start("protected"))
        return writing

    sessions: list[Session] = []
    yield protect
    for session in sessions:
        session.leave()


def number_ones(text: str) -> str:
    """A rule of a user's."""
    return text.replace("1", "#")


def forget(text: str) -> Any:
    """A rule that forgets to give text back."""
    return None if "none" in text else text


def spans_of(writing: Writing, kind: SpanKind = SpanKind.TOOL) -> list[SpanRecord]:
    """The ended spans of a kind, in order."""
    return [span for span in ended(read_all(writing.reader())).values() if span.kind is kind]


def test_results_of_a_known_shape_are_looked_at_where_they_may_hold_a_secret(protect: Protect) -> None:
    """However often a function gave what was harmless, and whatever the secret hides in."""
    writing = protect()
    given = [
        {"x": 1, "label": "abc"},
        {"x": 2, "label": "def"},
        {"x": 3, "label": "pwd=hunter2"},
        {"x": 4, "label": "pwd: hunter2"},
        {"x": {"pwd": "hunter2"}, "label": "a"},
        {"x": ["--pwd", "hunter2"], "label": "a"},
        {"pwd": "hunter2", "label": "a"},
        {"x": 1, "label": f"sk-{'a1B2' * 5}"},
        {"x": 1, "password": "hunter2"},
        {"x": 5, "label": "ghi"},
    ]
    results = iter(given)

    @decorators.tool
    def give() -> Any:
        return next(results)

    assert [give() for _ in given] == given
    outputs = [span.output for span in spans_of(writing)]
    assert outputs == [
        {"x": 1, "label": "abc"},
        {"x": 2, "label": "def"},
        {"x": 3, "label": "pwd=[REDACTED:password]"},
        {"x": 4, "label": "pwd: [REDACTED:password]"},
        {"x": {"pwd": "[REDACTED:password]"}, "label": "a"},
        {"x": ["--pwd", "[REDACTED:password]"], "label": "a"},
        {"pwd": "[REDACTED:password]", "label": "a"},
        {"x": 1, "label": "[REDACTED:openai key]"},
        {"x": 1, "password": "[REDACTED:password]"},
        {"x": 5, "label": "ghi"},
    ]


def test_short_arguments_are_looked_at_where_they_may_hold_a_secret(protect: Protect) -> None:
    """By the names of parameters, by keywords, by text that assigns one and by the object before them."""
    writing = protect()

    @decorators.tool
    def call(*args: Any, **kwargs: Any) -> None: ...

    @decorators.tool
    def login(user: str, password: str = "") -> None: ...

    class Vault:
        @decorators.tool
        def open(self, pin: str, secret: str) -> None: ...

    call("abc")
    call("pwd=hunter2")
    call("pwd: hunter2")
    call(pwd="hunter2")
    call({"pwd": "hunter2"})
    login("bob", "hunter2")
    login("bob", password="hunter2")
    Vault().open("1", "hunter2")
    assert [span.input for span in spans_of(writing)] == [
        {"*": ["abc"]},
        {"*": ["pwd=[REDACTED:password]"]},
        {"*": ["pwd: [REDACTED:password]"]},
        {"pwd": "[REDACTED:password]"},
        {"*": [{"pwd": "[REDACTED:password]"}]},
        {"user": "bob", "password": "[REDACTED:password]"},
        {"user": "bob", "password": "[REDACTED:password]"},
        {"pin": "1", "secret": "[REDACTED:secret]"},
    ]


def test_names_details_and_whole_records_are_cleaned(protect: Protect) -> None:
    """Templates, attributes, events, errors, sessions and log lines."""
    writing = protect()
    text = "postgres://u:hunter2@db/x"
    clean = "postgres://u:[REDACTED:password]@db/x"
    span = writing.recorder.open(
        writing.recorder.template(text, SpanKind.TOOL, attributes={"a": text, "password": "x"}), b"", writing.trace
    )
    assert span is not None
    span.set_attribute("url", text)
    span.add_event(text, {"url": text})
    span.fail(ValueError(text))
    span.end()
    session_id = writing.trace.session_id
    writing.recorder.add(SessionRecord(session_id=session_id, name=text, entrypoint="run --token abc", tags=[text]))
    writing.recorder.add(LogRecord(session_id=session_id, time=1, body=f"{text}\n", attributes={"secret": "x"}))
    records = read_all(writing.reader())
    [found] = ended(records).values()
    assert (found.name, found.attributes) == (clean, {"a": clean, "password": "[REDACTED:password]", "url": clean})
    assert [(event.name, event.attributes) for event in found.events] == [(clean, {"url": clean})]
    assert found.error is not None
    assert (found.error.type, found.error.message) == ("ValueError", clean)
    [session] = [each for each in records if isinstance(each, SessionRecord) and each.session_id == session_id]
    assert (session.name, session.entrypoint, session.tags) == (clean, "run --token [REDACTED:token]", [clean])
    [line] = [each for each in records if isinstance(each, LogRecord)]
    assert (line.body, line.attributes) == (f"{clean}\n", {"secret": "[REDACTED:secret]"})


def test_own_rules_see_every_text(protect: Protect) -> None:
    """However short, in arguments, results, names and messages; what records are told apart by they do not touch."""
    writing = protect(re.compile("bob"), number_ones)

    @decorators.tool(name="for bob")
    def greet(name: str) -> str:
        return f"hi {name} 1"

    greet("bob")
    [span] = spans_of(writing)
    assert (span.name, span.input, span.output) == (
        "for [REDACTED]",
        {"name": "[REDACTED]"},
        "hi [REDACTED] #",
    )
    assert span.session_id.count("-") == 4


def test_a_rule_that_fails_costs_the_text_and_nothing_else(protect: Protect, caplog: pytest.LogCaptureFixture) -> None:
    """What it could not read is not recorded, that is counted and said once."""

    def fail(text: str) -> str:
        if "odd" in text:
            raise RuntimeError("no")
        return text

    writing = protect(fail, forget)

    @decorators.tool
    def echo(value: Any) -> Any:
        return value

    with caplog.at_level(logging.WARNING, "agentops"):
        assert echo({"a": "odd", "b": "even"}) == {"a": "odd", "b": "even"}
        assert echo("none") == "none"
    records = read_all(writing.reader())
    outputs = [span.output for span in ended(records).values()]
    assert outputs == [{"a": FAILED, "b": "even"}, FAILED]
    assert dropped(records) == 4
    assert sum("a redaction rule failed" in message for message in caplog.messages) == 1


def test_a_rule_may_itself_be_recorded(protect: Protect) -> None:
    """What it does is not given to the rules again."""

    @decorators.tool
    def rule(text: str) -> str:
        return text.upper()

    writing = protect(rule)

    @decorators.task
    def work(value: str) -> str:
        return value

    work("a")
    [span] = spans_of(writing, SpanKind.TASK)
    assert (span.input, span.output) == ({"value": "A"}, "A")


def test_a_value_that_cannot_be_read_again_is_not_recorded(protect: Protect) -> None:
    """JSON deeper than a reader of it goes."""
    writing = protect()
    nested: Any = "sk-" + "a1B2" * 8
    for _ in range(400):
        nested = [nested]

    @decorators.tool
    def give() -> Any:
        return nested

    give()
    [span] = spans_of(writing)
    assert "a1B2" not in str(span.output)


def test_without_default_rules_everything_is_kept(protect: Protect) -> None:
    """`redact=False`."""
    writing = protect(has_defaults=False)

    @decorators.tool
    def echo(value: Any) -> Any:
        return value

    echo({"password": "hunter2"})
    [span] = spans_of(writing)
    assert span.output == {"password": "hunter2"}


EXCHANGE = (
    Request(
        operation="chat",
        provider="openai",
        model="gpt-4o",
        messages=[
            Message(role="user", parts=[Text("Hello Ann")]),
            Message(role="tool", parts=[ToolResult(result={"city": "Ulm", "n": 3}, id="c1", name="find")]),
        ],
        tools=[Tool(name="find", description="Finds Ann", parameters={"type": "object"})],
        parameters={"temperature": 0.5, "user": "ann"},
    ),
    Response(
        model="gpt-4o-1",
        messages=[Message(role="assistant", parts=[ToolCall(name="find", arguments={"who": "Ann"}, id="c2")])],
        finish_reasons=["tool_calls"],
        usage=Usage(input=10, output=5),
    ),
)


def exchanged(recorder: Recorder, writing: Writing) -> SpanRecord:
    """A model call recorded as a whole record."""
    recorder.add(
        SpanRecord(
            session_id=writing.trace.session_id,
            span_id="1" * 16,
            kind=SpanKind.LLM,
            start=1,
            end=2,
            status=SpanStatus.OK,
            input={"name": "Ann", "n": 3},
            request=EXCHANGE[0],
            response=EXCHANGE[1],
            attributes={"gen_ai.prompt": "Ann", "server.port": 1},
        )
    )
    return next(span for span in ended(read_all(writing.reader())).values() if span.kind is SpanKind.LLM)


def test_masked_content_shows_what_it_is_made_of(protect: Protect) -> None:
    """Roles, tools, lengths and types; model, usage and settings stay."""
    writing = protect(content=Content.REDACTED)
    span = exchanged(writing.recorder, writing)
    assert span.input == {"name": "[REDACTED:3 characters]", "n": "[REDACTED:number]"}
    assert span.attributes == {"gen_ai.prompt": "[REDACTED:3 characters]", "server.port": 1}
    assert span.request == Request(
        operation="chat",
        provider="openai",
        model="gpt-4o",
        messages=[
            Message(role="user", parts=[Text("[REDACTED:9 characters]")]),
            Message(
                role="tool",
                parts=[
                    ToolResult(
                        result={"city": "[REDACTED:3 characters]", "n": "[REDACTED:number]"}, id="c1", name="find"
                    )
                ],
            ),
        ],
        tools=[
            Tool(
                name="find",
                description="[REDACTED:9 characters]",
                parameters={"type": "[REDACTED:6 characters]"},
            )
        ],
        parameters={"temperature": 0.5, "user": "[REDACTED:3 characters]"},
    )
    assert span.response == Response(
        model="gpt-4o-1",
        messages=[
            Message(
                role="assistant", parts=[ToolCall(name="find", arguments={"who": "[REDACTED:3 characters]"}, id="c2")]
            )
        ],
        finish_reasons=["tool_calls"],
        usage=Usage(input=10, output=5),
    )


def test_masked_calls_of_functions_keep_their_shape(protect: Protect) -> None:
    """Names of arguments, keys and lengths."""
    writing = protect(content=Content.REDACTED)

    @decorators.tool
    def echo(value: Any, *, flag: bool = True) -> Any:
        return value

    echo({"a": "secret words", "ann@example.com": [1, None, True]}, flag=False)
    [span] = spans_of(writing)
    shape = {"a": "[REDACTED:12 characters]", "[REDACTED:key 2]": ["[REDACTED:number]", None, True]}
    assert (span.input, span.output) == ({"value": shape, "flag": False}, shape)


def test_no_content_leaves_what_is_counted(protect: Protect) -> None:
    """Model, usage and finish reasons; nothing of arguments and results, nor of attributes that carry them."""
    writing = protect(content=Content.NONE)

    @decorators.tool
    def echo(value: Any) -> Any:
        return value

    echo("Ann")
    span = exchanged(writing.recorder, writing)
    assert (span.input, span.output, span.attributes) == (None, None, {"server.port": 1})
    assert span.request == Request(operation="chat", provider="openai", model="gpt-4o")
    assert span.response == Response(model="gpt-4o-1", finish_reasons=["tool_calls"], usage=Usage(input=10, output=5))


def test_what_is_said_of_a_session_is_clean_each_time_it_is_said(protect: Protect) -> None:
    """Also where the same was said before, and where a tag or the host has changed since."""
    writing = protect(number_ones)
    host = {"OS": {"Hostname": "box-1"}}
    for tag in ("a1", "a1", "b1"):
        writing.recorder.add(SessionRecord(session_id=SESSION, start=7, tags=[tag], host_env=host))
    host["OS"]["Hostname"] = "box-11"
    writing.recorder.add(SessionRecord(session_id=SESSION, end_state="Success", host_env=host))
    said = [record for record in read_all(writing.reader()) if isinstance(record, SessionRecord)][-4:]
    clean = {"OS": {"Hostname": number_ones("box-1")}}
    assert [(each.session_id, each.start, each.tags, each.host_env) for each in said[:3]] == [
        (SESSION, 7, [number_ones(tag)], clean) for tag in ("a1", "a1", "b1")
    ]
    assert said[3] == SessionRecord(
        session_id=SESSION, end_state="Success", host_env={"OS": {"Hostname": number_ones("box-11")}}
    )


def test_a_session_that_a_rule_failed_at_is_looked_at_again(protect: Protect) -> None:
    """It is there without what is said of it, counted each time, and whole once the rule works."""
    failing = [True, True, False]

    def rule(text: str) -> str:
        if text == "fragile" and failing.pop(0):
            raise ValueError(text)
        return text

    writing = protect(rule)
    for _ in range(3):
        writing.recorder.add(SessionRecord(session_id=SESSION, start=7, tags=["fragile"]))
    said = [record for record in read_all(writing.reader()) if isinstance(record, SessionRecord)][-3:]
    assert [each.tags for each in said] == [[FAILED], [FAILED], ["fragile"]]
    assert writing.recorder.shield.failures == 2
