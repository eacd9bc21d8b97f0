"""Records as bytes and back."""

from collections.abc import Callable, Iterable
from typing import Any, Final

import msgspec

from agentops.domain.spans import Record


def _exact(value: Any) -> str:
    """The text that a kind of text is, such as a session id."""
    if isinstance(value, str):
        return str.__str__(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


_encoder = msgspec.json.Encoder(decimal_format="string", enc_hook=_exact)
_decoder = msgspec.json.Decoder(Record)


def encode(record: Record) -> bytes:
    """A record as one line of JSON, legible whatever it holds."""
    return to_legible_json(record)


def decode(data: bytes | str) -> Record:
    """The record that `encode` wrote.

    Raises:
        msgspec.DecodeError: if it is not one.
    """
    return _decoder.decode(data)


def encode_lines(records: Iterable[Record]) -> bytes:
    """Records as newline-delimited JSON."""
    return _encoder.encode_lines(list(records))


to_json: Final[Callable[[Any], bytes]] = _encoder.encode
"""Any plain value or record as JSON; raises UnicodeEncodeError if it holds lone surrogates."""


def to_legible_json(value: Any) -> bytes:
    """Any plain value or record as JSON; characters that UTF-8 has no place for (lone surrogates) become `?`."""
    try:
        return _encoder.encode(value)
    except UnicodeEncodeError:
        return _encoder.encode(_legible(to_plain(value)))


def to_plain(value: Any) -> Any:
    """Any plain value or record as the lists, dicts and scalars that its JSON is made of."""
    return msgspec.to_builtins(value, enc_hook=_exact)


def _legible(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {_legible(key): _legible(item) for key, item in value.items()}  # pyright: ignore[reportUnknownVariableType] - plain JSON
    if isinstance(value, list):
        return [_legible(item) for item in value]  # pyright: ignore[reportUnknownVariableType] - plain JSON
    return value
