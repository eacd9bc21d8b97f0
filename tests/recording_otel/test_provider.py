"""A program with a tracer provider of its own keeps it; its spans stand in our session where they happened."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agentops.domain.spans import SpanRecord
from agentops.store.sqlite import SqliteStore

RunProgram = Callable[..., tuple[Any, Path]]
ORDERS = ("provider first", "init first", "setter imported early", "tracer first")


def stored(data: Path) -> list[SpanRecord]:
    """The spans of the only session."""
    with SqliteStore(data / "agentops.db") as store:
        (session,) = store.sessions()
        return list(store.spans(session.session_id))


def paths(spans: list[SpanRecord]) -> list[str]:
    """Each span as the names from the root down to it."""
    known = {span.span_id: span for span in spans}

    def path(span: SpanRecord) -> str:
        return span.name if span.parent_id is None else f"{path(known[span.parent_id])}/{span.name}"

    return sorted(map(path, spans))


@pytest.mark.parametrize("order", ORDERS)
def test_the_programs_own_spans_are_what_they_were(order: str, run_program: RunProgram) -> None:
    """Its provider stays the global one, and its exporter gets the same spans with and without us."""
    plain, _ = run_program("provider", order, "plain")
    recorded, data = run_program("provider", order, "recorded")
    assert plain["is theirs"]
    assert recorded == plain
    assert paths(stored(data)) == [
        "session",
        "session/decorated",
        "session/decorated/search",
        "session/decorated/search/inside",
        "session/decorated/search/inside/inner",
        "session/failing",
        "session/linked",
        "session/request",
        "session/request/search",
        "session/request/search/inside",
        "session/request/search/inside/inner",
    ]


def test_what_foreign_spans_say_is_kept(run_program: RunProgram) -> None:
    """Attributes, events, links, scope and errors; the error counts."""
    _, data = run_program("provider", "provider first", "recorded")
    spans = {span.name: span for span in stored(data)}
    inside, failing, linked = spans["inside"], spans["failing"], spans["linked"]
    assert (inside.source, inside.attributes["query"], [event.name for event in inside.events]) == (
        "own",
        "bees",
        ["found"],
    )
    assert failing.error is not None
    assert (failing.status, failing.counted_error, failing.error.type, failing.error.message) == (
        "error",
        True,
        "LookupError",
        "no luck",
    )
    assert [link.span_id for link in linked.links] == [spans["request"].span_id]


@pytest.mark.parametrize("mode", ["provider", "alone"])
def test_opentelemetrys_api_shows_our_ids(mode: str, run_program: RunProgram) -> None:
    """The current span is ours, W3C headers carry our ids, and the trace id is the session id."""
    found, data = run_program("surroundings", mode)
    trace_id = found["session"]
    for name in ("ours", "theirs", "deeper"):
        assert found[name] == [trace_id, found[name][1], f"00-{trace_id}-{found[name][1]}-01"]
    assert len({found[name][1] for name in ("ours", "theirs", "deeper")}) == 3
    assert found["outside"] is False
    assert found["after"] is None
    spans = {span.name: span for span in stored(data)}
    assert spans["theirs"].parent_id == spans["work"].span_id == found["ours"][1]
    assert spans["deeper"].parent_id == spans["theirs"].span_id == found["theirs"][1]
