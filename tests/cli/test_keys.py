"""`agentops keys`: who may come in, for people and for scripts."""

import json
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import Result

from agentops.collector.access import CATALOG_FILE, Access, Catalog, Scope

Invoke = Callable[..., Result]


def test_the_key_alone_is_the_output(invoke: Invoke, data_directory: Path) -> None:
    """`KEY=$(agentops keys create ci)` is the key; what is said of it goes to standard error."""
    made = invoke("keys", "create", "ci", "--project", "shop")
    assert made.stderr == "Key ci of project shop, for read and write. It is shown this once:\n"
    with closing(Catalog(data_directory / CATALOG_FILE)) as catalog:
        principal = Access(catalog).identify_key(made.stdout.removesuffix("\n"))
        assert catalog.contents().projects[principal.project].name == "shop"
    assert principal.scopes == {Scope.READ, Scope.WRITE}


def test_a_key_allows_what_was_asked_for(invoke: Invoke, data_directory: Path) -> None:
    """One scope, or several."""
    for number, (words, allowed) in enumerate(
        [
            (["--scope", "read"], {Scope.READ}),
            (["--scope", "write", "--scope", "read"], {Scope.READ, Scope.WRITE}),
            (["--scope", "admin"], set(Scope)),
        ]
    ):
        text = invoke("keys", "create", f"key {number}", *words).stdout.strip()
        with closing(Catalog(data_directory / CATALOG_FILE)) as catalog:
            assert Access(catalog).identify_key(text).scopes == allowed


def test_a_key_of_ones_own_is_taken(invoke: Invoke, data_directory: Path) -> None:
    """One that programs have already."""
    assert invoke("keys", "create", "old", "--key", "0123-4567-89ab-cdef").stdout == "0123-4567-89ab-cdef\n"
    with closing(Catalog(data_directory / CATALOG_FILE)) as catalog:
        assert Access(catalog).identify_key("0123-4567-89ab-cdef").project == catalog.default_project


def test_keys_are_those_of_the_servers_folder(invoke: Invoke, tmp_path: Path, data_directory: Path) -> None:
    """As `agentops serve --data` has it."""
    other = str(tmp_path / "served")
    invoke("keys", "create", "there", "--data", other)
    assert [key["name"] for key in json.loads(invoke("keys", "list", "--json", "--data", other).stdout)] == ["there"]
    assert invoke("keys", "list", "--json").stdout == "[]\n"
    invoke("keys", "revoke", "there", "--data", other)
    assert invoke("keys", "list", "--json", "--data", other).stdout == "[]\n"
    assert not data_directory.exists()


def test_the_list_says_who_may_come_in(invoke: Invoke) -> None:
    """By name and the end of the key, which is all that is known of it; the revoked ones only when asked for."""
    text = invoke("keys", "create", "ci").stdout.strip()
    invoke("keys", "create", "wall", "--project", "shop", "--scope", "read")
    invoke("keys", "revoke", "wall")
    listed = invoke("keys", "list").stdout
    head, row = listed.splitlines()
    assert head.split() == ["ID", "NAME", "PROJECT", "KEY", "SCOPES", "CREATED", "LAST", "USED"]
    assert row.split()[1:6] == ["ci", "default", f"…{text[-4:]}", "read,", "write"]
    assert text not in listed
    everything = invoke("keys", "list", "--all").stdout
    assert "REVOKED" in everything
    assert "wall" in everything


def test_the_list_for_programs_has_every_field(invoke: Invoke) -> None:
    """Times in nanoseconds, no key and no hash."""
    invoke("keys", "create", "ci", "--scope", "write")
    (key,) = json.loads(invoke("keys", "list", "--json").stdout)
    assert set(key) == {
        "id",
        "name",
        "project",
        "project_id",
        "hint",
        "scopes",
        "created",
        "last_used",
        "revoked",
    }
    assert (key["scopes"], key["last_used"], key["revoked"]) == (["write"], None, None)


def test_an_empty_list_says_what_that_means(invoke: Invoke, data_directory: Path) -> None:
    """A server that never had a key is open, one whose keys are revoked is not; looking makes no file."""
    assert "Make one with `agentops keys create NAME`" in invoke("keys", "list").stderr
    assert not data_directory.exists()
    invoke("keys", "create", "ci")
    invoke("keys", "revoke", "ci")
    assert "No key is in use" in invoke("keys", "list").stderr


def test_what_cannot_be_is_told(invoke: Invoke) -> None:
    """Exit status 1 and a sentence."""
    invoke("keys", "create", "ci")
    for words, said in [
        (("create", "ci"), "Error: project default has a key ci already: revoke it, or take another name\n"),
        (
            ("create", "x", "--key", "short"),
            "Error: a key has 16 characters or more; without one, a good one is made\n",
        ),
        (("create", "\n"), "Error: a key's name has 1 to 100 characters, all of which can be printed\n"),
        (("revoke", "nobody"), "Error: no key in use is called nobody\n"),
    ]:
        refused = invoke("keys", *words)
        assert (refused.exit_code, refused.stdout, refused.stderr) == (1, "", said)


def test_a_misspelt_scope_is_told(invoke: Invoke) -> None:
    """Exit status 2, and which there are."""
    refused = invoke("keys", "create", "ci", "--scope", "reed")
    assert refused.exit_code == 2
    assert "'read', 'write', 'admin'" in refused.stderr


@pytest.mark.parametrize("name", ["create", "list", "revoke"])
def test_every_part_explains_itself(invoke: Invoke, name: str) -> None:
    """With examples."""
    shown = invoke("keys", name, "--help")
    assert shown.stdout.startswith(f"Usage: agentops keys {name}")
    assert f"agentops keys {name}" in shown.stdout.partition("Examples:")[2]


def test_a_script_keeps_the_key(data_directory: Path) -> None:
    """As a shell takes it."""
    line = f'KEY=$({sys.executable} -m agentops.cli keys create ci 2>/dev/null) && printf "<%s>" "$KEY"'
    done = subprocess.run(line, shell=True, capture_output=True, text=True, timeout=60, check=True)
    with closing(Catalog(data_directory / CATALOG_FILE)) as catalog:
        assert Access(catalog).identify_key(done.stdout.strip("<>")).project == catalog.default_project
