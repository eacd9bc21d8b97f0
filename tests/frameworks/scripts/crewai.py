"""What the model says to CrewAI, which offers it tools, or in older versions says what to write to call one."""

from agentops.domain.genai import ToolCall, Usage
from agentops.testing import ReceivedRequest, Turn

CITIES = ("Paris", "Atlantis")
FINDING = "Paris has 2100000 people; Atlantis is not known."
SENTENCE = "Paris is large, and Atlantis is lost."


def answer(request: ReceivedRequest) -> Turn:
    """The next turn of whoever asks: another city of the researcher's, its finding, or the writer's sentence."""
    asked = "".join(str(message["content"]) for message in request.body["messages"])
    known = len(request.tool_results)
    if request.body.get("tools"):
        if known < len(CITIES):
            call = ToolCall(name="population", arguments={"city": CITIES[known]})
            return Turn(tool_calls=[call], usage=Usage(input=20 + known, output=5))
        return Turn(FINDING, usage=Usage(input=30, output=9))
    if "Tool Name: population" in asked:
        known = asked.count('Action Input: {"city": "')
        if known < len(CITIES):
            action = f'Action: population\nAction Input: {{"city": "{CITIES[known]}"}}'
            return Turn(f"Thought: I look it up.\n{action}", usage=Usage(input=20 + known, output=5))
        return Turn(f"Thought: I know.\nFinal Answer: {FINDING}", usage=Usage(input=30, output=9))
    return Turn(f"Thought: I know.\nFinal Answer: {SENTENCE}", usage=Usage(input=40, output=8))
