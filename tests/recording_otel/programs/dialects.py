# ruff: noqa: D102, D103 - a program as users write it
"""One model call, seen by ours and by others in each dialect; prints what counts in each constellation as JSON.

The argument says whether the program has a tracer provider of its own (`provider`) or none (`alone`).
"""

import json
import sys

import fakellm
from opentelemetry import trace

import agentops
from agentops.recording.otel import join
from agentops.testing.recording import record

DIALECTS = {
    "genai": {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-4o",
        "gen_ai.usage.input_tokens": 10,
        "gen_ai.usage.output_tokens": 5,
    },
    "older genai": {
        "gen_ai.system": "openai",
        "gen_ai.request.model": "gpt-4o",
        "gen_ai.usage.prompt_tokens": 10,
        "gen_ai.usage.completion_tokens": 5,
    },
    "openinference": {
        "openinference.span.kind": "LLM",
        "llm.model_name": "gpt-4o",
        "llm.token_count.prompt": 10,
        "llm.token_count.completion": 5,
    },
    "openllmetry": {
        "gen_ai.system": "OpenAI",
        "llm.request.type": "chat",
        "gen_ai.request.model": "gpt-4o",
        "llm.usage.total_tokens": 15,
        "gen_ai.usage.prompt_tokens": 10,
        "gen_ai.usage.completion_tokens": 5,
    },
    "agentops": {
        "agentops.span.kind": "llm",
        "gen_ai.request.model": "gpt-4o",
        "gen_ai.usage.prompt_tokens": 10,
        "gen_ai.usage.completion_tokens": 5,
    },
}


class Other:
    """A library that makes spans of its own, in one dialect."""

    def __init__(self, attributes, *, late):
        self.tracer = trace.get_tracer("other")
        self.attributes = attributes
        self.late = late

    def call(self, inside=None, name="chat gpt-4o"):
        with self.tracer.start_as_current_span(name, attributes=None if self.late else self.attributes) as span:
            if inside is not None:
                inside()
            if self.late:
                span.set_attributes(self.attributes)


@agentops.llm(model="gpt-4o")
def decorated(prompt, then=None):
    if then is not None:
        then()
    return {"content": prompt, "usage": {"prompt_tokens": 10, "completion_tokens": 5}}


def ours(then=None):
    fakellm.ask("why", then)


def constellations(other):
    """What happens, by name; it is one model call each time."""
    native = Other(other.attributes, late=other.late)
    native.tracer = trace.get_tracer("fakellm.native")

    def step(inside):
        with trace.get_tracer("web").start_as_current_span("step"):
            inside()

    return {
        "theirs alone": other.call,
        "ours alone": ours,
        "decorated alone": lambda: decorated("why"),
        "theirs in ours": lambda: ours(other.call),
        "native in ours": lambda: ours(native.call),
        "native with children in ours": lambda: ours(lambda: native.call(lambda: step(list))),
        "theirs around ours": lambda: other.call(ours),
        "theirs around a step around ours": lambda: other.call(lambda: step(ours)),
        "theirs around theirs": lambda: other.call(lambda: other.call(name="chat inner")),
        "theirs in decorated": lambda: decorated("why", other.call),
        "theirs around decorated": lambda: other.call(lambda: decorated("why")),
        "ours in decorated": lambda: decorated("why", ours),
        "theirs in ours in decorated": lambda: decorated("why", lambda: ours(other.call)),
    }


def observe(action):
    """What one constellation adds up to, in memory and on disk."""
    with record(plugins=False, strict=True) as recording:
        recording.observing.start(fakellm.INSTRUMENTATION)
        leave = join(dict.fromkeys(fakellm.INSTRUMENTATION.native_scopes, "agentops.plugin"))
        with agentops.session("session") as session:
            action()
        leave()
        analytics = session.analytics
        spans = recording.spans()
    known = {span.span_id for span in spans} | {root.span_id for root in recording.spans("session")}
    models = [span for span in spans if span.kind == "llm"]
    usages = [span.response.usage for span in spans if span.response is not None and span.response.usage is not None]
    return {
        "calls": analytics.llm_calls,
        "tokens": [analytics.input_tokens, analytics.output_tokens],
        "stored calls": len(models),
        "stored tokens": [sum(usage.input_total for usage in usages), sum(usage.output_total for usage in usages)],
        "costs": [span.cost for span in spans if span.cost is not None],
        "orphans": [span.name for span in spans if span.parent_id not in known],
        "tree": [f"{span.kind} {span.name}" for span in spans],
    }


if __name__ == "__main__":
    if sys.argv[1] == "provider":
        from opentelemetry.sdk.trace import TracerProvider

        trace.set_tracer_provider(TracerProvider())
    found = {
        f"{dialect}, {'late' if late else 'early'}: {name}": observe(action)
        for dialect, attributes in DIALECTS.items()
        for late in (False, True)
        for name, action in constellations(Other(attributes, late=late)).items()
    }
    print(json.dumps({"found": found, "sdk": "opentelemetry.sdk" in sys.modules}))
