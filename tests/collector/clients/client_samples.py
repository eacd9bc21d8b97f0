"""Where programs of former clients run: a server, a model provider, and a folder to run in."""

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from process_samples import ServerProcess

from agentops.testing import Provider

PROGRAMS = Path(__file__).parent / "programs"


@dataclass(frozen=True)
class Machine:
    """A server and a model provider on this machine."""

    folder: Path
    server: ServerProcess
    provider: Provider
    key: ClassVar[str] = "11111111-2222-4333-8444-555555555555"

    def run(self, python: Path, program: str, *words: str, key: str | None = None) -> dict[str, Any]:
        """Run a program of `programs` to its good end; what it says of itself, as JSON on its last line."""
        url = self.server.url
        foreign = ("AGENTOPS_", "OTEL_", "PYTHON")
        environment = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
        environment |= self.provider.environment() | {
            "AGENTOPS_API_KEY": key or self.key,
            "AGENTOPS_API_ENDPOINT": url,
            "AGENTOPS_EXPORTER_ENDPOINT": f"{url}/v1/traces",
            "AGENTOPS_APP_URL": url,
            "AGENTOPS_LOGGING_TO_FILE": "false",
        }
        done = subprocess.run(
            [str(python), str(PROGRAMS / program), *words],
            env=environment,
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    def ask(self, path: str) -> Any:
        """What the server answers to whoever has the key."""
        answer = self.server.get(path, **{"X-Agentops-Api-Key": self.key})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def stats(self, session_id: str) -> dict[str, Any]:
        """What a session adds up to."""
        return self.ask(f"/v2/sessions/{session_id}/stats")

    def export(self, session_id: str) -> dict[str, Any]:
        """Everything of a session."""
        return self.ask(f"/v2/sessions/{session_id}/export")
