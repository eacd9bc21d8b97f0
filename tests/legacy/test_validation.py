"""`validate_trace_spans` looks where the spans are: in the local store, or else at the collector."""

import json
import threading
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import openai
import pytest

import agentops
from agentops.testing import Provider, Turn, Usage

KEYS = {"trace_id", "span_count", "spans", "has_llm_spans", "llm_span_names", "metrics"}


def ask() -> None:
    """One model call."""
    with openai.OpenAI(max_retries=0) as client:
        client.chat.completions.create(model="gpt-4o-mini", messages=[{"role": "user", "content": "Why?"}])


def test_the_local_store_is_asked(loopback_provider: Provider) -> None:
    """Spans, model calls, tokens and cost of a trace are there as soon as they are asked for."""
    loopback_provider.say(Turn("Because.", usage=Usage(input=1000, cache_read=0, output=100)))
    trace = agentops.start_trace("checked")
    assert trace is not None
    with agentops.span("step"):
        ask()
    agentops.end_trace(trace, agentops.SUCCESS)
    found = agentops.validate_trace_spans(trace_context=trace)
    assert found.keys() == KEYS
    assert found["trace_id"] == f"{trace.span.get_span_context().trace_id:032x}" if trace.span else False
    assert [(span["span_name"], span["span_kind"], span["status_code"]) for span in found["spans"]] == [
        ("checked", "session", "OK"),
        ("step", "task", "OK"),
        ("chat gpt-4o-mini", "llm", "OK"),
    ]
    assert (found["span_count"], found["has_llm_spans"], found["llm_span_names"]) == (3, True, ["chat gpt-4o-mini"])
    metrics = found["metrics"]
    assert (metrics["prompt_tokens"], metrics["completion_tokens"], metrics["total_tokens"]) == (1000, 100, 1100)
    assert (metrics["success_count"], metrics["total_cost"]) == (1, "0.0002100")


def test_the_current_trace_is_meant_where_none_is_named() -> None:
    """Inside a session, no id is needed, and any form of one will do."""
    with agentops.session("here") as session:
        with agentops.span("step"):
            pass
        inside = agentops.validate_trace_spans(check_llm=False, max_retries=1)
    for named in (session.session_id, str(session.session_id).replace("-", ""), session):
        given: dict[str, Any] = {"trace_context": named} if named is session else {"trace_id": named}
        assert agentops.validate_trace_spans(**given, check_llm=False)["trace_id"] == inside["trace_id"]


def test_a_trace_without_a_model_call_is_refused() -> None:
    """What was asked for and is not there is an error that says what is there."""
    with agentops.session("quiet") as session, agentops.span("step"):
        pass
    with pytest.raises(agentops.ValidationError, match="no model call among its spans: quiet, step"):
        agentops.validate_trace_spans(trace_id=session.session_id)
    with pytest.raises(agentops.ValidationError, match="has 2 spans, not 5 or more"):
        agentops.validate_trace_spans(trace_id=session.session_id, min_spans=5, max_retries=2, retry_delay=0)


def test_no_trace_is_an_error() -> None:
    """Without an id and outside of any session there is nothing to look for."""
    agentops.init(auto_start_session=False)
    with pytest.raises(ValueError, match="no trace is current"):
        agentops.validate_trace_spans()


@contextmanager
def collector(spans: list[dict[str, Any]], asked: list[tuple[str, str | None]]) -> Generator[str]:
    """A collector that has these spans of any trace."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            asked.append((self.path, body["api_key"]))
            self.answer({"bearer": "token"})

        def do_GET(self) -> None:
            asked.append((self.path, self.headers["Authorization"]))
            is_sum = self.path.endswith("/metrics")
            self.answer({"total_tokens": 0, "total_cost": "0.0000000"} if is_sum else {"spans": spans})

        def answer(self, value: dict[str, Any]) -> None:
            body = json.dumps(value).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            """Nothing is logged."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.mark.parametrize(
    "attributes",
    [
        {"agentops": {"span": {"kind": "llm"}}},
        {"agentops.span.kind": "llm"},
        {"gen_ai": {"request": {"model": "gpt-x", "type": "chat"}}},
    ],
)
def test_a_collector_is_asked_where_there_is_no_store(
    attributes: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a token for the key; a model call is known by its attributes, nested or flat."""
    asked: list[tuple[str, str | None]] = []
    trace_id = "0123456789abcdef0123456789abcdef"
    monkeypatch.setenv("AGENTOPS_LOCAL_STORE", "false")
    with collector([{"span_name": "call", "span_attributes": attributes}], asked) as address:
        monkeypatch.setenv("AGENTOPS_API_ENDPOINT", address)
        found = agentops.validate_trace_spans(trace_id=trace_id, api_key="a key")
    assert (found["span_count"], found["llm_span_names"]) == (1, ["call"])
    assert asked == [
        ("/public/v1/auth/access_token", "a key"),
        (f"/public/v1/traces/{trace_id}", "Bearer token"),
        (f"/public/v1/traces/{trace_id}/metrics", "Bearer token"),
    ]


def test_nobody_to_ask_is_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is neither a store nor a collector, the result says that nothing was validated."""
    monkeypatch.setenv("AGENTOPS_LOCAL_STORE", "false")
    found = agentops.validate_trace_spans(trace_id="0" * 31 + "1")
    assert found.keys() == KEYS | {"validation_skipped", "reason"}
    assert (found["validation_skipped"], found["span_count"]) == (True, 0)


def test_a_collector_that_is_away_is_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error says that the collector did not answer."""
    monkeypatch.setenv("AGENTOPS_LOCAL_STORE", "false")
    monkeypatch.setenv("AGENTOPS_API_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(agentops.ValidationError, match=":9 did not answer"):
        agentops.validate_trace_spans(trace_id="0" * 31 + "1", api_key="a key", max_retries=1)


def test_the_summary_is_for_people(capsys: pytest.CaptureFixture[str], data_directory: Path) -> None:
    """Counts, names, tokens and cost, or why there are none."""
    metrics = {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7, "total_cost": "0.1000000"}
    agentops.print_validation_summary(
        {"span_count": 2, "has_llm_spans": True, "llm_span_names": ["call"], "metrics": metrics}
    )
    agentops.print_validation_summary({"validation_skipped": True, "reason": "nobody is there"})
    assert capsys.readouterr().out.splitlines() == [
        "AgentOps: what was recorded",
        "",
        "  spans        2",
        "  model calls  call",
        "  tokens       3 prompt, 4 completion, 7 total",
        "  cost         $0.1000000",
        "AgentOps: what was recorded",
        "",
        "  not validated: nobody is there",
    ]
