"""Which browsers are let in: only those that look at this server under its own name, and only pages that are its own.

A server on this machine is reached by any page in a browser on this machine. A page whose name was made to point here
(DNS rebinding) sends its own name as host; a page elsewhere that sends a form says where it is from. Both are turned
away. Programs say neither.
"""

from collections.abc import Iterable
from typing import Final

from starlette.datastructures import Headers

from agentops.collector.options import LOOPBACK_HOSTS, ServeOptions
from agentops.collector.problems import RequestError

_FORMS: Final = ("application/x-www-form-urlencoded", "multipart/form-data", "text/plain")
"""What a page of any origin may send without asking first (https://fetch.spec.whatwg.org/#cors-safelisted-request-header)."""


class Guest:
    """Decides about hosts and origins."""

    def __init__(self, options: ServeOptions) -> None:
        self._hosts = LOOPBACK_HOSTS | {options.host.lower()} | _lowered(options.allowed_hosts)
        self._origins = _lowered(options.allowed_origins)
        self._is_checked = options.is_local or bool(options.allowed_hosts)

    def check(self, method: str, headers: Headers) -> None:
        """Let a request pass.

        Raises:
            RequestError: 421 if it is for somebody else, 403 if a foreign page sends it, 415 if it could be a form.
        """
        host = headers.get("host", "")
        if self._is_checked and name_of(host) not in self._hosts:
            raise RequestError(
                421, "wrong_host", f"this server is not {host[:80]!r}; name it with --allow-host if it is to be"
            )
        if method in {"GET", "HEAD", "OPTIONS"}:
            return
        origin = headers.get("origin")
        if origin is not None and not self.is_own(origin, host):
            raise RequestError(403, "foreign_origin", "pages of other origins may not send anything here")
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind in _FORMS:
            raise RequestError(
                415, "unsupported_media_type", "say what the body is, such as Content-Type: application/json"
            )

    def is_own(self, origin: str, host: str) -> bool:
        """Whether a page of this origin is this server's own, or is allowed."""
        if origin.lower() in self._origins:
            return True
        return origin.lower().partition("://")[2] == host.lower()

    def may_read(self, origin: str | None) -> bool:
        """Whether a page of this origin, not being ours, may see answers."""
        return origin is not None and origin.lower() in self._origins


def name_of(host: str) -> str:
    """The name in a Host header, without its port and the brackets of IPv6."""
    if host.startswith("["):
        return host[1:].partition("]")[0].lower()
    return host.partition(":")[0].lower()


def _lowered(names: Iterable[str]) -> frozenset[str]:
    return frozenset(name.strip().lower().rstrip("/") for name in names)
