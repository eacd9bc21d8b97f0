"""Folders that stand for installed distributions with plugins."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import importlib_metadata
import pytest

from agentops.plugins.discovery import find_entry_points

sys.path.append(str(Path(__file__).parent))  # the modules beside the tests

_MADE = ("plugin_", "library_")


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty directory at the front of `sys.path`; distributions that are installed here are not to be found."""
    directory = tmp_path / "site"
    directory.mkdir()
    assert list(find_entry_points()), "our own plugins are installed"
    find_all = cast("Any", importlib_metadata).distributions

    def find() -> Any:
        return find_all(path=[entry for entry in sys.path if "site-packages" not in entry])

    monkeypatch.setattr(importlib_metadata, "distributions", find)
    monkeypatch.setattr(sys, "path", [str(directory), *sys.path])
    yield directory
    for name in [name for name in sys.modules if name.startswith(_MADE)]:
        del sys.modules[name]
