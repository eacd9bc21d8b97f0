"""The matrix runs what it is to run, no more often than needed, and tells what came of all of it."""

import tomllib
from pathlib import Path

import environments
import pytest
import results
import run
import sets
from sets import FRAMEWORKS, PLUGINS, ROOT, VersionSet, choose, read_sets

SETS = read_sets()


@pytest.mark.parametrize("each", SETS, ids=lambda each: each.title)
def test_a_set_names_what_is_there(each: VersionSet) -> None:
    """Its plugins, its tests, and the program of a framework with the tree that is expected of it."""
    assert [name for name in each.plugins if not (PLUGINS / f"{name}.py").is_file()] == []
    assert [test for test in each.tests if not (ROOT / test).exists()] == []
    if each.program is not None:
        assert (FRAMEWORKS / "programs" / f"{each.program}.py").is_file()
        assert (FRAMEWORKS / "trees" / f"{each.program}.txt").is_file()


def test_every_set_has_a_name_of_its_own() -> None:
    """On the command line and as an environment."""
    folders = [each.folder for each in SETS]
    assert sorted(set(folders)) == sorted(folders)


def test_sets_are_chosen_by_plugin_and_by_name() -> None:
    """Nothing named is all; a name of nothing is told."""
    assert choose(SETS, [])[0] == SETS
    assert [each.title for each in choose(SETS, ["oldest"])[0]] == ["oldest"]
    assert {each.title for each in choose(SETS, ["openai_agents"])[0]} == {
        "openai_agents.newest",
        "openai_agents.oldest",
    }
    assert choose(SETS, ["openai_agents.newest", "nothing"])[1] == ["nothing"]


def set_of(script: Path, name: str = "own") -> VersionSet:
    """A set that is a script, so that nothing is installed."""
    return VersionSet(file="shared", name=name, tests=(script.name,), script=())


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where scripts are, and the environments and results of the test."""
    monkeypatch.setattr(environments, "ENVIRONMENTS", tmp_path / "environments")
    for module in (environments, run, sets):
        monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(results, "ENVIRONMENTS", tmp_path / "environments")
    monkeypatch.setattr(results, "RESULTS", tmp_path / "results.toml")
    return tmp_path


def test_what_has_passed_is_run_again_when_it_has_changed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Or when that is asked for."""
    script = folder / "script.py"
    script.write_text("print('one')")
    chosen = set_of(script)
    assert run.run(chosen, [], again=False)
    assert run.run(chosen, [], again=False)
    assert run.run(chosen, [], again=True)
    script.write_text("print('two')")
    assert run.run(chosen, [], again=False)
    said = [line.split(maxsplit=1)[1] for line in capsys.readouterr().out.splitlines()]
    assert said == ["passed", "passed before", "passed", "passed"]


def test_a_set_that_fails_stops_no_other(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The exit code tells of it, and it is run again next time."""
    (folder / "bad.py").write_text("raise SystemExit('broken')")
    (folder / "good.py").write_text("")
    own = [set_of(folder / "bad.py", "bad"), set_of(folder / "good.py", "good")]
    monkeypatch.setattr(run, "read_sets", lambda: own)
    for second in ("passed", "passed before"):
        monkeypatch.setattr("sys.argv", ["run.py"])
        assert run.main() == 1
        assert [line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines()] == [
            ["bad", "failed"],
            ["broken"],
            ["good", second],
            ["1", "of 2 sets passed"],
        ]


def test_results_stand_beside_each_other(folder: Path) -> None:
    """A new one takes the place of the former one of the same set."""
    result = {"date": "2026-01-01", "versions": {"a-b": "1.0"}, "passed": 1, "skipped": 0, "failed": 0}
    results.write_down("a", "oldest", result)
    results.write_down("a", "newest", result)
    results.write_down("b", "newest", result)
    results.write_down("a", "newest", result | {"passed": 2})
    written = tomllib.loads((folder / "results.toml").read_text(encoding="utf-8"))
    assert written == {"a": {"newest": result | {"passed": 2}, "oldest": result}, "b": {"newest": result}}


def test_a_plugin_is_made_of_what_it_imports() -> None:
    """A change of a module that several plugins share has the sets of all of them run again."""
    chosen = VersionSet(file="openai", name="own", plugins=("openai",), tests=("tests/plugins/test_openai.py",))
    names = {path.name for path in chosen.sources()}
    assert names >= {"openai.py", "_openai_chat.py", "_stainless.py", "test_openai.py"}
