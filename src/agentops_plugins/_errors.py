"""What the exceptions of client libraries say, as the errors of calls."""

from agentops.domain.spans import ErrorInfo


def is_kind(error: BaseException, name: str) -> bool:
    """Whether an exception is of a class of this name, or of one derived from it."""
    return any(base.__name__ == name for base in type(error).__mro__)


def failure(
    error: BaseException,
    message: str | None = None,
    *,
    status: int | None = None,
    code: str | None = None,
    request_id: str | None = None,
) -> ErrorInfo:
    """What was found in an exception, under the full name of its type.

    Args:
        error: the exception.
        message: what the provider said; the exception's own words where it is None or empty.
        status: the HTTP status.
        code: the provider's word for it.
        request_id: the provider's id of the request.
    """
    kind = type(error)
    return ErrorInfo(
        type=f"{kind.__module__}.{kind.__qualname__}",
        message=message or str(error),
        status_code=status,
        code=code,
        request_id=request_id,
    )
