"""Observes `semantic-kernel`: agents, functions and prompts; its own spans for the same are left out.

Each class of agents has its own `get_response`, `invoke` and `invoke_stream`; every function of a kernel, called by the
program or because a model asked for it, goes through `KernelFunction.invoke`. A model call is that of the client it
goes through; where none is observed, it is what the chat service answers:
https://learn.microsoft.com/semantic-kernel/frameworks/agent/.
"""

from typing import Any, Final, cast

from agentops.domain.foreign import at, flag, plain, text
from agentops.domain.genai import Json, ToolResponse
from agentops.domain.spans import SpanKind
from agentops.instrumentation.target import Arguments, Instrumentation, Reader, Target
from agentops.plugins import hookimpl
from agentops_plugins._agents import agent, tool
from agentops_plugins._semantic_kernel_models import STREAM, read_call

_AGENTS: Final = (
    "azure_ai.azure_ai_agent:AzureAIAgent",
    "bedrock.bedrock_agent:BedrockAgent",
    "chat_completion.chat_completion_agent:ChatCompletionAgent",
    "copilot_studio.copilot_studio_agent:CopilotStudioAgent",
    "open_ai.openai_assistant_agent:OpenAIAssistantAgent",
    "open_ai.openai_responses_agent:OpenAIResponsesAgent",
)
_CHAT: Final = "semantic_kernel.connectors.ai.chat_completion_client_base:ChatCompletionClientBase"
_NOT_GIVEN: Final = frozenset({"kernel", "chat_history", "metadata"})


def _asked(arguments: Arguments) -> Json:
    return _said(arguments.get("messages", 0))


def _said(messages: Any) -> Json:
    if isinstance(messages, (list, tuple)):
        return [_said(message) for message in messages]  # pyright: ignore[reportUnknownVariableType]
    return text(messages) or text(messages, "content") or plain(messages)


def _joined(so_far: Any, item: Any) -> str:
    return (so_far or "") + (text(item, "message", "content") or "")


def _given(arguments: Arguments) -> Json:
    """`KernelArguments` are a dict; what is not among them is passed by name."""
    given: Any = arguments.get("arguments", 1)
    held = cast("dict[str, Any]", given if isinstance(given, dict) else arguments.kwargs)
    return {name: value for name, value in held.items() if name not in _NOT_GIVEN}


def _value(result: Any) -> Json:
    found = at(result, "value")
    return _said(found) if isinstance(found, list) else found


def _function(arguments: Arguments) -> Reader:
    """A prompt is a task of which the model call is a part, anything else a tool."""
    return _PROMPT if flag(arguments.instance, "is_prompt") else _TOOL


_AGENT: Final = agent(asked=_asked, answered=lambda item: _said(at(item, "message")))
_STREAMED: Final = agent(asked=_asked, answered=lambda said: said, fold=_joined)
_PROMPT: Final = agent(asked=_given, answered=_value, kind=SpanKind.TASK)
_TOOL: Final = tool(
    name=lambda arguments: text(arguments.instance, "fully_qualified_name"),
    given=_given,
    returned=lambda result: ToolResponse(result=_value(result)),
)

INSTRUMENTATION: Final = Instrumentation(
    library="semantic_kernel",
    distribution="semantic-kernel",
    versions=">=1.30,<2",
    captures="agents, functions, prompts, models",
    targets=[
        *(
            Target(path=f"semantic_kernel.agents.{path}.{method}", reader=reader)
            for path in _AGENTS
            for method, reader in (("get_response", _AGENT), ("invoke", _AGENT), ("invoke_stream", _STREAMED))
        ),
        *(
            Target(path=f"semantic_kernel.functions.kernel_function:KernelFunction.{method}", reader=_function)
            for method in ("invoke", "invoke_stream")
        ),
        Target(path=f"{_CHAT}.get_chat_message_contents", reader=read_call, fallback=True),
        Target(path=f"{_CHAT}.get_streaming_chat_message_contents", reader=STREAM, fallback=True),
    ],
    native_scopes=(
        "semantic_kernel.functions.kernel_function",
        "semantic_kernel.connectors.ai.chat_completion_client_base",
        "semantic_kernel.utils.telemetry.agent_diagnostics.decorators",
        "semantic_kernel.utils.telemetry.model_diagnostics.decorators",
        "agent_runtime InProcessRuntime",
    ),
)


@hookimpl
def agentops_instrumentation() -> Instrumentation:
    """The agents and functions of `semantic_kernel`."""
    return INSTRUMENTATION
