"""What a store can do, and the values it gives and takes."""

from agentops.store.protocol.aggregates import Aggregate, AggregateFilter, Dimension, Totals
from agentops.store.protocol.annotations import Note, Score
from agentops.store.protocol.contents import ChatMessage, LogFilter, SearchHit, SpanSummary
from agentops.store.protocol.replies import Acknowledgement, StoreHealth, Table
from agentops.store.protocol.sessions import Page, SessionFilter, SessionOrder, SessionSummary
from agentops.store.protocol.store import Store

__all__ = [
    "Acknowledgement",
    "Aggregate",
    "AggregateFilter",
    "ChatMessage",
    "Dimension",
    "LogFilter",
    "Note",
    "Page",
    "Score",
    "SearchHit",
    "SessionFilter",
    "SessionOrder",
    "SessionSummary",
    "SpanSummary",
    "Store",
    "StoreHealth",
    "Table",
    "Totals",
]
