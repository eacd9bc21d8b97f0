"""What the tests of the command line share; `cli_samples` and `cli_runs` can be imported from any of them."""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from agentops.domain.spans import Record
from agentops.store.sqlite import SqliteStore

sys.path.append(str(Path(__file__).parent))

Invoke = Callable[..., Result]
Fill = Callable[[Sequence[Record]], None]


@pytest.fixture(autouse=True)
def fixed_surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Greenwich time, 110 columns, no colours, and a working directory without settings."""
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.setenv("COLUMNS", "110")
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture(name="invoke")
def invoke_the_command() -> Invoke:
    """Runs `agentops` in this process with the given words."""

    def invoke(*words: str, input: str | None = None) -> Result:  # noqa: A002 - the runner's word
        from agentops.cli.main import cli  # noqa: PLC0415 - after the surroundings are set

        return CliRunner().invoke(cli, words, prog_name="agentops", catch_exceptions=False, input=input)

    return invoke


@pytest.fixture(name="fill")
def fill_the_store(data_directory: Path) -> Fill:
    """Puts records into the store that the commands read."""

    def fill(records: Sequence[Record]) -> None:
        with SqliteStore(data_directory / "agentops.db") as store:
            store.ingest(records, journal="sample")
            store.index()

    return fill
