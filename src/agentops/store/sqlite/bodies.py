"""Spans as bodies: all that is known of them, but for the messages and tool definitions that are stored once."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from typing import Any, Final, NamedTuple, TypeVar, cast

import msgspec

from agentops.domain import wire
from agentops.domain.genai import Message, Tool
from agentops.domain.spans import Record, SpanRecord
from agentops.errors import StoreError

MESSAGE, TOOLS = "message", "tools"

AnyRecord = TypeVar("AnyRecord", bound=Record)

_encode = wire.to_json
_decode_message = msgspec.json.Decoder(Message).decode
_decode_tools = msgspec.json.Decoder(list[Tool]).decode
read_contents = msgspec.json.Decoder(tuple[list[int], list[int], int | None]).decode


class Content(NamedTuple):
    """The messages and tool definitions of one span, each by its hash."""

    asked: list[bytes]
    answered: list[bytes]
    tools: bytes | None


Blobs = dict[bytes, tuple[bytes, bytes, str]]
"""Messages and tool definitions by their JSON: its hash, the key that they are kept by, and their kind.

The key is the hash, behind the beginning of another: for what is said in a conversation that of its first message, for
instructions and tools their own. So what is said in a conversation lies together in the index, and a batch changes few
of its pages; a conversation that is sent again, in whatever session, finds itself.
"""

_PLACE: Final = 6
"""Bytes of a key before the hash."""

_INSTRUCTIONS: Final = frozenset({"system", "developer"})
"""Roles of what is the same in many conversations."""


def take_apart(record: SpanRecord, blobs: Blobs) -> tuple[bytes, Content | None]:
    """The body of a span without its messages and tool definitions, which go into `blobs`.

    Raises:
        UnicodeEncodeError: if a text cannot be written as UTF-8.
        TypeError: if a value is none that JSON has.
    """
    request, response = record.request, record.response
    if request is None and response is None:
        return _encode(record), None
    lean = copy(record)
    asked, answered, tools, beginning = list[bytes](), list[bytes](), None, b""
    if request is not None and (request.messages or request.tools):
        lean.request = bare = copy(request)
        asked, beginning = _intern(request.messages, blobs, beginning)
        tools = _intern_tools(request.tools, blobs) if request.tools else None
        bare.messages, bare.tools = [], []
    if response is not None and response.messages:
        lean.response = answer = copy(response)
        answered, _ = _intern(response.messages, blobs, beginning)
        answer.messages = []
    content = Content(asked, answered, tools) if asked or answered or tools else None
    return _encode(lean), content


def _intern(messages: Sequence[Message], blobs: Blobs, beginning: bytes) -> tuple[list[bytes], bytes]:
    """The hashes of messages, and that of the one their conversation begins with, unless `beginning` tells it."""
    digests: list[bytes] = []
    for message in messages:
        body = _encode(message)
        blob = blobs.get(body)  # a conversation is sent again with every turn
        is_said = message.role not in _INSTRUCTIONS
        if blob is None:
            digest = _hash(body)
            place = beginning if beginning and is_said else digest
            blob = blobs[body] = (digest, place[:_PLACE] + digest, MESSAGE)
        digests.append(blob[0])
        if is_said and not beginning:
            beginning = blob[0]
    return digests, beginning


def _intern_tools(tools: list[Tool], blobs: Blobs) -> bytes:
    body = _encode(tools)
    digest = _hash(body)
    blobs[body] = (digest, digest[:_PLACE] + digest, TOOLS)
    return digest


def _hash(body: bytes) -> bytes:
    return hashlib.blake2b(body, digest_size=16).digest()


class Stored(NamedTuple):
    """A row of `bodies`."""

    rid: int
    body: bytes
    contents: str | None


def put_together(
    rows: list[Stored], read_messages: Callable[[set[int]], Mapping[int, tuple[str, bytes]]]
) -> list[SpanRecord]:
    """Spans as they were, with the messages that `read_messages` finds by row."""
    parts = [read_contents(row.contents) if row.contents else None for row in rows]
    wanted = {mid for part in parts if part is not None for mid in (*part[0], *part[1], part[2]) if mid is not None}
    found: Mapping[int, tuple[str, bytes]] = read_messages(wanted) if wanted else {}
    messages = {mid: _decode_message(body) for mid, (kind, body) in found.items() if kind == MESSAGE}
    tools = {mid: _decode_tools(body) for mid, (kind, body) in found.items() if kind == TOOLS}
    records: list[SpanRecord] = []
    for row, part in zip(rows, parts, strict=True):
        record = read_body(row.body)
        if part is not None:
            asked, answered, offered = part
            if record.request is not None:
                record.request.messages = _known(messages, asked)
                record.request.tools = list(tools.get(offered, ())) if offered is not None else []
            if record.response is not None:
                record.response.messages = _known(messages, answered)
        records.append(record)
    return records


def _known(messages: Mapping[int, Message], mids: list[int]) -> list[Message]:
    return [messages[mid] for mid in mids if mid in messages]


def read_body(body: bytes) -> SpanRecord:
    """The span that a body holds, without its messages.

    Raises:
        StoreError: if the body is damaged.
    """
    try:
        record = wire.decode(body)
    except msgspec.MsgspecError as error:
        raise StoreError(f"a stored span is damaged: {error}") from error
    if not isinstance(record, SpanRecord):
        raise StoreError("a stored span is damaged: it is no span")
    return record


def read_message(body: bytes) -> Message:
    """The message that a row of `messages` holds."""
    return _decode_message(body)


def scrubbed(record: AnyRecord) -> AnyRecord:
    """A record with whatever cannot be written in its texts replaced by question marks.

    Raises:
        msgspec.MsgspecError: if it cannot be written even so.
        TypeError: likewise.
    """
    return msgspec.convert(_scrub(msgspec.to_builtins(record)), type(record))


def _scrub(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, dict):
        return {_scrub(key): _scrub(item) for key, item in cast("dict[str, Any]", value).items()}
    if isinstance(value, list):
        return [_scrub(item) for item in cast("list[Any]", value)]
    return value
