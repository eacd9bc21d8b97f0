"""A program of agentops 0.3.26 that does everything that its client can say; what it did is its last line, as JSON."""

import asyncio
import json
import subprocess
import sys
from contextlib import suppress

import openai

import agentops
from agentops import ActionEvent, ErrorEvent, Event, LLMEvent, ToolEvent, record_action, record_tool, track_agent

session = agentops.init(default_tags=["default"])
inherited = None


@record_action("look up")
def look_up(word, *, times=2):
    return word * times


@record_tool("search")
async def search(phrase):
    return [phrase]


@record_tool("fails")
def fails():
    raise ValueError("no luck")


@track_agent(name="researcher")
class Researcher:
    def ask(self, text):
        client = openai.OpenAI()
        return client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": text}])


look_up("ab")
asyncio.run(search("river"))
with suppress(ValueError):
    fails()
answer = Researcher().ask("how many rivers")
streamed = openai.OpenAI().chat.completions.create(
    model="gpt-4o", messages=[{"role": "user", "content": "in pieces"}], stream=True
)
words = "".join(chunk.choices[0].delta.content or "" for chunk in streamed if chunk.choices)
session.record(
    LLMEvent(
        model="gpt-4o-mini",
        params={"temperature": 0},
        prompt=[{"role": "user", "content": "hi"}],
        completion={"role": "assistant", "content": "yo"},
        prompt_tokens=1000,
        completion_tokens=100,
    )
)
session.record(LLMEvent(model="a model of nobody", prompt="hi", completion="yo", cost=0.25))
session.record(ActionEvent(action_type="by hand", params={"x": 1}, returns="ok", logs="l", screenshot="http://x/y.png"))
session.record(ToolEvent(name="hammer", params={"q": "z"}, returns=[1, 2], logs={"a": 1}))
session.record(Event(event_type="of_its_own", returns="x"))
session.record(ErrorEvent(error_type="Odd", code="E1", details="boom", logs="where"))
agent_id = session.create_agent("by hand", "agent-1")
session.add_tags("added")
child = "import agentops, sys; s = agentops.init(inherited_session_id=sys.argv[1], default_tags=['child']);"
child += "s.record(agentops.ToolEvent(name='in the child')); s._span_processor.force_flush(); import os; os._exit(0)"
subprocess.run([sys.executable, "-c", child, str(session.session_id)], check=True)
session.set_tags(["set"])
analytics = session.get_analytics()
cost = session.end_session("Fail", "gave up")

other = agentops.start_session(tags=["other"])
other.record(ToolEvent(name="in the other"))
other_cost = other.end_session("Success")

left = agentops.start_session()
left.record(ToolEvent(name="in the one that is left"))

print(
    json.dumps(
        {
            "session": str(session.session_id),
            "other": str(other.session_id),
            "left": str(left.session_id),
            "analytics": analytics,
            "cost": str(cost),
            "other_cost": str(other_cost),
            "counts": session.event_counts,
            "answer": answer.choices[0].message.content,
            "usage": [answer.usage.prompt_tokens, answer.usage.completion_tokens],
            "words": words,
        }
    )
)
