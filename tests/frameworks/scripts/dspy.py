"""What the model says to DSPy, which writes tools and results into its prompts instead of calling them tools.

The fields that it asks for are in the system message: https://dspy.ai/learn/programming/adapters
"""

import json

from agentops.domain.genai import Usage
from agentops.testing import ReceivedRequest, Turn

CITIES = ("Paris", "Atlantis")
FINDING = "Paris has 2100000 people; Atlantis is not known."
SENTENCE = "Paris is large, and Atlantis is lost."


def answer(request: ReceivedRequest) -> Turn:
    """The next turn of whoever asks: a step of the researcher, its finding, or the writer's sentence."""
    asked = json.dumps(request.body["messages"][-1])
    asked_for = json.dumps(request.body["messages"][0])
    known = sum(f"[[ ## observation_{number} ## ]]" in asked for number in range(len(CITIES) + 1))
    if "next_tool_name" in asked_for:
        tool, arguments = ("population", {"city": CITIES[known]}) if known < len(CITIES) else ("finish", {})
        fields = {"next_thought": "Look it up.", "next_tool_name": tool, "next_tool_args": json.dumps(arguments)}
        return Turn(_written(fields), usage=Usage(input=20 + known, output=5))
    if "reasoning" in asked_for:
        return Turn(_written({"reasoning": "It was looked up.", "finding": FINDING}), usage=Usage(input=30, output=9))
    return Turn(_written({"sentence": SENTENCE}), usage=Usage(input=40, output=8))


def _written(fields: dict[str, str]) -> str:
    """Fields as DSPy's adapter reads them."""
    return "\n\n".join(f"[[ ## {name} ## ]]\n{value}" for name, value in {**fields, "completed": ""}.items())
