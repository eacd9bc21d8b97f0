"""What is demanded of a store, and all that it says."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from agentops.domain import wire
from agentops.store.protocol import Dimension, SessionFilter, SessionOrder, SessionSummary, Store

Demand = Callable[[Store], None]


def require_same(found: object, expected: object, what: str) -> None:
    """Say how an answer differs from the one that everybody gets.

    Raises:
        AssertionError: if it does.
    """
    if found != expected:
        raise AssertionError(f"{what}:\n  found    {found!r}\n  expected {expected!r}")


def require_error(kind: type[Exception], call: Callable[[], object], what: str) -> None:
    """Demand that something is refused.

    Raises:
        AssertionError: if it is not, or with another error.
    """
    try:
        answer = call()
    except kind:
        return
    raise AssertionError(f"{what}: {kind.__name__} is to be raised, and {answer!r} is given")


def every_session(
    store: Store,
    where: SessionFilter | None = None,
    *,
    order: SessionOrder = SessionOrder.START,
    descending: bool = True,
    limit: int = 5,
) -> list[SessionSummary]:
    """All pages of a list as one."""
    found: list[SessionSummary] = []
    page = store.page(where, order=order, descending=descending, limit=limit)
    found += page.items
    while page.next is not None:
        page = store.page(where, order=order, descending=descending, cursor=page.next, limit=limit)
        found += page.items
    return found


def everything(store: Store) -> dict[str, Any]:
    """All that a store says, in one canonical form: what two stores with the same data say alike."""
    said: dict[str, Any] = {}
    for summary in sorted(every_session(store), key=lambda each: each.session_id):
        session_id = summary.session_id
        said[session_id] = {
            "summary": _sorted(wire.to_plain(summary)),
            "session": _sorted(wire.to_plain(store.session(session_id))),
            "spans": [wire.to_plain(span) for span in store.spans(session_id)],
            "tree": [wire.to_plain(span) for span in store.tree(session_id)],
            "chat": [wire.to_plain(message) for message in store.messages(session_id)],
            "logs": [wire.to_plain(line) for line in store.logs(session_id)],
            "lines": store.count_lines(session_id),
            "scores": [wire.to_plain(score) for score in store.scores(session_id)],
            "notes": [wire.to_plain(note) for note in store.notes(session_id)],
        }
    for dimensions in ((Dimension.DAY, Dimension.MODEL), (Dimension.KIND, Dimension.NAME), (Dimension.TAG,)):
        said["+".join(dimensions)] = [wire.to_plain(group) for group in store.aggregate(dimensions)]
    return said


def amount(cost: str | None) -> Decimal | None:
    """A cost as a number."""
    return None if cost is None else Decimal(cost)


def _sorted(session: dict[str, Any]) -> dict[str, Any]:
    """Tags and agents are sets: who was first depends on who was heard first."""
    for name in ("tags", "agents"):
        session[name] = sorted(session.get(name) or [], key=str)
    return session
