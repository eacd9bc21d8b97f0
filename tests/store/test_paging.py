"""Pages of sessions, asked for with whatever comes from outside."""

import base64
from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from store_samples import session_of

from agentops.store.protocol import AggregateFilter, Dimension, SessionFilter, SessionOrder
from agentops.store.sqlite import SqliteStore

ANYHOW = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
TEXTS = st.one_of(st.none(), st.text(max_size=20), st.sampled_from(["' OR 1=1 --", '" NEAR(', "%", "\0", "\ud800"]))
NUMBERS = st.one_of(st.none(), st.integers(), st.just(10**40))
SECONDS = st.one_of(st.none(), st.floats())
FILTERS = st.builds(
    SessionFilter,
    state=TEXTS,
    tag=TEXTS,
    name=TEXTS,
    agent=TEXTS,
    model=TEXTS,
    user=TEXTS,
    text=TEXTS,
    since=NUMBERS,
    until=NUMBERS,
    min_cost=st.one_of(st.none(), st.decimals(), st.just(Decimal("1e999"))),
    min_duration=SECONDS,
    max_duration=SECONDS,
)


@ANYHOW
@given(cursor=st.one_of(st.text(), st.binary().map(lambda data: base64.urlsafe_b64encode(data).decode())))
def test_a_cursor_that_no_page_gave_is_a_value_error(store: SqliteStore, cursor: str) -> None:
    """And nothing else, whatever it holds."""
    with pytest.raises(ValueError, match="cursor"):
        store.page(cursor=cursor)


@ANYHOW
@given(value=st.one_of(st.integers(), st.floats(), st.text(), st.none()), sid=st.integers())
def test_a_cursor_that_somebody_made_up_gives_a_page_or_a_value_error(
    store: SqliteStore, value: float | str | None, sid: int
) -> None:
    """Whatever position it claims."""
    text = f'["name",true,{value!r},{sid}]'.replace("'", '"')
    for order in (SessionOrder.NAME, SessionOrder.COST):
        cursor = base64.urlsafe_b64encode(text.replace("name", order).encode("utf-8", "replace")).decode()
        with suppress(ValueError):
            assert store.page(order=order, cursor=cursor).items == []


@ANYHOW
@given(where=FILTERS, order=st.sampled_from(SessionOrder), limit=st.integers(-5, 10**20))
def test_any_filter_is_answered(store: SqliteStore, where: SessionFilter, order: SessionOrder, limit: int) -> None:
    """With sessions or with none."""
    store.ingest(session_of(1))
    assert len(store.page(where, order=order, limit=limit).items) <= max(0, limit)


@ANYHOW
@given(
    by=st.lists(st.sampled_from(Dimension), max_size=4),
    where=st.builds(
        AggregateFilter, since=NUMBERS, until=NUMBERS, kind=TEXTS, model=TEXTS, tool=TEXTS, tag=TEXTS, user=TEXTS
    ),
)
def test_any_sum_is_answered(store: SqliteStore, by: list[Dimension], where: AggregateFilter) -> None:
    """With as many keys as there are dimensions."""
    store.ingest(session_of(1))
    assert all(list(group.keys) == list(dict.fromkeys(by)) for group in store.aggregate(by, where))


@pytest.mark.parametrize("name", ["\ud800", "", "../../etc/passwd", "'; DROP TABLE sessions --", "x" * 100_000, "\0"])
def test_an_id_that_is_none_is_unknown(store: SqliteStore, name: str) -> None:
    """Wherever one is asked for."""
    known = session_of(1)
    store.ingest(known)
    for ask in (store.session, store.tree, store.messages, store.scores, store.notes, store.find, store.find_span):
        with pytest.raises(LookupError):
            ask(name)
    for read in (store.spans, store.logs):
        with pytest.raises(LookupError):
            list(read(name))
    with pytest.raises(LookupError):
        store.span(known[0].session_id, name)
    with pytest.raises(LookupError):
        store.set_tags(name, ["x"])
    assert (store.delete([name]), store.remove_score(name), store.count_lines(name)) == (0, False, 0)
