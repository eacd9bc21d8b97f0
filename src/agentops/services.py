"""Sessions that reach across services: what is current, as W3C headers of a request, and back.

https://www.w3.org/TR/trace-context/ and https://www.w3.org/TR/baggage/
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from agentops.instrumentation.carried import as_text, revive
from agentops.recording.context import attached, capture

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping


def inject(headers: Mapping[str, str] | None = None) -> dict[str, str]:
    """Headers for a request to another service, so that what it records belongs to the current session.

    Args:
        headers: the request's other headers; they are kept, and so is other baggage among them.

    Returns:
        The headers with `traceparent` and `baggage`; as they were, where no session is current.
    """
    kept = dict(headers or {})
    for name, value in as_text(capture()).items():
        same = next((known for known in kept if known.lower() == name.lower()), name.lower())
        kept[same] = f"{kept[same]},{value}" if name == "BAGGAGE" and kept.get(same) else value
    return kept


@contextmanager
def extract(headers: Mapping[str, str]) -> Generator[None]:
    """In the block, what is recorded belongs to the session of the service that sent these headers.

    Headers that name no session change nothing.
    """
    lowered = {name.lower(): value for name, value in headers.items()}
    text = {name.upper(): lowered[name] for name in ("traceparent", "baggage") if name in lowered}
    with attached(revive(text)):
        yield
