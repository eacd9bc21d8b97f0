"""Asks OpenAI's models, observed by the instrumentations that the command line names."""

import sys
from contextlib import suppress

from openai import BadRequestError, OpenAI
from opentelemetry import trace
from telemetry import exporting, observe_with

LOOK_UP = {
    "name": "look_up",
    "description": "Look a word up.",
    "parameters": {"type": "object", "properties": {"word": {"type": "string"}}, "required": ["word"]},
}


def research(client: OpenAI) -> None:
    """A tool call and what it gave, streamed; an embedding; a response; and a call that is refused."""
    settings = {"model": "gpt-4o-mini", "tools": [{"type": "function", "function": LOOK_UP}]}
    messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Which river?"}]
    asked = client.chat.completions.create(messages=messages, temperature=0.5, **settings).choices[0].message
    messages.append(asked.model_dump(exclude_none=True))
    messages.append({"role": "tool", "tool_call_id": asked.tool_calls[0].id, "content": "The Danube."})
    with client.chat.completions.create(
        messages=messages, stream=True, stream_options={"include_usage": True}, **settings
    ) as stream:
        print("".join(chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices))
    client.embeddings.create(model="text-embedding-3-small", input="river")
    client.responses.create(model="gpt-4o-mini", instructions="Be brief.", input="How long is it?")
    with suppress(BadRequestError):
        client.chat.completions.create(model="gpt-4o-mini", messages=[{"role": "user", "content": "No."}])


with exporting():
    for each in sys.argv[1:]:
        observe_with(each)
    with trace.get_tracer("research").start_as_current_span("research"):
        research(OpenAI(max_retries=0))
