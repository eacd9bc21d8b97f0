"""A model provider on this machine: what it is asked is kept, what it answers is scripted."""

import os
import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self

from agentops.testing.provider.conversation import Conversation
from agentops.testing.provider.ledger import Ledger
from agentops.testing.provider.listener import Listener
from agentops.testing.provider.request import ReceivedRequest
from agentops.testing.provider.turn import Script, Turn


class Provider:
    """An HTTP server on 127.0.0.1 that speaks OpenAI's and Anthropic's dialects.

    It serves chat completions, responses, embeddings, models, messages and token counts under any prefix, so that the
    clients of compatible providers and of Azure reach it as well, and `GET /knowledge?q=` for tools that look things
    up. Use it as a context manager, or `start` and `close` it.

        with Provider([Turn("Paris."), Turn(fault=Fault.refused(429, retry_after=0.1))]) as provider:
            client = OpenAI(base_url=provider.openai_url, api_key="any")

    Args:
        script: what it says: a `Script`, turns in their order, or a function that makes the turn for a request.
            A request that no turn is left for is echoed.
        port: where to listen; 0 takes a free port.
        clock: tells the time of answers, in Unix seconds.
    """

    def __init__(
        self,
        script: Script | Sequence[Turn] | Callable[[ReceivedRequest], Turn] = (),
        *,
        port: int = 0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._ledger = Ledger(script if isinstance(script, Script) else Script(script), clock)
        self._listener = Listener(port, type("_Conversation", (Conversation,), {"ledger": self._ledger}))

    @property
    def requests(self) -> list[ReceivedRequest]:
        """What arrived so far, in its order."""
        return self._ledger.requests

    @property
    def url(self) -> str:
        """The server's root."""
        return f"http://127.0.0.1:{self._listener.port}"

    @property
    def openai_url(self) -> str:
        """The base URL for OpenAI clients."""
        return f"{self.url}/v1"

    @property
    def anthropic_url(self) -> str:
        """The base URL for Anthropic clients."""
        return self.url

    @property
    def groq_url(self) -> str:
        """The base URL for Groq clients, which are answered as Groq does."""
        return self.url

    @property
    def together_url(self) -> str:
        """The base URL for Together clients, which are answered as Together does."""
        return f"{self.url}/together/v1"

    @property
    def gemini_url(self) -> str:
        """The base URL for clients of Gemini, on Vertex AI or not."""
        return self.url

    @property
    def mistral_url(self) -> str:
        """The server URL for Mistral clients."""
        return f"{self.url}/mistral"

    @property
    def bedrock_url(self) -> str:
        """The endpoint URL for clients of Bedrock's runtime."""
        return self.url

    def environment(self) -> dict[str, str]:
        """The environment variables with which an unmodified program talks to this provider."""
        direct = ",".join(filter(None, [os.environ.get("NO_PROXY", os.environ.get("no_proxy", "")), "127.0.0.1"]))
        return {
            "OPENAI_BASE_URL": self.openai_url,
            "OPENAI_API_KEY": "sk-loopback",
            "ANTHROPIC_BASE_URL": self.anthropic_url,
            "ANTHROPIC_API_KEY": "sk-ant-loopback",
            "GROQ_BASE_URL": self.groq_url,
            "GROQ_API_KEY": "gsk-loopback",
            "TOGETHER_BASE_URL": self.together_url,
            "TOGETHER_API_KEY": "loopback",
            "GOOGLE_GEMINI_BASE_URL": self.gemini_url,
            "GEMINI_API_KEY": "loopback",
            "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": self.bedrock_url,
            "AWS_ACCESS_KEY_ID": "loopback",
            "AWS_SECRET_ACCESS_KEY": "loopback",
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
            "KNOWLEDGE_URL": f"{self.url}/knowledge",
            "NO_PROXY": direct,
            "no_proxy": direct,
        }

    def say(self, *turns: Turn) -> None:
        """Let these turns follow the ones that are left."""
        self._ledger.answers.add(turns)

    def forget(self) -> None:
        """Let go of the turns that are left: of a request that was given up before it was sent."""
        self._ledger.answers.forget()

    def start(self) -> Self:
        """Begin to answer."""
        self._listener.start()
        return self

    def close(self) -> None:
        """Hang up and free the port."""
        self._listener.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
