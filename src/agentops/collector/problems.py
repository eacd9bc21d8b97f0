"""What can be wrong with a request, and how the answer says so.

Every client finds the words where it looks for them: those of AgentOps 0.3 read `message` and `path`, those of 0.4
`error`.
"""

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from typing import Final

from msgspec import Struct

from agentops.collector.replies import JSON, Content
from agentops.errors import (
    AgentOpsError,
    ConfigurationError,
    ForbiddenError,
    ProjectError,
    QueryError,
    StoreError,
    UnauthorizedError,
    UnknownKeyError,
    UnknownProjectError,
    UnknownSessionError,
    UnknownSpanError,
)


class Problem(Struct, frozen=True):
    """Why a request was not carried out; `error` is a word for programs, `message` a sentence for people."""

    error: str
    message: str
    path: str = ""


class RequestError(AgentOpsError):
    """A request cannot be carried out, for a reason that its sender should know."""

    def __init__(self, status: int, error: str, message: str, *, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.error = error
        self.headers = dict(headers or {})


def bad_request(message: str) -> RequestError:
    """What was sent makes no sense."""
    return RequestError(400, "bad_request", message)


def not_found(message: str) -> RequestError:
    """There is no such thing; also where there is one in another project."""
    return RequestError(404, "not_found", message)


def overloaded(message: str) -> RequestError:
    """More comes in than can be kept up with; it is worth trying again."""
    return RequestError(503, "overloaded", message, headers={"Retry-After": "1"})


@contextmanager
def refusing() -> Generator[None]:
    """Tell of a `ValueError` as of a request that makes no sense."""
    try:
        yield
    except ValueError as error:
        raise bad_request(str(error)) from error


STATUS_OF: Final[tuple[tuple[type[Exception], int, str], ...]] = (
    (UnauthorizedError, 401, "unauthorized"),
    (ForbiddenError, 403, "forbidden"),
    (UnknownSessionError, 404, "not_found"),
    (UnknownSpanError, 404, "not_found"),
    (UnknownProjectError, 404, "not_found"),
    (UnknownKeyError, 404, "not_found"),
    (QueryError, 400, "bad_query"),
    (ProjectError, 400, "bad_request"),
    (StoreError, 503, "store_unavailable"),
    (ConfigurationError, 400, "bad_request"),
)
"""The status and the word for errors of lower layers; the first that fits."""


_HEADERS_OF: Final = {401: {"WWW-Authenticate": "Bearer"}, 503: {"Retry-After": "1"}}


def problem_of(error: Exception) -> RequestError | None:
    """How an error is told; None for one that nobody expected."""
    if isinstance(error, RequestError):
        return error
    for kind, status, word in STATUS_OF:
        if isinstance(error, kind):
            return RequestError(status, word, str(error), headers=_HEADERS_OF.get(status))
    return None


def reply_to(error: RequestError, path: str, headers: Mapping[str, str] | None = None) -> Content:
    """The answer that tells of a problem, whatever the headers of the request are."""
    del headers
    return Content(Problem(error.error, str(error), path), status=error.status, headers=error.headers)


class Wording(Struct, frozen=True):
    """How a protocol tells of problems.

    Attributes:
        write: makes the answer to a request of this path and these headers.
        kind: what it answers, as JSON.
        media_types: in which it may do so.
    """

    write: Callable[[RequestError, str, Mapping[str, str]], Content] = reply_to
    kind: type[Struct] = Problem
    media_types: tuple[str, ...] = (JSON,)


OWN_WORDING: Final = Wording()
