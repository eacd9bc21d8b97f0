"""Where a page of spans or lines ends, as a word that asks for the next one."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Annotated, Any, Final, TypeVar

import msgspec
from msgspec import Meta

from agentops.collector.problems import bad_request

Number = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
SpanPosition: Final = tuple[Number, str]
"""The start and the id of the last span."""
LinePosition: Final = tuple[Number, Number]
"""The time and the number of the last line."""

Position = TypeVar("Position")


def write_position(position: tuple[Any, ...]) -> str:
    """The word for a position."""
    return urlsafe_b64encode(msgspec.json.encode(position)).decode().rstrip("=")


def read_position(kind: type[Position], word: str | None) -> Position | None:
    """The position that `write_position` wrote; None for no word.

    Raises:
        RequestError: 400 if it is another word.
    """
    if word is None:
        return None
    try:
        return msgspec.json.decode(urlsafe_b64decode(word + "=" * (-len(word) % 4)), type=kind)
    except ValueError as error:
        raise bad_request("the cursor is none of this list") from error
