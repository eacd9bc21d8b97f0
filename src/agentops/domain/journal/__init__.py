"""The journal's format, and what its frames tell: read by whoever delivers them, and by collectors they are sent to."""

from agentops.domain.journal.requests import CONTENT_TYPE, read_request

__all__ = ["CONTENT_TYPE", "read_request"]
