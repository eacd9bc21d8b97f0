"""A collector's catalog with keys in it, and tokens that nobody should accept."""

from base64 import urlsafe_b64encode
from collections.abc import Mapping
from typing import Any, NamedTuple

import jwt
import msgspec

from agentops.collector.access import Access, Catalog, Key, Scope
from agentops.collector.access.keys import create_key
from agentops.collector.access.records import DEFAULT_SCOPES

SHOP, LAB = "shop", "lab"


class Holder(NamedTuple):
    """Somebody with a key: what the catalog knows of it, and the key itself."""

    key: Key
    text: str


def new_holder(catalog: Catalog, project: str, *scopes: Scope, name: str = "sample") -> Holder:
    """Somebody with a new key of a project."""
    return Holder(*create_key(catalog, project, name, scopes=scopes or DEFAULT_SCOPES))


def bearer(text: str) -> dict[str, str]:
    """The headers that show a key or a token to OTLP."""
    return {"authorization": f"Bearer {text}"}


def token_of(access: Access, holder: Holder, session_id: str | None = None) -> str:
    """A token that is good."""
    return access.token_for(access.identify_key(holder.text), session_id)


def claims_of(token: str) -> dict[str, Any]:
    """What a token says, whoever signed it."""
    return jwt.decode(token, options={"verify_signature": False})


def part(content: Mapping[str, Any]) -> str:
    """A header or payload as it stands in a token."""
    return urlsafe_b64encode(msgspec.json.encode(content)).rstrip(b"=").decode()
