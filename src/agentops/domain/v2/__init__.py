"""Our records as the JSON of AgentOps's v2 protocol, and that JSON as records.

The fields that the original has are as its client 0.3.26 sends them (recorded from the wire). Beside them every event
carries what the original lacks, under keys that an original server does not know and passes over: the place of the span
in its trace (`span_id`, `parent_id`, `trace_id`), its `kind`, `name` and `status`, its times in Unix nanoseconds
(`started`, `ended`), and under `span` whatever else our record knows. A reader of ours loses nothing.

What becomes of a span:

- model calls, tool calls and actions are events of the types `llms`, `tools` and `actions`; events recorded by hand
  keep the type that they were recorded under, also one of their own;
- spans of the other kinds, for which v2 has no type (sessions, agents, workflows, tasks, retrievals, guardrails), are
  events whose type is their kind. They count as none of what v2 counts, so that the counts stay those of the session;
- an error that counts is an event of type `errors` of its own beside the event of its span, with that event as trigger;
- a span that is still running is none: v2 knows only what has ended.
"""

from agentops.domain.v2.events import ERROR_SUFFIX, encode_events, event_id_of, events_of
from agentops.domain.v2.reading import read_agent, read_event, read_events, read_session
from agentops.domain.v2.sessions import COUNTED_TYPES, agent_body, merge_session, session_body
from agentops.domain.v2.shapes import Action, Error, Event, Llm, Rest, Tool

__all__ = [
    "COUNTED_TYPES",
    "ERROR_SUFFIX",
    "Action",
    "Error",
    "Event",
    "Llm",
    "Rest",
    "Tool",
    "agent_body",
    "encode_events",
    "event_id_of",
    "events_of",
    "merge_session",
    "read_agent",
    "read_event",
    "read_events",
    "read_session",
    "session_body",
]
