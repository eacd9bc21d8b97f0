"""A program of agentops 0.4.21 that does everything that its client can say; what it did is its last line, as JSON.

With the word `wait` it begins once its client has its token: what is sent before goes without.
"""

import asyncio
import gc
import json
import sys
import time
from contextlib import suppress

import anthropic
import openai
from opentelemetry.trace import get_current_span

import agentops
from agentops.sdk.decorators import agent, guardrail, operation, task, tool, trace, workflow

agentops.init(auto_start_session=False, default_tags=["default"])
while "wait" in sys.argv and agentops.get_client().api.v4.auth_token is None:
    time.sleep(0.01)


@tool(cost=0.05)
def search(phrase):
    return [phrase, phrase]


@task
async def fail():
    raise ValueError("no luck")


@operation
def think(phrase):
    return search(phrase)


@guardrail(spec="input")
def guard(text):
    return {"ok": True}


@workflow(name="the whole work")
def work(phrase):
    guard(phrase)
    found = think(phrase)
    chat = openai.OpenAI().chat.completions.create(
        model="gpt-4o", temperature=0, messages=[{"role": "user", "content": phrase}]
    )
    message = anthropic.Anthropic().messages.create(
        model="claude-sonnet-4-20250514", max_tokens=50, messages=[{"role": "user", "content": phrase}]
    )
    with suppress(ValueError):
        asyncio.run(fail())
    return [
        [chat.usage.prompt_tokens, chat.usage.completion_tokens, chat.choices[0].message.content],
        [message.usage.input_tokens, message.usage.output_tokens, message.content[0].text],
        found,
    ]


@agent(name="researcher")
class Researcher:
    def work(self, phrase):
        return work(phrase)


def traced():
    print("printed by the program")
    context = agentops.start_trace("by hand", tags=["first", "second"])
    agentops.update_trace_metadata({"reader": "everybody", "number": 3})
    researcher = Researcher()
    answers = researcher.work("river")
    del researcher
    gc.collect()  # its span ends with the object
    trace_id = context.span.get_span_context().trace_id
    agentops.end_trace(context)
    return f"{trace_id:032x}", answers


@trace(name="decorated", tags={"a": "b"})
def decorated():
    search("lake")
    return f"{get_current_span().get_span_context().trace_id:032x}"


first, answers = traced()
second = decorated()
print(json.dumps({"by hand": first, "decorated": second, "answers": answers}))
