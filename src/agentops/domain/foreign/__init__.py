"""Total readers of other people's objects: JSON, models, anything with attributes.

What is missing, odd or of another type reads as absent. Reading is by type, so the sentinels with which client
libraries say "not given" are absent as well.
"""

from agentops.domain.foreign.loading import loaded
from agentops.domain.foreign.reading import UNREADABLE, at, attribute, count, entry, flag, number, objects, text
from agentops.domain.foreign.snapshot import DEPTH_LIMIT, NODE_LIMIT, is_plain, plain

__all__ = [
    "DEPTH_LIMIT",
    "NODE_LIMIT",
    "UNREADABLE",
    "at",
    "attribute",
    "count",
    "entry",
    "flag",
    "is_plain",
    "loaded",
    "number",
    "objects",
    "plain",
    "text",
]
