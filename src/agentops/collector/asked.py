"""A request, as the function that answers it sees it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from agentops.collector.access import Principal
from agentops.collector.load import Share
from agentops.collector.services import Services
from agentops.store.protocol import Store

Query_co = TypeVar("Query_co", covariant=True)
Body_co = TypeVar("Body_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Asked(Generic[Query_co, Body_co]):
    """What is asked, by whom, and of whose sessions.

    Attributes:
        services: what all requests share.
        principal: who asks.
        store: the sessions of the project of whoever asks; there is no way to another's.
        path: the parts of the path that have names.
        query: what stands behind the question mark, as the route declares it; None where it declares nothing.
        body: what was sent: read as the route declares it, its bytes where it declares `bytes`.
        headers: the headers, by lower-case names.
        base_url: how the client calls this server, without a slash at the end.
        share: what it takes of the memory that there is for all.
    """

    services: Services
    principal: Principal
    store: Store
    path: Mapping[str, str]
    query: Query_co
    body: Body_co
    headers: Mapping[str, str]
    base_url: str
    share: Share
