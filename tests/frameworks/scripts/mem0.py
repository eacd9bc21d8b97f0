"""What the models say to mem0: what is worth keeping, under the names that old and new versions ask for."""

import json

from agentops.domain.genai import Usage
from agentops.testing import ReceivedRequest, Turn

KEPT = {"facts": ["Likes tides"], "memory": [{"id": "0", "text": "Likes tides", "event": "ADD"}]}


def answer(request: ReceivedRequest) -> Turn:
    """A vector for a text, or what is to be kept of what was said."""
    if "embed" in request.path:
        return Turn(usage=Usage(input=3))
    return Turn(json.dumps(KEPT), usage=Usage(input=40, output=9))
