"""Where a session ran: Python, operating system, processor, memory, disk and packages, under AgentOps's names.

Nothing outside the process is asked but the files in which the system tells of itself. Variables of the environment are
not recorded, but for the path of a virtual environment.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import sys
from pathlib import Path
from typing import Any, Final

_GIGABYTE: Final = 1 << 30
_KIBIBYTE: Final = 1 << 10
_MEMORY_FILE: Final = Path("/proc/meminfo")
_PROCESSOR_FILE: Final = Path("/proc/cpuinfo")
_BUSY_FILE: Final = Path("/proc/stat")
_INSTALLED: Final = re.compile(r"(?P<name>[A-Za-z0-9][\w.]*)-(?P<version>[^-]+)(?:-py[\d.]+)?\.(?:dist|egg)-info")
_IDLE_COLUMNS: Final = slice(3, 5)
"""Idle and waiting for disks: https://man7.org/linux/man-pages/man5/proc_stat.5.html"""
_BUSY_COLUMNS: Final = slice(0, 8)


def describe_host(version: str, *, opt_out: bool = False) -> dict[str, Any]:
    """What is known of the host, under AgentOps's names.

    Args:
        version: agentops's own.
        opt_out: leave out what tells of the machine: its name, processor, memory, disk and packages.
    """
    described: dict[str, Any] = {
        "SDK": {"AgentOps SDK Version": version, "Python Version": platform.python_version()},
        "OS": {"OS": platform.system(), "OS Version": platform.version(), "OS Release": platform.release()},
        "Project Working Directory": {"Project Working Directory": _working_directory()},
        "Virtual Environment": {"Virtual Environment": _virtual_environment()},
    }
    if not opt_out:
        described["SDK"]["System Packages"] = loaded_packages()
        described["OS"] = {"Hostname": platform.node(), **described["OS"]}
        described["CPU"] = _processor()
        described["RAM"] = _memory()
        described["Disk"] = _disk()
        described["Installed Packages"] = {"Installed Packages": installed_packages()}
    return described


def installed_packages() -> dict[str, str]:
    """Every installed package with its version, by the folders that say so; their files would take 60 ms to read.

    The first folder on the path counts, as for imports. The form of the names:
    https://packaging.python.org/en/latest/specifications/recording-installed-packages/#the-dist-info-directory
    """
    found: dict[str, str] = {}
    for folder in sys.path:
        for name in _names_in(folder or "."):
            package = _INSTALLED.fullmatch(name)
            if package is not None:
                found.setdefault(package["name"].replace("_", "-"), package["version"])
    return dict(sorted(found.items(), key=lambda item: item[0].lower()))


def _names_in(folder: str) -> list[str]:
    try:
        return os.listdir(folder)  # noqa: PTH208 - names are asked for, and made in half the time
    except OSError:  # not there, or a zip file
        return []


def loaded_packages() -> dict[str, str]:
    """The imported top-level modules that say their version."""
    found: dict[str, str] = {}
    for name, module in list(sys.modules.items()):
        if "." not in name and not name.startswith("_") and name not in sys.stdlib_module_names:
            version = getattr(module, "__dict__", {}).get("__version__")
            if type(version) is str:
                found[name] = version
    return dict(sorted(found.items()))


def _working_directory() -> str | None:
    try:
        return os.getcwd()  # noqa: PTH109 - a string is asked for
    except OSError:  # it is gone
        return None


def _virtual_environment() -> str | None:
    named = os.environ.get("VIRTUAL_ENV")
    return named or (sys.prefix if sys.prefix != sys.base_prefix else None)


def _processor() -> dict[str, Any]:
    described: dict[str, Any] = {"Physical cores": _physical_cores(), "Total cores": os.cpu_count()}
    busy = _busy_percentage()
    return described if busy is None else {**described, "CPU Usage": f"{busy:.1f}%"}


def _physical_cores() -> int | None:
    """Cores without their threads; None where the system does not say."""
    try:
        text = _PROCESSOR_FILE.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    cores: set[tuple[str, str]] = set()
    for block in text.split("\n\n"):
        lines = dict(_pair(line) for line in block.splitlines())
        if "core id" in lines:
            cores.add((lines.get("physical id", ""), lines["core id"]))
    return len(cores) or None


def _pair(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    return name.strip(), value.strip()


def _busy_percentage() -> float | None:
    """How busy the processors have been since the system started; None where it does not say."""
    try:
        times = [int(word) for word in _BUSY_FILE.read_text(encoding="ascii").split("\n", 1)[0].split()[1:]]
    except (OSError, ValueError):
        return None
    total = sum(times[_BUSY_COLUMNS])
    return 100 * (1 - sum(times[_IDLE_COLUMNS]) / total) if total else None


def _memory() -> dict[str, str]:
    known = _memory_known()
    if known is None:
        return {}
    total, available = known
    used = total - available
    return {
        "Total": _gigabytes(total),
        "Available": _gigabytes(available),
        "Used": _gigabytes(used),
        "Percentage": f"{100 * used / total:.1f}%",
    }


def _memory_known() -> tuple[int, int] | None:
    """Bytes of memory, and of these available; None where the system does not say."""
    try:
        lines = dict(_pair(line) for line in _MEMORY_FILE.read_text(encoding="ascii").splitlines())
        return int(lines["MemTotal"].split()[0]) * _KIBIBYTE, int(lines["MemAvailable"].split()[0]) * _KIBIBYTE
    except (OSError, KeyError, ValueError):
        pass
    try:
        size = os.sysconf("SC_PAGE_SIZE")
        return size * os.sysconf("SC_PHYS_PAGES"), size * os.sysconf("SC_AVPHYS_PAGES")
    except (AttributeError, ValueError, OSError):  # no such function on Windows, no such names on macOS
        return None


def _disk() -> dict[str, Any]:
    mountpoint = Path(_working_directory() or os.sep).anchor or os.sep
    try:
        disk = shutil.disk_usage(mountpoint)
    except OSError:
        return {}
    return {
        mountpoint: {
            "Mountpoint": mountpoint,
            "Total": _gigabytes(disk.total),
            "Used": _gigabytes(disk.used),
            "Free": _gigabytes(disk.free),
            "Percentage": f"{100 * disk.used / max(1, disk.used + disk.free):.1f}%",
        }
    }


def _gigabytes(size: int) -> str:
    return f"{size / _GIGABYTE:.2f} GB"
