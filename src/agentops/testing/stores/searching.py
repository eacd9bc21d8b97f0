"""Searching: what somebody said, in any language, and whatever stands in the way of finding it."""

from typing import Final

from agentops.domain.spans import SpanRecord
from agentops.store.protocol import Store
from agentops.testing.stores.crew import SECOND, START, crew, session_id_of, span_id_of
from agentops.testing.stores.demands import Demand, require_same

TEXTS: Final = (
    "Straße in KÖLN",
    "今天的天气很好",
    "الطقس جميل",
    '100% of `it` -- isn\'t "quoted" * OR AND NOT NEAR(x)',
    "a\nb",
    "\ufb01ne \uff57\uff49\uff44\uff45",
    "🌧 rain",
    "x1e16 and 0.5",
)
_PHRASES: Final = {
    "strasse": [0],
    "köln": [0],
    "ÖL": [0],
    "天气": [1],
    "气": [1],
    "جميل": [2],
    "isn't": [3],
    "--": [3],
    '"quoted" *': [3],
    "or and not": [3],
    "near(x)": [3],
    "100%": [3],
    "%": [3],
    "a\nb": [4],
    "fine wide": [5],
    "🌧": [6],
    "1e16 and": [7],
    "": [],
    "   ": [],
    "nothing of the kind": [],
    "a b": [],
}


def phrases_are_found_in_any_language(store: Store) -> None:
    """Inside words, whatever the case and the width, with characters that mean something to engines."""
    for number, text in enumerate(TEXTS):
        start = START + number * SECOND
        span = SpanRecord(
            session_id=session_id_of(number), span_id=span_id_of(number, 0), start=start, end=start, output=text
        )
        store.ingest([span])
    for phrase, numbers in _PHRASES.items():
        found = sorted(hit.session_id for hit in store.search(phrase))
        require_same(found, [session_id_of(number) for number in numbers], f"what says {phrase!r}")


def the_newest_is_found_first(store: Store) -> None:
    """Each span once, no more than are asked for, with the text around."""
    store.ingest(crew(12))
    hits = store.search("answer", limit=5)
    require_same([hit.start for hit in hits], sorted((hit.start for hit in hits), reverse=True), "the order of hits")
    require_same(len({(hit.session_id, hit.span_id) for hit in hits}), 5, "how many hits")
    latest = max(hit.start for hit in store.search("answer", limit=100))
    require_same((hits[0].start, hits[0].snippet[:6]), (latest, "answer"), "the newest hit, and the text around it")


def everything_that_is_said_can_be_found(store: Store) -> None:
    """Names, tool calls and their results, errors, and what is written."""
    store.ingest(crew(6))
    for phrase, span_id in (
        ("nothing about", span_id_of(5, 2)),
        ("LookupError: nothing", span_id_of(5, 2)),
        ("logged 5", span_id_of(5, 2)),
        ("crew.work", span_id_of(5, 2)),
        ("answer 5", span_id_of(5, 3)),
    ):
        found = {hit.session_id: hit.span_id for hit in store.search(phrase)}
        require_same(found.get(session_id_of(5)), span_id, f"what says {phrase}")


DEMANDS: Final[list[Demand]] = [
    phrases_are_found_in_any_language,
    the_newest_is_found_first,
    everything_that_is_said_can_be_found,
]
