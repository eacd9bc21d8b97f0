"""What the model says to Agno: the leader of a team has a tool to give work to its members; else as to everybody."""

from scripts.research import SENTENCE, tool_names
from scripts.research import answer as answer_member

from agentops.domain.genai import ToolCall, Usage
from agentops.testing import ReceivedRequest, Turn


def answer(request: ReceivedRequest) -> Turn:
    """The next turn of whoever asks."""
    tool = next((name for name in tool_names(request) if "task_to_member" in name), None)
    if tool is None:
        return answer_member(request)
    if request.tool_results:
        return Turn(SENTENCE, usage=Usage(input=50, output=7))
    work = {"task": "Say it in a sentence."}
    if "task_description" in str(request.body["tools"]):  # up to 2.0
        work = {"task_description": "Say it in a sentence.", "expected_output": "A sentence."}
    call = ToolCall(name=tool, arguments={"member_id": "writer", **work})
    return Turn(tool_calls=[call], usage=Usage(input=45, output=6))
