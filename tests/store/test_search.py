"""Spans are found by what they say, indexed or not, in any language."""

import threading

import pytest
from store_samples import START, llm_span, said, session_of, tool_span

from agentops.domain.genai import Message, Reasoning, ToolCall, ToolResult
from agentops.domain.spans import ErrorInfo, SpanRecord
from agentops.store.protocol import SearchHit
from agentops.store.sqlite import SqliteStore, texts

SESSION = "0a000000-0000-4000-8000-000000000001"

SAID = {
    "german": "Die Straße nach Zürich ist gesperrt",
    "greek": "Ο ΔΟΣΜΈΝΟΣ ΛΌΓΟΣ",  # noqa: RUF001 - Greek
    "russian": "Погода в Москве",
    "chinese": "今天北京的天气怎么样",
    "japanese": "東京の天気はどうですか",
    "arabic": "كيف حال الطقس اليوم",
    "thai": "อากาศวันนี้เป็นอย่างไร",
    "emoji": "launch 🚀🚀 now",
    "composed": "cafe\u0301 au lait",
    "wide": "ＡＢＣ１２３",  # noqa: RUF001 - wide letters
    "quotes": 'he said "hello, world" and left',
    "syntax": "a AND b OR NOT (c) * ^d",
}


@pytest.fixture(params=["indexed", "not indexed", "half"])
def indexing(request: pytest.FixtureRequest) -> str:
    """How far the index has come when somebody searches."""
    return request.param


def fill(store: SqliteStore, indexing: str, spans: list[SpanRecord]) -> None:
    """Put spans into the store, indexed so far."""
    half = len(spans) // 2
    store.ingest(spans[:half] or spans)
    if indexing != "not indexed":
        store.index()
    store.ingest(spans[half:])
    if indexing == "indexed":
        store.index()
    expected = {"indexed": True, "not indexed": False, "half": False}[indexing]
    assert (store.health().unindexed == 0) == expected


@pytest.mark.parametrize(
    ("phrase", "expected"),
    [
        ("straße", "german"),
        ("STRASSE", "german"),
        ("zürich ist", "german"),
        ("δοσμένος", "greek"),
        ("погода В", "russian"),  # noqa: RUF001 - Cyrillic
        ("天气", "chinese"),
        ("北京的天气", "chinese"),
        ("様", None),
        ("天気", "japanese"),
        ("か", "japanese"),
        ("الطقس", "arabic"),
        ("วันนี้", "thai"),
        ("🚀", "emoji"),
        ("🚀🚀 n", "emoji"),
        ("CAFÉ", "composed"),
        ("abc123", "wide"),
        ("123", "wide"),
        ('"hello, world"', "quotes"),
        ("AND b OR NOT (c) * ^", "syntax"),
        ("^d", "syntax"),
        ("nothing of the kind", None),
        ("%", None),
        ("", None),
        ("   ", None),
        ("a\0b", None),
    ],
)
def test_messages_are_found_in_any_language(
    store: SqliteStore, indexing: str, phrase: str, expected: str | None
) -> None:
    """Whatever the case, the width or the way letters are composed."""
    spans = [
        llm_span(SESSION, at, asked=[said("user", text)], name=name) for at, (name, text) in enumerate(SAID.items())
    ]
    fill(store, indexing, spans)
    assert [hit.span_name for hit in store.search(phrase)] == ([] if expected is None else [expected])


def test_every_part_of_a_span_is_found(store: SqliteStore, indexing: str) -> None:
    """Name, input, output, error, and in messages reasoning, tool calls and their results."""
    message = Message(
        role="assistant",
        parts=[
            Reasoning(content="let me ponder"),
            ToolCall(name="lookup", arguments={"city": "Lyon"}),
            ToolResult(result={"degrees": 31}),
        ],
    )
    spans = [
        llm_span(SESSION, 1, asked=[message], name="model"),
        tool_span(SESSION, 2, name="fetch_page", input={"url": {"nested": ["deep"]}}, output=[{"k": 12345}]),
        tool_span(SESSION, 3, name="broken", error=ErrorInfo(type="TimeoutError", message="took too long")),
    ]
    fill(store, indexing, spans)
    expected = {
        "ponder": "model",
        "LOOKUP": "model",
        "lyon": "model",
        "degrees": "model",
        "31": "model",
        "fetch_page": "fetch_page",
        "deep": "fetch_page",
        "1234": "fetch_page",
        "TimeoutError: took": "broken",
    }
    assert {phrase: [hit.span_name for hit in store.search(phrase)] for phrase in expected} == {
        phrase: [name] for phrase, name in expected.items()
    }


def test_a_hit_shows_the_text_around_the_phrase(store: SqliteStore) -> None:
    """On one line, with the ends of a longer text cut off."""
    text = "before " * 100 + "the needle\nis here" + " after" * 100
    span = llm_span(SESSION, asked=[said("user", text)])
    store.ingest([span])
    (hit,) = store.search("needle")
    assert (hit.session_id, hit.span_id, hit.span_name, hit.start) == (SESSION, span.span_id, "chat small", START)
    assert "before the needle is here after" in hit.snippet
    assert hit.snippet.startswith("…")
    assert hit.snippet.endswith("…")
    assert len(hit.snippet) < 200


def test_a_message_sent_again_is_found_where_it_came_first(store: SqliteStore) -> None:
    """Once in each session, however often it was sent and in whatever order the spans came."""
    other = SESSION[:-1] + "2"
    question = said("user", "where is the needle")
    spans = [llm_span(each, number, asked=[question]) for each in (SESSION, other) for number in range(5)]
    store.ingest(spans[::-1])
    found = {(hit.session_id, hit.span_id) for hit in store.search("needle")}
    assert found == {(SESSION, spans[0].span_id), (other, spans[5].span_id)}


def test_the_newest_come_first_and_no_more_than_asked_for(store: SqliteStore, indexing: str) -> None:
    """Across spans and messages."""
    spans = session_of(200)
    fill(store, indexing, spans)
    hits = store.search("weather", limit=10)
    assert [hit.span_id for hit in hits] == [span.span_id for span in spans[:-11:-1]]
    assert store.search("weather", limit=0) == []


def test_a_short_phrase_that_is_everywhere_is_found_too(store: SqliteStore, indexing: str) -> None:
    """Where the index knows too many words that begin so, texts are read."""
    spans = [tool_span(SESSION, number, output=f"{number * 7919:x}") for number in range(600)]
    fill(store, indexing, spans)
    assert len(store.search("e", limit=1000)) == 600


def test_searching_while_others_write_and_index_finds_everything(store: SqliteStore) -> None:
    """A moment's view of index and rest is complete."""
    spans = session_of(600)
    store.ingest(spans[:100])
    failures = list[list[SearchHit]]()
    done = threading.Event()

    def look() -> None:
        while not done.is_set():
            hits = store.search("weather in town 7", limit=1000)
            if not {f"weather in town {number}" for number in (7, 70, 79)} <= {
                hit.snippet.split(" query ")[1].rsplit(" ", 1)[0] for hit in hits
            }:
                failures.append(hits)

    thread = threading.Thread(target=look)
    thread.start()
    for at in range(100, 600, 20):
        store.ingest(spans[at : at + 20])
        store.index(0)
    done.set()
    thread.join()
    assert failures == []


def test_snippets_survive_text_that_changes_its_length_when_folded() -> None:
    """Then the folded text is shown."""
    assert texts.snippet("ßßß needle ßßß", "needle") == "ssssss needle ssssss"
    assert texts.snippet("AAA Needle", "needle") == "AAA Needle"
