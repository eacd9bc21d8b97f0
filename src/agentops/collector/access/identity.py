"""Saying who asks."""

import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Final

from msgspec.structs import replace

from agentops.collector.access import tokens
from agentops.collector.access.catalog import Catalog, Contents
from agentops.collector.access.credentials import read_credentials
from agentops.collector.access.keys import digest_of
from agentops.collector.access.projects import ensure_project
from agentops.collector.access.records import ALL_SCOPES, DEFAULT_SCOPES, Key, Principal, Scope, allowed_by
from agentops.collector.access.tokens import Claims
from agentops.errors import ConfigurationError, UnauthorizedError

NOTHING_SHOWN: Final = "no key was sent: send one as X-Agentops-Api-Key, or as Authorization: Bearer"
DISAGREEING: Final = "the keys or tokens that were sent do not agree"


class Access:
    """Who may do what, by the keys of the catalog and those given at start, which are in memory only.

    A collector that never had a key is open: everybody is the default project with all scopes, whatever they send.
    """

    def __init__(self, catalog: Catalog, given: Mapping[str, str] | None = None) -> None:
        """`given` are keys by the names of their projects, which are made where they are missing.

        Raises:
            ConfigurationError: if a key is blank, or two projects are given the same.
            ProjectError: if a project cannot be called so.
            StoreError: if a project cannot be made.
        """
        self._catalog = catalog
        self._given: dict[bytes, Key] = {}
        for name, value in (given or {}).items():
            self._give(name, value.strip())
        self._given_ids = {key.id: key for key in self._given.values()}

    def _give(self, name: str, value: str) -> None:
        if not value:
            raise ConfigurationError(f"the key of the project {name} is empty")
        digest = digest_of(value, self._catalog.secret)
        if digest in self._given:
            raise ConfigurationError(f"the key of the project {name} is that of another project as well")
        project = ensure_project(self._catalog, name)
        self._given[digest] = Key(
            id=f"given-{digest[:8].hex()}",  # the same at the next start, so that tokens stay good
            project=project.id,
            name=name,
            hint="",
            scopes=tuple(sorted(DEFAULT_SCOPES)),
            created=time.time_ns(),
        )

    @property
    def is_open(self) -> bool:
        """Whether nobody needs a key: there never was one, and none was given. Revoking the last opens nothing."""
        return self._lets_all_in(self._catalog.contents())

    def admit(self, headers: Mapping[str, str], scope: Scope | None) -> Principal:
        """Whoever asks, if they may; without a scope anybody may, as a guest who is allowed nothing else.

        Raises:
            UnauthorizedError: if nothing says who asks.
            ForbiddenError: if the key does not allow this.
            StoreError: if the catalog cannot be read.
        """
        if scope is None:
            return Principal(self._catalog.default_project, frozenset())
        principal = self.identify(headers)
        principal.check(scope)
        return principal

    def identify(self, headers: Mapping[str, str]) -> Principal:
        """Whoever sent these headers, see `credentials`.

        A key in a header of its own decides. A token in `Authorization` beside it adds its session, and is passed over
        where it is not good: AgentOps 0.3 goes on to send one that has expired. Alone, `Authorization` decides.

        Raises:
            UnauthorizedError: if nothing was sent, if what decides is unknown, revoked or expired, or if two headers
                contradict each other.
            StoreError: if the catalog cannot be read.
        """
        contents = self._catalog.contents()
        shown = read_credentials(headers)
        if self._lets_all_in(contents):
            return self._guest(shown.authorizations)
        key, authorization = _only(shown.keys), _only(shown.authorizations)
        if key is not None:
            principal = self._of_key(contents, key)
            found = principal if authorization is None else self._with_session(contents, principal, authorization)
        elif authorization is not None:
            found = self._of_authorization(contents, authorization)
        else:
            raise UnauthorizedError(NOTHING_SHOWN)
        return self._noted(found)

    def identify_key(self, text: str) -> Principal:
        """Whoever has this key, sent otherwise than in a header.

        Raises:
            UnauthorizedError: if it is not known here.
            StoreError: if the catalog cannot be read.
        """
        contents = self._catalog.contents()
        return self._guest() if self._lets_all_in(contents) else self._noted(self._of_key(contents, text.strip()))

    def token_for(self, principal: Principal, session_id: str | None = None) -> str:
        """A token that stands for a principal's key for a while; one for a session only takes recordings in."""
        scopes = principal.scopes if session_id is None else principal.scopes & {Scope.WRITE}
        return tokens.sign(Claims(principal.project, scopes, principal.key_id, session_id), self._catalog.secret)

    def _lets_all_in(self, contents: Contents) -> bool:
        return not self._given and not contents.keys

    def _guest(self, authorizations: Iterable[str] = ()) -> Principal:
        """Whoever asks an open collector; a token still says which session is meant."""
        session_id = None
        for text in authorizations:
            with suppress(UnauthorizedError):
                session_id = tokens.read(text, self._catalog.secret).session_id
        return Principal(self._catalog.default_project, ALL_SCOPES, session_id=session_id)

    def _find_key(self, contents: Contents, text: str) -> Key | None:
        digest = digest_of(text, self._catalog.secret)
        return self._given.get(digest) or contents.key_of(digest)

    def _of_key(self, contents: Contents, text: str) -> Principal:
        return _holder_of(contents, self._find_key(contents, text))

    def _of_authorization(self, contents: Contents, text: str) -> Principal:
        """Whoever holds a key, or a token, which allows no more than its key does."""
        key = self._find_key(contents, text)
        if key is not None:
            return _holder_of(contents, key)
        claims = tokens.read(text, self._catalog.secret)
        key = contents.keys.get(claims.key_id or "") or self._given_ids.get(claims.key_id or "")
        holder = _holder_of(contents, key)
        if holder.project != claims.project:
            raise UnauthorizedError(tokens.UNKNOWN)
        return replace(holder, scopes=claims.scopes & holder.scopes, session_id=claims.session_id)

    def _with_session(self, contents: Contents, principal: Principal, authorization: str) -> Principal:
        try:
            other = self._of_authorization(contents, authorization)
        except UnauthorizedError:
            return principal
        if other.project != principal.project:
            raise UnauthorizedError(DISAGREEING)
        return replace(principal, session_id=other.session_id)

    def _noted(self, principal: Principal) -> Principal:
        if principal.key_id is not None and principal.key_id not in self._given_ids:
            self._catalog.note_use(principal.key_id)
        return principal


def _holder_of(contents: Contents, key: Key | None) -> Principal:
    """Whoever holds a key, if that still opens anything."""
    if key is None or key.revoked is not None or key.project not in contents.projects:
        raise UnauthorizedError(tokens.UNKNOWN)
    return Principal(key.project, allowed_by(key.scopes), key.id)


def _only(shown: frozenset[str]) -> str | None:
    if len(shown) > 1:
        raise UnauthorizedError(DISAGREEING)
    return next(iter(shown), None)
