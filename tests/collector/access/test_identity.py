"""Who asks: what headers say, alone and together, and what is asked of nobody."""

import string
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
from access_samples import LAB, SHOP, Holder, bearer, new_holder, token_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.datastructures import Headers

from agentops.collector.access import Access, Catalog, Principal, Scope, tokens
from agentops.collector.access.keys import revoke_key
from agentops.collector.access.projects import find_project
from agentops.collector.access.tokens import Claims
from agentops.errors import ConfigurationError, ForbiddenError, ProjectError, UnauthorizedError

SESSION = "3f2a91c4-7b1e-4c55-9a10-5d3e0c2b7a01"


def basic(password: str, user: str = "anybody") -> dict[str, str]:
    """The headers that show a password."""
    return {"Authorization": f"Basic {b64encode(f'{user}:{password}'.encode()).decode()}"}


@pytest.mark.parametrize("header", ["X-Agentops-Api-Key", "X-Agentops-Auth", "X-API-Key", "x-api-key"])
def test_a_key_is_known_in_every_header_that_clients_use(access: Access, shopper: Holder, header: str) -> None:
    """Whichever they know it by."""
    assert access.identify({header: shopper.text}).project == shopper.key.project


def test_a_key_is_known_as_authorization(access: Access, shopper: Holder) -> None:
    """As OpenTelemetry exporters send it: as a bearer, or as a password."""
    expected = access.identify_key(shopper.text)
    assert access.identify(bearer(shopper.text)) == expected
    assert access.identify({"authorization": f"bearer  {shopper.text} "}) == expected
    assert access.identify(basic(shopper.text)) == expected


def test_who_shows_nothing_is_told_what_to_send(access: Access, shopper: Holder) -> None:
    """A blank header is none."""
    for headers in ({}, {"x-agentops-api-key": "  "}, {"x-agentops-parent-key": shopper.text}):
        with pytest.raises(UnauthorizedError, match="no key was sent"):
            access.identify(headers)


@pytest.mark.parametrize(
    "value",
    ["Bearer", "Bearer None", "Digest username=x", "Basic !!!", "Basic bm8gY29sb24=", "Basic 4pyT8J+SqQ==", "x"],
)
def test_an_authorization_that_says_nothing_is_unknown(access: Access, shopper: Holder, value: str) -> None:
    """Whatever is wrong with it; beside a key it does not matter."""
    with pytest.raises(UnauthorizedError, match="not known here"):
        access.identify({"authorization": value})
    headers = {"authorization": value, "x-agentops-api-key": shopper.text}
    assert access.identify(headers).key_id == shopper.key.id


def test_unknown_and_revoked_keys_are_refused_alike(access: Access, catalog: Catalog, shopper: Holder) -> None:
    """Nobody learns which keys there were."""
    revoke_key(catalog, shopper.key.id)
    reasons: set[str] = set()
    for text in (shopper.text, "11111111-2222-4333-8444-555555555555", "x" * 60_000):
        with pytest.raises(UnauthorizedError) as refusal:
            access.identify({"x-agentops-api-key": text})
        reasons.add(str(refusal.value))
    assert len(reasons) == 1


def test_a_key_and_the_token_of_a_session_are_one_principal(access: Access, shopper: Holder) -> None:
    """As AgentOps 0.3 sends both: the rights of the key, the session of the token."""
    headers = {"x-agentops-api-key": shopper.text, **bearer(token_of(access, shopper, SESSION))}
    principal = access.identify(headers)
    assert (principal.session_id, principal.scopes) == (SESSION, {Scope.READ, Scope.WRITE})


def test_a_key_holds_beside_an_expired_or_foreign_token(catalog: Catalog, access: Access, shopper: Holder) -> None:
    """A program that runs for longer than its token loses nothing."""
    claims = Claims(shopper.key.project, frozenset(shopper.key.scopes), shopper.key.id, SESSION)
    expired = tokens.sign(claims, catalog.secret, now=time.time() - 90 * 86_400)
    for token in (expired, tokens.sign(claims, b"another" * 5), "eyJhbGciOiJub25lIn0.e30."):
        principal = access.identify({"x-agentops-api-key": shopper.text, **bearer(token)})
        assert (principal.project, principal.session_id) == (shopper.key.project, None)


def test_a_wrong_key_is_wrong_beside_a_good_token(access: Access, shopper: Holder) -> None:
    """A key in a header of its own decides."""
    with pytest.raises(UnauthorizedError, match="not known here"):
        access.identify({"x-agentops-api-key": "wrong" * 5, **bearer(token_of(access, shopper, SESSION))})


def test_credentials_that_disagree_are_refused(access: Access, shopper: Holder, researcher: Holder) -> None:
    """Two keys, or a key of one project with a token of another: nobody guesses which was meant."""
    contradictions = [
        Headers({"x-agentops-api-key": shopper.text, "x-api-key": researcher.text}),
        Headers({"x-agentops-api-key": shopper.text, **bearer(researcher.text)}),
        Headers({"x-agentops-api-key": shopper.text, **bearer(token_of(access, researcher, SESSION))}),
        Headers(raw=[(b"authorization", f"Bearer {text}".encode()) for text in (shopper.text, researcher.text)]),
        Headers(raw=[(b"x-api-key", text.encode()) for text in (shopper.text, researcher.text)]),
    ]
    for headers in contradictions:
        with pytest.raises(UnauthorizedError, match="do not agree"):
            access.identify(headers)


def test_one_key_said_several_times_is_one_key(access: Access, shopper: Holder) -> None:
    """Clients and proxies repeat themselves."""
    raw = [(b"x-api-key", shopper.text.encode()), (b"x-agentops-api-key", shopper.text.encode())]
    raw.append((b"authorization", f"Bearer {shopper.text}".encode()))
    assert access.identify(Headers(raw=[*raw, *raw])).project == shopper.key.project


def test_scopes_allow_what_they_say(access: Access, catalog: Catalog) -> None:
    """`admin` includes the others, the others do not include each other."""
    allowed: dict[Scope, set[Scope]] = {}
    for scope in Scope:
        text = new_holder(catalog, SHOP, scope, name=scope).text
        allowed[scope] = set()
        for wanted in Scope:
            with suppress(ForbiddenError):
                access.admit({"x-api-key": text}, wanted)
                allowed[scope].add(wanted)
    assert allowed == {Scope.READ: {Scope.READ}, Scope.WRITE: {Scope.WRITE}, Scope.ADMIN: set(Scope)}


def test_a_refusal_says_which_scope_is_missing(access: Access, catalog: Catalog) -> None:
    """So that its reader knows which key to take."""
    text = new_holder(catalog, SHOP, Scope.READ).text
    with pytest.raises(ForbiddenError, match="takes a key with the scope write; yours has read"):
        access.admit({"x-api-key": text}, Scope.WRITE)


def test_what_is_open_to_all_gives_no_rights(access: Access, catalog: Catalog, shopper: Holder) -> None:
    """Where no scope is asked for, nobody is asked who they are, and nobody may do anything else."""
    guest = Principal(catalog.default_project, frozenset())
    assert access.admit({}, None) == access.admit({"x-api-key": shopper.text}, None) == guest


def test_without_a_key_everybody_may_do_everything(access: Access, catalog: Catalog) -> None:
    """Any key, a wrong one, contradicting ones, or none at all."""
    everybody = Principal(catalog.default_project, frozenset(Scope))
    for headers in ({}, {"x-api-key": "a", "x-agentops-auth": "b"}, bearer("nonsense"), {"authorization": "?"}):
        assert access.identify(headers) == everybody
    assert access.identify_key("anything") == everybody
    assert access.is_open


def test_the_first_key_closes_and_revoking_the_last_does_not_open(access: Access, catalog: Catalog) -> None:
    """A server that listens to the world must not open because a key was taken back."""
    holder = new_holder(catalog, "default")
    assert not access.is_open
    with pytest.raises(UnauthorizedError):
        access.identify({})
    revoke_key(catalog, holder.key.name)
    assert not access.is_open
    with pytest.raises(UnauthorizedError):
        access.identify({})


def test_given_keys_are_any_text_and_kept_in_memory_only(catalog: Catalog, path: Path) -> None:
    """Their projects are made, and they close the server."""
    texts = {SHOP: "s", LAB: "größe 秘密 €", "default": f"{tokens.HEADER}.e30.c2ln"}
    access = Access(catalog, texts)
    for name, text in texts.items():
        project = find_project(catalog, name)
        sent = text.encode().decode("latin-1")  # how a server reads the bytes of a header
        for headers in ({"x-api-key": sent}, {"authorization": f"Bearer {sent}"}, basic(text)):
            principal = access.identify(headers)
            assert (principal.project, principal.scopes) == (project.id, {Scope.READ, Scope.WRITE})
    assert not access.is_open
    assert not catalog.contents().keys
    assert Access(catalog).is_open
    with closing(Catalog(path)) as reopened:
        assert [project.name for project in reopened.contents().projects.values()] == ["default", LAB, SHOP]


@pytest.mark.parametrize("given_keys", [{"a": " "}, {"a": "same", "b": "same "}])
def test_given_keys_that_cannot_be_told_apart_are_refused(catalog: Catalog, given_keys: dict[str, str]) -> None:
    """At start, where somebody reads it."""
    with pytest.raises(ConfigurationError, match="the key of the project"):
        Access(catalog, given_keys)


def test_a_project_needs_a_name(catalog: Catalog) -> None:
    """One that can be printed."""
    for name in ("", " ", "a\nb", "x" * 101):
        with pytest.raises(ProjectError, match="a project's name has"):
            Access(catalog, {name: "key"})


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Access, Holder]]:
    """A collector with one key, whose text may be among what is sent at random."""
    with closing(Catalog(tmp_path_factory.mktemp("closed") / "collector.db")) as catalog:
        holder = new_holder(catalog, SHOP)
        yield Access(catalog), holder


NAMES = ["x-agentops-api-key", "x-agentops-auth", "x-api-key", "authorization", "Authorization", "cookie"]
TOKENISH = st.lists(st.text(string.ascii_letters + string.digits + "-_=+/"), max_size=4).map(".".join)
VALUES = st.one_of(
    st.text(),
    st.binary().map(lambda data: data.decode("latin-1")),
    st.tuples(st.sampled_from(["Bearer", "bearer", "Basic", "BASIC", ""]), st.one_of(st.text(), TOKENISH)).map(
        " ".join
    ),
    TOKENISH.map(lambda text: f"Bearer {tokens.HEADER}.{text}"),
    st.binary().map(lambda data: f"Basic {b64encode(data).decode()}"),
    st.text(st.characters(categories=["Cs"])),
)


@given(headers=st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=4))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_whatever_is_sent_is_refused_in_our_own_words(closed: tuple[Access, Holder], headers: dict[str, str]) -> None:
    """No header brings anything but a principal or a refusal, and without the key there is no principal."""
    access, holder = closed
    with pytest.raises(UnauthorizedError):
        access.identify(headers)
    beside = {**headers, "x-agentops-auth": holder.text}
    with suppress(UnauthorizedError):
        assert access.identify(beside).project == holder.key.project


@given(text=st.text(st.characters()))
def test_whatever_is_given_as_a_key_is_refused_in_our_own_words(closed: tuple[Access, Holder], text: str) -> None:
    """Also what no header could carry."""
    with pytest.raises(UnauthorizedError):
        closed[0].identify_key(text)
