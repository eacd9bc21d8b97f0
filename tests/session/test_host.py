"""What is told of the machine, on any system, and what is not where the user opted out."""

import os
import sys
from importlib import metadata
from pathlib import Path

import pytest

from agentops.session import host
from agentops.session.host import describe_host, installed_packages, loaded_packages

SECTIONS = {
    "SDK": {"AgentOps SDK Version", "Python Version", "System Packages"},
    "OS": {"Hostname", "OS", "OS Version", "OS Release"},
    "CPU": {"Physical cores", "Total cores", "CPU Usage"},
    "RAM": {"Total", "Available", "Used", "Percentage"},
    "Disk": {"/"},
    "Installed Packages": {"Installed Packages"},
    "Project Working Directory": {"Project Working Directory"},
    "Virtual Environment": {"Virtual Environment"},
}
"""As AgentOps 0.3.26 has them."""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems tell less")
def test_the_host_is_described_as_ever() -> None:
    """Section by section, under the names of AgentOps 0.3."""
    described = describe_host("1.2.3")
    assert {section: set(values) for section, values in described.items()} == SECTIONS
    assert described["SDK"]["AgentOps SDK Version"] == "1.2.3"
    assert set(described["Disk"]["/"]) == {"Mountpoint", "Total", "Used", "Free", "Percentage"}
    assert described["RAM"]["Total"].endswith(" GB")
    assert described["RAM"]["Percentage"].endswith("%")
    assert described["CPU"]["CPU Usage"].endswith("%")


def test_nothing_of_the_machine_is_told_to_those_who_opted_out() -> None:
    """Not its name, processor, memory and disk, nor what is installed on it."""
    described = describe_host("1.2.3", opt_out=True)
    assert {section: set(values) for section, values in described.items()} == {
        "SDK": {"AgentOps SDK Version", "Python Version"},
        "OS": {"OS", "OS Version", "OS Release"},
        "Project Working Directory": {"Project Working Directory"},
        "Virtual Environment": {"Virtual Environment"},
    }


def test_a_system_that_does_not_tell_is_described_as_far_as_it_does(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Without `/proc`, `os.sysconf` and `os.uname`, and in a folder that is gone."""
    for name in ("_MEMORY_FILE", "_PROCESSOR_FILE", "_BUSY_FILE"):
        monkeypatch.setattr(host, name, tmp_path / "none")
    monkeypatch.delattr(os, "sysconf", raising=False)
    monkeypatch.setattr(os, "getcwd", (tmp_path / "gone").stat)
    described = describe_host("1.2.3")
    assert described["CPU"] == {"Physical cores": None, "Total cores": os.cpu_count()}
    assert described["RAM"] == {}
    assert described["Project Working Directory"] == {"Project Working Directory": None}
    assert described["OS"]["OS"]


def test_installed_packages_are_those_that_are_installed() -> None:
    """With their versions, as the metadata say, found by the names of their folders."""
    known = {package.name.lower().replace("_", "-"): package.version for package in metadata.distributions()}
    found = {name.lower(): version for name, version in installed_packages().items()}
    assert found.items() <= known.items()
    assert {"pytest", "msgspec", "opentelemetry-sdk"} <= found.keys()


def test_imported_packages_say_their_versions() -> None:
    """Those of the standard library do not count."""
    found = loaded_packages()
    assert found["pytest"] == pytest.__version__
    assert not found.keys() & sys.stdlib_module_names


def test_variables_of_the_environment_are_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """But for the path of a virtual environment."""
    monkeypatch.setenv("SOME_SETTING", "never told")
    assert "never told" not in str(describe_host("1.2.3"))
