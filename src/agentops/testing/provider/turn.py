"""What the loopback provider answers: turns, and the ways in which an answer may go wrong."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from enum import StrEnum

from agentops.domain.genai import ToolCall, Usage
from agentops.testing.provider.request import ReceivedRequest


class FaultKind(StrEnum):
    """How an answer goes wrong."""

    REFUSED = "refused"
    STALLED = "stalled"
    ERRORED = "errored"
    RESET = "reset"
    TRUNCATED = "truncated"
    GARBLED = "garbled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One way in which an answer goes wrong; make it with the class methods.

    Attributes:
        kind: what happens.
        after: how many pieces of content a stream delivers before it happens; an answer that is not streamed goes
            wrong at once.
        status: the HTTP status of a refusal.
        message: the provider's words; None leaves them to the status.
        retry_after: seconds to wait before the next try, as the `retry-after` header says it.
    """

    kind: FaultKind
    after: int = 0
    status: int = 500
    message: str | None = None
    retry_after: float | None = None

    @classmethod
    def refused(cls, status: int, *, message: str | None = None, retry_after: float | None = None) -> "Fault":
        """The request is answered with an HTTP error in the provider's own JSON (400, 401, 404, 429, 500, 503, 529)."""
        return cls(kind=FaultKind.REFUSED, status=status, message=message, retry_after=retry_after)

    @classmethod
    def stalled(cls, after: int | None = None) -> "Fault":
        """Silence: without `after` not even a header comes, else the stream stops after that much content."""
        return cls(kind=FaultKind.STALLED, after=-1 if after is None else after)

    @classmethod
    def errored(cls, after: int = 1, *, status: int = 500, message: str | None = None) -> "Fault":
        """The stream carries an error event of the kind that `status` stands for."""
        return cls(kind=FaultKind.ERRORED, after=after, status=status, message=message)

    @classmethod
    def reset(cls, after: int = 1) -> "Fault":
        """The connection is reset."""
        return cls(kind=FaultKind.RESET, after=after)

    @classmethod
    def truncated(cls, after: int = 1) -> "Fault":
        """The connection is closed in the middle of the body."""
        return cls(kind=FaultKind.TRUNCATED, after=after)

    @classmethod
    def garbled(cls, after: int = 1) -> "Fault":
        """What comes next is not JSON."""
        return cls(kind=FaultKind.GARBLED, after=after)


@dataclass(frozen=True, slots=True)
class Turn:
    """One answer of the provider, in words that every dialect can say.

    Attributes:
        text: what the model says.
        reasoning: what it thought aloud before: a thinking block (Anthropic), a reasoning item (responses), or a
            field beside the content (chat completions, as the servers do that send it at all).
        tool_calls: the tools it asks for; calls without an id are given one.
        refusal: its words for not answering.
        alternatives: the texts of further choices when `n` choices are asked for; missing ones repeat `text`.
        model: the model that answers; None is the model asked for.
        usage: the tokens on the wire, in disjoint buckets; a bucket that is None is left out. None counts the words.
        finish_reason: why it stopped: `stop`, `length`, `tool_calls` and `content_filter` are said in the words of
            the dialect, anything else goes out as it is.
        latency: seconds before the answer begins.
        delay: seconds between two pieces of a stream.
        chunk_size: characters in a piece of a stream; None streams word by word.
        fault: how the answer goes wrong.
        when: whether this turn answers a request; None answers any.
        times: how many requests it answers before it is used up; None is any number.
    """

    text: str = ""
    _: KW_ONLY
    reasoning: str = ""
    tool_calls: Sequence[ToolCall] = ()
    refusal: str = ""
    alternatives: Sequence[str] = ()
    model: str | None = None
    usage: Usage | None = None
    finish_reason: str | None = None
    latency: float = 0.0
    delay: float = 0.0
    chunk_size: int | None = None
    fault: Fault | None = None
    when: Callable[[ReceivedRequest], bool] | None = None
    times: int | None = 1


@dataclass(frozen=True, slots=True)
class Page:
    """What the knowledge endpoint knows; a `status` of 400 and more is an error with `text` as its message."""

    title: str
    text: str
    status: int = 200


@dataclass(frozen=True, slots=True)
class Script:
    """What a provider says and knows.

    Attributes:
        turns: the answers, each request taking the first that is not used up and wants it, or a function that makes
            the answer to a request.
        knowledge: the pages of `GET /knowledge?q=`, each found by any query that holds its key in any case.
    """

    turns: "Sequence[Turn] | Callable[[ReceivedRequest], Turn]" = ()
    knowledge: Mapping[str, Page] = field(default_factory=dict[str, Page])
