"""Bodies as AgentOps 0.3.26 sends them, and a session of it to send them for."""

from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx

BEGAN, ENDED = "2026-11-20T07:12:22.325782+00:00", "2026-11-20T07:12:24.325782+00:00"

JUNK: dict[str, Any] = {
    "config": "",
    "jwt": None,
    "_lock": "",
    "_end_session_lock": "",
    "token_cost": "",
    "_session_url": "",
    "event_counts": {"llms": 7, "tools": 7, "actions": 7, "errors": 7, "apis": 7},
}
"""What its session has by accident."""


def session(session_id: str, **said: Any) -> dict[str, Any]:
    """The body of create_session and update_session."""
    return {
        "session": {
            "end_timestamp": None,
            "end_state": "Indeterminate",
            "session_id": session_id,
            "init_timestamp": BEGAN,
            "tags": ["t1"],
            "video": None,
            "end_state_reason": None,
            "host_env": {"SDK": {"AgentOps SDK Version": "0.3.26"}},
            **JUNK,
            **said,
        }
    }


def ended(session_id: str, **said: Any) -> dict[str, Any]:
    """The body of update_session at the end."""
    return session(session_id, **{"end_timestamp": ENDED, "end_state": "Success", "is_running": False, **said})


def event(event_type: str, **said: Any) -> dict[str, Any]:
    """An event of any type."""
    return {
        "id": str(uuid4()),
        "event_type": event_type,
        "init_timestamp": BEGAN,
        "end_timestamp": "2026-11-20T07:12:23.000001+00:00",
        "params": None,
        "returns": None,
        "agent_id": None,
        **said,
    }


def llm(**said: Any) -> dict[str, Any]:
    """A model call."""
    own: dict[str, Any] = {
        "params": {"temperature": 0},
        "returns": "",
        "thread_id": None,
        "prompt": [{"role": "user", "content": "hi"}],
        "prompt_tokens": 10,
        "completion": {"role": "assistant", "content": "yo"},
        "completion_tokens": 5,
        "cost": None,
        "model": "gpt-4o",
    }
    return event("llms", **{**own, **said})


def tool(**said: Any) -> dict[str, Any]:
    """A tool call."""
    own = {"params": {"q": "z"}, "returns": [1, 2], "name": "search", "logs": {"a": 1}, "tool_name": "search"}
    return event("tools", **{**own, **said})


def action(**said: Any) -> dict[str, Any]:
    """An action."""
    own = {"params": {"x": 1}, "returns": "ok", "action_type": "act", "logs": "l", "screenshot": "", "name": "act"}
    return event("actions", **{**own, **said})


def error(**said: Any) -> dict[str, Any]:
    """An error."""
    own = {
        "trigger_event": "",
        "exception": None,
        "error_type": "ValueError",
        "code": "E1",
        "details": "boom",
        "logs": "Traceback",
    }
    return event("errors", **{**own, **said})


@dataclass
class OldClient:
    """Speaks of one session as AgentOps 0.3.26 does."""

    web: httpx.Client
    session_id: str = field(default_factory=lambda: str(uuid4()))
    token: str | None = None

    def create_session(self, **said: Any) -> httpx.Response:
        """Announce the session and keep its token."""
        answer = self.web.post("/v2/create_session", json=session(self.session_id, **said))
        if answer.is_success:
            self.token = answer.json()["jwt"]
        return answer

    def post(self, route: str, body: Any, *, method: str = "POST") -> httpx.Response:
        """Ask with the token, where there is one."""
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return self.web.request(method, f"/v2/{route}", json=body, headers=headers)

    def create_events(self, *events: dict[str, Any]) -> httpx.Response:
        """Send events of the session."""
        return self.post("create_events", {"events": [{"session_id": self.session_id, **each} for each in events]})

    def end(self, **said: Any) -> httpx.Response:
        """End the session."""
        return self.post("update_session", ended(self.session_id, **said))

    def stats(self) -> dict[str, Any]:
        """What the session adds up to."""
        return self.web.get(f"/v2/sessions/{self.session_id}/stats").raise_for_status().json()

    def export(self) -> dict[str, Any]:
        """Everything of the session."""
        return self.web.get(f"/v2/sessions/{self.session_id}/export").raise_for_status().json()
