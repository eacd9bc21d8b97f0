"""Bodies of requests: read within limits, unpacked within limits, whatever they claim of themselves."""

import asyncio
import zlib
from collections.abc import Iterator
from typing import Any, Final

from msgspec import Struct
from starlette.requests import ClientDisconnect, Request

from agentops.collector.load import Share
from agentops.collector.problems import RequestError, bad_request

CHUNK: Final = 1 << 18
_GZIP_OR_ZLIB: Final = 32 + zlib.MAX_WBITS
_ZSTD_WINDOW: Final = 8 << 20
"""What every reader should allow and need not exceed (RFC 8878, section 3.1.1.1.2)."""


class BodyLimits(Struct, frozen=True):
    """How large a body may be, in bytes, and how long it may take, in seconds."""

    wire: int = 16 << 20
    """As it is sent."""
    inflated: int = 32 << 20
    """Unpacked."""
    seconds: float = 30.0


async def read_body(request: Request, limits: BodyLimits, share: Share) -> bytes:
    """The body of a request, unpacked.

    Raises:
        RequestError: 413 if it is too large, 415 if it is packed in a way that nobody reads here, 408 if it does not
            come, 400 if it is damaged, 503 if too much else is under way.
    """
    unpack = _unpacker(request.headers.get("content-encoding", ""))
    data = await _receive(request, limits, share)
    if unpack is None:
        return data
    return await asyncio.to_thread(_inflate, unpack(data), limits, share)


async def _receive(request: Request, limits: BodyLimits, share: Share) -> bytes:
    announced = request.headers.get("content-length", "")
    if announced.isdecimal():
        if int(announced) > limits.wire:
            raise _too_large(limits.wire)
        share.grow(int(announced))
    chunks: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(limits.seconds):
            async for chunk in request.stream():
                size += len(chunk)
                if size > limits.wire:
                    raise _too_large(limits.wire)
                if size > share.size:
                    share.grow(size - share.size)
                chunks.append(chunk)
    except TimeoutError:
        raise RequestError(408, "timeout", f"the body did not come within {limits.seconds:g} seconds") from None
    except ClientDisconnect:
        raise bad_request("the connection was closed before the body had come") from None
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def _too_large(limit: int) -> RequestError:
    return RequestError(413, "too_large", f"a body may have {limit >> 20} MB")


def _unpacker(encoding: str) -> Any:
    coding = encoding.strip().lower()
    if coding in {"", "identity"}:
        return None
    found = _UNPACKERS.get(coding)
    if found is None:
        raise RequestError(
            415, "unsupported_encoding", f"the encoding {coding[:40]!r} is not read here; use gzip, deflate or zstd"
        )
    return found


def _inflate(pieces: Iterator[bytes], limits: BodyLimits, share: Share) -> bytes:
    found: list[bytes] = []
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > limits.inflated:
            raise _too_large(limits.inflated)
        if size > share.size:
            share.grow(size - share.size)
        found.append(piece)
    return found[0] if len(found) == 1 else b"".join(found)


def _zlib_pieces(data: bytes, window: int) -> Iterator[bytes]:
    """Unpack gzip (also several members behind each other) or deflate, piece by piece."""
    while data:
        unpacker = zlib.decompressobj(window)
        try:
            while not unpacker.eof:
                piece = unpacker.decompress(data, CHUNK)
                if not piece and not unpacker.unconsumed_tail and not unpacker.eof:
                    raise bad_request("the packed body is cut short")
                yield piece
                data = unpacker.unconsumed_tail
        except zlib.error as error:
            raise bad_request("the body is not packed as its header says") from error
        data = unpacker.unused_data.lstrip(b"\0")


def _gzip(data: bytes) -> Iterator[bytes]:
    return _zlib_pieces(data, _GZIP_OR_ZLIB)


def _deflate(data: bytes) -> Iterator[bytes]:
    """Deflate as HTTP means it, with zlib's frame, or bare as some send it (RFC 9110, section 8.4.1.2)."""
    has_frame = len(data) > 1 and data[0] & 0x0F == 8 and (data[0] << 8 | data[1]) % 31 == 0  # noqa: PLR2004 - RFC 1950
    return _zlib_pieces(data, zlib.MAX_WBITS if has_frame else -zlib.MAX_WBITS)


def _zstd(data: bytes) -> Iterator[bytes]:
    from zstandard import ZstdDecompressor, ZstdError  # noqa: PLC0415 - few send it

    reader = ZstdDecompressor(max_window_size=_ZSTD_WINDOW).stream_reader(data, read_across_frames=True)
    try:
        while piece := reader.read(CHUNK):
            yield piece
    except ZstdError as error:
        raise bad_request("the body is not packed as its header says") from error


_UNPACKERS: Final = {"gzip": _gzip, "x-gzip": _gzip, "deflate": _deflate, "zstd": _zstd}
