"""Listing: filters, orders and pages of sessions."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from agentops.domain.spans import SpanRecord
from agentops.store.protocol import SessionFilter, SessionOrder, SessionSummary, Store
from agentops.testing.stores.crew import (
    AGENTS,
    MODELS,
    SECOND,
    TAGS,
    crew,
    session_id_of,
    session_of,
    spans_of,
    start_of,
)
from agentops.testing.stores.demands import Demand, every_session, require_error, require_same

COUNT: Final = 24

_KEYS: Final[dict[SessionOrder, Callable[[SessionSummary], Any]]] = {
    SessionOrder.START: lambda each: each.start,
    SessionOrder.LAST: lambda each: each.last,
    SessionOrder.DURATION: lambda each: (each.last if each.end is None else each.end) - each.start,
    SessionOrder.COST: lambda each: -1 if each.cost is None else each.cost,
    SessionOrder.ERRORS: lambda each: each.errors,
    SessionOrder.LLM_CALLS: lambda each: each.llm_calls,
    SessionOrder.TOOL_CALLS: lambda each: each.tool_calls,
    SessionOrder.TOKENS: lambda each: each.input_tokens + each.output_tokens,
    SessionOrder.NAME: lambda each: each.name or "",
}


def pages_hold_every_session_once(store: Store) -> None:
    """In every order, both ways, however small the pages and however many are alike."""
    store.ingest(crew(COUNT))
    whole = {each.session_id: each for each in store.page(limit=COUNT).items}
    require_same(sorted(whole), [session_id_of(number) for number in range(COUNT)], "one large page")
    for order, key in _KEYS.items():
        for descending in (True, False):
            found = every_session(store, order=order, descending=descending, limit=5)
            what = f"pages by {order}, {'descending' if descending else 'ascending'}"
            require_same(sorted(each.session_id for each in found), sorted(whole), what)
            keys = [key(each) for each in found]
            require_same(keys, sorted(keys, reverse=descending), what)


def pages_stay_while_sessions_come_in(store: Store) -> None:
    """Nobody is told twice, and nobody left out who was there from the beginning."""
    store.ingest(crew(12))
    first = store.page(limit=5)
    store.ingest([record for number in range(12, 20) for record in session_of(number)])
    second = store.page(limit=5, cursor=first.next)
    third = store.page(limit=5, cursor=second.next)
    found = [each.session_id for page in (first, second, third) for each in page.items]
    require_same(found, [session_id_of(number) for number in _by_start(12)], "pages while sessions come in")
    require_same(third.next, None, "what follows the last page")


def _by_start(count: int) -> list[int]:
    """Sessions from the latest; of those that begin at the same moment the one that came last is first."""
    return sorted(range(count), key=lambda number: (start_of(number), number), reverse=True)


def a_cursor_that_is_none_is_refused(store: Store) -> None:
    """Whatever it is made of, and where it belongs to another order."""
    store.ingest(crew(3))
    cursor = store.page(limit=1).next or ""
    for garbled in ("", "x", cursor[:-3], cursor + "AAAA", "ünlesbar", "W10", "bnVsbA", "\ud800"):
        require_error(ValueError, lambda text=garbled: store.page(cursor=text), f"the cursor {garbled!a}")
    require_error(ValueError, lambda: store.page(cursor=cursor, order=SessionOrder.NAME), "a cursor of another order")
    require_error(ValueError, lambda: store.page(cursor=cursor, descending=False), "a cursor of the other way")


def filters_list_what_they_say(store: Store) -> None:
    """Each of them alone, for what many have, few have and nobody has."""
    store.ingest(crew(COUNT))
    cases: list[tuple[SessionFilter, Callable[[SessionSummary], bool]]] = [
        (SessionFilter(state="FAILED"), lambda each: each.state == "FAILED"),
        (SessionFilter(end_state="Success"), lambda each: each.end_state == "Success"),
        (SessionFilter(name="crew 1"), lambda each: each.name == "crew 1"),
        (SessionFilter(user="user-1"), lambda each: each.user == "user-1"),
        (SessionFilter(since=start_of(7)), lambda each: each.start >= start_of(7)),
        (SessionFilter(until=start_of(7)), lambda each: each.start < start_of(7)),
        (SessionFilter(has_errors=True), lambda each: each.errors > 0),
        (SessionFilter(has_errors=False), lambda each: each.errors == 0),
        (SessionFilter(min_cost=Decimal("0.1")), lambda each: each.cost is not None and each.cost >= Decimal("0.1")),
        (SessionFilter(max_cost=Decimal("0.1")), lambda each: each.cost is not None and each.cost <= Decimal("0.1")),
        (SessionFilter(min_duration=9.0), lambda each: each.duration >= 9.0),  # noqa: PLR2004 - the same
        (SessionFilter(max_duration=9.0), lambda each: each.duration <= 9.0),  # noqa: PLR2004 - the same
        *[(SessionFilter(tag=tag), lambda each, tag=tag: tag in each.tags) for tag in (*TAGS, "hi", '"', "%")],
        *[
            (SessionFilter(agent=name), lambda each, name=name: any(name == agent.name for agent in each.agents))
            for name in (*AGENTS, "agent-0")
        ],
        *[
            (SessionFilter(model=model), lambda each, model=model: model in _models(each.session_id))
            for model in (*MODELS, "small", "")
        ],
        (
            SessionFilter(tag=TAGS[1], has_errors=True, model=MODELS[0]),
            lambda each: TAGS[1] in each.tags and each.errors > 0 and MODELS[0] in _models(each.session_id),
        ),
    ]
    whole = every_session(store)
    for where, holds in cases:
        found = [each.session_id for each in every_session(store, where, limit=3)]
        require_same(found, [each.session_id for each in whole if holds(each)], f"the sessions where {where}")


def _models(session_id: str) -> set[str]:
    spans = spans_of(int(session_id.rpartition("-")[2], 16))
    return {span.response.model for span in spans if span.response is not None and span.response.model}


def filters_of_any_size_are_answered(store: Store) -> None:
    """Numbers beyond 64 bits, and whatever no session can have."""
    store.ingest(crew(3))
    ids = sorted(each.session_id for each in store.page().items)
    for where, expected in (
        (SessionFilter(since=10**30), []),
        (SessionFilter(since=-(10**30), until=10**30), ids),
        (SessionFilter(min_cost=Decimal("1e999")), []),
        (SessionFilter(min_duration=float("inf")), []),
        (SessionFilter(max_duration=float("inf")), ids),
        (SessionFilter(name="' OR 1=1 --"), []),
        (SessionFilter(tag="\ud800"), []),
    ):
        require_same(sorted(each.session_id for each in store.page(where).items), expected, f"where {where}")
    require_same(store.page(limit=0).items, [], "a page of none")


def a_text_lists_the_sessions_that_say_it(store: Store) -> None:
    """In a message, a tool call or a line, however many say it; other filters and pages go with it."""
    store.ingest(crew(COUNT))
    for text, numbers in (
        ("answer 17: ", [17]),
        ("logged 5", [5]),
        ("今天的天气", [n for n in range(COUNT) if n % 5 in {0, 1} or n % 5 == 1]),
        ("you are brief", list(range(COUNT))),
        ("nobody says this", []),
    ):
        found = [each.session_id for each in every_session(store, SessionFilter(text=text), limit=4)]
        require_same(sorted(found), [session_id_of(number) for number in numbers], f"the sessions that say {text}")
    failed = SessionFilter(text="you are brief", state="FAILED")
    found = [each.state for each in every_session(store, failed, limit=2)]
    require_same(found, ["FAILED"] * (COUNT // 4), "the failed sessions that say it")


def a_text_that_most_sessions_say_comes_in_pages(store: Store) -> None:
    """More of them than anyone reads at once, with some between that do not say it."""
    template = spans_of(0)[2]
    spans: list[SpanRecord] = []
    for number in range(4_600):
        said = "the usual" if number % 2 else "something else"
        session_id, start = session_id_of(number), template.start + number * SECOND
        spans.append(
            SpanRecord(
                session_id=session_id, span_id=template.span_id, start=start, end=start, output=f"{said} {number}"
            )
        )
    for at in range(0, len(spans), 2_300):
        store.ingest(spans[at : at + 2_300])
    usual = SessionFilter(text="the usual", since=template.start + 4_300 * SECOND)
    found = [each.session_id for each in every_session(store, usual, limit=40)]
    require_same(found, [session_id_of(number) for number in range(4_599, 4_300, -2)], "sessions that say the usual")


DEMANDS: Final[list[Demand]] = [
    pages_hold_every_session_once,
    pages_stay_while_sessions_come_in,
    a_cursor_that_is_none_is_refused,
    filters_list_what_they_say,
    filters_of_any_size_are_answered,
    a_text_lists_the_sessions_that_say_it,
    a_text_that_most_sessions_say_comes_in_pages,
]
