# ruff: noqa: D103 - a program as users write it
"""A framework that is observed, and makes spans of its own for the same agents and tools."""

import fakellm
from opentelemetry import trace

from agentops.domain.genai import AgentRequest, AgentResponse, ToolRequest, ToolResponse
from agentops.instrumentation.target import Instrumentation, Reader, Target


def hire(name):
    with trace.get_tracer("fakecrew.native").start_as_current_span(f"create_agent {name}"):
        return name


def work(name):
    attributes = {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": name}
    with trace.get_tracer("fakecrew.native").start_as_current_span(f"invoke_agent {name}", attributes=attributes):
        return look_up("tides")


def look_up(about):
    with (
        trace.get_tracer("fakecrew.native").start_as_current_span("cycle"),
        trace.get_tracer("web").start_as_current_span("step"),
    ):
        return fakellm.ask(about)


INSTRUMENTATION = Instrumentation(
    library="fakecrew",
    targets=[
        Target(
            path="fakecrew:work",
            reader=Reader(
                read_request=lambda arguments: AgentRequest(name=arguments.get("name", 0)),
                read_response=lambda answer: AgentResponse(output=answer),
            ),
        ),
        Target(
            path="fakecrew:look_up",
            reader=Reader(
                read_request=lambda arguments: ToolRequest(name="look_up", arguments=arguments.get("about", 0)),
                read_response=lambda answer: ToolResponse(result=answer),
            ),
        ),
    ],
    native_scopes=["fakecrew.native"],
)
