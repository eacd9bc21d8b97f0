"""`doctor` and `plugins`: what is wrong, and what to do about it."""

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest
from cli_samples import CREW_RECORDS, DROPS
from click.testing import Result

from agentops.cli.checks import storage
from agentops.cli.checks.finding import Finding, Level
from agentops.cli.checks.journals import check_journals
from agentops.cli.checks.settings import check_settings
from agentops.cli.checks.storage import check_folder, check_store
from agentops.cli.checks.trial import check_recording
from agentops.cli.extensions import loaded_plugins
from agentops.cli.fitness import reports
from agentops.config import resolve
from agentops.domain.spans import Record
from agentops.instrumentation.versions import fits
from agentops.store.sqlite import SqliteStore

Invoke = Callable[..., Result]
Fill = Callable[[Sequence[Record]], None]


def found(findings: Iterator[Finding], level: Level) -> list[str]:
    """The texts of the findings of a level."""
    return [finding.text for finding in findings if finding.level is level]


def settings_findings(environ: Mapping[str, str]) -> list[Finding]:
    """What the doctor says of settings in an environment."""
    return list(check_settings(resolve(environ=environ), environ))


def test_a_healthy_machine_is_told_so(invoke: Invoke, fill: Fill) -> None:
    """Exit status 0: where the settings come from, what is stored, a trial recording, the plugins."""
    fill(CREW_RECORDS)
    result = invoke("doctor")
    shown = result.stdout
    assert "directory" in shown
    assert "environment AGENTOPS_DIR" in shown
    assert "1 session, 7 spans" in shown
    assert "a trial program was recorded and read back" in shown
    assert "observed when imported" in shown
    assert result.exit_code == 0, shown


def test_json_holds_settings_and_findings(invoke: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    """For programs and for reports; secrets are masked."""
    monkeypatch.setenv("AGENTOPS_API_KEY", "11111111-2222-3333-4444-555555555555")
    shown = json.loads(invoke("doctor", "--json").stdout)
    settings = {row["setting"]: row for row in shown["settings"]}
    assert settings["api_key"]["value"] == "…5555"
    assert settings["api_key"]["origin"] == "environment AGENTOPS_API_KEY"
    assert list(shown["findings"]) == ["Installation", "Settings", "Store", "Collector", "Recording", "Plugins"]


def test_all_settings_can_be_shown(invoke: Invoke) -> None:
    """With what each does."""
    shown = invoke("doctor", "--all").stdout
    assert "retention_days" in shown
    assert "capture_content" in shown


def test_something_broken_is_exit_status_1(invoke: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    """A setting that cannot be read is named with its origin and what to write instead."""
    monkeypatch.setenv("AGENTOPS_EXIT_TIMEOUT", "soon")
    result = invoke("doctor")
    assert result.exit_code == 1
    assert "exit_timeout = soon (environment AGENTOPS_EXIT_TIMEOUT) cannot be read" in result.stdout
    assert "→ Pass a number of seconds from 0 up." in result.stdout
    assert "1 broken" in result.stdout


@pytest.mark.parametrize(
    ("environ", "level", "words"),
    [
        ({"AGENTOPS_ENABLED": "false"}, Level.WARNING, "recording is switched off (environment AGENTOPS_ENABLED)"),
        ({"AGENTOPS_INSTRUMENT_LLM_CALLS": "0"}, Level.WARNING, "libraries are not observed"),
        ({"AGENTOPS_LOAD_PLUGINS": ""}, Level.WARNING, "no plugin is loaded"),
        ({"AGENTOPS_DISABLE_PLUGINS": "redis,openai-agents"}, Level.NOTE, "not observed: redis, openai-agents (envir"),
        ({"AGENTOPS_DISABLE_PLUGINS": "reddis"}, Level.WARNING, "no plugin is named 'reddis', so none is left out"),
        ({"AGENTOPS_CAPTURE_CONTENT": "no"}, Level.NOTE, "messages, inputs and outputs are not recorded"),
        ({"AGENTOPS_LOCAL_STORE": "no"}, Level.BROKEN, "what is recorded goes nowhere"),
        ({"OTEL_SDK_DISABLED": "true"}, Level.WARNING, "OTEL_SDK_DISABLED is true"),
    ],
)
def test_settings_that_keep_recordings_away_are_found(environ: dict[str, str], level: Level, words: str) -> None:
    """Each with its origin and the setting that changes it."""
    findings = settings_findings(environ)
    assert [(finding.level, finding.text[: len(words)]) for finding in findings] == [(level, words)]
    assert level is Level.NOTE or findings[0].fix


def test_a_missing_exporter_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """OTLP that was asked for and cannot be had is broken, and says what to install."""
    environ = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}
    installed: set[str] = {"opentelemetry.exporter.otlp.proto.http.trace_exporter"}
    monkeypatch.setattr("agentops.cli.checks.settings.is_findable", installed.__contains__)
    assert settings_findings(environ) == []
    installed.clear()
    fixes = [settings_findings({**environ, **more})[0].fix for more in ({}, {"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"})]
    assert fixes == [
        "Run `pip install 'agentops[otlp]'`.",
        "Run `pip install opentelemetry-exporter-otlp-proto-grpc`.",
    ]


def test_an_open_folder_is_found(tmp_path: Path) -> None:
    """What was recorded is for its owner's eyes."""
    tmp_path.chmod(0o755)
    assert found(check_folder(tmp_path), Level.WARNING)[0].startswith(f"{tmp_path} is open to other users")
    tmp_path.chmod(0o700)
    assert found(check_folder(tmp_path), Level.WARNING) == []


def test_a_missing_folder_is_no_fault(tmp_path: Path) -> None:
    """Before the first recording there is none."""
    assert found(check_folder(tmp_path / "none"), Level.NOTE) == [
        f"{tmp_path / 'none'} does not exist yet; the first recording makes it"
    ]


def test_files_of_another_user_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What sudo leaves behind keeps the user's own programs from recording."""
    tmp_path.chmod(0o700)
    (tmp_path / "agentops.db").touch()
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    assert "belong to another user" in found(check_folder(tmp_path), Level.BROKEN)[0]


def test_scarce_disks_and_large_stores_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data_directory: Path
) -> None:
    """Before recordings stop for want of room."""
    tmp_path.chmod(0o700)
    monkeypatch.setattr(storage, "SCARCE", 2**62)
    monkeypatch.setattr(storage, "LARGE", 0)
    assert "free on the disk" in found(check_folder(tmp_path), Level.WARNING)[0]
    with SqliteStore(data_directory / "agentops.db") as store:
        assert "kept for ever" in found(check_store(store, resolve()), Level.WARNING)[0]


def test_drops_are_shown_with_their_reasons(data_directory: Path) -> None:
    """Nothing is lost without being said."""
    with SqliteStore(data_directory / "agentops.db") as store:
        store.ingest(DROPS)
        findings = list(check_store(store, resolve()))
    dropped = [finding for finding in findings if finding.level is Level.WARNING]
    assert [finding.text for finding in dropped] == ["3 spans dropped: journal full, last on 2025-11-20 09:12:03"]
    assert "AGENTOPS_JOURNAL_LIMIT" in dropped[0].fix


def test_a_store_that_cannot_be_read_is_broken(invoke: Invoke, data_directory: Path) -> None:
    """The store's own words, and the other checks go on."""
    data_directory.mkdir(mode=0o700)
    (data_directory / "agentops.db").write_bytes(b"this is no database, whatever its name" * 100)
    result = invoke("doctor")
    assert result.exit_code == 1
    assert "the file is no agentops store" in result.stdout
    assert "observed when imported" in result.stdout


def test_journals_are_counted(tmp_path: Path) -> None:
    """None is waiting; a damaged one that was kept aside is told of."""
    assert found(check_journals(tmp_path), Level.FINE) == ["no journal is waiting"]
    (tmp_path / "journals").mkdir()
    (tmp_path / "damaged" / "one").mkdir(parents=True)
    assert found(check_journals(tmp_path), Level.NOTE)[0].startswith("1 damaged journal kept in")


def test_a_trial_that_fails_says_what_the_program_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """The last resort: a recording from end to end."""
    monkeypatch.setattr("agentops.cli.checks.trial._PROGRAM", "raise SystemExit('no luck')")
    (finding,) = check_recording()
    assert finding.level is Level.BROKEN
    assert "exit status 1" in finding.text
    assert "no luck" in finding.text


@pytest.mark.parametrize(
    ("version", "specifier", "fitting"),
    [
        ("3.51.0", ">=2", True),
        ("1.99", ">=2", False),
        ("2.0.0", ">=2,<4", True),
        ("4.0", ">=2,<4", False),
        ("2.1.5", "~=2.1.0", True),
        ("2.2", "~=2.1.0", False),
        ("2.9", "~=2.1", True),
        ("1.2.3", "==1.2.*", True),
        ("1.3", "!=1.2.*", True),
        ("1.2", "==1.2.0", True),
        ("1.2", "!=1.2.0", False),
        ("1.2", "<=1.2,>1.1", True),
        ("2.0.0rc1", ">=2", True),
        ("unknown", ">=2", True),
        ("1.0", "", True),
        ("1.0", "===weird", True),
    ],
)
def test_versions_are_compared_as_releases(version: str, specifier: str, fitting: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """The usual clauses of version specifiers; what cannot be read raises no alarm."""
    assert fits(version, specifier) is fitting


def test_plugins_are_listed_without_importing(invoke: Invoke) -> None:
    """Each library with its version and what is recorded of it; those that are not installed only where asked for."""
    installed = [report for _, report in reports(loaded_plugins(), importing=False) if report.version is not None]
    shown = invoke("plugins")
    assert shown.exit_code == 0
    rows = {line.split()[1]: line for line in shown.stdout.splitlines()[1:] if line.startswith("✔")}
    assert rows.keys() == {report.library for report in installed}
    assert "chat, responses, streams, tools" in rows["openai"]
    assert "more libraries are recorded where they are installed; --all lists them." in shown.stdout
    assert ">=2," in next(line for line in invoke("plugins", "--all").stdout.splitlines() if " openai " in line)


def test_the_list_of_plugins_fits_on_a_screen(invoke: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    """In 80 columns each library has one line, with its name and version whole."""
    monkeypatch.setenv("COLUMNS", "80")
    libraries = {report.library: report.version for _, report in reports(loaded_plugins(), importing=False)}
    rows = [line.split() for line in invoke("plugins", "--all").stdout.splitlines()[1:]]
    shown = {words[words[0] == "✔"]: words for words in rows}
    assert shown.keys() == libraries.keys()
    assert all((version or "-") in shown[library] for library, version in libraries.items())


def test_importing_shows_what_binds(invoke: Invoke) -> None:
    """With `--import` each target is bound or missed, and everything is undone afterwards."""
    pytest.importorskip("openai")
    shown = json.loads(invoke("plugins", "--import", "--json").stdout)
    openai = next(library for library in shown["libraries"] if library["library"] == "openai")
    assert openai["fits"] is True
    assert {target["state"] for target in openai["targets"]} == {"bound"}
    assert "2 bound" in invoke("plugins", "--import", "--only", "openai").stdout


def test_an_unknown_plugin_is_broken(invoke: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit status 1 and the reason."""
    monkeypatch.setenv("AGENTOPS_LOAD_PLUGINS", "openai,acme")
    result = invoke("plugins")
    assert result.exit_code == 1
    assert "acme  no installed distribution announces a plugin of this name" in result.stdout
    assert "plugin acme is broken" in invoke("doctor").stdout


def test_plugins_add_commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A plugin's command stands in its own section of the help and runs; a broken plugin takes nothing down."""
    import subprocess  # noqa: PLC0415 - for this test alone

    info = tmp_path / "acme-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[agentops]\nacme = acme\nbroken = acme_broken\n")
    (tmp_path / "acme_broken.py").write_text("raise RuntimeError('on purpose')")
    (tmp_path / "acme.py").write_text(
        "import click\nfrom agentops.plugins import hookimpl\n"
        "@hookimpl\ndef agentops_commands(cli):\n"
        "    @cli.command()\n    def greet():\n        'Say hello.'\n        click.echo('hello')\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    def agentops(*words: str) -> str:
        return subprocess.run(
            [sys.executable, "-m", "agentops.cli", *words], capture_output=True, text=True, timeout=60, check=False
        ).stdout

    assert agentops("greet") == "hello\n"
    assert "From plugins:\n  greet       Say hello." in agentops("--help")
    assert "broken (acme 1.0)  RuntimeError: on purpose" in agentops("plugins")
