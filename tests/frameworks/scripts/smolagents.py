"""What the model says to smolagents, whose agents give their answers by a tool, and which may write code instead.

The format of the code: https://huggingface.co/docs/smolagents/tutorials/secure_code_execution
"""

from scripts.research import CITIES, FINDING

from agentops.domain.genai import ToolCall, Usage
from agentops.testing import ReceivedRequest, Turn

SCRIPT = """Thought: others know.
{opening}
print(population(city="Paris"))
final_answer(researcher(task="Look cities up."))
{closing}"""


def answer(request: ReceivedRequest) -> Turn:
    """The next turn of whoever asks: the chief's code, another city of the researcher's, or its finding."""
    asked = str(request.body["messages"])
    if not request.body.get("tools"):
        marks = ("<code>", "</code>") if "<code>" in asked else ("```py", "```<end_code>")
        return Turn(SCRIPT.format(opening=marks[0], closing=marks[1]), usage=Usage(input=60, output=20))
    told = str([message for message in request.body["messages"] if message["role"] != "system"])
    known = told.count("Observation:") + told.count("Error:\\n")
    usage = Usage(input=20 + known, output=5)
    if known < len(CITIES):
        return Turn(tool_calls=[ToolCall(name="population", arguments={"city": CITIES[known]})], usage=usage)
    return Turn(tool_calls=[ToolCall(name="final_answer", arguments={"answer": FINDING})], usage=usage)
