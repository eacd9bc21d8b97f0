"""What is in a session: spans, chat, lines, agents; and what is found and added up across sessions."""

import threading
from typing import Any

import msgspec
from api_samples import SECOND, START, Api, call, line, message, spans_of, work
from server_samples import RunningServer

from agentops.domain.genai import Request
from agentops.domain.ids import new_session_id
from agentops.domain.spans import Record, SessionRecord, SpanRecord


def test_a_tree_has_all_spans_in_brief(api: Api, session_id: str, records: list[Record]) -> None:
    """By start, each with the one it happened in, and nothing of what went in or came out."""
    tree = api.get(f"sessions/{session_id}/tree")
    assert tree["session_id"] == session_id
    assert [span["span_id"] for span in tree["spans"]] == [span.span_id for span in spans_of(records)]
    assert [span["parent_id"] for span in tree["spans"]] == [None, *[f"{1:016x}"] * 3, None]
    assert tree["spans"][1] | {"start": 0, "end": 0} == {
        "span_id": f"{2:016x}",
        "parent_id": f"{1:016x}",
        "kind": "llm",
        "name": "chat small",
        "model": "small",
        "start": 0,
        "end": 0,
        "status": "ok",
        "error": False,
        "input_tokens": 10,
        "output_tokens": 5,
        "cost": "0.0125",
        "agent": "scout",
        "repeats": False,
    }
    assert [span["error"] for span in tree["spans"]] == [False, False, False, True, False]
    assert tree["spans"][4]["end"] is None


def test_spans_come_whole(api: Api, session_id: str, records: list[Record]) -> None:
    """As they were recorded, one by one and page by page."""
    for span in spans_of(records):
        answer = api.ask("GET", f"sessions/{session_id}/spans/{span.span_id}")
        assert msgspec.json.decode(answer.content, type=SpanRecord) == span
    for limit in (1, 2, 5, 500):
        pages = api.pages(f"sessions/{session_id}/spans", limit=limit)
        assert msgspec.convert(pages, list[SpanRecord]) == spans_of(records)


def test_a_span_that_is_not_there(api: Api, session_id: str) -> None:
    """It is looked for by its whole id."""
    for span_id in ("2", "%25", "' OR 1=1 --", "x" * 3000, "..%2f..", "%00"):
        assert api.client.get(f"sessions/{session_id}/spans/{span_id}").status_code in (400, 404)


def test_spans_have_no_gaps_while_they_come_in(api: Api, server: RunningServer) -> None:
    """Whatever was there when the first page was read comes exactly once, by start."""
    session_id = new_session_id()
    made = [work(session_id, number) for number in range(0, 400, 2)]
    with server.store() as store:
        store.ingest(made)
        ends = threading.Event()

        def write() -> None:
            number = 1
            while not ends.is_set():
                store.ingest([work(session_id, number), work(session_id, 10_000 + number)])
                number += 2

        writer = threading.Thread(target=write)
        writer.start()
        try:
            found = api.pages(f"sessions/{session_id}/spans", limit=9)
        finally:
            ends.set()
            writer.join()
    ids = [span["span_id"] for span in found]
    assert len(ids) == len(set(ids))
    assert {span.span_id for span in made} <= set(ids)
    assert [span["start"] for span in found] == sorted(span["start"] for span in found)


def test_a_foreign_cursor_is_refused(api: Api, session_id: str) -> None:
    """Rather than read as some place."""
    for path in ("spans", "logs"):
        for cursor in ("x", "W10", "WzEsMl0x", "é", "W10=", '["a",1]', "A" * 600, ""):
            assert api.status("GET", f"sessions/{session_id}/{path}", params={"cursor": cursor}) == 400, cursor


def test_a_chat_tells_each_message_once(api: Api, server: RunningServer) -> None:
    """Though every call sends all that was said before."""
    session_id = new_session_id()
    history = [message("system", "Be brief."), message("user", "one?")]
    calls: list[SpanRecord] = []
    for number in range(1, 4):
        request = Request(operation="chat", provider="nobody", model="small", messages=list(history))
        calls.append(call(session_id, number, request=request))
        history += [message("assistant", f"answer {number}"), message("user", f"more {number}?")]
    with server.store() as store:
        store.ingest(calls)
    chat = api.get(f"sessions/{session_id}/messages")["messages"]
    assert [said["message"]["parts"][0]["content"] for said in chat] == [
        "Be brief.",
        "one?",
        "answer 1",
        "more 1?",
        "answer 2",
        "more 2?",
        "answer 3",
    ]
    assert [said["answered"] for said in chat] == [False, False, True, False, True, False, True]


def test_lines_are_filtered_and_paged(api: Api, session_id: str, server: RunningServer) -> None:
    """By span, source and severity; no line is missed between pages."""
    with server.store() as store:
        store.ingest([line(session_id, number) for number in range(100, 150)])
    everything = api.pages(f"sessions/{session_id}/logs", limit=7)
    assert [said["body"] for said in everything] == ["line 2\n", "it broke", *[f"line {n}\n" for n in range(100, 150)]]
    assert [s["body"] for s in api.pages(f"sessions/{session_id}/logs", source="logging")] == ["it broke"]
    assert [s["body"] for s in api.pages(f"sessions/{session_id}/logs", severity=17)] == ["it broke"]
    assert api.pages(f"sessions/{session_id}/logs", severity=18) == []
    assert [s["body"] for s in api.pages(f"sessions/{session_id}/logs", span_id=f"{2:016x}")] == ["line 2\n"]
    assert api.status("GET", f"sessions/{session_id}/logs", params={"severity": 25}) == 400
    assert api.status("GET", f"sessions/{session_id}/logs", params={"source": "radio"}) == 400


def test_agents_of_a_session(api: Api, session_id: str) -> None:
    """What each did, also one that did nothing, and what nobody did."""
    scout, idle, nobody = sorted(
        api.get(f"sessions/{session_id}/agents")["items"], key=lambda agent: agent["name"] or "", reverse=True
    )
    assert scout == {
        "name": "scout",
        "ids": ["a-1"],
        "spans": 3,
        "llm_calls": 1,
        "tool_calls": 1,
        "errors": 0,
        "input_tokens": 10,
        "output_tokens": 5,
        "cost": "0.0125",
        "unpriced": 0,
    }
    assert (idle["name"], idle["ids"], idle["spans"]) == ("idle", ["a-2"], 0)
    assert (nobody["name"], nobody["tool_calls"], nobody["errors"], nobody["cost"]) == (None, 1, 1, None)


def test_agents_of_all_sessions(api: Api, server: RunningServer, session_id: str) -> None:
    """Their counts add up over sessions, and days can be asked for."""
    other = new_session_id()
    with server.store() as store:
        store.ingest([call(other, 2, agent_name="scout", start=START, cost=None, response=None)])
    agents = {agent["name"]: agent for agent in api.get("agents")["items"]}
    assert list(agents) == ["scout", None]
    assert (agents["scout"]["llm_calls"], agents["scout"]["unpriced"], agents["scout"]["cost"]) == (2, 1, "0.0125")
    assert api.get("agents", until="2026-05-27")["items"] == []
    del session_id


def test_sums_by_day_and_model(api: Api, server: RunningServer) -> None:
    """Calls, errors, tokens, cost and durations of each group."""
    session_id = new_session_id()
    day = 86_400 * SECOND
    with server.store() as store:
        store.ingest([
            SessionRecord(session_id=session_id, start=START, tags=["x", "y"], user="ada"),
            *[call(session_id, n, start=START + n * day, end=START + n * day + SECOND) for n in range(3)],
            work(session_id, 9, name="search"),
        ])  # fmt: skip
    groups = api.get("aggregates", by=["day", "model"])["items"]
    assert [(group["keys"]["day"], group["keys"]["model"], group["calls"]) for group in groups] == [
        ("2026-05-28", None, 1),
        ("2026-05-28", "small", 1),
        ("2026-05-29", "small", 1),
        ("2026-05-30", "small", 1),
    ]
    (total,) = api.get("aggregates", model="small")["items"]
    assert (total["keys"], total["calls"], total["cost"], total["input_tokens"]) == ({}, 3, "0.0375", 30)
    assert 0.95 <= total["p50"] <= total["p95"] <= total["p99"] <= 1.05
    (tool,) = api.get("aggregates", by="tool")["items"]
    assert (tool["keys"], tool["calls"]) == ({"tool": "search"}, 1)
    assert [group["keys"]["tag"] for group in api.get("aggregates", by="tag")["items"]] == ["x", "y"]
    assert [group["keys"]["user"] for group in api.get("aggregates", by="user", kind="llm")["items"]] == ["ada"]
    assert api.get("aggregates", by="day", since="2026-05-30")["items"][0]["keys"] == {"day": "2026-05-30"}
    assert api.status("GET", "aggregates", params={"by": "luck"}) == 400


def test_a_phrase_is_found_where_it_was_said(api: Api, session_id: str) -> None:
    """With the span and the text around it; nothing is no phrase."""
    (hit,) = api.get("search", text="answer 2")["items"]
    assert (hit["session_id"], hit["span_id"]) == (session_id, f"{2:016x}")
    assert "answer 2" in hit["snippet"]
    assert api.get("search", text="never said")["items"] == []
    assert api.status("GET", "search", params={"text": ""}) == 400
    assert api.status("GET", "search") == 400


def test_a_phrase_is_text_and_no_query(api: Api, session_id: str) -> None:
    """Whatever it means to the search engine."""
    del session_id
    for text in ('"', "' OR 1", "a AND", "NOT x", "col:val", "*", "\x00", "%", "NEAR(", "月", "a" * 1000, "null"):
        assert api.get("search", text=text)["items"] == [], text


def test_metrics_that_came_by_otlp(api: Api, server: RunningServer) -> None:
    """Their names, and their points in the order of time."""
    body: dict[str, Any] = {
        "resourceMetrics": [
            {"scopeMetrics": [{"metrics": [{"name": "queue", "gauge": {"dataPoints": [
                {"timeUnixNano": str(START + number), "asDouble": number / 2} for number in (2, 1, 3)
            ]}}]}]}
        ]
    }  # fmt: skip
    assert server.client.post("/v1/metrics", json=body).status_code == 200
    assert api.get("metrics") == {"items": ["queue"]}
    points = api.get("metrics/points", name="queue", since=START + 2)["items"]
    assert [(point["time"] - START, point["value"]) for point in points] == [(2, 1.0), (3, 1.5)]
    assert api.get("metrics/points", name="other")["items"] == []


def test_sql_reads_the_documented_views(api: Api, session_id: str) -> None:
    """With parameters, within limits, and says what is wrong."""
    question = {"sql": "SELECT name, cost FROM sessions_v1 WHERE session_id = ?", "parameters": [session_id]}
    assert api.ask("POST", "sql", json=question).json() == {
        "columns": ["name", "cost"],
        "rows": [["crew", 0.0125]],
        "truncated": False,
    }
    views = {view["name"]: view["columns"] for view in api.get("sql/views")["items"]}
    assert {"sessions_v1", "spans_v1", "messages_v1", "logs_v1"} <= set(views)
    assert "session_id" in views["spans_v1"]
    limited = {"sql": "SELECT * FROM spans_v1", "rows": 2}
    assert api.ask("POST", "sql", json=limited).json()["truncated"] is True
    for wrong in (
        "DELETE FROM sessions",
        "SELECT * FROM sqlite_master",
        "SELECT",
        "ATTACH 'x' AS y",
        "SELECT 1; SELECT 2",
    ):
        answer = api.ask("POST", "sql", json={"sql": wrong})
        assert answer.status_code == 400, wrong
        assert answer.json()["message"]


def test_a_project_tells_how_much_it_holds(api: Api, session_id: str) -> None:
    """And how long it keeps it, which can be changed."""
    del session_id
    project = api.get("project")
    assert (project["name"], project["sessions"], project["spans"]) == ("default", 1, 5)
    assert project["size"] > 0
    assert (project["retention_days"], project["server_retention_days"]) == (None, None)
    changed = api.ask("PATCH", "project", json={"retention_days": 30}).json()
    assert changed["retention_days"] == 30
    assert api.get("project")["retention_days"] == 30
    assert api.ask("PATCH", "project", json={"retention_days": None}).json()["retention_days"] is None
    for wrong in ({"retention_days": 0}, {"retention_days": "long"}, {}):
        assert api.status("PATCH", "project", json=wrong) == 400
