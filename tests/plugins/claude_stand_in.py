"""Stands in for the command line of Claude: reads prompts and answers from a script, in its protocol.

A tool is called twice, for Paris and for Atlantis, which fails; an agent that Claude sends for says something; then the
answer. `claude_stand_in.py MODE`: `well`, `badly` (a result without an answer) or `away` (it ends amidst it all).
https://code.claude.com/docs/en/agent-sdk/typescript#message-types
"""

import json
import os
import sys
from typing import Any

MODEL = "claude-sonnet-4-5"


def main() -> None:
    """Answer every prompt, on the command line as in old versions or by messages."""
    if "-v" in sys.argv or "--version" in sys.argv:
        say_plainly("9.9.9 (Claude Code)")
        return
    if "--print" in sys.argv:
        answer()
        return
    for line in sys.stdin:
        message = json.loads(line)
        if message["type"] == "control_request":
            done: dict[str, Any] = {"subtype": "success", "request_id": message["request_id"], "response": {}}
            say(type="control_response", response=done)
        elif message["type"] == "user":
            answer()


def answer() -> None:
    """One turn."""
    mode = os.environ.get("CLAUDE_STAND_IN", "well")
    say(type="system", subtype="init", model=MODEL, tools=[], session_id="s1", uuid="u1")
    think("m1", {"type": "text", "text": "I look it up."})
    think("m1", use("t1", "population", city="Paris"))
    think("m1", use("t2", "population", city="Atlantis"))
    returned("t1", "2100000")
    if mode == "away":
        sys.exit(3)
    returned("t2", "Atlantis is not known", is_error=True)
    think("m2", use("t3", "Task", prompt="Write it down."))
    think("m3", {"type": "text", "text": "Paris is large."}, parent="t3")
    returned("t3", "Paris is large.")
    think("m4", {"type": "text", "text": "Paris has 2100000 people."})
    is_error = mode == "badly"
    say(
        type="result",
        subtype="error_max_turns" if is_error else "success",
        is_error=is_error,
        duration_ms=5,
        duration_api_ms=4,
        num_turns=4,
        session_id="s1",
        total_cost_usd=0.01,
        usage={"input_tokens": 40, "output_tokens": 50},
        **({} if is_error else {"result": "Paris has 2100000 people."}),
    )


def think(message_id: str, block: dict[str, Any], parent: str | None = None) -> None:
    """A part of an answer of the model's, which counts one token, as it does before it is written."""
    message = {
        "id": message_id,
        "role": "assistant",
        "model": MODEL,
        "content": [block],
        "usage": {"input_tokens": 10, "output_tokens": 1},
    }
    say(type="assistant", message=message, parent_tool_use_id=parent, session_id="s1", uuid="u2")


def use(call_id: str, name: str, **arguments: str) -> dict[str, Any]:
    """A tool that is called."""
    return {"type": "tool_use", "id": call_id, "name": name, "input": arguments}


def returned(call_id: str, content: str, *, is_error: bool = False) -> None:
    """What a tool gave back."""
    block = {"type": "tool_result", "tool_use_id": call_id, "content": content, "is_error": is_error}
    message = {"role": "user", "content": [block]}
    say(type="user", message=message, parent_tool_use_id=None, session_id="s1", uuid="u3")


def say(**message: Any) -> None:
    """A message, on a line of its own."""
    say_plainly(json.dumps(message))


def say_plainly(line: str) -> None:
    """A line."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
