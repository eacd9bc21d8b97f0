"""Where a session ran: Python, operating system, memory and disk, without asking anything outside the process."""

from __future__ import annotations

import os
import platform
import sys
from typing import Any, Final

_GIGABYTE: Final = 1 << 30


def describe_host(version: str, *, opt_out: bool = False) -> dict[str, Any]:
    """What is known of the host, under AgentOps's names.

    Args:
        version: agentops's own.
        opt_out: leave out what tells of the machine.
    """
    described: dict[str, Any] = {
        "SDK": {"AgentOps SDK Version": version, "Python Version": platform.python_version()},
        "OS": {"OS": sys.platform, "OS Release": os.uname().release, "OS Version": os.uname().version},
        "Project Working Directory": {"Project Working Directory": _working_directory()},
        "Virtual Environment": {"Virtual Environment": os.environ.get("VIRTUAL_ENV")},
    }
    if not opt_out:
        described["OS"]["Hostname"] = os.uname().nodename
        described["CPU"] = {"Total cores": os.cpu_count()}
        described["RAM"] = _memory()
        described["Disk"] = _disk()
    return described


def _working_directory() -> str | None:
    try:
        return os.getcwd()  # noqa: PTH109 - a string is asked for
    except OSError:  # it is gone
        return None


def _memory() -> dict[str, str]:
    try:
        total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        available = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_AVPHYS_PAGES")
    except (ValueError, OSError):  # names that this system does not know
        return {}
    return {"Total": _gigabytes(total), "Available": _gigabytes(available), "Used": _gigabytes(total - available)}


def _disk() -> dict[str, Any]:
    disk = os.statvfs("/")
    total, free = disk.f_frsize * disk.f_blocks, disk.f_frsize * disk.f_bavail
    used = disk.f_frsize * (disk.f_blocks - disk.f_bfree)
    return {"/": {"Total": _gigabytes(total), "Used": _gigabytes(used), "Free": _gigabytes(free)}}


def _gigabytes(size: int) -> str:
    return f"{size / _GIGABYTE:.2f} GB"
