"""Keys at rest and in use, by several processes at once."""

import hmac
import os
import re
import sqlite3
import stat
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from uuid import UUID

import pytest
from access_samples import LAB, SHOP, Holder, bearer, new_holder

from agentops.collector.access import CATALOG_FILE, Access, Catalog, Scope
from agentops.collector.access import catalog as catalogs
from agentops.collector.access.keys import create_key, digest_of, keys_in_use, revoke_key
from agentops.errors import NewerStoreError, ProjectError, StoreError, UnauthorizedError, UnknownKeyError

OPEN = "import sys; from pathlib import Path; from agentops.collector.access import Catalog\n"


def run(*words: str) -> str:
    """What a process of its own printed."""
    done = subprocess.run([sys.executable, *words], capture_output=True, text=True, timeout=60, check=True)
    return done.stdout.strip()


def test_a_key_is_a_uuid(catalog: Catalog) -> None:
    """AgentOps 0.3 sends nothing else."""
    text = new_holder(catalog, SHOP).text
    assert (str(UUID(text)), UUID(text).version) == (text, 4)


def test_no_file_holds_a_key(catalog: Catalog, access: Access, path: Path) -> None:
    """Neither the catalog nor its log, before and after it was used."""
    own = "a key that somebody had already"
    texts = [new_holder(catalog, SHOP).text, create_key(catalog, LAB, "old", value=own)[1]]
    for text in texts:
        access.identify({"x-api-key": text})
    kept = b"".join(file.read_bytes() for file in path.parent.iterdir())
    assert b"sample" in kept
    for text in texts:
        assert text.encode() not in kept
        assert text.replace("-", "").encode() not in kept
        assert text[-4:].encode() in kept


def test_hashes_are_of_one_collector(catalog: Catalog, tmp_path: Path) -> None:
    """The hash of a key says nothing without the collector's secret."""
    with closing(Catalog(tmp_path / "other" / CATALOG_FILE)) as other:
        assert digest_of("the same key", catalog.secret) != digest_of("the same key", other.secret)


def test_keys_are_compared_without_telling_by_time(
    access: Access, shopper: Holder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one comparison of what was sent with what is known is that of `hmac`."""
    compared: list[tuple[bytes, bytes]] = []

    class Comparing:
        @staticmethod
        def compare_digest(known: bytes, sent: bytes) -> bool:
            compared.append((known, sent))
            return hmac.compare_digest(known, sent)

    monkeypatch.setattr(catalogs, "hmac", Comparing)
    access.identify({"x-api-key": shopper.text})
    ((known, sent),) = compared
    assert known == sent
    assert len(sent) == 32


def test_the_file_is_for_its_owner_only(catalog: Catalog, path: Path) -> None:
    """With everything beside it."""
    new_holder(catalog, SHOP)
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    assert set(modes) == {path.name, f"{path.name}-wal", f"{path.name}-shm"}
    assert set(modes.values()) == {0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_projects_and_keys_stay(path: Path) -> None:
    """What was made is there the next time, with the same secret."""
    with closing(Catalog(path)) as catalog:
        holder = new_holder(catalog, SHOP, Scope.READ)
        contents, secret = catalog.contents(), catalog.secret
    with closing(Catalog(path)) as catalog:
        assert catalog.contents() == contents
        assert catalog.secret == secret
        assert Access(catalog).identify_key(holder.text).scopes == {Scope.READ}


def test_names_are_of_one_key_in_a_project(catalog: Catalog) -> None:
    """Another project may use it too, and so may the next key once the first is revoked."""
    new_holder(catalog, SHOP, name="ci")
    with pytest.raises(ProjectError, match="project shop has a key ci already"):
        new_holder(catalog, SHOP, name=" ci ")
    new_holder(catalog, LAB, name="ci")
    with pytest.raises(UnknownKeyError, match="several projects have a key ci"):
        revoke_key(catalog, "ci")
    revoke_key(catalog, keys_in_use(catalog)[0].id)
    new_holder(catalog, SHOP, name="ci")


@pytest.mark.parametrize("value", ["", "short", " " * 20 + "fifteen letters"])
def test_a_key_of_ones_own_is_long(catalog: Catalog, value: str) -> None:
    """A short one could be found by trying; nothing is made for it."""
    with pytest.raises(ProjectError, match="16 characters or more"):
        create_key(catalog, SHOP, "own", value=value)
    assert [project.name for project in catalog.contents().projects.values()] == ["default"]


def test_a_revoked_key_cannot_be_made_again(catalog: Catalog) -> None:
    """Whoever took it back had a reason."""
    create_key(catalog, SHOP, "own", value="known to somebody else")
    revoke_key(catalog, "own")
    with pytest.raises(ProjectError, match="was a key before"):
        create_key(catalog, SHOP, "again", value="known to somebody else")


def test_revoking_what_is_not_there_is_an_error(catalog: Catalog, shopper: Holder) -> None:
    """Also a second time."""
    revoke_key(catalog, shopper.key.name)
    for word in (shopper.key.name, shopper.key.id, "nobody"):
        with pytest.raises(UnknownKeyError, match=f"no key in use is called {word}"):
            revoke_key(catalog, word)


def test_another_process_makes_and_revokes_keys_of_a_running_server(access: Access, catalog: Catalog) -> None:
    """The server knows at its next question; the key works at once, and not once more after it was revoked."""
    assert access.is_open
    text = run("-m", "agentops.cli", "keys", "create", "ci", "--project", SHOP)
    assert not access.is_open
    principal = access.identify({"x-api-key": text})
    assert catalog.contents().projects[principal.project].name == SHOP
    token = access.token_for(principal)
    run("-m", "agentops.cli", "keys", "revoke", "ci")
    for headers in ({"x-api-key": text}, bearer(token)):
        with pytest.raises(UnauthorizedError):
            access.identify(headers)


def test_processes_that_start_at_once_agree_on_the_secret(path: Path) -> None:
    """One of them makes the file, and all use it."""
    program = f"{OPEN}c = Catalog(Path(sys.argv[1])); print(c.secret.hex(), c.default_project); c.close()"
    with ThreadPoolExecutor(4) as pool:
        started = [pool.submit(run, "-c", program, str(path)) for _ in range(4)]
        said = {process.result() for process in started}
    with closing(Catalog(path)) as catalog:
        assert said == {f"{catalog.secret.hex()} {catalog.default_project}"}


def test_threads_make_and_use_keys_at_once(access: Access, catalog: Catalog) -> None:
    """Every key is there, and holds as soon as it is made."""

    def make(number: int) -> str:
        return access.identify_key(new_holder(catalog, SHOP, name=f"key {number}").text).project

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(make, range(40)))) == 1
    assert len(keys_in_use(catalog)) == 40


def test_a_change_that_fails_changes_nothing(catalog: Catalog, shopper: Holder) -> None:
    """And the next one goes on."""

    def fail_halfway(connection: sqlite3.Connection) -> None:
        connection.execute("DELETE FROM keys")
        connection.execute("DELETE FROM nothing_of_that_name")

    before = catalog.contents()
    with pytest.raises(StoreError):
        catalog.change(fail_halfway)
    assert catalog.contents() == before
    assert new_holder(catalog, LAB).key.id in catalog.contents().keys


def test_use_is_noted_once_a_minute(
    access: Access, catalog: Catalog, shopper: Holder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not each of thousands of requests writes."""

    def last_used() -> int | None:
        return catalog.contents().keys[shopper.key.id].last_used

    assert last_used() is None
    start, clock = time.time_ns(), [0.0]
    monkeypatch.setattr(catalogs.time, "time_ns", lambda: start + round(clock[0] * 1_000_000_000))
    noted: list[int | None] = []
    for clock[0] in (0, 1, 59, 61, 100):
        access.identify({"x-api-key": shopper.text})
        noted.append(last_used())
    assert noted == [start, start, start, start + 61_000_000_000, start + 61_000_000_000]


def test_noting_use_waits_for_nobody(access: Access, shopper: Holder, path: Path) -> None:
    """While another process writes, requests go on."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        access.identify({"x-api-key": shopper.text})
        other.execute("ROLLBACK")
        assert other.execute("SELECT last_used FROM keys").fetchall() == [(None,)]


def test_a_newer_catalog_is_refused(path: Path) -> None:
    """What a newer agentops made is not touched."""
    Catalog(path).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE schema_version SET version = 99")
        connection.commit()
    with pytest.raises(NewerStoreError, match="newer agentops"):
        Catalog(path)


def test_what_is_no_catalog_is_an_error_with_advice(path: Path) -> None:
    """Not a traceback of SQLite."""
    path.parent.mkdir(parents=True)
    path.write_bytes(os.urandom(8192))
    with pytest.raises(StoreError, match=re.escape(str(path))):
        Catalog(path)
