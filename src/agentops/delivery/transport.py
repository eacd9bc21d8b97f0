"""HTTP requests to one collector: connections kept, redirects not followed, answers small, failures told apart."""

from __future__ import annotations

import os
import socket
import time
import zlib
from datetime import UTC
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import urlsplit

from opentelemetry import context as otel_context

from agentops.delivery.destination import DeliveryError
from agentops.recording.context import suppressed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import requests

CONNECT_SECONDS: Final = 5.0
ANSWER_SECONDS: Final = 20.0
"""How long an answer may take; the original waits as long."""

LARGEST_ANSWER: Final = 1 << 20
"""Bytes of an answer that are read."""

COMPRESSED_FROM: Final = 16 << 10
"""Bytes from which a body is worth compressing, where the collector takes that and is on another machine: on the way to
this one, compressing costs several times what sending does."""

_PROBE_SECONDS: Final = 1.0
_PIECE: Final = 1 << 16
_GZIP: Final = 31
_SUPPRESS_KEY: Final = "suppress_instrumentation"
"""The context key by which other instrumentations are told to look away."""


class Answer(NamedTuple):
    """What a collector answered; `retry_after` is in seconds."""

    status: int
    body: bytes
    retry_after: float | None = None
    location: str | None = None


class Transport:
    """Posts JSON to the paths of one endpoint, from any thread and on either side of a fork."""

    def __init__(self, endpoint: str, *, timeout: float = ANSWER_SECONDS, now: Callable[[], float] = time.time) -> None:
        """Nothing is imported or connected before the first request.

        Args:
            endpoint: the collector's address, without a slash at its end.
            timeout: seconds that an answer may take.
            now: the wall clock, Unix seconds.
        """
        self.endpoint = endpoint.rstrip("/")
        self._timeout = timeout
        self._now = now
        self._session: requests.Session | None = None
        self._process = 0
        self._is_proven = False
        self._is_near = is_loopback(endpoint)
        self._ways: Any = None
        self._forms: dict[str, requests.PreparedRequest] = {}

    def post(self, path: str, body: bytes, headers: Mapping[str, str], *, compress: bool = False) -> Answer:
        """Send JSON and read the answer, whatever its status.

        Raises:
            DeliveryError: if there is none: no connection, no answer in time, or none that can be read.
        """
        if not self._is_proven:
            probe(self.endpoint)
        sent = {"Content-Type": "application/json; charset=UTF-8", "Accept": "*/*", **headers}
        if compress and len(body) >= COMPRESSED_FROM and not self._is_near:
            packer = zlib.compressobj(1, wbits=_GZIP)
            body = packer.compress(body) + packer.flush()
            sent["Content-Encoding"] = "gzip"
        token = otel_context.attach(otel_context.set_value(_SUPPRESS_KEY, True))  # noqa: FBT003 - the API's signature
        try:
            with suppressed():
                answer = self._exchange(f"{self.endpoint}{path}", body, sent)
        except DeliveryError:
            self._is_proven = False
            raise
        finally:
            otel_context.detach(token)
        self._is_proven = True
        return answer

    def _exchange(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        import requests  # noqa: PLC0415 - 50 ms, and only programs with a collector pay them, on the delivering thread
        from urllib3.exceptions import HTTPError  # noqa: PLC0415 - likewise

        session = self._connected()
        try:
            prepared = self._prepare(session, url)
            prepared.headers.update(headers)
            prepared.prepare_body(body, None)  # pyright: ignore[reportUnknownMemberType] - as its stubs have it
            if self._ways is None or not self._is_proven:  # looking through the environment takes a while
                url_sent = prepared.url or url
                self._ways = session.merge_environment_settings(url_sent, {}, stream=True, verify=None, cert=None)
            until = time.monotonic() + self._timeout
            response = session.send(
                prepared, timeout=(CONNECT_SECONDS, self._timeout), allow_redirects=False, **self._ways
            )
            with response:
                said = response.headers
                return Answer(
                    response.status_code,
                    _read(response.raw, until),
                    retry_seconds(said.get("Retry-After"), self._now()),
                    said.get("Location"),
                )
        except (requests.RequestException, HTTPError, OSError, ValueError) as error:
            raise DeliveryError(f"{urlsplit(url).netloc.rpartition('@')[2]}: {_reason(error)}") from error

    def _prepare(self, session: requests.Session, url: str) -> requests.PreparedRequest:
        """A request without a body; most of it is the same each time, and takes longer to make than to copy."""
        import requests  # noqa: PLC0415 - see above

        form = self._forms.get(url)
        if form is None:
            # an `auth` of its own, or requests would put the password that a .netrc has for this host over our token
            form = session.prepare_request(requests.Request("POST", url, auth=_as_it_is))
            self._forms[url] = form
        prepared = form.copy()
        if session.cookies:
            prepared.headers.pop("Cookie", None)
            prepared.prepare_cookies(session.cookies)  # pyright: ignore[reportUnknownMemberType] - likewise
        return prepared

    def _connected(self) -> requests.Session:
        """The connections of this process; those of a parent are the parent's."""
        import requests  # noqa: PLC0415 - see above

        if self._session is None or self._process != os.getpid():
            self._session, self._process = requests.Session(), os.getpid()
            self._session.headers["User-Agent"] = "agentops"
            self._forms.clear()
        return self._session

    def close(self) -> None:
        """Hang up."""
        session, self._session = self._session, None
        self._is_proven = False
        if session is not None and self._process == os.getpid():
            session.close()


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _read(raw: Any, until: float) -> bytes:
    """An answer's body, as far as it is allowed to be large and slow."""
    read = getattr(raw, "read1", raw.read)
    body = b""
    while piece := read(_PIECE, decode_content=True):
        body += piece
        if len(body) > LARGEST_ANSWER:
            raise ValueError(f"the answer is larger than {LARGEST_ANSWER} bytes")
        if time.monotonic() > until:
            raise ValueError("the answer takes too long")
    return body


def _reason(error: BaseException) -> str:
    """Why there is no answer, without the request, which holds the key."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.strerror:
            return cause.strerror
        cause = cause.__cause__ or cause.__context__
    words = {"ConnectTimeout": "no connection in time", "ReadTimeout": "no answer in time"}
    name = type(error).__name__
    return words.get(name, str(error) if isinstance(error, ValueError) and len(str(error)) < _SHORT else name)


_SHORT: Final = 80


def shown(endpoint: str) -> str:
    """An address as it may be shown: without user and password."""
    address = urlsplit(endpoint)
    return address._replace(netloc=address.netloc.rpartition("@")[2]).geturl()


def is_loopback(endpoint: str) -> bool:
    """Whether an address is on this machine."""
    host = urlsplit(endpoint).hostname or ""
    return host in {"localhost", "::1"} or host.startswith("127.")


def probe(endpoint: str) -> None:
    """Find out at once whether nobody listens, without importing what requests are made with.

    Raises:
        DeliveryError: if the connection is refused. Whatever else may be wrong is left for the request to find.
    """
    address = urlsplit(endpoint)
    proxies = {f"{address.scheme}_proxy".lower(), "all_proxy"}
    if not address.hostname or any(name.lower() in proxies and value for name, value in os.environ.items()):
        return
    port = address.port or {"https": 443}.get(address.scheme, 80)
    try:
        socket.create_connection((address.hostname, port), timeout=_PROBE_SECONDS).close()
    except ConnectionRefusedError as error:
        raise DeliveryError(f"nobody listens at {address.hostname}:{port}") from error
    except OSError:
        return


def retry_seconds(said: str | None, now: float) -> float | None:
    """The seconds that a `Retry-After` asks for: a number of them, or a date (RFC 9110, 10.2.3)."""
    if not said:
        return None
    word = said.strip()
    if word.replace(".", "", 1).isdigit() and word.isascii():
        return float(word)
    from email.utils import parsedate_to_datetime  # noqa: PLC0415 - 10 ms for what hardly ever comes

    try:
        moment = parsedate_to_datetime(word)
    except ValueError:
        return None
    return max(0.0, (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() - now)
