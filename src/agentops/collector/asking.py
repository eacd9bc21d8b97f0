"""From a request on the wire to what a route asks for: its query and its body, read by their types."""

from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Final, get_args, get_origin

import msgspec
from msgspec import Struct

from agentops.collector.load import Share
from agentops.collector.problems import RequestError, bad_request
from agentops.collector.weights import weigh_json

_SEQUENCES: Final = (list, tuple, set, frozenset)


def read_query(kind: type[Struct], items: Iterable[tuple[str, str]]) -> Struct:
    """The fields behind the question mark.

    Raises:
        RequestError: 400, with the field that is wrong.
    """
    found = defaultdict[str, list[str]](list)
    for name, value in items:
        found[name].append(value)
    fields = query_fields(kind)
    for name in found:
        if name not in fields:
            raise bad_request(f"there is no parameter {name[:60]!r}; there are {', '.join(sorted(fields)) or 'none'}")
    values: dict[str, Any] = {name: said if fields[name] else said[-1] for name, said in found.items()}
    try:
        query = msgspec.convert(values, kind, strict=False)
    except msgspec.ValidationError as error:
        raise bad_request(str(error)) from error
    for name in found:
        if getattr(query, name) is None:  # msgspec reads the text `null` as nothing
            raise bad_request(f"{name} is left out where nothing is meant")
    return query


@lru_cache(maxsize=256)
def query_fields(kind: type[Struct]) -> dict[str, bool]:
    """The names of a query's fields, and whether each may be given several times."""
    return {field.encode_name: _holds_several(field.type) for field in msgspec.structs.fields(kind)}


def _holds_several(annotation: Any) -> bool:
    origin = get_origin(annotation)
    return origin in _SEQUENCES or (origin not in _SEQUENCES and any(map(_holds_several, get_args(annotation))))


def read_json(kind: Any, data: bytes, share: Share) -> Any:
    """A JSON body of a type, which takes its room out of the share.

    Raises:
        RequestError: 400 with the place that is wrong, 413 if it holds too many values, 503 if they find no room.
    """
    weigh_json(data, share)
    try:
        return _decoder(kind).decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise bad_request(str(error)) from error
    except RecursionError:
        raise bad_request("the JSON is nested too deeply") from None


def check_json_type(content_type: str) -> None:
    """A body that is to be JSON has to say so: no page of another origin can, without asking first.

    Raises:
        RequestError: 415 if it says that it is something else, or nothing.
    """
    kind = content_type.partition(";")[0].strip().lower()
    if kind != "application/json" and not kind.endswith("+json"):
        raise RequestError(415, "unsupported_media_type", "send JSON, with Content-Type: application/json")


@lru_cache(maxsize=256)
def _decoder(kind: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind)
