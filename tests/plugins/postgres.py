"""A PostgreSQL server of the tests' own, where Debian's packages or the like are installed."""

import os
import pwd
import shutil
import socket
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

_OWNER = "postgres"
"""As whom it runs where the tests run as root, as which it refuses to run."""


def programs() -> Path | None:
    """Where `initdb` and `postgres` are; None where they are not installed, or nobody may run them."""
    found = [Path(place) for place in (shutil.which("initdb"),) if place]
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    is_possible = os.getuid() != 0 or _OWNER in {entry.pw_name for entry in pwd.getpwall()}
    return found[-1].resolve().parent if found and is_possible else None


@contextmanager
def serve(binaries: Path) -> Generator[str]:
    """A server with an empty database; gives the connection string."""
    user = _OWNER if os.getuid() == 0 else None
    with TemporaryDirectory(prefix="agentops-pg-") as folder, socket.socket() as probe:
        data = f"{folder}/data"
        if user is not None:
            shutil.chown(folder, user)
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        _run([f"{binaries}/initdb", "--auth=trust", "--username=tester", "--no-sync", f"--pgdata={data}"], user)
        options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        control = [f"{binaries}/pg_ctl", f"--pgdata={data}", f"--log={folder}/log"]
        _run([*control, "--wait", "start", "-o", options], user)
        try:
            yield f"host=127.0.0.1 port={port} user=tester dbname=postgres"
        finally:
            _run([*control, "--wait", "--mode=immediate", "stop"], user)


def _run(command: list[str], user: str | None) -> None:
    subprocess.run(command, check=True, user=user, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
