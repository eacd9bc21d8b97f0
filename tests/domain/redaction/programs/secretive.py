"""A program that uses secrets wherever a program can, and ends well or is killed.

Arguments: the file with the secrets, how to end; further ones are secrets on the command line.
"""

import json
import logging
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

from opentelemetry.sdk.trace import TracerProvider

import agentops
from agentops import ActionEvent, ErrorEvent, LLMEvent, ToolEvent

with Path(sys.argv[1]).open(encoding="utf-8") as file:
    given = json.load(file)
TEXTS, NAMED = given["texts"], given["named"]

provider = TracerProvider()
agentops.init(auto_start_session=False, capture_logs=True, load_plugins="")
tracer = provider.get_tracer("somebody.else")
logging.basicConfig(level=logging.INFO, stream=sys.stderr)
logger = logging.getLogger("app")


@agentops.tool
def tool(value, **more):
    """A tool that gives back more than it got."""
    return {"said": value, "more": [more]}


@agentops.tool
def echo(value):
    """A tool that gives back what it got."""
    return value


@agentops.task
def steps(value):
    """A generator."""
    yield value
    yield {"step": value}


@agentops.task
def login(user, password, *, api_key=None):
    """A task with parameters whose names say that they are secret."""
    return len(user)


@agentops.tool
def failing(value):
    """A tool that fails and says at what."""
    raise ValueError(f"cannot use {value}")


@agentops.llm(model="gpt-4o")
def ask(messages):
    """A model call by the program's own means."""
    return {
        "choices": [{"message": {"role": "assistant", "content": messages[0]["content"]}}],
        "usage": {"prompt_tokens": 3, "completion_tokens": 4},
    }


def use(text):
    """Put a text everywhere."""
    tool(text)
    tool(value=[text], nested={"a": {"b": (text, {"c": text})}})
    tool({text: 1})
    echo(text)
    list(steps(text))
    with suppress(ValueError):
        failing(text)
    ask([{"role": "user", "content": f"what is {text}?"}])
    with agentops.span(f"span {text[:200]}", input=text, note=text) as span:
        span.set_attribute("note", text)
        span.add_event(f"event {text[:200]}", {"detail": text})
        span.set_output({"out": text})
    with tracer.start_as_current_span(f"foreign {text[:200]}", attributes={"db.statement": text}) as span:
        span.add_event("happened", {"what": text})
        span.record_exception(RuntimeError(text))
    print("printed", text)
    logger.info("logged %s", text)
    agentops.record(ActionEvent(action_type=text, params={"p": text}, returns=text, logs=text))
    agentops.record(ToolEvent(name=text, params=text, returns=[text], logs={"l": text}))
    agentops.record(LLMEvent(prompt=text, completion=text, model="gpt-4o", prompt_tokens=1, completion_tokens=2))
    agentops.record(ErrorEvent(exception=RuntimeError(text), details=text, logs=text))


session = agentops.start_session(tags=["ordinary"])
for place, text in enumerate(TEXTS):
    use(text)
    if place % 10 == 0:
        session.add_tags([text])
        session.create_agent(text)
for name, value in NAMED:
    echo({name: value})
    tool({"deep": [{"er": {name: value}}]}, **{name: value})
    ask([{"role": "user", "content": f"{name}={value}"}])
    with agentops.span("named", **{name: value}) as span:
        span.set_attribute(name, value)
    with tracer.start_as_current_span("headers", attributes={name: value, f"http.request.header.{name}": [value]}):
        pass
    login("bob", value)
    login("bob", password=value, api_key=value)
    print(f"{name}={value}")

for _ in range(3):
    echo({"x": 1, "note": "fine"})
echo({"x": 1, "note": "pwd=" + NAMED[0][1][:9]})
if sys.argv[2] == "killed":
    os.kill(os.getpid(), signal.SIGKILL)
session.end("Fail", f"it was {TEXTS[0]} all along")
