"""What the model says to a researcher with a tool for populations, and to a writer who has none.

Whoever may use a tool named like `population` is the researcher: Paris, then Atlantis, which the tool does not know,
then a finding; everybody else is given a sentence. Where an agent hands over by a tool (`transfer_to_writer`), the
researcher does that in the end.
"""

from agentops.domain.foreign import at, objects, text
from agentops.domain.genai import ToolCall, Usage
from agentops.testing import ReceivedRequest, Turn

CITIES = ("Paris", "Atlantis")
FINDING = "Paris has 2100000 people; Atlantis is not known."
SENTENCE = "Paris is large, and Atlantis is lost."


def answer(request: ReceivedRequest) -> Turn:
    """The next turn of whoever asks."""
    tools = tool_names(request)
    known = len(request.tool_results)
    tool = next((name for name in tools if "population" in name), None)
    if tool is None:
        return Turn(SENTENCE, usage=_usage(40, 8))
    if known < len(CITIES):
        call = ToolCall(name=tool, arguments={"city": CITIES[known]})
        return Turn(tool_calls=[call], usage=_usage(20 + known, 5))
    handoff = next((name for name in tools if name.startswith(("transfer_to", "transfer_back"))), None)
    if handoff is not None:
        return Turn(tool_calls=[ToolCall(name=handoff, arguments={})], usage=_usage(30, 3))
    return Turn(FINDING, usage=_usage(30, 9))


def tool_names(request: ReceivedRequest) -> list[str]:
    """The tools that are offered, wherever the dialect keeps them."""
    offered = objects(request.body, "tools")
    offered = [declared for each in offered for declared in objects(each, "functionDeclarations") or [each]]
    return [text(each, "name") or text(at(each, "function"), "name") or "" for each in offered]


def _usage(went_in: int, came_out: int) -> Usage:
    """Tokens as providers tell of them, with the details that some frameworks do not do without."""
    return Usage(input=went_in, cache_read=0, output=came_out, reasoning=0)
