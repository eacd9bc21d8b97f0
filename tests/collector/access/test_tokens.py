"""Tokens: only those that this collector signed, not long ago, for a key that still holds."""

import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import jwt
import pytest
from access_samples import Holder, bearer, claims_of, part, token_of

from agentops.collector.access import CATALOG_FILE, Access, Catalog, Scope, tokens
from agentops.collector.access.keys import revoke_key
from agentops.collector.access.tokens import Claims
from agentops.errors import UnauthorizedError

SESSION = "3f2a91c4-7b1e-4c55-9a10-5d3e0c2b7a01"


def signed(catalog: Catalog, claims: dict[str, Any], **more: Any) -> str:
    """A token with the collector's own signature that says what it never would."""
    key = tokens.signing_key(catalog.secret)
    return jwt.encode(claims, key, "HS256", **more)


def test_a_token_stands_for_its_key(access: Access, shopper: Holder) -> None:
    """Whoever shows it is whoever showed the key."""
    assert access.identify(bearer(token_of(access, shopper))) == access.identify_key(shopper.text)


def test_the_token_of_a_session_names_it_and_only_writes(access: Access, shopper: Holder) -> None:
    """A program that leaks it has leaked nobody's sessions."""
    principal = access.identify(bearer(token_of(access, shopper, SESSION)))
    assert (principal.session_id, principal.scopes) == (SESSION, {Scope.WRITE})


def test_a_token_is_good_for_weeks(catalog: Catalog, access: Access, shopper: Holder) -> None:
    """Clients never ask for another: it outlives what programs usually run."""
    claims = Claims(shopper.key.project, frozenset(shopper.key.scopes), shopper.key.id)
    older = tokens.sign(claims, catalog.secret, now=time.time() - 29 * 86_400)
    assert access.identify(bearer(older)).key_id == shopper.key.id


def test_an_expired_token_is_told_so(catalog: Catalog, access: Access, shopper: Holder) -> None:
    """More than thirty days and a minute old, it is refused with that reason."""
    claims = Claims(shopper.key.project, frozenset(shopper.key.scopes), shopper.key.id)
    expired = tokens.sign(claims, catalog.secret, now=time.time() - tokens.LIFETIME - tokens.LEEWAY - 5)
    with pytest.raises(UnauthorizedError, match="the token has expired"):
        access.identify(bearer(expired))


def test_all_tokens_begin_with_the_pinned_algorithm(access: Access, shopper: Holder) -> None:
    """The header is always the same, and what has another is not looked at."""
    assert token_of(access, shopper).startswith(f"{tokens.HEADER}.")
    assert jwt.get_unverified_header(token_of(access, shopper)) == {"alg": "HS256", "typ": "JWT"}


def with_no_algorithm(token: str, _: Catalog) -> str:
    """`none` as the algorithm."""
    return f"{part({'alg': 'none', 'typ': 'JWT'})}.{token.split('.')[1]}."


def signed_otherwise(token: str, catalog: Catalog) -> str:
    """The right key, another algorithm."""
    key = tokens.signing_key(catalog.secret)
    with pytest.warns(jwt.InsecureKeyLengthWarning):
        return jwt.encode(claims_of(token), key, "HS512")


def with_a_key_of_its_own(token: str, _: Catalog) -> str:
    """Signed by whoever made it up, who names the key in the header."""
    return jwt.encode(claims_of(token), b"k" * 32, "HS256", headers={"jwk": {"kty": "oct", "k": "a2s"}, "kid": "1"})


def forged(token: str, _: Catalog) -> str:
    """Signed by whoever made it up."""
    return jwt.encode(claims_of(token), b"k" * 32, "HS256")


def swapped(token: str, _catalog: Catalog) -> str:
    """More rights under a signature that was for fewer."""
    header, _said, signature = token.split(".")
    return f"{header}.{part({**claims_of(token), 'scopes': ['admin']})}.{signature}"


def without_its_signature(token: str, _: Catalog) -> str:
    """Nothing after the last dot."""
    return token.rpartition(".")[0] + "."


def for_others(token: str, catalog: Catalog) -> str:
    """For another audience."""
    return signed(catalog, {**claims_of(token), "aud": "authenticated"})


def from_others(token: str, catalog: Catalog) -> str:
    """By another issuer."""
    return signed(catalog, {**claims_of(token), "iss": "somebody"})


def without_end(token: str, catalog: Catalog) -> str:
    """One that would be good for ever."""
    return signed(catalog, {name: value for name, value in claims_of(token).items() if name != "exp"})


def not_yet(token: str, catalog: Catalog) -> str:
    """Signed tomorrow."""
    return signed(catalog, {**claims_of(token), "iat": int(time.time()) + 86_400})


def of_another_shape(token: str, catalog: Catalog) -> str:
    """With scopes that are none."""
    return signed(catalog, {**claims_of(token), "scopes": "admin"})


def without_a_key(token: str, catalog: Catalog) -> str:
    """As it was given while no key was needed."""
    return signed(catalog, {**claims_of(token), "key_id": None})


def for_another_project(token: str, catalog: Catalog) -> str:
    """The key of one project, the name of another."""
    return signed(catalog, {**claims_of(token), "sub": catalog.default_project})


def deep(_token: str, _: Catalog) -> str:
    """A header that would break a JSON parser."""
    return f"{part({'alg': 'HS256'})[:-2]}{'W1tb' * 20_000}.e30.AAAA"


@pytest.mark.parametrize(
    "spoil",
    [
        with_no_algorithm,
        signed_otherwise,
        with_a_key_of_its_own,
        forged,
        swapped,
        without_its_signature,
        for_others,
        from_others,
        without_end,
        not_yet,
        of_another_shape,
        without_a_key,
        for_another_project,
        deep,
    ],
)
def test_what_this_collector_did_not_give_is_refused(
    access: Access, catalog: Catalog, shopper: Holder, spoil: Callable[[str, Catalog], str]
) -> None:
    """One reason for all: it is not known here."""
    token = token_of(access, shopper)
    access.identify(bearer(token))
    with pytest.raises(UnauthorizedError, match="not known here"):
        access.identify(bearer(spoil(token, catalog)))


def test_the_token_of_another_collector_is_refused(access: Access, shopper: Holder, tmp_path: Path) -> None:
    """Each signs with a secret of its own, also where project and key are called the same."""
    with closing(Catalog(tmp_path / "other" / CATALOG_FILE)) as other:
        claims = Claims(shopper.key.project, frozenset(shopper.key.scopes), shopper.key.id)
        foreign = tokens.sign(claims, other.secret)
    with pytest.raises(UnauthorizedError, match="not known here"):
        access.identify(bearer(foreign))


def test_a_token_dies_with_its_key(access: Access, catalog: Catalog, shopper: Holder, researcher: Holder) -> None:
    """Revoking ends every token that was given for the key, and those of no other."""
    token, other = token_of(access, shopper, SESSION), token_of(access, researcher, SESSION)
    revoke_key(catalog, shopper.key.id)
    with pytest.raises(UnauthorizedError, match="not known here"):
        access.identify(bearer(token))
    assert access.identify(bearer(other)).project == researcher.key.project


def test_a_token_allows_no_more_than_its_key(access: Access, catalog: Catalog, shopper: Holder) -> None:
    """Whatever it says."""
    said = Claims(shopper.key.project, frozenset(Scope), shopper.key.id)
    assert access.identify(bearer(tokens.sign(said, catalog.secret))).scopes == {Scope.READ, Scope.WRITE}


def test_tokens_of_given_keys_stay_good_over_a_restart(path: Path) -> None:
    """As long as the key is given again."""
    given = {"shop": "of the operator"}
    with closing(Catalog(path)) as catalog:
        access = Access(catalog, given)
        token = access.token_for(access.identify_key("of the operator"), SESSION)
    with closing(Catalog(path)) as catalog:
        assert Access(catalog, given).identify(bearer(token)).session_id == SESSION
        with pytest.raises(UnauthorizedError, match="not known here"):
            Access(catalog, {"shop": "another now"}).identify(bearer(token))


def test_while_open_a_token_says_which_session_is_meant(access: Access, catalog: Catalog) -> None:
    """Programs of AgentOps 0.3 name their session by nothing else; once there is a key, it opens nothing."""
    token = access.token_for(access.identify({}), SESSION)
    assert access.identify(bearer(token)).session_id == SESSION
    Access(catalog, {"shop": "of the operator"})
    with pytest.raises(UnauthorizedError, match="not known here"):
        Access(catalog, {"shop": "of the operator"}).identify(bearer(token))
