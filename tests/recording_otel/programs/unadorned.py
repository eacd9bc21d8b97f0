# ruff: noqa: D103 - a program as users write it
"""A plain program; prints which modules it has that it never asked for as JSON, when everything else is over."""

import atexit
import json
import sys

UNASKED = ("opentelemetry.sdk", "opentelemetry.exporter", "openai", "anthropic", "httpx", "httpx2", "pydantic", "rich")


def tell():
    print(json.dumps([name for name in UNASKED if name in sys.modules]))


atexit.register(tell)

import agentops  # noqa: E402

agentops.init(trace_name="session")


@agentops.tool
def work(number):
    return number


@agentops.llm(model="gpt-4o")
def ask(prompt):
    return {"content": prompt, "usage": {"prompt_tokens": 1, "completion_tokens": 1}}


work(1)
ask("why")
agentops.flush()
