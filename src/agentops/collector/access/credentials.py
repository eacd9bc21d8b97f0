"""What the headers of a request say of whoever sent it.

| header | what stands in it | who sends it |
|---|---|---|
| `X-Agentops-Api-Key` | a key | AgentOps 0.3, our own programs |
| `X-Agentops-Auth` | a key | AgentOps before 0.3 |
| `X-API-Key` | a key | AgentOps 0.4.0 to 0.4.5 |
| `Authorization: Bearer` | a key or a token | AgentOps 0.3 and 0.4, OpenTelemetry |
| `Authorization: Basic` | a key as the password, any user | OpenTelemetry |
"""

import binascii
from base64 import b64decode
from collections.abc import Mapping
from typing import Final

from msgspec import Struct

_KEY_HEADERS: Final = frozenset({"x-agentops-api-key", "x-agentops-auth", "x-api-key"})


class Credentials(Struct, frozen=True):
    """What was shown.

    Attributes:
        keys: of the headers for keys, each once.
        authorizations: keys or tokens of the header `Authorization`, each once; empty text where it is of no kind that
            is understood.
    """

    keys: frozenset[str]
    authorizations: frozenset[str]


def read_credentials(headers: Mapping[str, str]) -> Credentials:
    """What a request shows; a header that is empty or missing shows nothing.

    Args:
        headers: their names in any case; its `items` may name one header several times.
    """
    keys: set[str] = set()
    authorizations: set[str] = set()
    for name, value in headers.items():
        found = _as_sent(value.strip())
        if not found:
            continue
        lower = name.lower()
        if lower in _KEY_HEADERS:
            keys.add(found)
        elif lower == "authorization":
            authorizations.add(_authorization_of(found))
    return Credentials(frozenset(keys), frozenset(authorizations))


def _authorization_of(value: str) -> str:
    scheme, _, rest = value.partition(" ")
    match scheme.lower():
        case "bearer":
            return rest.strip()
        case "basic":
            return _password_of(rest.strip())
        case _:
            return ""


def _password_of(pair: str) -> str:
    try:
        return b64decode(pair, validate=True).decode().partition(":")[2].strip()
    except (binascii.Error, ValueError):
        return ""


def _as_sent(value: str) -> str:
    """The text of a header: servers read its bytes as Latin-1, while keys that go beyond ASCII are sent as UTF-8."""
    try:
        return value.encode("latin-1").decode()
    except UnicodeError:
        return value
