"""The loopback provider as a command.

python -m agentops.testing.provider --script research_crew            serve, and print the environment to use it
python -m agentops.testing.provider --script echo -- python my.py     run a program with that environment
"""

import argparse
import contextlib
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Sequence
from threading import Event

from agentops.testing.provider.scripts import SCRIPTS
from agentops.testing.provider.server import Provider


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until interrupted, or run a command and return its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m agentops.testing.provider",
        description="A model provider on this machine that speaks OpenAI's and Anthropic's dialects.",
    )
    parser.add_argument("--script", choices=sorted(SCRIPTS), default="echo", help="what it says (default: echo)")
    parser.add_argument("--port", type=int, default=0, help="where it listens (default: a free port)")
    parser.add_argument("command", nargs="*", help="a program to run with the provider's environment, after --")
    chosen = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with Provider(SCRIPTS[chosen.script], port=chosen.port) as provider:
        if chosen.command:
            return subprocess.run(chosen.command, env=os.environ | provider.environment(), check=False).returncode  # noqa: S603 - the user's own command
        with contextlib.suppress(KeyboardInterrupt):
            for name, value in provider.environment().items():
                sys.stdout.write(f"export {name}={shlex.quote(value)}\n")
            sys.stdout.flush()
            Event().wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
