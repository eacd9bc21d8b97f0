"""Asking: single sessions and spans, trees, chats, lines, and what changed since."""

from typing import Final

from agentops.domain.genai import Message, Text
from agentops.domain.spans import LogSource, SessionRecord, SpanRecord
from agentops.errors import UnknownSessionError, UnknownSpanError
from agentops.store.protocol import LogFilter, Store
from agentops.testing.stores.crew import (
    SECOND,
    beginning_of,
    crew,
    lines_of,
    session_id_of,
    session_of,
    span_id_of,
    spans_in,
    spans_of,
)
from agentops.testing.stores.demands import Demand, amount, require_error, require_same


def a_session_is_found_by_the_beginning_of_its_id(store: Store) -> None:
    """With and without dashes; what is ambiguous is refused."""
    store.ingest(crew(3))
    wanted = session_id_of(2)
    for prefix in (wanted, wanted.upper(), wanted.replace("-", "")):
        require_same(store.find(prefix).session_id, wanted, f"the session of {prefix}")
    require_same(store.find("last").session_id, wanted, "the session that began last")
    require_error(UnknownSessionError, lambda: store.find("c0000000"), "an ambiguous beginning")


def a_session_says_what_is_known_of_it(store: Store) -> None:
    """Whatever several records said of it, taken together."""
    store.ingest(session_of(1))
    said = store.session(session_id_of(1))
    found = (said.name, said.state, said.end_state, said.tags, said.user, said.entrypoint, said.process_id)
    expected = ("crew 1", "FAILED", "Fail", ["nightly"], "user-1", "crew.py", 7)
    require_same(found, expected, "the record of a session")


def what_is_not_there_is_said_so(store: Store) -> None:
    """A session or span that nobody knows."""
    store.ingest(session_of(1))
    unknown = session_id_of(404)
    for name in ("session", "tree", "messages", "scores", "notes"):
        require_error(UnknownSessionError, lambda name=name: getattr(store, name)(unknown), name)
    for name in ("spans", "logs"):
        require_error(UnknownSessionError, lambda name=name: list(getattr(store, name)(unknown)), name)
    require_error(UnknownSessionError, lambda: store.span(unknown, span_id_of(1, 1)), "a span of no session")
    require_error(UnknownSpanError, lambda: store.span(session_id_of(1), span_id_of(2, 1)), "another session's span")
    require_error(UnknownSpanError, lambda: store.find_span(span_id_of(2, 1)), "a span of no session")


def a_span_is_found_by_its_id(store: Store) -> None:
    """In its session and anywhere."""
    store.ingest(crew(3))
    for span in spans_of(2):
        require_same(store.span(span.session_id, span.span_id), span, "a span of a session")
        require_same(store.find_span(span.span_id), span, "a span of whatever session")


def a_tree_is_the_spans_in_brief(store: Store) -> None:
    """By start, with the tokens and the cost of model calls."""
    store.ingest(session_of(3))
    found = [
        (each.span_id, each.parent_id, each.kind, each.name, each.start, each.end, each.status, each.error, each.agent)
        for each in store.tree(session_id_of(3))
    ]
    spans = spans_in(spans_of(3))
    expected = [
        (
            span.span_id,
            span.parent_id,
            span.kind.value,
            span.name,
            span.start,
            span.end,
            span.status.value,
            span.counted_error,
            span.agent_name,
        )
        for span in spans
    ]
    require_same(found, expected, "the tree of a session")
    told = [(each.model, each.input_tokens, each.output_tokens, each.cost) for each in store.tree(session_id_of(3))]
    require_same(told, [_told(span) for span in spans], "the model calls in a tree")


def _told(span: SpanRecord) -> tuple[object, ...]:
    response = span.response
    usage = response.usage if response else None
    return (
        response.model if response else None,
        usage.input_total if usage else None,
        usage.output_total if usage else None,
        amount(span.cost),
    )


def a_chat_is_told_once(store: Store) -> None:
    """Every message where it appeared first, however often it is sent again; what is said twice is there twice."""
    spans = spans_of(4)
    again = Message("user", [Text("And again?")])
    third = spans[3].response, spans[3].request
    store.ingest(session_of(4))
    chat = store.messages(session_id_of(4))
    roles = [(each.message.role, each.span_id, each.answered) for each in chat]
    first, second = span_id_of(4, 1), span_id_of(4, 3)
    expected = [
        ("system", first, False),
        ("user", first, False),
        ("assistant", first, True),
        ("tool", second, False),
        ("assistant", second, True),
    ]
    require_same(roles, expected, "a chat")
    response, request = third
    if response is None or request is None:
        raise TypeError("the second model call has both")
    follow = spans_of(4)[3]
    follow.span_id, follow.start = span_id_of(4, 9), follow.start + 3 * SECOND
    if follow.request is not None and follow.response is not None:
        follow.response.id = "response-4-9"
        follow.request.messages = [*request.messages, *response.messages, again, *response.messages, again]
    store.ingest([follow])
    added = [(each.message.text, each.span_id) for each in store.messages(session_id_of(4))][5:]
    said = response.messages[0].text
    expected_texts = [("And again?", follow.span_id), (said, follow.span_id), ("And again?", follow.span_id)]
    require_same(added[: len(expected_texts)], expected_texts, "what is said twice")


def lines_are_given_by_time(store: Store) -> None:
    """All of them, those of a span, of a source, or of a severity and above."""
    store.ingest(crew(4))
    session_id, lines = session_id_of(1), lines_of(1)
    require_same(list(store.logs(session_id)), lines, "the lines of a session")
    require_same(store.count_lines(session_id), 2, "how many there are")
    for where, expected in (
        (LogFilter(span_id=span_id_of(1, 2)), lines[1:]),
        (LogFilter(source=LogSource.STDOUT), lines[:1]),
        (LogFilter(severity=13), lines[1:]),
        (LogFilter(severity=17), []),
    ):
        require_same(list(store.logs(session_id, where)), expected, f"the lines where {where}")


def changes_are_told_from_a_cursor_on(store: Store) -> None:
    """Every span, line and session that came or changed since, each as it is now, however small the steps."""
    records = crew(4)
    _, now = store.changes(-1)
    _, logs_now = store.log_changes(-1)
    _, sessions_now = store.session_changes(-1)
    store.ingest([beginning_of(span) for span in spans_in(records)])
    store.ingest(records)
    spans, cursor = list[SpanRecord](), now
    while True:
        some, following = store.changes(cursor, limit=3)
        spans += some
        if following == cursor:
            break
        cursor = following
    require_same(spans_in(spans), spans_in(records), "spans that changed")
    lines, _ = store.log_changes(logs_now)
    require_same(sorted(line.body for line in lines), sorted(_bodies(4)), "lines that came")
    sessions, cursor = store.session_changes(sessions_now)
    require_same(sorted(each.session_id for each in sessions), [session_id_of(n) for n in range(4)], "sessions")
    store.ingest([SessionRecord(session_id=session_id_of(2), tags=["late"], start=records[0].start)])  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType, reportUnknownArgumentType] - a session's record
    changed, _ = store.session_changes(cursor)
    require_same([(each.session_id, "late" in each.tags) for each in changed], [(session_id_of(2), True)], "a change")


def _bodies(sessions: int) -> list[str]:
    return [line.body for number in range(sessions) for line in lines_of(number)]


DEMANDS: Final[list[Demand]] = [
    a_session_is_found_by_the_beginning_of_its_id,
    a_session_says_what_is_known_of_it,
    what_is_not_there_is_said_so,
    a_span_is_found_by_its_id,
    a_tree_is_the_spans_in_brief,
    a_chat_is_told_once,
    lines_are_given_by_time,
    changes_are_told_from_a_cursor_on,
]
