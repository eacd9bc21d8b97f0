"""Spans as rows: the narrow row that lists and counts read, and the body beside it."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from operator import itemgetter
from typing import Any, Final, NamedTuple, TypeVar, cast

import msgspec

from agentops.domain import wire
from agentops.domain.failures import ERROR_EVENT_TYPE, failure_of
from agentops.domain.genai import Message, Tool
from agentops.domain.spans import Record, SpanRecord, SpanStatus
from agentops.domain.tellings import is_call
from agentops.errors import StoreError
from agentops.store.sqlite.costs import read_cost, write_cost

RUNNING: Final = SpanStatus.RUNNING.value
MESSAGE, TOOLS = "message", "tools"

SpanRow = tuple[Any, ...]
"""The columns of `spans`, in order."""

RID, SID, SPAN_ID, PARENT, KIND, NAME, MODEL, STARTED, ENDED, STATUS, ERROR, ASKED, ANSWERED, COST = range(14)
AGENT, JID, ABOVE, RESPONSE_ID, REPEATS, FAILURE = range(14, 20)

PASSED_ON, FAILED, ERROR_EVENT = -1, 1, 2
"""In the column `error`: a span inside counts for the failure, the span does, or it is a recorded ErrorEvent."""

_END_OF_TIME: Final = 2**62
_MOST_TOKENS: Final = 10**12
"""More than any one call has; what claims more is cut so that sums stay within 64 bits."""

AnyRecord = TypeVar("AnyRecord", bound=Record)

_text = str.__str__
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


def span_row(rid: int, sid: int, jid: int, record: SpanRecord) -> SpanRow:
    """The narrow row of a span; a call is said to lie in its parent and to repeat none, and a failure to count."""
    request, response, status = record.request, record.response, record.status
    model, input_tokens, output_tokens, response_id = "", None, None, None
    if response is not None:
        model = response.model or ""
        response_id = response.id or None
        if response.usage is not None:
            input_tokens = _tokens(response.usage.input_total)
            output_tokens = _tokens(response.usage.output_total)
    if request is not None and not model:
        model = request.model or ""
    is_a_call = is_call(record)
    return (
        rid,
        sid,
        record.span_id,
        record.parent_id,
        _text(record.kind),
        record.name,
        model,
        moment(record.start),
        None if status is SpanStatus.RUNNING else moment(record.start if record.end is None else record.end),
        _text(status),
        ERROR_EVENT if record.event_type == ERROR_EVENT_TYPE else int(record.counted_error),
        input_tokens,
        output_tokens,
        None if record.cost is None else write_cost(read_cost(record.cost)),
        record.agent_name,
        jid,
        record.parent_id if is_a_call else None,
        response_id if is_a_call else None,
        0,
        failure_of(record),
    )


bare: Final[Callable[[SpanRow], SpanRow]] = itemgetter(*range(ERROR + 1), AGENT, JID)
"""The columns of a span that is no model call, cost nothing and did not fail: the others are left to their defaults.

sqlite3 takes as long for a None, or for bytes that are no bytearray, as SQLite for the whole row.
"""


def is_bare(row: SpanRow) -> bool:
    """Whether `bare` leaves nothing out."""
    return row[ASKED:AGENT] == _NOT_COUNTED and row[ABOVE:] == _NOT_CALLED


_NOT_COUNTED: Final = (None, None, None)
_NOT_CALLED: Final = (None, None, 0, None)


def moment(time: int) -> int:
    """A time that SQLite can hold and days can be counted in."""
    return time if 0 <= time < _END_OF_TIME else max(0, min(time, _END_OF_TIME))


def _tokens(count: int | None) -> int | None:
    return count if count is None or 0 <= count < _MOST_TOKENS else max(0, min(count, _MOST_TOKENS))


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
