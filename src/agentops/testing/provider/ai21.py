"""AI21's chats, under `/studio/v1`: https://docs.ai21.com/reference/jamba-1-6-api-ref.

Answers and streams have the shape of Mistral's: usage ends every stream.
"""

from agentops.domain.genai import Json
from agentops.testing.provider.exchange import Face
from agentops.testing.provider.mistral import answer, events


def refusal(_status: int, message: str | None) -> Json:
    """An error's JSON."""
    return {"detail": message or "Something went wrong."}


FACE = Face({"/studio/v1/chat/completions": (answer, events)}, refusal)
